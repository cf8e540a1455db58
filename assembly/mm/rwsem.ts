// mmap_lock: a fair reader-writer semaphore.
//
// [same: kernel/locking/rwsem.c, 6.12 and 7.2: a reader enters when nobody writes and nobody waits;
//  a release with a writer first in the queue lets it in alone, with a reader first all waiting
//  readers, up to MAX_READERS_WAKEUP, past the writers among them; a downgrade lets readers in only
//  when one of them is first; a killable waiter leaves the queue with -EINTR]
// [simplified: kernel/locking/rwsem.c hands a free lock over through the queue here, where there
//  spinners and late readers may steal it: optimistic spinning and stealing are left out]

import { MmCount, MmGeneration } from "../abi/mm";
import { Actor, ActorState, MmStruct, WAIT_READ, WAIT_WRITE } from "./records";
import { add, generation, raise, seqMask } from "./settings";
import { actorAt, now } from "./world";
import { wake } from "./wake";

/** MAX_READERS_WAKEUP. */
const READERS_AT_ONCE: u32 = 256;

/** down_read, or its killable form. True: held, or interrupted (actor.interrupted). */
export function mmapReadLock(actor: Actor, mm: MmStruct, killable: bool): bool {
  return lock(actor, mm, WAIT_READ, killable);
}

/** down_write, or its killable form. */
export function mmapWriteLock(actor: Actor, mm: MmStruct, killable: bool): bool {
  return lock(actor, mm, WAIT_WRITE, killable);
}

export function mmapReadTrylock(mm: MmStruct): bool {
  if (mm.writer != 0 || mm.waitFirst != 0) return false;
  mm.readers++;
  return true;
}

function lock(actor: Actor, mm: MmStruct, kind: u8, killable: bool): bool {
  if (actor.sub == 0) {
    if (mayEnter(mm, kind)) {
      enter(actor, mm, kind);
      return true;
    }
    if (killable && actor.killed != 0) {
      actor.interrupted = 1;
      return true;
    }
    queueUp(actor, mm, kind, killable);
    return false;
  }
  actor.sub = 0;
  if (actor.granted == 0) {
    assert(actor.interrupted != 0); // woken without the lock only to die
    return true;
  }
  actor.granted = 0;
  noteWait(actor, kind);
  return true;
}

@inline
function mayEnter(mm: MmStruct, kind: u8): bool {
  if (mm.writer != 0 || mm.waitFirst != 0) return false;
  return kind == WAIT_READ || mm.readers == 0;
}

function enter(actor: Actor, mm: MmStruct, kind: u8): void {
  if (kind == WAIT_READ) {
    mm.readers++;
    return;
  }
  mm.writer = actor.id + 1;
  mm.heldSince = now;
  mm.holds++;
  // [same: include/linux/mmap_lock.h:mm_lock_seqcount_begin, 7.2: odd while held for write]
  if (generation == <u32>MmGeneration.V7_2) bumpSequence(mm);
}

function bumpSequence(mm: MmStruct): void {
  mm.seq = (mm.seq + 1) & seqMask;
}

function queueUp(actor: Actor, mm: MmStruct, kind: u8, killable: bool): void {
  actor.sub = 1;
  actor.granted = 0;
  actor.waitKind = kind;
  actor.waitKillable = killable ? 1 : 0;
  actor.waitNext = 0;
  actor.waitsFor = 0;
  actor.waitSince = now;
  actor.target = <u32>changetype<usize>(mm);
  actor.state = <u8>ActorState.BLOCKED;
  if (mm.waitFirst == 0) mm.waitFirst = actor.id + 1;
  else actorAt(mm.waitLast - 1).waitNext = <u16>(actor.id + 1);
  mm.waitLast = actor.id + 1;
}

function noteWait(actor: Actor, kind: u8): void {
  const waited = now - actor.waitSince;
  if (kind == WAIT_READ) {
    add(MmCount.MMAP_READ_WAITS, 1);
    add(MmCount.MMAP_READ_WAIT, waited);
    raise(MmCount.MMAP_READ_WAIT_MAX, waited);
  } else {
    add(MmCount.MMAP_WRITE_WAITS, 1);
    add(MmCount.MMAP_WRITE_WAIT, waited);
    raise(MmCount.MMAP_WRITE_WAIT_MAX, waited);
  }
}

export function mmapReadUnlock(mm: MmStruct): void {
  assert(mm.readers > 0); // somebody unlocked twice
  mm.readers--;
  if (mm.readers == 0) letIn(mm);
}

/** vma_end_write_all: with it every VMA is unlocked at once. */
function endWrite(mm: MmStruct): void {
  const held = now - mm.heldSince;
  add(MmCount.MMAP_WRITE_HOLD, held);
  raise(MmCount.MMAP_WRITE_HOLD_MAX, held);
  if (generation != <u32>MmGeneration.V6_1) bumpSequence(mm);
  mm.writer = 0;
}

export function mmapWriteUnlock(actor: Actor, mm: MmStruct): void {
  assert(mm.writer == actor.id + 1); // only its holder unlocks it
  endWrite(mm);
  letIn(mm);
}

/**
 * The lock of an mm that is being made, for write: free, and nobody is inside any VMA of it.
 * [same: kernel/fork.c:dup_mmap, mmap_write_lock_nested, 6.1 and 6.12; mm/mmap.c, 7.2]
 */
export function mmapLockNew(actor: Actor, mm: MmStruct): void {
  assert(mm.writer == 0 && mm.readers == 0); // its maker is the first
  mm.writer = actor.id + 1;
}

/** It is made, or came to nothing: who has waited for it goes in. */
export function mmapUnlockNew(mm: MmStruct): void {
  mm.writer = 0;
  letIn(mm);
}

/** mmap_write_downgrade: ends every VMA's write lock, keeps the lock for read. */
export function mmapDowngrade(actor: Actor, mm: MmStruct): void {
  assert(mm.writer == actor.id + 1); // only its holder downgrades it
  endWrite(mm);
  mm.readers++;
  if (mm.waitFirst != 0 && actorAt(mm.waitFirst - 1).waitKind == WAIT_READ) letReadersIn(mm);
}

/** rwsem_mark_wake: the lock is free. */
function letIn(mm: MmStruct): void {
  if (mm.waitFirst == 0) return;
  const first = actorAt(mm.waitFirst - 1);
  if (first.waitKind == WAIT_READ) {
    letReadersIn(mm);
    return;
  }
  takeOut(mm, 0, first);
  grant(first, mm);
}

function letReadersIn(mm: MmStruct): void {
  let before: u32 = 0;
  let at = mm.waitFirst;
  for (let woken: u32 = 0; at != 0 && woken < READERS_AT_ONCE; ) {
    const actor = actorAt(at - 1);
    const next = <u32>actor.waitNext;
    if (actor.waitKind == WAIT_READ) {
      takeOut(mm, before, actor);
      grant(actor, mm);
      woken++;
    } else {
      before = at;
    }
    at = next;
  }
}

/** Takes an actor out of the queue; `before` is the one before it, + 1, or 0. */
function takeOut(mm: MmStruct, before: u32, actor: Actor): void {
  const next = <u32>actor.waitNext;
  if (before == 0) mm.waitFirst = next;
  else actorAt(before - 1).waitNext = <u16>next;
  if (mm.waitLast == actor.id + 1) mm.waitLast = before;
  actor.waitNext = 0;
}

function grant(actor: Actor, mm: MmStruct): void {
  enter(actor, mm, actor.waitKind);
  actor.granted = 1;
  wake(actor);
}

/** A fatal signal: a killable waiter leaves the queue. */
export function interruptWaiter(actor: Actor, mm: MmStruct): void {
  let before: u32 = 0;
  for (let at = mm.waitFirst; at != 0; at = <u32>actorAt(at - 1).waitNext) {
    if (at == actor.id + 1) {
      takeOut(mm, before, actor);
      actor.interrupted = 1;
      wake(actor);
      // the queue may have stood behind it
      if (mm.writer == 0 && mm.waitFirst != 0) {
        const first = actorAt(mm.waitFirst - 1);
        if (mm.readers == 0) letIn(mm);
        else if (first.waitKind == WAIT_READ) letReadersIn(mm);
      }
      return;
    }
    before = at;
  }
}

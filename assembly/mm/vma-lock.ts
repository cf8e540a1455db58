// The writer's side of the VMA lock, of both kinds, and the end of a read.
//
// 6.4 to 6.14: a rwsem that is held for a moment, and a sequence number that says "write-locked"
// until mmap_lock is released. 6.15 on: readers count in vm_refcnt, and a writer shuts them out
// with one high bit.
//
//   vm_refcnt  0 detached │ 1 attached │ 2.. readers │ SHUT+1 writer alone │ SHUT detaching
//
// [same: include/linux/mm.h:vma_start_write, vma_end_read, 6.12; mm/mmap_lock.c:
//  __vma_start_write, include/linux/mmap_lock.h:vma_mark_detached, vma_refcount_put, 7.2]
// [simplified: a writer that waits for readers (include/linux/mm.h, mm/mmap_lock.c) sees the last
//  one leave as soon as that one has left, asleep or not: what an unlock does after that moment is
//  a step of its own, so that all its outcomes are met]

import { Access, Breach, Happened, MmCount, MmGeneration, Missing, Twin } from "../abi/mm";
import { report, touch, touchMm } from "../oracle/lifetime";
import { Actor, ActorState, Life, MmStruct, MmVma, mmVma } from "./records";
import { rcuReadLock, rcuReadUnlock } from "./rcu";
import { add, generation, happened, oracleOn, without } from "./settings";
import { actorAt, mmOf } from "./world";
import { wake } from "./wake";

/** VMA_REF_LIMIT + 1: readers are shut out. */
export const SHUT: u32 = 1 << 30;

const SLEPT: u8 = 1;
const STORE: u8 = 2;
const OPEN: u8 = 3;

/** Write-locked, as its owner sees it. */
@inline
export function isWriteLocked(vma: MmVma, mm: MmStruct): bool {
  return vma.seq == mm.seq;
}

function waitForReaders(actor: Actor, mm: MmStruct, address: u32): void {
  add(MmCount.VMA_WRITE_WAITS, 1);
  actor.waitsFor = address;
  actor.state = <u8>ActorState.BLOCKED;
  mm.rcuwait = actor.id + 1;
}

/** vma_start_write. True: locked, or interrupted; false: call again when the actor runs. */
export function startWrite(actor: Actor, address: u32, killable: bool): bool {
  if (generation == <u32>MmGeneration.V6_1) return true;
  if (!writeStep(actor, address, killable)) return false;
  if (actor.interrupted == 0) mmVma(address).queued = mmOf(mmVma(address).mm).holds;
  return true;
}

function writeStep(actor: Actor, address: u32, killable: bool): bool {
  const vma = mmVma(address);
  const mm = mmOf(vma.mm);
  assert(mm.writer == actor.id + 1); // write locks live under mmap_lock
  if (actor.sub == 0) {
    if (isWriteLocked(vma, mm)) return true;
    if (generation == <u32>MmGeneration.V7_2) return shutOut(actor, vma, mm, address);
    vma.writer = <u16>(actor.id + 1);
    actor.sub = STORE;
    if (vma.ref != 0) {
      happened(Happened.WRITER_WAITED);
      actor.sub = SLEPT;
      waitForReaders(actor, mm, address);
    }
    return false;
  }
  if (generation == <u32>MmGeneration.V7_2) return shutStep(actor, vma, mm, address, killable);
  if (vma.ref != 0) {
    waitForReaders(actor, mm, address);
    return false;
  }
  mm.rcuwait = 0;
  vma.seq = mm.seq;
  vma.writer = 0;
  actor.sub = 0;
  return true;
}

function shutOut(actor: Actor, vma: MmVma, mm: MmStruct, address: u32): bool {
  if (vma.ref == 0) {
    vma.seq = mm.seq; // detached: nobody can get in
    return true;
  }
  if (oracleOn && (vma.ref & SHUT) != 0) {
    // I8: the bit has one owner, and that one holds mmap_lock
    report(actor, address, Breach.EXCLUSION, Access.REFERENCE, Missing.VMA_WRITE_LOCK);
    return false;
  }
  vma.ref += SHUT;
  actor.sub = STORE;
  if (vma.ref != SHUT + 1) {
    happened(Happened.WRITER_WAITED);
    actor.sub = SLEPT;
    waitForReaders(actor, mm, address);
  }
  return false;
}

function shutStep(
  actor: Actor,
  vma: MmVma,
  mm: MmStruct,
  address: u32,
  killable: bool,
): bool {
  if (actor.sub == SLEPT) {
    if (vma.ref != SHUT + 1) {
      if (killable && actor.killed != 0) {
        vma.ref -= SHUT;
        mm.rcuwait = 0;
        actor.sub = 0;
        actor.interrupted = 1;
        return true;
      }
      waitForReaders(actor, mm, address);
      return false;
    }
    mm.rcuwait = 0;
    actor.sub = STORE;
  }
  if (actor.sub == STORE) {
    vma.seq = mm.seq;
    actor.sub = OPEN;
    return false;
  }
  vma.ref -= SHUT;
  actor.sub = 0;
  return true;
}

/** vma_mark_detached. True: done. */
export function markDetached(actor: Actor, address: u32): bool {
  const vma = mmVma(address);
  const mm = mmOf(vma.mm);
  if (generation != <u32>MmGeneration.V7_2) {
    vma.state = <u8>Life.DETACHED;
    return true;
  }
  if (actor.sub == 0) {
    assert(vma.ref != 0); // attached
    vma.ref--;
    if (vma.ref == 0) {
      vma.state = <u8>Life.DETACHED;
      return true;
    }
    happened(Happened.DETACH_WAITED);
    vma.ref += SHUT;
    actor.sub = SLEPT;
    waitForReaders(actor, mm, address);
    return false;
  }
  if (vma.ref != SHUT) {
    waitForReaders(actor, mm, address);
    return false;
  }
  vma.ref = 0;
  mm.rcuwait = 0;
  vma.state = <u8>Life.DETACHED;
  actor.sub = 0;
  return true;
}

/** The part of an unlock that others see. The tail, if there is one, is in `actor.tail`. */
export function releaseRead(actor: Actor, address: u32): bool {
  if (!touch(actor, address, Access.LOCK)) return false;
  const vma = mmVma(address);
  assert((vma.ref & (SHUT - 1)) != 0); // somebody holds it
  actor.tail = 0;
  actor.holdsVma = 0;
  vma.ref--;
  if (generation == <u32>MmGeneration.V7_2) {
    // [same: include/linux/mmap_lock.h:vma_refcount_put, 7.2: the mm is read before the decrement]
    if ((vma.ref & SHUT) != 0 && vma.ref <= SHUT + 1) {
      actor.tail = vma.mm;
      wakeWriter(mmOf(vma.mm), address);
    }
    return true;
  }
  if (vma.ref == 0 && vma.writer != 0) {
    actor.tail = address;
    wakeWriter(mmOf(vma.mm), address);
  }
  return true;
}

function wakeWriter(mm: MmStruct, address: u32): void {
  if (mm.rcuwait == 0) return;
  const writer = actorAt(mm.rcuwait - 1);
  if (writer.waitsFor == address) wake(writer);
}

/** The rest of an unlock: 6.12 looks at the lock's own wait list, 7.2 at the mm's one waiter. */
export function unlockTail(actor: Actor): bool {
  const tail = actor.tail;
  actor.tail = 0;
  if (tail == 0) return true;
  if (generation == <u32>MmGeneration.V7_2) {
    const grab = actor.target != tail;
    return touchMm(actor, mmOf(tail), grab ? Missing.MM_GRAB : Missing.MM_USERS);
  }
  return touch(actor, actor.vma, Access.UNLOCK_TAIL);
}

const READ_RELEASE: u8 = 1;
const READ_TAIL: u8 = 2;

/** vma_end_read. True: done. */
export function endRead(actor: Actor): bool {
  const rcu = generation == <u32>MmGeneration.V6_12 && !without(Twin.UNLOCK_WITHOUT_RCU);
  if (actor.lookPc == 0) {
    if (rcu) rcuReadLock(actor);
    actor.lookPc = READ_RELEASE;
  } else if (actor.lookPc == READ_RELEASE) {
    if (!releaseRead(actor, actor.vma)) return false;
    actor.lookPc = READ_TAIL;
    // nothing follows an unlock that nobody waits for
    if (actor.tail == 0 && !rcu) {
      actor.lookPc = 0;
      return true;
    }
  } else {
    if (!unlockTail(actor)) return false;
    if (rcu) rcuReadUnlock(actor);
    actor.lookPc = 0;
    return true;
  }
  return false;
}

/** What `ref` is in an attached VMA without readers. */
export function attachedRef(): u32 {
  return generation == <u32>MmGeneration.V7_2 ? 1 : 0;
}

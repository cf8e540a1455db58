// Those who look at another process's address space, each with what it holds in the kernel.
//
//   reader of /proc/PID/maps   mm_count from open, mm_users while it reads, then mmap_lock, or
//                              since 7.2 one VMA lock after the other
//   ptrace and the like        mm_users, mmap_lock for read
//   oom_reaper                 mm_count, mmap_lock tried for read, MMF_OOM_SKIP looked at
//   process_mrelease           mm_count, mmap_lock for read, MMF_OOM_SKIP looked at
//   khugepaged                 mm_count, mmap_lock tried for read, mm_users looked at
//
// [same: fs/proc/task_mmu.c:m_start, m_stop, 6.12, with lock_next_vma, 7.2; mm/memory.c:
//  access_remote_vm; mm/oom_kill.c:oom_reap_task_mm, process_mrelease; mm/khugepaged.c:
//  hpage_collapse_test_exit; 6.12 and 7.2]
// [simplified: the reaper's pauses (mm/oom_kill.c:oom_reap_task, HZ/10) are turns of others]

import { Access, Happened, MmCost, MmGeneration, Twin } from "../abi/mm";
import { treeFind, treeLoad, treePrev } from "../index/tree";
import { NO_PAGE, sees, touch, work } from "../oracle/lifetime";
import { returnPages } from "./attach";
import { spend, spendTimes } from "./charge";
import { mmput } from "./exit";
import { interrupted } from "./fault";
import { lockUnderRcu, LookUp } from "./lookup";
import { mmGetNotZero, mmPut } from "./mm-count";
import { Actor, MmFlag, MmStruct, mmTree, mmVma } from "./records";
import { mmapReadLock, mmapReadTrylock, mmapReadUnlock } from "./rwsem";
import { generation, happened, without } from "./settings";
import { endRead } from "./vma-lock";
import { mmOf } from "./world";

const BEGIN: u8 = 0;
const LOCKING: u8 = 1;
const WALKING: u8 = 2;
const UNLOCKING: u8 = 3;
const PUTTING: u8 = 4;
const DROPPING: u8 = 5;
const NEXT_VMA: u8 = 6;
const SHOWING: u8 = 7;
const RELEASING: u8 = 8;
const WORKING: u8 = 9;

/** MAX_OOM_REAP_RETRIES. */
const REAP_TRIES: u32 = 10;

const CURSOR: usize = memory.data(512, 64);
const LAST: u64 = u64.MAX_VALUE >> 12;

@inline
function go(actor: Actor, step: u8): bool {
  actor.pc = step;
  return false;
}

/** The mm_count that came with the file or the list entry goes. */
function dropCount(actor: Actor): bool {
  mmPut(mmOf(<u32>actor.x));
  return true;
}

/** It exists, or did: a fork that failed has left its marks. */
function wasMade(mm: MmStruct): bool {
  return mm.alive != 0 || (mm.flags & MmFlag.OOM_SKIP) != 0;
}

function nobodyThere(): void {
  happened(Happened.NO_MM);
}

function nothingToDo(actor: Actor): bool {
  nobodyThere();
  return dropCount(actor);
}

/** One step of reading /proc/PID/maps of the mm actor.x. */
export function stepReadMaps(actor: Actor): bool {
  const mm = mmOf(<u32>actor.x);
  switch (actor.pc) {
    case BEGIN:
      if (!mmGetNotZero(actor, <u32>actor.x)) {
        nobodyThere();
        return go(actor, DROPPING);
      }
      actor.at = 0;
      actor.lookPc = 0;
      return go(actor, generation == <u32>MmGeneration.V7_2 ? NEXT_VMA : LOCKING);
    case LOCKING:
      if (!mmapReadLock(actor, mm, true)) return false;
      return go(actor, interrupted(actor) ? PUTTING : WALKING);
    case WALKING: {
      const found = treeFind(mmTree(mm), CURSOR, actor.at, LAST);
      if (found == 0) return go(actor, UNLOCKING);
      sees(actor, found);
      if (!work(actor, found, NO_PAGE)) return false;
      spend(MmCost.SHOW_VMA);
      actor.at = mmVma(found).end;
      return false;
    }
    case UNLOCKING:
      mmapReadUnlock(mm);
      return go(actor, PUTTING);
    case PUTTING:
      return mmput(actor, mm) ? go(actor, DROPPING) : false;
    case DROPPING:
      return dropCount(actor);
    default:
      return readByVma(actor, mm);
  }
}

/** 7.2: no mmap_lock; a VMA that cannot be had without it is read under it. */
function readByVma(actor: Actor, mm: MmStruct): bool {
  if (actor.pc == NEXT_VMA) {
    // lock_next_vma finds nothing above the last VMA
    if (actor.lookPc == 0 && treeFind(mmTree(mm), CURSOR, actor.at, LAST) == 0) {
      return go(actor, PUTTING);
    }
    const found = lockUnderRcu(actor, actor.at, true);
    if (found == LookUp.LOCKED) return go(actor, SHOWING);
    if (found == LookUp.FAILED) {
      happened(Happened.FALLBACK);
      return go(actor, LOCKING);
    }
    return false;
  }
  if (actor.pc == SHOWING) {
    if (!work(actor, actor.vma, NO_PAGE)) return false;
    spend(MmCost.SHOW_VMA);
    actor.at = mmVma(actor.vma).end;
    return go(actor, RELEASING);
  }
  return endRead(actor) ? go(actor, NEXT_VMA) : false;
}

/** One step of a ptrace-like access to page actor.y of the mm actor.x. */
export function stepRemoteAccess(actor: Actor): bool {
  const mm = mmOf(<u32>actor.x);
  switch (actor.pc) {
    case BEGIN:
      if (!mmGetNotZero(actor, <u32>actor.x)) {
        nobodyThere();
        return true;
      }
      return go(actor, LOCKING);
    case LOCKING:
      if (!mmapReadLock(actor, mm, true)) return false;
      return go(actor, interrupted(actor) ? PUTTING : WALKING);
    case WALKING: {
      const found = treeLoad(mmTree(mm), actor.y);
      if (found == 0) return go(actor, UNLOCKING);
      sees(actor, found);
      if (!touch(actor, found, Access.ADDRESS)) return false;
      return go(actor, WORKING);
    }
    case WORKING:
      if (!work(actor, actor.vma, actor.y)) return false;
      spend(MmCost.REMOTE_PAGE);
      return go(actor, UNLOCKING);
    case UNLOCKING:
      mmapReadUnlock(mm);
      return go(actor, PUTTING);
    default:
      return mmput(actor, mm);
  }
}

/** One step of the reaper on the mm actor.x. */
export function stepReap(actor: Actor): bool {
  const mm = mmOf(<u32>actor.x);
  actor.target = <u32>actor.x;
  if (actor.pc == BEGIN) {
    if (!wasMade(mm)) return nothingToDo(actor);
    if (mmapReadTrylock(mm)) return look(actor, mm);
    if (++actor.tries < REAP_TRIES) return false;
    mm.flags |= MmFlag.OOM_SKIP; // another victim may be chosen
    return dropCount(actor);
  }
  if (actor.pc == WALKING) return zapNext(actor, mm);
  mmapReadUnlock(mm);
  mm.flags |= MmFlag.OOM_SKIP;
  return dropCount(actor);
}

/** One step of process_mrelease on the mm actor.x: all its users must be dying. */
export function stepMrelease(actor: Actor): bool {
  const mm = mmOf(<u32>actor.x);
  actor.target = <u32>actor.x;
  switch (actor.pc) {
    case BEGIN:
      if (!wasMade(mm)) return nothingToDo(actor);
      if (mm.killed == 0 && mm.users != 0) return dropCount(actor); // EINVAL
      return go(actor, LOCKING);
    case LOCKING:
      if (!mmapReadLock(actor, mm, true)) return false;
      if (interrupted(actor)) return dropCount(actor);
      return look(actor, mm);
    case WALKING:
      return zapNext(actor, mm);
    default:
      mmapReadUnlock(mm);
      return dropCount(actor);
  }
}

/** With mmap_lock held for read: has exit been here? */
function look(actor: Actor, mm: MmStruct): bool {
  if ((mm.flags & MmFlag.OOM_SKIP) != 0 && !without(Twin.REAPER_IGNORES_SKIP)) {
    happened(Happened.SKIPPED);
    return go(actor, UNLOCKING);
  }
  mm.flags |= MmFlag.UNSTABLE;
  actor.at = LAST;
  return go(actor, WALKING);
}

/** Zaps the next lower VMA: its pages go, the VMA stays. */
function zapNext(actor: Actor, mm: MmStruct): bool {
  const found = treePrev(mmTree(mm), CURSOR, actor.at, 0);
  if (found == 0) return go(actor, UNLOCKING);
  sees(actor, found);
  if (!work(actor, found, NO_PAGE)) return false;
  const vma = mmVma(found);
  spend(MmCost.ZAP_VMA);
  if (vma.touched != 0) {
    happened(Happened.REAPED);
    spendTimes(MmCost.UNMAP_PAGE, <u64>vma.touched);
    returnPages(mmOf(actor.target), <u64>vma.touched);
    vma.touched = 0;
  }
  if (vma.start == 0) return go(actor, UNLOCKING);
  actor.at = vma.start - 1;
  return false;
}

/** One step of khugepaged over the mm actor.x. */
export function stepKhugepaged(actor: Actor): bool {
  const mm = mmOf(<u32>actor.x);
  actor.target = <u32>actor.x;
  if (actor.pc == BEGIN) {
    if (!wasMade(mm)) return nothingToDo(actor);
    if (!mmapReadTrylock(mm)) return dropCount(actor);
    actor.at = 0;
    // one whose fork failed was never on its list (khugepaged_fork)
    const passes = mm.users == 0 || (mm.flags & MmFlag.MARKED) != 0;
    return go(actor, passes ? UNLOCKING : WALKING);
  }
  if (actor.pc == WALKING) {
    const found = treeFind(mmTree(mm), CURSOR, actor.at, LAST);
    if (found == 0) return go(actor, UNLOCKING);
    sees(actor, found);
    if (!work(actor, found, NO_PAGE)) return false;
    spend(MmCost.ZAP_VMA);
    actor.at = mmVma(found).end;
    return mm.users == 0 ? go(actor, UNLOCKING) : false;
  }
  mmapReadUnlock(mm);
  return dropCount(actor);
}

// Page faults of user mode and of the kernel.
//
//   user ─▶ lock_vma_under_rcu ─▶ work ─▶ vma_end_read ─▶ done
//                │ fails            │ needs mmap_lock
//                ▼                  ▼
//   kernel ─▶ mmap_read_lock ─▶ find_vma ─▶ work ─▶ mmap_read_unlock ─▶ done
//
// [same: arch/x86/mm/fault.c:do_user_addr_fault, mm/memory.c:__vmf_anon_prepare, 6.12 and 7.2: only
//  a fault from user mode tries the VMA lock; the first page of a VMA needs mmap_lock for a moment
//  and gives up when it cannot have it]
// [same: mm/memory.c:do_read_fault, do_fault_around, 6.12 and 7.2: a read of a file maps what the
//  page cache has around it, under the VMA lock]
// [simplified: every written page is anonymous, and a fault never sleeps (do_anonymous_page); pages
//  of files cost a fault and their unmapping at exit, but are nobody's memory]

import { Access, Happened, MmCost, MmCount, MmGeneration, Op } from "../abi/mm";
import { treeLoad } from "../index/tree";
import { sees, touch, work } from "../oracle/lifetime";
import { takePages } from "./attach";
import { clock, spend, spendIn, spendWalkIn } from "./charge";
import { wantTables } from "./demand";
import { lockUnderRcu, LookUp } from "./lookup";
import { Actor, mmTree, mmVma, VmaBit } from "./records";
import { mmapReadLock, mmapReadTrylock, mmapReadUnlock } from "./rwsem";
import { add, generation, happened, lower, raise } from "./settings";
import { endRead } from "./vma-lock";
import { mmOf } from "./world";

const BEGIN: u8 = 0;
const LOCKING: u8 = 1;
const WORKING: u8 = 2;
const LEAVING: u8 = 3;
const RETRYING: u8 = 4;
const FALLBACK: u8 = 5;
const FINDING: u8 = 6;
const WORKING_SLOWLY: u8 = 7;
const UNLOCKING: u8 = 8;

/** One step of a fault at page `actor.at`; true when it is over. */
export function stepFault(actor: Actor, from_user: bool): bool {
  switch (actor.pc) {
    case BEGIN:
      add(MmCount.FAULTS, 1);
      actor.target = actor.mm;
      actor.lookPc = 0;
      actor.opSince = clock();
      spendIn(MmCount.FAULT_ENTRY_TIME, MmCost.FAULT_ENTRY);
      actor.pc = from_user && generation != <u32>MmGeneration.V6_1 ? LOCKING : FALLBACK;
      return false;
    case LOCKING:
      return lockVma(actor);
    case WORKING:
      return workUnderVmaLock(actor);
    case LEAVING:
      return endRead(actor) && noteFault(actor);
    case RETRYING:
      if (endRead(actor)) fallBack(actor);
      return false;
    case FALLBACK:
      return takeMmapLock(actor);
    case FINDING:
      return findVma(actor);
    case WORKING_SLOWLY:
      if (!work(actor, actor.vma, actor.at)) return false;
      if (actor.op == <u8>Op.READ_FILE) readFile(actor);
      else faultIn(actor, true);
      actor.pc = UNLOCKING;
      return false;
    default:
      mmapReadUnlock(mmOf(actor.target));
      return noteFault(actor);
  }
}

/** The fault is over: how long it took, waits and interrupts included. */
function noteFault(actor: Actor): bool {
  const took = clock() - actor.opSince;
  add(MmCount.FAULT_TIME, took);
  raise(MmCount.FAULT_TIME_MAX, took);
  lower(MmCount.FAULT_TIME_MIN, took);
  return true;
}

function lockVma(actor: Actor): bool {
  const found = lockUnderRcu(actor, actor.at, false);
  if (found == LookUp.LOCKED) actor.pc = WORKING;
  else if (found == LookUp.FAILED) fallBack(actor);
  return false;
}

function fallBack(actor: Actor): void {
  add(MmCount.FALLBACK, 1);
  happened(Happened.FALLBACK);
  actor.pc = FALLBACK;
}

function workUnderVmaLock(actor: Actor): bool {
  if (!work(actor, actor.vma, actor.at)) return false;
  if (actor.op == <u8>Op.READ_FILE) readFile(actor);
  else if (!faultIn(actor, false)) {
    add(MmCount.RETRY, 1);
    happened(Happened.VMA_LOCK_RETRY);
    actor.pc = RETRYING;
    return false;
  }
  add(MmCount.SUCCESS, 1);
  happened(Happened.VMA_LOCK_SUCCESS);
  actor.pc = LEAVING;
  return false;
}

/** The page itself; false when the VMA lock does not suffice. */
function faultIn(actor: Actor, has_mmap_lock: bool): bool {
  const vma = mmVma(actor.vma);
  const mm = mmOf(actor.target);
  if ((vma.flags & <u16>VmaBit.ANON_VMA) == 0) {
    if (!has_mmap_lock) {
      if (!mmapReadTrylock(mm)) return false;
      mmapReadUnlock(mm);
    }
    vma.flags |= <u16>VmaBit.ANON_VMA;
    mm.anonVmas++;
    spendIn(MmCount.FAULT_HANDLE_TIME, MmCost.FAULT_ANON_VMA);
  }
  spend(MmCost.FAULT_HANDLER);
  spendIn(MmCount.FAULT_HANDLE_TIME, MmCost.FAULT_PAGE);
  if (<u64>vma.touched < vma.end - vma.start && takePages(mm, 1)) {
    wantTables(mm, actor.vma);
    vma.touched++;
  }
  return true;
}

/**
 * do_read_fault: the page cache has the page, and those around it are mapped with it. Nothing is
 * allocated, and no anon_vma is wanted.
 */
function readFile(actor: Actor): void {
  mmVma(actor.vma).flags |= <u16>VmaBit.FILE_PAGES;
  mmOf(actor.target).fileFaults++;
  spend(MmCost.FAULT_HANDLER);
  spendIn(MmCount.FAULT_HANDLE_TIME, MmCost.FAULT_FILE);
}

function takeMmapLock(actor: Actor): bool {
  if (!mmapReadLock(actor, mmOf(actor.target), true)) return false;
  actor.pc = FINDING;
  return interrupted(actor) && noteFault(actor);
}

/** A killable wait that a fatal signal ended. */
export function interrupted(actor: Actor): bool {
  if (actor.interrupted == 0) return false;
  actor.interrupted = 0;
  happened(Happened.INTERRUPTED);
  return true;
}

function findVma(actor: Actor): bool {
  const mm = mmOf(actor.target);
  spendIn(MmCount.FAULT_MMAP_TIME, MmCost.MMAP_LOCK_FIND);
  spendWalkIn(MmCount.FAULT_MMAP_TIME, mmTree(mm), actor.at);
  const found = treeLoad(mmTree(mm), actor.at);
  actor.pc = UNLOCKING;
  if (found == 0) {
    happened(Happened.SEGV);
    return false;
  }
  sees(actor, found);
  if (!touch(actor, found, Access.ADDRESS)) return false;
  actor.pc = WORKING_SLOWLY;
  return false;
}

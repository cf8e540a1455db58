// mmput: the last user of an mm tears it down, whoever that is.
// [same: kernel/fork.c:__mmput, mm/mmap.c:exit_mmap, 6.1, 6.12, 7.2: unmap under the read lock,
//  MMF_OOM_SKIP between the locks, page tables with every VMA write-locked, removal under the write
//  lock, the tree last; mm/mmap.c:tear_down_vmas, 7.2: each VMA is marked detached]

import { Access, Breach, FreeWay, Happened, MmCost, MmGeneration, Missing, Twin } from "../abi/mm";
import { treeDestroy, treeFind, treeSetRcu } from "../index/tree";
import { checkNoHolders, NO_PAGE, report, sees, work } from "../oracle/lifetime";
import { returnPages } from "./attach";
import { spend, spendTimes } from "./charge";
import { checkTables, leaveAllTables } from "./demand";
import { newTables, NO_TABLE } from "./tables";
import { drainList, drainPrivate, lost, stateBeforeFree, vmAreaFree } from "./free";
import { mmPut } from "./mm-count";
import { Actor, COND_RESCHED, MIGHT_SLEEP, MmFlag, MmStruct } from "./records";
import { mmTree, MmVma, mmVma, VmaBit } from "./records";
import { mmapReadLock, mmapReadUnlock, mmapWriteLock, mmapWriteUnlock } from "./rwsem";
import { exitFree, generation, happened, oracleOn, without } from "./settings";
import { markDetached, startWrite } from "./vma-lock";

const DROP: u8 = 0;
const READ_LOCK: u8 = 1;
const UNMAP: u8 = 2;
const SKIP: u8 = 3;
const WRITE_LOCK: u8 = 4;
const PAGE_TABLES: u8 = 5;
const DETACH: u8 = 6;
const REMOVE: u8 = 7;
const DESTROY: u8 = 8;
const UNLOCK: u8 = 9;
const LET_GO: u8 = 10;
const LOCK_VMA: u8 = 11;

const CURSOR: usize = memory.data(512, 64);
const LAST: u64 = u64.MAX_VALUE >> 12;

@inline
function go(actor: Actor, step: u8): bool {
  actor.putPc = step;
  return false;
}

/** The next VMA of the exiting mm from actor.exitAt on; false when there is none. */
function next(actor: Actor, mm: MmStruct): bool {
  const found = treeFind(mmTree(mm), CURSOR, actor.exitAt, LAST);
  if (found == 0 || failedBefore(mm, found)) return false;
  actor.exitVma = found;
  actor.exitAt = mmVma(found).end;
  return true;
}

/** xa_is_zero: is this where the fork of the mm failed? From there on all VMAs are its parent's. */
@inline
function failedBefore(mm: MmStruct, address: u32): bool {
  if ((mm.flags & MmFlag.MARKED) == 0) return false;
  return mmVma(address).mm != <u32>changetype<usize>(mm);
}

/** One step of mmput; true when this task's part in the mm is over. */
export function mmput(actor: Actor, mm: MmStruct): bool {
  switch (actor.putPc) {
    case DROP:
      return drop(actor, mm);
    case READ_LOCK:
      if (!mmapReadLock(actor, mm, false)) return false;
      spend(MmCost.EXIT_FIXED);
      actor.exitAt = 0;
      return go(actor, mm.mapCount == 0 ? SKIP : UNMAP);
    case UNMAP:
      return unmapNext(actor, mm);
    case SKIP:
      mmapReadUnlock(mm);
      if (mm.mapCount != 0) mm.flags |= MmFlag.OOM_SKIP;
      return go(actor, WRITE_LOCK);
    case WRITE_LOCK:
      if (!mmapWriteLock(actor, mm, false)) {
        happened(Happened.EXIT_WAITED);
        return false;
      }
      treeSetRcu(mmTree(mm), false);
      actor.exitAt = 0;
      actor.tableAt = NO_TABLE;
      return go(actor, PAGE_TABLES);
    case PAGE_TABLES:
      if (next(actor, mm)) return go(actor, LOCK_VMA);
      leaveAllTables(mm);
      actor.exitAt = 0;
      return go(actor, DETACH);
    case LOCK_VMA:
      return lockVma(actor);
    default:
      return finish(actor, mm);
  }
}

function drop(actor: Actor, mm: MmStruct): bool {
  assert(mm.users > 0); // dropped more often than taken
  mm.users--;
  if (mm.users != 0) return true;
  checkNoHolders(mm);
  checkTables(mm);
  happened(Happened.EXITED_MM);
  mm.removed = 0;
  mm.flags |= MmFlag.EXITING;
  return go(actor, READ_LOCK);
}

function unmapNext(actor: Actor, mm: MmStruct): bool {
  if (!next(actor, mm)) {
    spendTimes(MmCost.UNMAP_FILE, mm.fileFaults);
    mm.fileFaults = 0;
    return go(actor, SKIP);
  }
  const vma = mmVma(actor.exitVma);
  if (!looksRight(actor, mm)) return false;
  spend(MmCost.UNMAP_VMA);
  spendTimes(MmCost.UNMAP_PAGE, <u64>vma.touched);
  returnPages(mm, <u64>vma.touched);
  vma.touched = 0;
  actor.mayYield = COND_RESCHED; // zap_pud_range
  return false;
}

/** exit works on its VMAs too: they must be what the index says. */
function looksRight(actor: Actor, mm: MmStruct): bool {
  if (!oracleOn) return true;
  const kept = actor.vma;
  const kept_life = actor.vmaLife;
  const target = actor.target;
  actor.target = <u32>changetype<usize>(mm);
  sees(actor, actor.exitVma);
  const right = work(actor, actor.exitVma, NO_PAGE);
  if (!right) return false;
  actor.vma = kept;
  actor.vmaLife = kept_life;
  actor.target = target;
  return true;
}

function lockVma(actor: Actor): bool {
  const locks = generation != <u32>MmGeneration.V6_1 && !without(Twin.EXIT_WITHOUT_VMA_LOCK);
  if (locks && !startWrite(actor, actor.exitVma, false)) return false;
  freeTables(actor, mmVma(actor.exitVma));
  if (locks) actor.mayYield = MIGHT_SLEEP; // vma_start_write
  return go(actor, PAGE_TABLES);
}

/** free_pgtables of one VMA: its anon_vma, and the tables that no VMA before it has. */
function freeTables(actor: Actor, vma: MmVma): void {
  spend(MmCost.FREE_PGTABLES_VMA);
  const anon = (vma.flags & <u16>VmaBit.ANON_VMA) != 0;
  if (anon) spend(MmCost.UNLINK_ANON_VMA);
  if (!anon && (vma.flags & <u16>VmaBit.FILE_PAGES) == 0) return;
  spendTimes(MmCost.FREE_TABLE, newTables(vma.start, actor.tableAt));
  actor.tableAt = vma.start;
}

function finish(actor: Actor, mm: MmStruct): bool {
  switch (actor.putPc) {
    case DETACH:
      if (actor.sub == 0 && !next(actor, mm)) return go(actor, DESTROY);
      if (generation == <u32>MmGeneration.V7_2 && !markDetached(actor, actor.exitVma)) return false;
      return go(actor, REMOVE);
    case REMOVE:
      return removeNext(actor, mm);
    case DESTROY:
      return destroy(actor, mm);
    case UNLOCK:
      mmapWriteUnlock(actor, mm);
      if (exitFree == <u32>FreeWay.PRIVATE_LIST && !drainPrivate(actor)) return false;
      if (!drainList(actor, mm)) return false;
      return go(actor, LET_GO);
    default:
      assert(actor.putPc == LET_GO); // no other step is left
      actor.putPc = DROP;
      mmPut(mm);
      return true;
  }
}

function removeNext(actor: Actor, mm: MmStruct): bool {
  const vma = mmVma(actor.exitVma);
  // a task may leave through here in the middle of an operation of another list
  const other = actor.other;
  if (exitFree != <u32>FreeWay.PRIVATE_LIST) actor.other = 0;
  spend(MmCost.REMOVE_VMA);
  spend(MmCost.STEP);
  if (vma.mm != <u32>changetype<usize>(mm)) {
    report(actor, actor.exitVma, Breach.WRONG_VMA, Access.FREE, Missing.MM_CHECK);
    return false;
  }
  if (!vmAreaFree(actor, mm, actor.exitVma, exitFree, stateBeforeFree())) return false;
  if (exitFree != <u32>FreeWay.PRIVATE_LIST) actor.other = other;
  mm.removed++;
  actor.mayYield = COND_RESCHED;
  return go(actor, DETACH);
}

function destroy(actor: Actor, mm: MmStruct): bool {
  // I5: exit removes as many VMAs as the mm has
  if (mm.removed != mm.mapCount) lost(actor);
  mm.mapCount = 0;
  spendTimes(MmCost.DESTROY_NODE, <u64>treeDestroy(mmTree(mm)));
  return go(actor, UNLOCK);
}

/** One step of a thread's end. */
export function stepExit(actor: Actor): bool {
  if (actor.mm == 0) return true;
  if (actor.pc == 0) {
    actor.pc = 1;
    actor.putPc = DROP;
    actor.target = actor.mm;
  }
  if (!mmput(actor, changetype<MmStruct>(<usize>actor.mm))) return false;
  spend(MmCost.EXIT_TASK);
  actor.mm = 0;
  return true;
}

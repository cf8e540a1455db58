// fork: dup_mmap, its success and its failure; and exec, which replaces an mm by a small new one.
// [same: mm/mmap.c:dup_mmap, 7.2, kernel/fork.c:dup_mmap, 6.12: __mt_dup copies the index, then
//  each VMA is write-locked and duplicated in place; 6.1 stores one VMA after the other into an
//  empty index. 7.2 locks killably. Failure: MMF_OOM_SKIP first, then the copied part is torn
//  down]
// [simplified: exec (fs/exec.c:exec_mmap) makes its new VMAs without the loader's work]

import { Happened, MmCost, MmGeneration } from "../abi/mm";
import { treeDup, treeDestroy, treeFind, treeNodes, treeSetRcu } from "../index/tree";
import { NO_PAGE, sees, work } from "../oracle/lifetime";
import { allocVma, attach, copyVma, initTree, returnPages, takePages } from "./attach";
import { spend, spendTimes } from "./charge";
import { interrupted } from "./fault";
import { stateBeforeFree, vmAreaFree } from "./free";
import { mmput } from "./exit";
import { Actor, ActorState, MmFlag, MmStruct, mmTree, mmVma, VmaBit } from "./records";
import { mmapWriteLock, mmapWriteUnlock } from "./rwsem";
import { generation, happened, maxMapCount, seqMask } from "./settings";
import { markDetached, startWrite } from "./vma-lock";
import { actorAt, actorCount, addressOf, mmOf } from "./world";
import { wake } from "./wake";

const LOCKING: u8 = 0;
const TREE: u8 = 1;
const NEXT: u8 = 2;
const LOCK_VMA: u8 = 3;
const COPY: u8 = 4;
const DONE: u8 = 5;
const FAILED: u8 = 6;
const TEAR_DOWN: u8 = 7;
const TEAR_DETACH: u8 = 8;

const CURSOR: usize = memory.data(512, 64);
const LAST: u64 = u64.MAX_VALUE >> 12;

@inline
function go(actor: Actor, step: u8): bool {
  actor.pc = step;
  return false;
}

/** One step of a fork into the mm actor.x; it fails at VMA actor.y when that is not 0. */
export function stepFork(actor: Actor): bool {
  const parent = mmOf(actor.mm);
  const child = mmOf(<u32>actor.x);
  switch (actor.pc) {
    case LOCKING:
      if (!mmapWriteLock(actor, parent, true)) return false;
      if (interrupted(actor)) {
        abandon(child);
        return true;
      }
      actor.target = actor.mm;
      spend(MmCost.FORK_SYSCALL);
      spend(MmCost.FORK_FIXED);
      return go(actor, TREE);
    case TREE:
      copyTree(actor, parent, child);
      return go(actor, NEXT);
    case NEXT: {
      const found = treeFind(mmTree(parent), CURSOR, actor.at, LAST);
      if (found == 0) return go(actor, DONE);
      sees(actor, found);
      return go(actor, LOCK_VMA);
    }
    case LOCK_VMA:
      if (!startWrite(actor, actor.vma, generation == <u32>MmGeneration.V7_2)) return false;
      spend(MmCost.VMA_WRITE_LOCK);
      return go(actor, interrupted(actor) ? FAILED : COPY);
    case COPY:
      return copyOne(actor, child);
    case DONE:
      treeSetRcu(mmTree(child), true);
      child.seq = (child.seq + 1) & seqMask;
      mmapWriteUnlock(actor, parent);
      startChild(child);
      return true;
    default:
      return fail(actor, parent, child);
  }
}

/** The child's index: a copy whose entries are still the parent's VMAs, or an empty one. */
function copyTree(actor: Actor, parent: MmStruct, child: MmStruct): void {
  initTree(child);
  treeSetRcu(mmTree(child), false);
  child.alive = 1;
  child.refs++;
  // the child's mmap_lock is held for write as well; nobody else can want it
  if (generation == <u32>MmGeneration.V7_2) child.seq = (child.seq + 1) & seqMask;
  child.heapStart = parent.heapStart;
  child.heapEnd = parent.heapEnd;
  actor.at = 0;
  actor.tries = 0;
  if (generation == <u32>MmGeneration.V6_1) return;
  const failed = treeDup(mmTree(child), mmTree(parent));
  assert(failed == 0); // nodes were planned
  spend(MmCost.FORK_TREE_FIXED);
  spendTimes(MmCost.FORK_TREE_NODE, <u64>treeNodes(mmTree(child)));
}

function copyOne(actor: Actor, child: MmStruct): bool {
  if (!work(actor, actor.vma, NO_PAGE)) return false;
  actor.tries++;
  const vma = mmVma(actor.vma);
  const fails = actor.y != 0 && <u64>actor.tries == actor.y;
  const made = fails ? 0 : allocVma(actor.cpu, child);
  if (made == 0 || child.mapCount == maxMapCount || !takePages(<u64>vma.touched)) {
    if (made != 0) giveBack(actor, made);
    return go(actor, FAILED);
  }
  const copy = mmVma(made);
  copyVma(copy, vma);
  copy.touched = vma.touched;
  spendCopy(vma.flags, vma.touched);
  attach(child, made);
  actor.at = vma.end;
  return go(actor, NEXT);
}

/** [same: mm/mmap.c:dup_mmap frees the copy at once when what follows fails] */
function giveBack(actor: Actor, made: u32): void {
  mmVma(made).state = <u8>stateBeforeFree();
  vmAreaFree(actor, mmOf(<u32>actor.x), made, 0, stateBeforeFree());
}

function spendCopy(flags: u16, touched: u32): void {
  spend(MmCost.FORK_VMA);
  spend(MmCost.FORK_VMA_COPY);
  spend(MmCost.FORK_STORE);
  if ((flags & <u16>VmaBit.ANON_VMA) == 0) {
    spend(MmCost.FORK_NO_ANON_VMA);
    spend(MmCost.FORK_NO_PAGES);
    return;
  }
  spend(MmCost.FORK_ANON_VMA);
  spend(MmCost.FORK_PAGES);
  spendTimes(MmCost.FORK_PAGE, <u64>touched);
}

function startChild(child: MmStruct): void {
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.state != <u8>ActorState.NEW || actor.startsWith != addressOf(child)) continue;
    child.users++;
    wake(actor);
  }
  if (child.users == 0) child.users = 1; // a process without a program: it stays
}

/** The child never came to be: its threads will not start. */
function abandon(child: MmStruct): void {
  happened(Happened.FORK_FAILED);
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.state == <u8>ActorState.NEW && actor.startsWith == addressOf(child)) {
      actor.state = <u8>ActorState.DONE;
    }
  }
}

/** What was copied is torn down; the rest of the index still names the parent's VMAs. */
function fail(actor: Actor, parent: MmStruct, child: MmStruct): bool {
  if (actor.pc == FAILED) {
    child.flags |= MmFlag.OOM_SKIP;
    actor.at = 0;
    return go(actor, TEAR_DOWN);
  }
  if (actor.pc == TEAR_DOWN) {
    const found = treeFind(mmTree(child), CURSOR, actor.at, LAST);
    if (found == 0 || mmVma(found).mm != addressOf(child)) {
      return endFailure(actor, parent, child);
    }
    actor.vma = found;
    actor.vmaLife = mmVma(found).life;
    return go(actor, TEAR_DETACH);
  }
  // nobody but this task knows the child's VMAs: no lock is waited for
  const vma = mmVma(actor.vma);
  actor.at = vma.end;
  if (generation == <u32>MmGeneration.V7_2) markDetached(actor, actor.vma);
  returnPages(<u64>vma.touched);
  vma.touched = 0;
  spend(MmCost.REMOVE_VMA);
  child.mapCount--;
  if (!vmAreaFree(actor, child, actor.vma, 0, stateBeforeFree())) return false;
  return go(actor, TEAR_DOWN);
}

function endFailure(actor: Actor, parent: MmStruct, child: MmStruct): bool {
  spendTimes(MmCost.DESTROY_NODE, <u64>treeDestroy(mmTree(child)));
  child.flags |= MmFlag.UNSTABLE;
  child.alive = 0;
  abandon(child);
  mmapWriteUnlock(actor, parent);
  return true;
}

/** One step of exec: the mm actor.x, with actor.y VMAs of 4 pages, in place of the thread's own. */
export function stepExec(actor: Actor): bool {
  const fresh = mmOf(<u32>actor.x);
  if (actor.pc == 0) {
    initTree(fresh);
    fresh.alive = 1;
    fresh.refs++;
    fresh.users = 1;
    for (let i: u64 = 0; i < actor.y; i++) {
      const made = allocVma(actor.cpu, fresh);
      if (made == 0) break;
      const vma = mmVma(made);
      vma.start = 1024 + i * 8;
      vma.end = vma.start + 4;
      spend(MmCost.STORE);
      attach(fresh, made);
      vma.seq = (fresh.seq - 1) & seqMask; // the loader's write lock is long gone
    }
    actor.target = actor.mm;
    actor.putPc = 0;
    actor.pc = 1;
    return false;
  }
  if (!mmput(actor, mmOf(actor.mm))) return false;
  actor.mm = <u32>actor.x;
  return true;
}

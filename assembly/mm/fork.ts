// fork: dup_mmap, its success and its failure.
// [same: mm/mmap.c:dup_mmap, 7.2, kernel/fork.c:dup_mmap, 6.12: __mt_dup copies the index, then
//  each VMA is write-locked and duplicated in place; 6.1 stores one VMA after the other into an
//  empty index. 7.2 locks killably]
// [same: the same and kernel/fork.c:dup_mm: a failure sets MMF_OOM_SKIP, then 7.2 tears the copied
//  part down with both locks held; before it the place is marked, the locks are dropped, and
//  mmput() exits what comes before the mark]

import { Happened, MmCost, MmCount, MmGeneration } from "../abi/mm";
import { treeDup, treeDestroy, treeFind, treeNodes, treeSetRcu } from "../index/tree";
import { NO_PAGE, sees, work } from "../oracle/lifetime";
import { allocVma, attach, copyVma, initTree, returnPages, takePages } from "./attach";
import { startBorn } from "./born";
import { clock, spend, spendTimes } from "./charge";
import { leaveAllTables, wantTablesOfCopy } from "./demand";
import { interrupted } from "./fault";
import { stateBeforeFree, vmAreaFree } from "./free";
import { mmput } from "./exit";
import { newTables, NO_TABLE } from "./tables";
import { Actor, COND_RESCHED, MIGHT_SLEEP, MmFlag, MmStruct } from "./records";
import { mmTree, MmVma, mmVma, VmaBit } from "./records";
import { mmapLockNew, mmapUnlockNew, mmapWriteLock, mmapWriteUnlock } from "./rwsem";
import { add, generation, happened, seqMask } from "./settings";
import { abandonBorn } from "./skip";
import { markDetached, startWrite } from "./vma-lock";
import { addressOf, mmOf } from "./world";

const LOCKING: u8 = 0;
const TREE: u8 = 1;
const NEXT: u8 = 2;
const LOCK_VMA: u8 = 3;
const COPY: u8 = 4;
const DONE: u8 = 5;
const FAILED: u8 = 6;
const TEAR_DOWN: u8 = 7;
const TEAR_DETACH: u8 = 8;
const RETURNED: u8 = 9;
const PUT: u8 = 10;

/** Index nodes that a CPU has at hand before a new slab is needed, and what a slab holds. */
const NODES_AT_HAND: u32 = 24;
const NODES_PER_SLAB: u32 = 16;

const CURSOR: usize = memory.data(512, 64);
const LAST: u64 = u64.MAX_VALUE >> 12;

@inline
function go(actor: Actor, step: u8): bool {
  actor.pc = step;
  return false;
}

const PARTS_FIRST: i32 = MmCount.FORK_TREE_TIME;
const PARTS_LAST: i32 = MmCount.FORK_PAGES_TIME;

@inline
function partAt(actor: Actor, part: i32): usize {
  return changetype<usize>(actor) + offsetof<Actor>("f0") + (<usize>(part - PARTS_FIRST) << 3);
}

/** Time of a part of the fork under way: what one that fails has taken is not counted. */
function notePart(actor: Actor, part: MmCount, ps: u64): void {
  store<u64>(partAt(actor, part), load<u64>(partAt(actor, part)) + ps);
}

/** The fork has succeeded. */
function countParts(actor: Actor): void {
  for (let part = PARTS_FIRST; part <= PARTS_LAST; part++) {
    add(part, load<u64>(partAt(actor, part)));
  }
}

function spendPart(actor: Actor, part: MmCount, slot: MmCost, times: u64 = 1): void {
  const before = clock();
  spendTimes(slot, times);
  notePart(actor, part, clock() - before);
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
      actor.dupSince = clock();
      memory.fill(partAt(actor, PARTS_FIRST), 0, (PARTS_LAST - PARTS_FIRST + 1) << 3);
      spend(MmCost.FORK_FIXED);
      return go(actor, TREE);
    case TREE:
      copyTree(actor, parent, child);
      return go(actor, NEXT);
    case NEXT: {
      if (actor.loopSince == 0) actor.loopSince = clock();
      const found = treeFind(mmTree(parent), CURSOR, actor.at, LAST);
      if (found == 0) {
        notePart(actor, MmCount.FORK_LOOP_TIME, clock() - actor.loopSince);
        return go(actor, DONE);
      }
      sees(actor, found);
      return go(actor, LOCK_VMA);
    }
    case LOCK_VMA:
      if (!startWrite(actor, actor.vma, generation == <u32>MmGeneration.V7_2)) return false;
      spendPart(actor, MmCount.FORK_LOCK_TIME, MmCost.VMA_WRITE_LOCK);
      actor.mayYield = MIGHT_SLEEP; // vma_start_write; in 6.1 the allocation of the copy
      return go(actor, interrupted(actor) ? FAILED : COPY);
    case COPY:
      return copyOne(actor, child);
    case DONE:
      add(MmCount.FORKS, 1);
      add(MmCount.FORK_VMAS, child.mapCount);
      add(MmCount.FORK_DUP_TIME, clock() - actor.dupSince);
      countParts(actor);
      spend(MmCost.FORK_SYSCALL);
      treeSetRcu(mmTree(child), true);
      child.seq = (child.seq + 1) & seqMask;
      mmapUnlockNew(child);
      mmapWriteUnlock(actor, parent);
      startChild(child);
      actor.mayYield = COND_RESCHED; // back to user mode
      return go(actor, RETURNED);
    case RETURNED: // a step of its own: the child may have run before it
      add(MmCount.FORK_SYSCALL_TIME, clock() - actor.opSince);
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
  // who has a reference to the child finds it locked: its index still names the parent's VMAs
  mmapLockNew(actor, child);
  if (generation == <u32>MmGeneration.V7_2) child.seq = (child.seq + 1) & seqMask;
  child.heapStart = parent.heapStart;
  child.heapEnd = parent.heapEnd;
  actor.at = 0;
  actor.tries = 0;
  actor.tableAt = NO_TABLE;
  actor.tablesBehind = 0;
  actor.loopSince = 0;
  if (generation == <u32>MmGeneration.V6_1) return;
  const failed = treeDup(mmTree(child), mmTree(parent));
  assert(failed == 0); // nodes were planned
  const nodes = treeNodes(mmTree(child));
  spendPart(actor, MmCount.FORK_TREE_TIME, MmCost.FORK_TREE_NODE, <u64>nodes);
  if (nodes <= NODES_AT_HAND) return;
  const slabs = (nodes - NODES_AT_HAND + NODES_PER_SLAB - 1) / NODES_PER_SLAB;
  spendPart(actor, MmCount.FORK_TREE_TIME, MmCost.FORK_NODE_NEW_SLAB, <u64>slabs);
}

function copyOne(actor: Actor, child: MmStruct): bool {
  if (!work(actor, actor.vma, NO_PAGE)) return false;
  actor.tries++;
  const vma = mmVma(actor.vma);
  const fails = actor.y != 0 && <u64>actor.tries == actor.y;
  const before = clock();
  const made = fails ? 0 : allocVma(actor.cpu, child);
  spend(MmCost.FORK_VMA_COPY);
  notePart(actor, MmCount.FORK_OBJECT_TIME, clock() - before);
  if (made == 0 || !takePages(child, <u64>vma.touched)) {
    if (made != 0) giveBack(actor, made);
    return go(actor, FAILED);
  }
  const copy = mmVma(made);
  copyVma(copy, vma);
  copy.touched = vma.touched;
  const pages = <u64>vma.touched;
  actor.tablesBehind = wantTablesOfCopy(child, vma.start, pages, actor.tablesBehind);
  spendCopy(actor, vma);
  attach(child, made);
  if ((vma.flags & <u16>VmaBit.ANON_VMA) != 0) child.anonVmas++;
  actor.at = vma.end;
  return go(actor, NEXT);
}

/** [same: mm/mmap.c:dup_mmap frees the copy at once when what follows fails] */
function giveBack(actor: Actor, made: u32): void {
  mmVma(made).state = <u8>stateBeforeFree();
  vmAreaFree(actor, mmOf(<u32>actor.x), made, 0, stateBeforeFree());
}

/** What the copy of one VMA costs, by what it has. */
function spendCopy(actor: Actor, vma: MmVma): void {
  spend(MmCost.FORK_VMA);
  spendPart(actor, MmCount.FORK_STORE_TIME, MmCost.FORK_STORE);
  if ((vma.flags & <u16>VmaBit.ANON_VMA) == 0) {
    spendPart(actor, MmCount.FORK_ANON_TIME, MmCost.FORK_NO_ANON_VMA);
    spendPart(actor, MmCount.FORK_PAGES_TIME, MmCost.FORK_NO_PAGES);
    return;
  }
  // pieces of one mapping share its anon_vma: the copy goes into a tree of all of them
  const sharers = mmOf(vma.mm).anonVmas;
  const levels: u32 = sharers <= 1 ? 0 : 32 - clz<u32>(sharers - 1);
  spendPart(actor, MmCount.FORK_ANON_TIME, MmCost.FORK_ANON_VMA);
  spendPart(actor, MmCount.FORK_ANON_TIME, MmCost.FORK_ANON_VMA_LEVEL, <u64>levels);
  spendPart(actor, MmCount.FORK_PAGES_TIME, MmCost.FORK_PAGES);
  if (vma.touched > 1) {
    spendPart(actor, MmCount.FORK_PAGES_TIME, MmCost.FORK_PAGE, <u64>vma.touched - 1);
  }
  // tables of the child that this VMA is the first to need
  const tables = newTables(vma.start, actor.tableAt);
  spendPart(actor, MmCount.FORK_PAGES_TIME, MmCost.FORK_PAGE_TABLE, tables);
  actor.tableAt = vma.start;
}

function startChild(child: MmStruct): void {
  startBorn(child, addressOf(child));
  if (child.users == 0) child.users = 1; // a process without a program: it stays
}

/** The child never came to be. */
function abandon(child: MmStruct): void {
  happened(Happened.FORK_FAILED);
  abandonBorn(child);
}

/** What was copied goes; the rest of the index still names the parent's VMAs. */
function fail(actor: Actor, parent: MmStruct, child: MmStruct): bool {
  if (actor.pc == FAILED) {
    child.flags |= MmFlag.OOM_SKIP;
    if (generation != <u32>MmGeneration.V7_2) return leaveToMmput(actor, parent, child);
    actor.at = 0;
    return go(actor, TEAR_DOWN);
  }
  if (actor.pc == PUT) return mmput(actor, child);
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
  markDetached(actor, actor.vma);
  returnPages(child, <u64>vma.touched);
  vma.touched = 0;
  spend(MmCost.REMOVE_VMA);
  child.mapCount--;
  if (!vmAreaFree(actor, child, actor.vma, 0, stateBeforeFree())) return false;
  return go(actor, TEAR_DOWN);
}

/** The locks go, and the one user whom the child has will exit it. */
function leaveToMmput(actor: Actor, parent: MmStruct, child: MmStruct): bool {
  child.flags |= MmFlag.UNSTABLE | MmFlag.MARKED;
  child.users = 1;
  abandon(child);
  mmapUnlockNew(child);
  mmapWriteUnlock(actor, parent);
  actor.putPc = 0;
  return go(actor, PUT);
}

function endFailure(actor: Actor, parent: MmStruct, child: MmStruct): bool {
  spendTimes(MmCost.DESTROY_NODE, <u64>treeDestroy(mmTree(child)));
  leaveAllTables(child);
  child.flags |= MmFlag.UNSTABLE;
  child.alive = 0;
  abandon(child);
  mmapUnlockNew(child);
  mmapWriteUnlock(actor, parent);
  return true;
}

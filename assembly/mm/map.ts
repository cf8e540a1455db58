// mmap, mprotect and brk.
// [same: mm/vma.c:vma_merge_new_range, vma_modify, mm/mmap.c:do_mmap, 6.12 and 7.2; mmap_region and
//  do_brk_flags, mm/mmap.c in 6.12, mm/vma.c in 7.2: map_count, gap search from the top, merge with
//  the neighbour below, split]
// [simplified: a new VMA merges with the one below it only (mm/vma.c:can_vma_merge_right); mprotect
//  does not merge, as alternating protections never can]

import { Access, MmCost } from "../abi/mm";
import { treeEmptyAreaRev, treeFind, treeLoad } from "../index/tree";
import { sees, touch } from "../oracle/lifetime";
import { makeVma, storeRange } from "./attach";
import { spend, spendWalk } from "./charge";
import { interrupted } from "./fault";
import { Actor, MmStruct, mmTree, mmVma, protectionOf, setProtection } from "./records";
import { mmapWriteLock, mmapWriteUnlock } from "./rwsem";
import { roomForSplit, roomForVma, Split, splitVma } from "./split";
import { stepMunmap } from "./munmap";
import { startWrite } from "./vma-lock";
import { mmOf } from "./world";

const LOCKING: u8 = 0;
const LOOKING: u8 = 1;
const GROWING: u8 = 2;
const UNLOCKING: u8 = 3;
const SPLIT_START: u8 = 4;
const SPLIT_END: u8 = 5;
const CHANGING: u8 = 6;

/** Address space that mmap searches: from 64 KiB to 128 TiB. */
const LOWEST_PAGE: u64 = 16;
const HIGHEST_PAGE: u64 = (1 << 35) - 2;

/** "Anywhere", as a first page. */
const ANYWHERE: u64 = u64.MAX_VALUE;

const CURSOR: usize = memory.data(512, 64);

function lockForWrite(actor: Actor, next: u8): bool {
  if (!mmapWriteLock(actor, mmOf(actor.mm), true)) return false;
  if (interrupted(actor)) return true;
  spend(MmCost.SYSCALL);
  spend(MmCost.MMAP_WRITE_LOCK);
  actor.target = actor.mm;
  actor.pc = next;
  return false;
}

function unlock(actor: Actor): bool {
  mmapWriteUnlock(actor, mmOf(actor.mm));
  return true;
}

@inline
function go(actor: Actor, step: u8): bool {
  actor.pc = step;
  return false;
}

/** One step of mmap of actor.y pages with protection actor.z at actor.x, or anywhere. */
export function stepMmap(actor: Actor): bool {
  const mm = mmOf(actor.mm);
  if (actor.pc == LOCKING) return lockForWrite(actor, LOOKING);
  if (actor.pc == LOOKING) return look(actor, mm);
  if (actor.pc == UNLOCKING) return unlock(actor);
  if (!startWrite(actor, actor.vma, false)) return false;
  const vma = mmVma(actor.vma);
  vma.end += actor.y;
  storeRange(mm, actor.vma);
  spend(MmCost.VMA_WRITE_LOCK);
  spend(MmCost.STORE);
  return go(actor, UNLOCKING);
}

/** Where it goes: next to a VMA that grows, or as a VMA of its own. */
function look(actor: Actor, mm: MmStruct): bool {
  if (!roomForVma(mm)) return go(actor, UNLOCKING);
  let start = actor.x;
  if (start == ANYWHERE) {
    spend(MmCost.GAP_SEARCH);
    const gap = treeEmptyAreaRev(mmTree(mm), LOWEST_PAGE, HIGHEST_PAGE, actor.y, 1);
    if (gap < 0) return go(actor, UNLOCKING);
    start = <u64>gap;
  } else if (treeFind(mmTree(mm), CURSOR, start, start + actor.y - 1) != 0) {
    return go(actor, UNLOCKING); // MAP_FIXED_NOREPLACE: it stays as it is
  }
  const below = start == 0 ? 0 : treeLoad(mmTree(mm), start - 1);
  if (below != 0 && protectionOf(mmVma(below)) == <u32>actor.z) {
    sees(actor, below);
    return go(actor, GROWING);
  }
  makeVma(actor, mm, start);
  return go(actor, UNLOCKING);
}

/** One step of mprotect of actor.y pages from actor.x to protection actor.z; within one VMA. */
export function stepMprotect(actor: Actor): bool {
  const mm = mmOf(actor.mm);
  switch (actor.pc) {
    case LOCKING:
      return lockForWrite(actor, LOOKING);
    case LOOKING:
      return findToChange(actor, mm);
    case SPLIT_START:
      if (actor.sub == 0 && !roomForSplit(mm)) return go(actor, UNLOCKING);
      return afterSplit(actor, splitVma(actor, mm, actor.vma, actor.x, true), nextOf(actor));
    case SPLIT_END: {
      const end = actor.x + actor.y;
      if (actor.sub == 0 && !roomForSplit(mm)) return go(actor, UNLOCKING);
      return afterSplit(actor, splitVma(actor, mm, actor.vma, end, false), CHANGING);
    }
    case CHANGING:
      if (!startWrite(actor, actor.vma, false)) return false;
      setProtection(mmVma(actor.vma), <u32>actor.z);
      spend(MmCost.VMA_WRITE_LOCK);
      return go(actor, UNLOCKING);
    default:
      return unlock(actor);
  }
}

function nextOf(actor: Actor): u8 {
  return mmVma(actor.vma).end > actor.x + actor.y ? SPLIT_END : CHANGING;
}

function findToChange(actor: Actor, mm: MmStruct): bool {
  spendWalk(mmTree(mm), actor.x);
  const found = treeLoad(mmTree(mm), actor.x);
  if (found == 0) return go(actor, UNLOCKING); // ENOMEM
  sees(actor, found);
  if (!touch(actor, found, Access.ADDRESS)) return false;
  const vma = mmVma(found);
  if (protectionOf(vma) == <u32>actor.z) return go(actor, UNLOCKING);
  return go(actor, vma.start < actor.x ? SPLIT_START : nextOf(actor));
}

function afterSplit(actor: Actor, split: Split, next: u8): bool {
  if (split == Split.PENDING) return false;
  spend(MmCost.STORE);
  return go(actor, split == Split.DONE ? next : UNLOCKING);
}

const SHRINKING: u8 = 20;

/** One step of brk to end page actor.x: grows the heap, or gives its end to munmap. */
export function stepBrk(actor: Actor): bool {
  const mm = mmOf(actor.mm);
  if (actor.z == SHRINKING) {
    if (!stepMunmap(actor)) return false;
    mm.heapEnd = actor.x;
    return true;
  }
  if (actor.pc == LOCKING) {
    if (actor.x >= mm.heapStart && actor.x < mm.heapEnd) {
      actor.y = mm.heapEnd - actor.x;
      actor.z = SHRINKING;
      return false;
    }
    return lockForWrite(actor, LOOKING);
  }
  if (actor.pc == UNLOCKING) return unlock(actor);
  if (actor.pc == LOOKING) return growHeap(actor, mm);
  if (!startWrite(actor, actor.vma, false)) return false;
  mmVma(actor.vma).end = actor.x;
  storeRange(mm, actor.vma);
  spend(MmCost.STORE);
  mm.heapEnd = actor.x;
  return go(actor, UNLOCKING);
}

function growHeap(actor: Actor, mm: MmStruct): bool {
  const end = mm.heapEnd;
  const taken = actor.x > end && treeFind(mmTree(mm), CURSOR, end, actor.x - 1) != 0;
  if (actor.x <= end || taken || !roomForVma(mm)) return go(actor, UNLOCKING);
  const below = end == mm.heapStart ? 0 : treeLoad(mmTree(mm), end - 1);
  if (below != 0) {
    sees(actor, below);
    return go(actor, GROWING);
  }
  actor.y = actor.x - end;
  actor.z = 0;
  makeVma(actor, mm, end);
  mm.heapEnd = actor.x;
  return go(actor, UNLOCKING);
}

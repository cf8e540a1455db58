// munmap: split, gather, detach, clear, downgrade, unmap, free.
// [same: mm/vma.c:do_vmi_align_munmap, vms_gather_munmap_vmas, vms_complete_munmap_vmas, 6.12 and
//  7.2; mm/mmap.c:do_mas_align_munmap, remove_mt, 6.1: no VMA lock, VMAs freed at once]
// [same: the voluntary model may reschedule at every VMA of gathering (mm/vma.c:vma_start_write),
//  unmapping (mm/memory.c:zap_pud_range) and removal (mm/vma.c:remove_vma); the other models as
//  sched/preempt.ts says]
// [same: mm/mmap.c:__mmap_region, 6.12, mm/vma.c:__mmap_region, 7.2: MAP_FIXED gathers, unmaps,
//  puts the new VMA in the place and frees the old ones, all under the write lock]
// [simplified: there the store of the new VMA empties the place, here that comes first and costs
//  nothing; the new VMA does not merge. 6.1 frees before it maps (do_mas_munmap)]
// [simplified: the side tree of detached VMAs (mm/vma.c) is a list; it costs what the tree does]

import { MmCost, MmGeneration, Op, Twin } from "../abi/mm";
import { treeFind } from "../index/tree";
import { sees } from "../oracle/lifetime";
import { clearRange, makeVma, returnPages } from "./attach";
import { spend, spendTimes, spendWalk } from "./charge";
import { leaveTables } from "./demand";
import { interrupted } from "./fault";
import { drainPrivate, vmAreaFree } from "./free";
import { Actor, COND_RESCHED, Life, MIGHT_SLEEP, mmTree, mmVma } from "./records";
import { mmapDowngrade, mmapReadUnlock, mmapWriteLock, mmapWriteUnlock } from "./rwsem";
import { generation, munmapFree, without } from "./settings";
import { roomForSplit, roomForVma, Split, splitVma } from "./split";
import { attachedRef, markDetached, startWrite } from "./vma-lock";
import { mmOf } from "./world";

const BEGIN: u8 = 0;
const LOCKING: u8 = 1;
const FIRST: u8 = 2;
const SPLIT_START: u8 = 3;
const NEXT: u8 = 4;
const SPLIT_END: u8 = 5;
const LOCK_VMA: u8 = 6;
const DETACH: u8 = 7;
const CLEAR: u8 = 8;
const COMPLETE: u8 = 9;
const UNMAP: u8 = 10;
const REMOVE: u8 = 11;
const DRAIN: u8 = 12;
const UNLOCK_READ: u8 = 13;
const UNLOCK_WRITE: u8 = 14;
const PLACE: u8 = 15;

const CURSOR: usize = memory.data(512, 64);

function find(actor: Actor, page: u64, end: u64): bool {
  const mm = mmOf(actor.mm);
  spendWalk(mmTree(mm), page);
  const found = treeFind(mmTree(mm), CURSOR, page, end - 1);
  if (found == 0) return false;
  sees(actor, found);
  return true;
}

/** Does a mapping of protection actor.z come in the place of what goes? */
@inline
function replaces(actor: Actor): bool {
  return actor.op == <u8>Op.MMAP_FIXED;
}

/** Only what leaves two VMAs of one must stay within max_map_count; else more go than come. */
@inline
function makesHole(actor: Actor, end: u64): bool {
  return mmVma(actor.vma).end > end;
}

/** One step of munmap of pages actor.x to actor.x + actor.y, or of an mmap with MAP_FIXED. */
export function stepMunmap(actor: Actor): bool {
  const mm = mmOf(actor.mm);
  const end = actor.x + actor.y;
  switch (actor.pc) {
    case BEGIN:
      actor.target = actor.mm;
      actor.side = 0;
      actor.sideCount = 0;
      actor.other = 0;
      spend(MmCost.SYSCALL);
      return go(actor, LOCKING);
    case LOCKING:
      if (!mmapWriteLock(actor, mm, true)) return false;
      if (interrupted(actor)) return true;
      spend(MmCost.MMAP_WRITE_LOCK);
      actor.mayYield = MIGHT_SLEEP;
      if (replaces(actor) && !roomForVma(mm)) return go(actor, UNLOCK_WRITE);
      return go(actor, FIRST);
    case FIRST:
      if (!find(actor, actor.x, end)) return go(actor, replaces(actor) ? PLACE : UNLOCK_WRITE);
      actor.at = max(actor.x, mmVma(actor.vma).start);
      return go(actor, mmVma(actor.vma).start < actor.x ? SPLIT_START : NEXT);
    case SPLIT_START:
      if (actor.sub == 0 && makesHole(actor, end) && !roomForSplit(mm)) {
        return go(actor, UNLOCK_WRITE);
      }
      return afterSplit(actor, splitVma(actor, mm, actor.vma, actor.x, true), NEXT);
    case NEXT:
      if (actor.at >= end || !find(actor, actor.at, end)) return go(actor, CLEAR);
      return go(actor, mmVma(actor.vma).end > end ? SPLIT_END : LOCK_VMA);
    case SPLIT_END:
      return afterSplit(actor, splitVma(actor, mm, actor.vma, end, false), LOCK_VMA);
    case LOCK_VMA:
      if (!without(Twin.UNMAP_WITHOUT_VMA_LOCK) && !startWrite(actor, actor.vma, false)) {
        return false;
      }
      spend(MmCost.VMA_WRITE_LOCK);
      if (generation != <u32>MmGeneration.V6_1) actor.mayYield = MIGHT_SLEEP; // vma_start_write
      return go(actor, DETACH);
    case DETACH:
      return detach(actor);
    default:
      return complete(actor);
  }
}

@inline
function go(actor: Actor, step: u8): bool {
  actor.pc = step;
  return false;
}

/** A split that failed undoes what was gathered: only the first can fail here, or nothing is. */
function afterSplit(actor: Actor, split: Split, next: u8): bool {
  if (split == Split.PENDING) return false;
  spend(MmCost.STORE);
  actor.mayYield = MIGHT_SLEEP; // the allocation of the new VMA
  if (split == Split.DONE) return go(actor, next);
  reattach(actor);
  return go(actor, UNLOCK_WRITE);
}

/** [same: mm/vma.h:reattach_vmas, 6.12; mm/vma.c, 7.2: what was detached is attached again] */
function reattach(actor: Actor): void {
  for (let at = actor.side; at != 0; ) {
    const vma = mmVma(at);
    at = vma.group;
    vma.group = 0;
    vma.state = <u8>Life.ATTACHED;
    if (vma.ref == 0) vma.ref = attachedRef();
  }
  actor.side = 0;
  actor.sideCount = 0;
}

function detach(actor: Actor): bool {
  if (!markDetached(actor, actor.vma)) return false;
  spend(MmCost.VMA_DETACH);
  const vma = mmVma(actor.vma);
  actor.at = vma.end;
  vma.group = 0;
  if (actor.side == 0) actor.side = actor.vma;
  else mmVma(actor.sideLast).group = actor.vma;
  actor.sideLast = actor.vma;
  actor.sideCount++;
  return go(actor, NEXT);
}

function complete(actor: Actor): bool {
  const mm = mmOf(actor.mm);
  switch (actor.pc) {
    case CLEAR:
      if (actor.side == 0) return go(actor, UNLOCK_WRITE);
      clearRange(mm, mmVma(actor.side).start, mmVma(actor.sideLast).end);
      leaveTables(mm, actor.side);
      if (!replaces(actor)) spend(MmCost.STORE);
      return go(actor, COMPLETE);
    case COMPLETE:
      mm.mapCount -= actor.sideCount;
      if (!replaces(actor)) mmapDowngrade(actor, mm);
      actor.other = 0;
      actor.vma = actor.side;
      return go(actor, UNMAP);
    case UNMAP: {
      const vma = mmVma(actor.vma);
      spend(MmCost.UNMAP_VMA);
      spendTimes(MmCost.UNMAP_PAGE, <u64>vma.touched);
      returnPages(mm, <u64>vma.touched);
      vma.touched = 0;
      actor.mayYield = COND_RESCHED; // zap_pud_range
      actor.vma = vma.group;
      if (actor.vma != 0) return false;
      return go(actor, replaces(actor) ? PLACE : REMOVE);
    }
    case PLACE:
      makeVma(actor, mm, actor.x);
      return go(actor, actor.side != 0 ? REMOVE : UNLOCK_WRITE);
    case REMOVE: {
      const vma = actor.side;
      actor.side = mmVma(vma).group;
      spend(MmCost.REMOVE_VMA);
      if (!vmAreaFree(actor, mm, vma, munmapFree, Life.DETACHED)) return false;
      actor.mayYield = MIGHT_SLEEP; // remove_vma
      return actor.side != 0 ? false : go(actor, DRAIN);
    }
    case DRAIN:
      if (!drainPrivate(actor)) return false;
      return go(actor, replaces(actor) ? UNLOCK_WRITE : UNLOCK_READ);
    case UNLOCK_READ:
      mmapReadUnlock(mm);
      return true;
    default:
      mmapWriteUnlock(actor, mm);
      return true;
  }
}

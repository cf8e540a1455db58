// The free-space tree: which addresses are free, and the lowest ones that fit a request.
//
// [same: mm/vmalloc.c:find_vmap_lowest_match, va_clip, merge_or_add_vmap_area, 5.2 to 7.2]
// As in the kernel the tree also holds what lies below and above the vmalloc range: the search goes
// down to the leftmost block that is large enough, finds it below the range, and climbs back.

import {
  Area,
  areaAlloc,
  areaAt,
  areaFree,
  areaPages,
  AreaState,
  changeState,
  objectsOf,
} from "./area";
import { dropRecord, objectsTracked } from "./objects";
import {
  AreaTree,
  findPlace,
  foundParent,
  linkArea,
  maxGapOf,
  parentOf,
  placeNext,
  propagate,
  unlinkArea,
} from "./rbtree";
import { forgetSteps, keepSteps, stepLeft, stepRight, stepUp } from "./steps";

/**
 * The range begins here (VMALLOC_START of x86-64): what alignments of a TiB and more find hangs on
 * the address itself.
 */
export const RANGE_START: u64 = 0x000f_fffc_9000_0000;
/** The range itself: 32 TiB. */
export const RANGE_PAGES: u64 = <u64>1 << 33;
/** All addresses there are. */
export const SPACE_PAGES: u64 = <u64>1 << 52;

/** How an allocation lay in the block that it came from. */
export enum Fit {
  NONE,
  FULL,
  LEFT,
  RIGHT,
  INNER,
}

export let lastFit: Fit = Fit.NONE;
/** Where a block was cut in two: its lower rest, which has no object of a slab yet. */
export let lastRest: usize = 0;
/** How the last return was taken up: into no, one or both neighbours. */
export let lastMerged: u32 = 0;

/** One free block: all there is. */
export function freeSpaceInit(tree: AreaTree): void {
  const area = areaAt(areaAlloc(0));
  area.end = SPACE_PAGES;
  changeState(area, AreaState.IN_HAND, AreaState.FREE_BLOCK);
  findPlace(tree, area.start, area.end, 0);
  linkArea(tree, area, true);
}

@inline
export function alignUp(page: u64, align: u64): u64 {
  return (page + align - 1) & ~(align - 1);
}

@inline
function fits(area: Area, pages: u64, align: u64, from: u64): bool {
  const start = alignUp(max(area.start, from), align);
  return start >= from && start + pages <= area.end;
}

/**
 * The free block with the lowest address that takes `pages` at `align` from `from` on; 0 = none.
 */
export function lowestMatch(tree: AreaTree, pages: u64, align: u64, from: u64): usize {
  const wanted = align > 1 ? pages + align - 1 : pages;
  let low = from;
  let at = tree.root;
  while (at != 0) {
    const area = areaAt(at);
    if (maxGapOf(area.left) >= wanted && low < area.start) {
      stepLeft();
      at = area.left;
      continue;
    }
    stepRight();
    if (fits(area, pages, align, from)) return at;
    if (maxGapOf(area.right) >= wanted) {
      at = area.right;
      continue;
    }
    // a dead end, because of the lower bound or of the alignment: up to the next subtree on the
    // right
    while ((at = parentOf(areaAt(at))) != 0) {
      const above = areaAt(at);
      stepUp();
      if (fits(above, pages, align, from)) return at;
      if (maxGapOf(above.right) >= wanted && low <= above.start) {
        low = above.start + 1;
        at = above.right;
        break;
      }
    }
  }
  return 0;
}

/** Where in a block an area at `align` would begin. */
@inline
export function startIn(at: usize, align: u64, from: u64): u64 {
  return alignUp(max(areaAt(at).start, from), align);
}

/** Takes `pages` out of a block at its lowest address that fits; answers that address. */
export function clip(tree: AreaTree, at: usize, pages: u64, align: u64, from: u64): u64 {
  const block = areaAt(at);
  const start = startIn(at, align, from);
  const end = start + pages;
  assert(end <= block.end); // lowestMatch found that it fits
  if (start == block.start && end == block.end) {
    lastFit = Fit.FULL;
    unlinkArea(tree, block, true);
    changeState(block, AreaState.FREE_BLOCK, AreaState.IN_HAND);
    leave(block);
  } else if (start == block.start) {
    lastFit = Fit.LEFT;
    block.start = end;
    propagate(at, 0);
  } else if (end == block.end) {
    lastFit = Fit.RIGHT;
    block.end = start;
    propagate(at, 0);
  } else {
    lastFit = Fit.INNER;
    splitBlock(tree, block, start, end);
  }
  return start;
}

/** Cuts a block in two; the caller has seen that there is a record for the lower rest. */
function splitBlock(tree: AreaTree, block: Area, start: u64, end: u64): void {
  const lower = areaAlloc(block.start);
  assert(lower != 0); // the plan has a record for a block beside every area
  const rest = areaAt(lower);
  rest.end = start;
  block.start = end;
  changeState(rest, AreaState.IN_HAND, AreaState.FREE_BLOCK);
  propagate(changetype<usize>(block), 0);
  keepSteps();
  findPlace(tree, rest.start, rest.end, changetype<usize>(block));
  linkArea(tree, rest, true);
  forgetSteps();
  lastRest = lower;
}

/** The record of an area in hand is of no use any more. */
function leave(area: Area): void {
  if (objectsTracked()) {
    dropRecord(objectsOf(area).record);
    objectsOf(area).record = 0;
  }
  areaFree(area);
}

/** Returns an area in hand: into its neighbours where they touch, else as a block of its own. */
export function giveBack(tree: AreaTree, area: Area): void {
  findPlace(tree, area.start, area.end, 0);
  const next = placeNext();
  const prev = next != 0 ? areaAt(next).prev : tree.last;
  let home: Area = area;
  lastMerged = 0;
  if (next != 0 && areaAt(next).start == area.end) {
    areaAt(next).start = area.start;
    leave(area);
    home = areaAt(next);
    lastMerged = 1;
  }
  if (prev != 0 && areaAt(prev).end == home.start) {
    const before = areaAt(prev);
    if (lastMerged != 0) {
      unlinkArea(tree, home, true);
      changeState(home, AreaState.FREE_BLOCK, AreaState.IN_HAND);
    }
    before.end = home.end;
    leave(home);
    home = before;
    lastMerged++;
  }
  if (lastMerged == 0) {
    changeState(area, AreaState.IN_HAND, AreaState.FREE_BLOCK);
    linkArea(tree, area, true);
  } else {
    propagate(changetype<usize>(home), 0);
  }
}

/** Pages free inside the vmalloc range and outside of it. */
export function freePages(tree: AreaTree): u64 {
  let sum: u64 = 0;
  for (let at = tree.first; at != 0; at = areaAt(at).next) sum += areaPages(areaAt(at));
  return sum;
}

// The search of 2019: along the list of all areas, lazily freed ones included, from a cached hint.
//
// [same: mm/vmalloc.c:alloc_vmap_area, __free_vmap_area, 5.0: when the hint is used and when it is
//  given up, from where the walk starts, the largest hole that it passes]
// What one allocation costs hangs on how many areas lie between the hint and a hole: this is what
// the long busy list of a starved purge makes slow.

import { Area, areaAt } from "./area";
import { alignUp, RANGE_PAGES, RANGE_START } from "./free-space";
import { AreaTree } from "./rbtree";
import { stepsPassed } from "./steps";

/** free_vmap_cache, cached_hole_size, cached_vstart, cached_align */
let hint: usize = 0;
let largestPassed: u64 = 0;
let hintFrom: u64 = 0;
let hintAlign: u64 = 0;

export function linearInit(): void {
  hint = 0;
  largestPassed = 0;
  hintFrom = 0;
  hintAlign = 0;
}

/** Address of the first hole that takes `pages` at `align`; all bits set when there is none. */
export function linearSearch(tree: AreaTree, pages: u64, align: u64): u64 {
  const from = RANGE_START;
  if (hint == 0 || pages < largestPassed || from < hintFrom || align < hintAlign) {
    largestPassed = 0;
    hint = 0;
  }
  hintFrom = from;
  hintAlign = align;
  let start = from;
  let at: usize = 0;
  if (hint != 0) {
    at = hint;
    start = alignUp(areaAt(at).end, align);
  } else {
    start = alignUp(from, align);
    at = firstEndingBehind(tree, start);
  }
  // hundreds of millions of areas are passed in a run: all that changes is local
  let largest = largestPassed;
  let count: u32 = 0;
  while (at != 0) {
    const area = areaAt(at);
    const next = area.start;
    if (start + pages <= next) break;
    if (start + largest < next) largest = next - start;
    start = align == 1 ? area.end : alignUp(area.end, align);
    at = area.next;
    count++;
  }
  largestPassed = largest;
  stepsPassed(count);
  return start + pages <= RANGE_START + RANGE_PAGES ? start : u64.MAX_VALUE;
}

/** The area just inserted is the new hint. */
export function noteInserted(area: Area): void {
  hint = changetype<usize>(area);
}

/** An area is about to leave the tree. */
export function noteRemoved(area: Area): void {
  if (hint == 0) return;
  if (area.end < hintFrom) hint = 0;
  else if (area.start <= areaAt(hint).start) hint = area.prev;
}

/** The lowest area that ends at `page` or behind. */
function firstEndingBehind(tree: AreaTree, page: u64): usize {
  let at = tree.root;
  let found: usize = 0;
  while (at != 0) {
    const area = areaAt(at);
    if (area.end >= page) {
      found = at;
      if (area.start <= page) break;
      at = area.left;
    } else {
      at = area.right;
    }
  }
  return found;
}

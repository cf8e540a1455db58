// Finding room: the lowest or the highest run of empty pages within a window.

import { GAPS, LAST_PAGE, child, clampGap, endOf, firstOf, isLeaf, lastOf, value } from "./layout";
import { Tree } from "./record";
import { innerSlot, leafSlot } from "./search";

/** No gap is large enough. */
export const EBUSY: i64 = -16;
/** The window cannot hold so many pages. */
export const EINVAL: i64 = -22;

const NOTHING: u64 = u64.MAX_VALUE;

/** Where `pages` pages aligned to `align` fit first in first..last; NOTHING when nowhere. */
@inline
function fitLow(first: u64, last: u64, pages: u64, align: u64): u64 {
  const start = (first + align - 1) & ~(align - 1);
  return start <= last && last - start >= pages - 1 ? start : NOTHING;
}

@inline
function fitHigh(first: u64, last: u64, pages: u64, align: u64): u64 {
  if (last - first < pages - 1) return NOTHING;
  const start = (last - pages + 1) & ~(align - 1);
  return start >= first ? start : NOTHING;
}

function checkWindow(low: u64, high: u64, pages: u64, align: u64): bool {
  assert(align != 0 && (align & (align - 1)) == 0); // alignments are powers of two
  assert(high <= LAST_PAGE); // no tree has a page above it
  return pages != 0 && low <= high && high - low >= pages - 1;
}

/**
 * The lowest start of `pages` empty pages in low..high, a multiple of `align` pages
 * (mas_empty_area). Returns it, or -16 (no room) or -22 (the window is too small).
 */
export function treeEmptyArea(tree: usize, low: u64, high: u64, pages: u64, align: u64): i64 {
  if (!checkWindow(low, high, pages, align)) return EINVAL;
  const root: usize = changetype<Tree>(tree).root;
  const start =
    root == 0
      ? fitLow(low, high, pages, align)
      : lowest(root, 0, LAST_PAGE, low, high, pages, align);
  return start == NOTHING ? EBUSY : <i64>start;
}

/** The same from the top: the highest such start (mas_empty_area_rev). */
export function treeEmptyAreaRev(tree: usize, low: u64, high: u64, pages: u64, align: u64): i64 {
  if (!checkWindow(low, high, pages, align)) return EINVAL;
  const root: usize = changetype<Tree>(tree).root;
  const start =
    root == 0
      ? fitHigh(low, high, pages, align)
      : highest(root, 0, LAST_PAGE, low, high, pages, align);
  return start == NOTHING ? EBUSY : <i64>start;
}

/** One bit per slot of an inner node that has a gap of at least `wanted` pages below it. */
@inline
function slotsWithGap(inner: usize, wanted: u32): u32 {
  const key = i32x4.splat(<i32>wanted);
  const low = i32x4.bitmask(i32x4.ge_u(v128.load(inner, GAPS), key));
  const middle = i32x4.bitmask(i32x4.ge_u(v128.load(inner, GAPS + 16), key));
  // the last four of ten slots: two of them are in the middle as well
  const high = i32x4.bitmask(i32x4.ge_u(v128.load(inner, GAPS + 24), key));
  return low | (middle << 4) | (high << 6);
}

// Both searches go down one level per call: at most HEIGHT_MAX deep. Slots not in use have a gap
// of 0, which is never wanted.

function lowest(
  node: usize,
  min: u64,
  max: u64,
  low: u64,
  high: u64,
  pages: u64,
  align: u64,
): u64 {
  const from = low > min ? low : min;
  if (isLeaf(node)) return lowestInLeaf(node, min, max, from, high, pages, align);
  let slots = slotsWithGap(node, clampGap(pages)) & (-1 << innerSlot(node, from, min));
  while (slots != 0) {
    const slot = ctz<u32>(slots);
    const first = firstOf(node, slot, min);
    if (first > high) break;
    const last = lastOf(node, slot, min, max);
    const start = lowest(child(node, slot), first, last, low, high, pages, align);
    if (start != NOTHING) return start;
    slots &= slots - 1;
  }
  return NOTHING;
}

function lowestInLeaf(
  leaf: usize,
  min: u64,
  max: u64,
  low: u64,
  high: u64,
  pages: u64,
  align: u64,
): u64 {
  const end = endOf(leaf);
  let slot = leafSlot(leaf, low, min);
  let first = low;
  for (; slot <= end && first <= high; slot++) {
    const last = lastOf(leaf, slot, min, max);
    if (value(leaf, slot) == 0) {
      const start = fitLow(first, last < high ? last : high, pages, align);
      if (start != NOTHING) return start;
    }
    first = last + 1;
  }
  return NOTHING;
}

function highest(
  node: usize,
  min: u64,
  max: u64,
  low: u64,
  high: u64,
  pages: u64,
  align: u64,
): u64 {
  const from = high < max ? high : max;
  if (isLeaf(node)) return highestInLeaf(node, min, max, low, from, pages, align);
  let slots = slotsWithGap(node, clampGap(pages)) & ((2 << innerSlot(node, from, min)) - 1);
  while (slots != 0) {
    const slot = 31 - clz<u32>(slots);
    const last = lastOf(node, slot, min, max);
    if (last < low) break;
    const first = firstOf(node, slot, min);
    const start = highest(child(node, slot), first, last, low, high, pages, align);
    if (start != NOTHING) return start;
    slots ^= 1 << slot;
  }
  return NOTHING;
}

function highestInLeaf(
  leaf: usize,
  min: u64,
  max: u64,
  low: u64,
  high: u64,
  pages: u64,
  align: u64,
): u64 {
  let slot = <i32>leafSlot(leaf, high, min);
  let last = high;
  for (; slot >= 0 && last >= low; slot--) {
    const first = firstOf(leaf, slot, min);
    if (value(leaf, slot) == 0) {
      const start = fitHigh(first > low ? first : low, last, pages, align);
      if (start != NOTHING) return start;
    }
    last = first - 1;
  }
  return NOTHING;
}

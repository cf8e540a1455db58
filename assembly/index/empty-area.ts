// Finding room: the lowest or the highest run of empty pages within a window.

import { LAST_PAGE, child, clampGap, endOf, firstOf, gap, isLeaf, lastOf, value } from "./layout";
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

// Both searches go down one level per call: at most HEIGHT_MAX deep.

function lowest(
  node: usize,
  min: u64,
  max: u64,
  low: u64,
  high: u64,
  pages: u64,
  align: u64,
): u64 {
  const leaf = isLeaf(node);
  const end = endOf(node);
  const from = low > min ? low : min;
  let slot = leaf ? leafSlot(node, from, min) : innerSlot(node, from, min);
  let first = firstOf(node, slot, min);
  const wanted = clampGap(pages);
  for (; slot <= end && first <= high; slot++) {
    let start = NOTHING;
    const last = lastOf(node, slot, min, max);
    if (!leaf) {
      if (gap(node, slot) >= wanted) {
        start = lowest(child(node, slot), first, last, low, high, pages, align);
      }
    } else if (value(node, slot) == 0) {
      start = fitLow(first > low ? first : low, last < high ? last : high, pages, align);
    }
    if (start != NOTHING) return start;
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
  const leaf = isLeaf(node);
  const from = high < max ? high : max;
  let slot = <i32>(leaf ? leafSlot(node, from, min) : innerSlot(node, from, min));
  let last = lastOf(node, slot, min, max);
  const wanted = clampGap(pages);
  for (; slot >= 0 && last >= low; slot--) {
    let start = NOTHING;
    const first = firstOf(node, slot, min);
    if (!leaf) {
      if (gap(node, slot) >= wanted) {
        start = highest(child(node, slot), first, last, low, high, pages, align);
      }
    } else if (value(node, slot) == 0) {
      start = fitHigh(first > low ? first : low, last < high ? last : high, pages, align);
    }
    if (start != NOTHING) return start;
    last = first - 1;
  }
  return NOTHING;
}

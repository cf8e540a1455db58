// Looking pages up.

import { LAST_PAGE, child, firstOf, isWide, value } from "./layout";
import {
  cursorFirst,
  cursorInit,
  cursorInitRev,
  cursorLast,
  cursorNext,
  cursorPrev,
} from "./cursor";
import { Tree } from "./record";
import { distance, innerSlot, leafSlot, narrowInnerSlot, wideSlot } from "./search";

/** Value of the range that holds a page, 0 when it is empty (mtree_load). */
export function treeLoad(tree: usize, page: u64): u32 {
  assert(page <= LAST_PAGE); // no tree has a page above it
  const t = changetype<Tree>(tree);
  let node: usize = t.root;
  if (node == 0) return 0;
  let min: u64 = 0;
  for (let levels = t.height; levels > 1; levels--) {
    let slot: u32;
    if (isWide(node)) {
      slot = wideSlot(node, page);
      min = firstOf(node, slot, min);
    } else {
      slot = narrowInnerSlot(node, distance(page, min));
      if (slot != 0) min += <u64>load<u32>(node + ((<usize>slot) << 2)) + 1;
    }
    node = child(node, slot);
  }
  return value(node, leafSlot(node, page, min));
}

/**
 * The entry that holds first, else the next one that starts at or before last (mas_find). The
 * cursor is left on it: cursorFirst and cursorLast give its whole range. Returns 0 for none.
 */
export function treeFind(tree: usize, cursor: usize, first: u64, last: u64): u32 {
  cursorInit(cursor, tree, first);
  return treeFindAfter(cursor, last);
}

/** The entry after the cursor's, if it starts at or before last. Returns 0 for none. */
export function treeFindAfter(cursor: usize, last: u64): u32 {
  const v = cursorNext(cursor);
  return v != 0 && cursorFirst(cursor) <= last ? v : 0;
}

/**
 * The entry that holds page, else the nearest lower one that ends at or after lowest
 * (mas_find_rev). Returns 0 for none.
 */
export function treePrev(tree: usize, cursor: usize, page: u64, lowest: u64): u32 {
  cursorInitRev(cursor, tree, page);
  const v = cursorPrev(cursor);
  return v != 0 && cursorLast(cursor) >= lowest ? v : 0;
}

/**
 * How far a walk to a page goes: nodes in the low byte, slots that it passes above it. The kernel
 * compares pivots one after the other (mtree_range_walk), so its walk costs by both.
 */
export function treeWalkLength(tree: usize, page: u64): u32 {
  const t = changetype<Tree>(tree);
  let node: usize = t.root;
  if (node == 0) return 0;
  let min: u64 = 0;
  let slots: u32 = 0;
  for (let levels = t.height; levels > 1; levels--) {
    const slot = innerSlot(node, page, min);
    slots += slot;
    min = firstOf(node, slot, min);
    node = child(node, slot);
  }
  slots += leafSlot(node, page, min);
  return t.height | (slots << 8);
}

// Stores that change one leaf and keep its size legal: exact fit, slot store, append and node
// store. In RCU mode a node store changes a copy of the leaf and hands the old one over.

import {
  END_MASK,
  IS_WIDE,
  LEAF_SLOTS,
  PIVOTS,
  PIVOT_NONE,
  VALUES,
  clampGap,
  endOf,
  extension,
  gap,
  isWide,
  setChild,
  setValue,
  value,
} from "./layout";
import { retireCopiedLeaf } from "./deferred";
import { raiseGap } from "./gaps";
import { copyNode, leafGap } from "./node";
import { allocBlock, freeNode } from "./pool";
import { Tree } from "./record";
import { Step, Write, leftPath, step } from "./scratch";
import { ENOMEM } from "./errno";

/** The range of exactly one slot gets another value. */
export function exactStore(tree: usize, w: Write, at: Step): i32 {
  const t = changetype<Tree>(tree);
  const old = value(at.node, w.slot);
  setValue(at.node, w.slot, w.value);
  t.entries += (w.value != 0 ? 1 : 0) - (old != 0 ? 1 : 0);
  if ((old == 0) != (w.value == 0)) {
    const pages = clampGap(w.slot_last - w.slot_first + 1);
    updateGap(t, at, old == 0 ? pages : 0, w.value == 0 ? pages : 0);
  }
  return 0;
}

/** Any other store into one leaf that ends up with new_end + 1 slots. */
export function leafStore(tree: usize, w: Write, at: Step, new_end: u32, in_place: bool): i32 {
  const t = changetype<Tree>(tree);
  const pool: usize = t.pool;
  const old: usize = at.node;
  const leaf = in_place ? old : copyNode(pool, old);
  if (leaf == 0) return ENOMEM;
  if (!isWide(leaf) && needsWidth(w, at) && !makeWide(pool, leaf, at.min)) {
    if (!in_place) freeNode(pool, leaf);
    return ENOMEM;
  }
  const removed = removedGap(w, at);
  const added = addedGap(w, at);
  t.entries += entryChange(w, at);
  splice(leaf, w, at.min, new_end);
  if (!in_place) replaceLeaf(tree, at, leaf);
  updateGap(t, at, removed, added);
  return 0;
}

/** Puts the changed copy in the place of a leaf. */
function replaceLeaf(tree: usize, at: Step, leaf: usize): void {
  const t = changetype<Tree>(tree);
  if (t.height == 1) {
    t.root = <u32>leaf;
  } else {
    const above = step(leftPath(t.pool), t.height - 2);
    setChild(above.node, above.slot, leaf);
  }
  retireCopiedLeaf(tree, at.node);
  if (t.tail == at.node) t.tail = <u32>leaf;
  at.node = <u32>leaf;
}

/** True when a pivot the store adds is too far from the leaf's first page for 32 bits. */
@inline
function needsWidth(w: Write, at: Step): bool {
  let farthest = w.last - at.min;
  if (w.slot_end == endOf(at.node) && w.last == w.slot_last) {
    // the new range ends where the leaf ends: only the piece before it gets a pivot
    farthest = w.first > w.slot_first ? w.first - 1 - at.min : 0;
  }
  return farthest >= <u64>PIVOT_NONE;
}

/** Moves a leaf's pivots to an extension block. False when the pool is exhausted. */
function makeWide(pool: usize, leaf: usize, min: u64): bool {
  const block = allocBlock(pool);
  if (block == 0) return false;
  const end = endOf(leaf);
  for (let slot: u32 = 0; slot < end; slot++) {
    const pivot = min + load<u32>(leaf + ((<usize>slot) << 2), PIVOTS);
    store<u64>(block + ((<usize>slot) << 3), pivot);
  }
  store<u32>(leaf, <u32>block, PIVOTS);
  store<u32>(leaf, load<u32>(leaf) | IS_WIDE);
  return true;
}

@inline
function setPivot(leaf: usize, pivots: usize, slot: u32, min: u64, last: u64): void {
  if (pivots != 0) store<u64>(pivots + ((<usize>slot) << 3), last);
  else store<u32>(leaf + ((<usize>slot) << 2), <u32>(last - min), PIVOTS);
}

/** Replaces slots slot..slot_end by up to three pieces. */
function splice(leaf: usize, w: Write, min: u64, new_end: u32): void {
  const end = endOf(leaf);
  const first_value = value(leaf, w.slot);
  const last_value = value(leaf, w.slot_end);
  const pivots: usize = isWide(leaf) ? extension(leaf) : 0;
  assert(new_end < LEAF_SLOTS); // more entries need a split
  if (new_end > end) moveUp(leaf, pivots, w.slot_end + 1, end, new_end - end);
  else if (new_end < end) moveDown(leaf, pivots, w.slot_end + 1, end, end - new_end);
  let slot = w.slot;
  if (w.slot_first < w.first) {
    setPivot(leaf, pivots, slot, min, w.first - 1);
    setValue(leaf, slot++, first_value);
  }
  setValue(leaf, slot, w.value);
  if (slot < new_end) setPivot(leaf, pivots, slot, min, w.last);
  slot++;
  if (w.slot_last > w.last) {
    setValue(leaf, slot, last_value);
    if (slot < new_end) setPivot(leaf, pivots, slot, min, w.slot_last);
  }
  store<u32>(leaf, (load<u32>(leaf) & ~END_MASK) | new_end);
}

/** Moves slots from..end by one or two places towards the end of the leaf. */
function moveUp(leaf: usize, pivots: usize, from: u32, end: u32, by: u32): void {
  const shift = (<usize>by) << 2;
  const first = leaf + ((<usize>from) << 2);
  let at = leaf + ((<usize>end) << 2);
  if (at < first) return;
  store<u32>(at + shift, load<u32>(at, VALUES), VALUES);
  if (pivots != 0) {
    for (let slot = end; slot > from; slot--) {
      const pivot = pivots + ((<usize>(slot - 1)) << 3);
      store<u64>(pivot + (shift << 1), load<u64>(pivot));
    }
  }
  for (at -= 4; at >= first; at -= 4) {
    store<u32>(at + shift, load<u32>(at, VALUES), VALUES);
    if (pivots == 0) store<u32>(at + shift, load<u32>(at, PIVOTS), PIVOTS);
  }
}

/** Moves slots from..end towards the start of the leaf and clears the places left over. */
function moveDown(leaf: usize, pivots: usize, from: u32, end: u32, by: u32): void {
  const shift = (<usize>by) << 2;
  for (let slot = from; slot <= end; slot++) {
    const at = leaf + ((<usize>slot) << 2);
    store<u32>(at - shift, load<u32>(at, VALUES), VALUES);
    if (slot == end) break;
    if (pivots != 0) {
      const pivot = pivots + ((<usize>slot) << 3);
      store<u64>(pivot - (shift << 1), load<u64>(pivot));
    } else {
      store<u32>(at - shift, load<u32>(at, PIVOTS), PIVOTS);
    }
  }
  for (let slot = end - by; slot < end; slot++) {
    const at = leaf + ((<usize>slot) << 2);
    store<u32>(at, 0, VALUES + 4);
    if (pivots == 0) store<u32>(at, PIVOT_NONE, PIVOTS);
  }
}

/** How many more non-empty ranges the leaf holds after the store. */
function entryChange(w: Write, at: Step): u32 {
  let change: u32 = w.value != 0 ? 1 : 0;
  if (w.slot_first < w.first && value(at.node, w.slot) != 0) change++;
  if (w.slot_last > w.last && value(at.node, w.slot_end) != 0) change++;
  for (let slot = w.slot; slot <= w.slot_end; slot++) {
    if (value(at.node, slot) != 0) change--;
  }
  return change;
}

/** Longest empty range among the replaced slots; GAP_MAX when that is not worth finding out. */
function removedGap(w: Write, at: Step): u32 {
  if (w.slot_end != w.slot) return PIVOT_NONE;
  return value(at.node, w.slot) == 0 ? clampGap(w.slot_last - w.slot_first + 1) : 0;
}

/** Longest empty range among the pieces that take their place. */
function addedGap(w: Write, at: Step): u32 {
  let longest: u64 = w.value == 0 ? w.last - w.first + 1 : 0;
  if (value(at.node, w.slot) == 0) longest = max<u64>(longest, w.first - w.slot_first);
  if (value(at.node, w.slot_end) == 0) longest = max<u64>(longest, w.slot_last - w.last);
  return clampGap(longest);
}

/** Brings the gaps above a changed leaf up to date, looking at the leaf only when it must. */
function updateGap(t: Tree, at: Step, removed: u32, added: u32): void {
  if (t.height == 1) return;
  const path = leftPath(t.pool);
  const above = step(path, t.height - 2);
  const known = gap(above.node, above.slot);
  if (added >= known) {
    if (added > known) raiseGap(path, t.height - 1, added);
  } else if (removed >= known) {
    raiseGap(path, t.height - 1, leafGap(at.node, at.min, at.max));
  }
}

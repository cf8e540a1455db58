// What a store does: from the request to the kind of write (mas_wr_store_type).

import {
  LAST_PAGE,
  LEAF_MIN,
  LEAF_SLOTS,
  endOf,
  firstOf,
  lastOf,
  value,
} from "./layout";
import { EEXIST, ENOMEM } from "./errno";
import { exactStore, leafStore } from "./leaf-store";
import { buildNode } from "./node";
import { REBALANCE, SPANNING, SPLIT, rebuild } from "./rebuild";
import { Tree, usesRcu } from "./record";
import { retireTree } from "./deferred";
import {
  Step,
  Write,
  copyPath,
  leftPath,
  pushData,
  pushMid,
  rightPath,
  step,
  writeOf,
} from "./scratch";
import { tailStore } from "./tail";
import { walkTo } from "./walk";

/**
 * Stores value over pages first..last whatever was there; 0 empties them.
 * Returns 0, or -12 when the pool is exhausted (the tree is then unchanged).
 */
export function treeStore(tree: usize, first: u64, last: u64, v: u32): i32 {
  assert(first <= last && last <= LAST_PAGE); // a range of pages
  const t = changetype<Tree>(tree);
  if (t.root == 0) return storeRoot(tree, first, last, v);
  if (tailStore(t, first, last, v)) return 0;
  const path = leftPath(t.pool);
  walkTo(tree, path, first);
  return storeFrom(tree, step(path, t.height - 1), first, last, v);
}

/** Stores value over first..last if all of it is empty. Returns 0, -17 or -12. */
export function treeInsert(tree: usize, first: u64, last: u64, v: u32): i32 {
  assert(first <= last && last <= LAST_PAGE); // a range of pages
  const t = changetype<Tree>(tree);
  if (t.root == 0) return storeRoot(tree, first, last, v);
  if (tailStore(t, first, last, v)) return 0;
  const path = leftPath(t.pool);
  walkTo(tree, path, first);
  const at = step(path, t.height - 1);
  if (value(at.node, at.slot) != 0) return EEXIST;
  if (last > lastOf(at.node, at.slot, at.min, at.max)) return EEXIST;
  return storeFrom(tree, at, first, last, v);
}

/**
 * Empties the whole range that holds a page. Returns its value, 0 when there is none. When the
 * pool is exhausted nothing changes and 0 is returned; treeStore of 0 tells the two apart.
 */
export function treeErase(tree: usize, page: u64): u32 {
  const t = changetype<Tree>(tree);
  if (t.root == 0) return 0;
  const path = leftPath(t.pool);
  walkTo(tree, path, page);
  const at = step(path, t.height - 1);
  const v = value(at.node, at.slot);
  if (v == 0) return 0;
  const first = firstOf(at.node, at.slot, at.min);
  const last = lastOf(at.node, at.slot, at.min, at.max);
  return storeFrom(tree, at, first, last, 0) == 0 ? v : 0;
}

/** Stores with the left path already walked to first; at is its last step. */
function storeFrom(tree: usize, at: Step, first: u64, last: u64, v: u32): i32 {
  const t = changetype<Tree>(tree);
  const w = writeOf(t.pool);
  w.first = first;
  w.last = last;
  w.value = v;
  t.version++;
  // an empty range at the end of a leaf would have to join the next leaf's first one
  if (last > at.max || (last == at.max && v == 0 && last != LAST_PAGE)) {
    return spanningStore(tree, w, at);
  }
  findSlots(w, at);
  if (v == 0) widen(w, at);
  return storeInLeaf(tree, w, at);
}

/** Finds the slots of the leaf that the write touches. */
@inline
function findSlots(w: Write, at: Step): void {
  const node: usize = at.node;
  const end = endOf(node);
  const slot = at.slot;
  w.slot = slot;
  w.slot_first = firstOf(node, slot, at.min);
  let slot_end = slot;
  let slot_last = lastOf(node, slot, at.min, at.max);
  while (slot_end < end && w.last > slot_last) {
    slot_last = lastOf(node, ++slot_end, at.min, at.max);
  }
  w.slot_end = slot_end;
  w.slot_last = slot_last;
}

/** Lets an empty range join empty neighbours in the same leaf (mas_wr_extend_null). */
function widen(w: Write, at: Step): void {
  const node: usize = at.node;
  if (value(node, w.slot_end) == 0) {
    w.last = w.slot_last;
  } else if (w.last == w.slot_last && w.slot_end < endOf(node)) {
    if (value(node, w.slot_end + 1) == 0) {
      w.slot_end++;
      w.slot_last = lastOf(node, w.slot_end, at.min, at.max);
      w.last = w.slot_last;
    }
  }
  if (value(node, w.slot) == 0) {
    w.first = w.slot_first;
  } else if (w.first == w.slot_first && w.slot > 0 && value(node, w.slot - 1) == 0) {
    w.slot--;
    w.slot_first = firstOf(node, w.slot, at.min);
    w.first = w.slot_first;
  }
}

/** Chooses the kind of write within one leaf; the order of the tests matters. */
function storeInLeaf(tree: usize, w: Write, at: Step): i32 {
  const t = changetype<Tree>(tree);
  const left_met = w.first == w.slot_first;
  const right_met = w.last == w.slot_last;
  const slots = w.slot_end - w.slot;
  if (slots == 0 && left_met && right_met) return exactStore(tree, w, at);
  if (w.first == 0 && w.last == LAST_PAGE) return newRoot(tree, w.value);

  const end = endOf(at.node);
  const new_end = end + 2 - slots - (left_met ? 1 : 0) - (right_met ? 1 : 0);
  if (new_end < LEAF_MIN && t.height > 1) return leafRebuild(tree, w, at, REBALANCE);
  if (new_end >= LEAF_SLOTS) return leafRebuild(tree, w, at, SPLIT);

  let in_place = !usesRcu(t);
  if (new_end >= LEAF_MIN && new_end == end && slots == 1) in_place = true;
  return leafStore(tree, w, at, new_end, in_place);
}

/** The entries that take the place of the replaced slots, in mid. */
function fillMid(pool: usize, w: Write, first_value: u32, last_value: u32): void {
  w.mid_count = 0;
  if (w.slot_first < w.first) pushMid(pool, w.first - 1, first_value, 0);
  pushMid(pool, w.last, w.value, 0);
  if (w.slot_last > w.last) pushMid(pool, w.slot_last, last_value, 0);
}

/** Split or rebalance of one leaf. */
function leafRebuild(tree: usize, w: Write, at: Step, kind: u32): i32 {
  const t = changetype<Tree>(tree);
  const path = leftPath(t.pool);
  fillMid(t.pool, w, value(at.node, w.slot), value(at.node, w.slot_end));
  at.slot = w.slot;
  copyPath(rightPath(t.pool), path, t.height);
  step(rightPath(t.pool), t.height - 1).slot = w.slot_end;
  return rebuild(tree, kind);
}

/** A store that changes several leaves, or the border of one (mas_wr_spanning_store). */
function spanningStore(tree: usize, w: Write, at: Step): i32 {
  if (w.first == 0 && w.last == LAST_PAGE) return newRoot(tree, w.value);
  const t = changetype<Tree>(tree);
  const right = rightPath(t.pool);
  walkTo(tree, right, w.last == LAST_PAGE ? LAST_PAGE : w.last + 1);
  const to = step(right, t.height - 1);
  const first_value = value(at.node, at.slot);
  const last_value = value(to.node, to.slot);
  w.slot_first = firstOf(at.node, at.slot, at.min);
  w.slot_last = lastOf(to.node, to.slot, to.min, to.max);
  if (w.value == 0) {
    if (first_value == 0) w.first = w.slot_first;
    if (w.first == w.slot_first && at.slot > 0 && value(at.node, at.slot - 1) == 0) {
      at.slot--;
      w.slot_first = firstOf(at.node, at.slot, at.min);
      w.first = w.slot_first;
    }
    if (last_value == 0) w.last = w.slot_last;
    if (w.first == 0 && w.last == LAST_PAGE) return newRoot(tree, 0);
  }
  fillMid(t.pool, w, first_value, last_value);
  return rebuild(tree, SPANNING);
}

/** First store into an empty tree (mas_store_root). */
function storeRoot(tree: usize, first: u64, last: u64, v: u32): i32 {
  if (v == 0) return 0;
  const t = changetype<Tree>(tree);
  const pool: usize = t.pool;
  const w = writeOf(pool);
  w.data_count = 0;
  w.fresh_count = 0;
  if (first > 0) pushData(pool, first - 1, 0, 0);
  pushData(pool, last, v, 0);
  if (last < LAST_PAGE) pushData(pool, LAST_PAGE, 0, 0);
  return plantLeaf(t, w.data_count);
}

/** Makes data the only leaf of an empty tree. */
function plantLeaf(t: Tree, count: u32): i32 {
  const leaf = buildNode(t.pool, true, 0, count, 0);
  if (leaf == 0) return ENOMEM;
  plant(t, leaf);
  return 0;
}

/** Makes a leaf with one entry the root. */
function plant(t: Tree, leaf: usize): void {
  t.version++;
  t.root = <u32>leaf;
  t.height = 1;
  t.nodes = 1;
  t.leaves = 1;
  t.entries = 1;
  t.tail = <u32>leaf;
  t.tail_min = 0;
}

/** A store over everything: the old tree goes as one subtree. */
function newRoot(tree: usize, v: u32): i32 {
  const t = changetype<Tree>(tree);
  if (v == 0) {
    retireTree(tree);
    return 0;
  }
  const w = writeOf(t.pool);
  w.data_count = 0;
  w.fresh_count = 0;
  pushData(t.pool, LAST_PAGE, v, 0);
  const leaf = buildNode(t.pool, true, 0, 1, 0);
  if (leaf == 0) return ENOMEM;
  retireTree(tree);
  plant(t, leaf);
  return 0;
}

// Splits, rebalances and spanning stores: rounds from the leaves upwards. Each round gathers a
// list of entries, may add a sibling's, spreads them over new nodes, and hands these to the
// round above as entries of the parent. Old nodes are not touched before the last round has
// succeeded, so a failure only gives the new ones back.

import {
  INNER_MIN,
  INNER_SLOTS,
  LAST_PAGE,
  LEAF_MIN,
  LEAF_SLOTS,
  child,
  endOf,
  setChild,
} from "./layout";
import { discard } from "./discard";
import { distribute612, distribute72, distributePush612, pushLimit612 } from "./distribute";
import { raiseGap } from "./gaps";
import { buildNode, takeSlots } from "./node";
import { freeNode } from "./pool";
import { patchInner } from "./patch";
import { Tree, follows72 } from "./record";
import {
  Write,
  checkData,
  cover,
  data,
  fresh,
  leftPath,
  mid,
  pushData,
  pushMid,
  rightPath,
  step,
  writeOf,
} from "./scratch";
import { turnTo } from "./walk";
import { ENOMEM } from "./errno";

/** Kinds of write that rebuild nodes. */
export const SPLIT: u32 = 0;
export const REBALANCE: u32 = 1;
export const SPANNING: u32 = 2;

const NO_SIBLING: i32 = 0;
const LEFT_SIBLING: i32 = -1;
const RIGHT_SIBLING: i32 = 1;
/** Siblings a node that is too full pushes entries to: 6.12 then spreads by another rule. */
const PUSH_LEFT: i32 = -2;
const PUSH_RIGHT: i32 = 2;

/** Rebuilds of any tree so far. */
let rebuilds: u32 = 0;

/** How often stores have had to build nodes anew, over all trees: for differences. */
export function treeRebuilds(): u32 {
  return rebuilds;
}

/**
 * Replaces the slots between the left and the right path (their leaf slots included) by mid.
 * Returns 0, or -12 with the tree unchanged.
 */
export function rebuild(tree: usize, kind: u32): i32 {
  const t = changetype<Tree>(tree);
  const pool: usize = t.pool;
  const w = writeOf(pool);
  rebuilds++;
  w.fresh_count = 0;
  w.built_entries = 0;
  w.built_leaves = 0;
  const climbs = kind != SPLIT && !follows72(t);
  let depth = t.height - 1;
  while (true) {
    if (depth != t.height - 1 && patchInner(tree, w, depth, climbs)) {
      account(t, w);
      return 0;
    }
    const sibling = gather(t, w, kind, depth);
    const nodes = spread(t, w, sibling, depth);
    if (!buildNodes(t, w, nodes, depth)) return undo(pool, w);
    const from = step(leftPath(pool), depth);
    const to = step(rightPath(pool), depth);
    if (from.min == 0 && to.max == LAST_PAGE) return plant(tree, w, nodes, depth);
    if (nodes == 1 && from.node == to.node && !climbs) return graft(tree, w, depth);
    depth--;
  }
}

/**
 * The entries of one level: left of the change, mid, right of the change, and a sibling's where
 * the rules want one; its path then becomes the left or the right one. Returns which sibling.
 */
function gather(t: Tree, w: Write, kind: u32, depth: u32): i32 {
  const pool: usize = t.pool;
  const leaf = depth == t.height - 1;
  const from = step(leftPath(pool), depth);
  const to = step(rightPath(pool), depth);
  const first: usize = from.node;
  const first_slots = from.slot;
  const first_min = from.min;
  const first_max = from.max;
  const last: usize = to.node;
  const last_slot = to.slot + 1;
  const last_slots = endOf(last) + 1;
  const last_min = to.min;
  const last_max = to.max;

  const own = first_slots + w.mid_count + last_slots - last_slot;
  const side = chooseSibling(t, kind, depth, own);
  w.data_count = 0;
  if (side < 0) takeSlots(pool, from.node, 0, endOf(from.node) + 1, from.min, from.max, leaf);
  takeSlots(pool, first, 0, first_slots, first_min, first_max, leaf);
  for (let i: u32 = 0; i < w.mid_count; i++) {
    const entry = mid(pool, i);
    pushData(pool, entry.last, entry.value, entry.gap);
  }
  takeSlots(pool, last, last_slot, last_slots, last_min, last_max, leaf);
  if (side > 0) takeSlots(pool, to.node, 0, endOf(to.node) + 1, to.min, to.max, leaf);
  checkData(pool);
  return side;
}

/** Chooses a sibling for a node that would have `own` entries, and moves a path to it. */
function chooseSibling(t: Tree, kind: u32, depth: u32, own: u32): i32 {
  if (depth == 0) return NO_SIBLING;
  const pool: usize = t.pool;
  const leaf = depth == t.height - 1;
  const from = step(leftPath(pool), depth);
  const to = step(rightPath(pool), depth);
  if (kind == SPLIT || (kind == REBALANCE && follows72(t))) {
    if (own > (leaf ? LEAF_SLOTS : INNER_SLOTS)) return pushSibling(t, own, leaf, depth);
    if (kind == SPLIT) return NO_SIBLING;
  }
  if (from.min == 0 && to.max == LAST_PAGE) return NO_SIBLING;
  // 6.12 rebalances the leaf whatever its size; all other levels only when too small
  const always = kind == REBALANCE && leaf;
  if (!always && own > (leaf ? LEAF_MIN : INNER_MIN)) return NO_SIBLING;
  return nearestSibling(t, depth);
}

/** A sibling under the same parent with room for what is too much here: left first. */
function pushSibling(t: Tree, own: u32, leaf: bool, depth: u32): i32 {
  const pool: usize = t.pool;
  const slots: u32 = leaf ? LEAF_SLOTS : INNER_SLOTS;
  const node_max = step(rightPath(pool), depth).max;
  const limit: u32 = follows72(t) ? 2 * slots : pushLimit612(slots, leaf, node_max);
  const above = step(leftPath(pool), depth - 1);
  const slot = above.slot;
  if (slot > 0 && endOf(child(above.node, slot - 1)) + 1 + own < limit) {
    turnTo(leftPath(pool), depth - 1, slot - 1, depth, true);
    return PUSH_LEFT;
  }
  if (slot < endOf(above.node)) {
    if (endOf(child(above.node, slot + 1)) + 1 + own < limit) {
      turnTo(rightPath(pool), depth - 1, slot + 1, depth, false);
      return PUSH_RIGHT;
    }
  }
  return NO_SIBLING;
}

/** The neighbour with the nearest common ancestor; on the same level right before left. */
function nearestSibling(t: Tree, depth: u32): i32 {
  const left = leftPath(t.pool);
  const right = rightPath(t.pool);
  for (let d = <i32>depth - 1; d >= 0; d--) {
    const to = step(right, d);
    if (to.slot < endOf(to.node)) {
      turnTo(right, d, to.slot + 1, depth, false);
      return RIGHT_SIBLING;
    }
    const from = step(left, d);
    if (from.slot > 0) {
      turnTo(left, d, from.slot - 1, depth, true);
      return LEFT_SIBLING;
    }
  }
  return NO_SIBLING;
}

/** Decides how many entries each new node gets. Returns the number of nodes. */
function spread(t: Tree, w: Write, sibling: i32, depth: u32): u32 {
  const leaf = depth == t.height - 1;
  const slots: u32 = leaf ? LEAF_SLOTS : INNER_SLOTS;
  if (follows72(t)) return distribute72(t.pool, w, slots, leaf);
  if (sibling == PUSH_LEFT || sibling == PUSH_RIGHT) {
    return distributePush612(t.pool, w, slots, leaf, sibling == PUSH_LEFT);
  }
  return distribute612(t.pool, w, slots, leaf);
}

/** Builds the nodes of one level; mid becomes their entries. False: pool exhausted. */
function buildNodes(t: Tree, w: Write, nodes: u32, depth: u32): bool {
  const pool: usize = t.pool;
  const leaf = depth == t.height - 1;
  let min = step(leftPath(pool), depth).min;
  const covered = cover(pool, depth);
  covered.min = min;
  covered.max = step(rightPath(pool), depth).max;
  w.mid_count = 0;
  let from: u32 = 0;
  for (let part: u32 = 0; part < nodes; part++) {
    const size = part == 0 ? w.part_0 : part == 1 ? w.part_1 : w.part_2;
    const node = buildNode(pool, leaf, from, from + size, min);
    if (node == 0) return false;
    from += size;
    const last = data(pool, from - 1).last;
    pushMid(pool, last, <u32>node, w.built_gap);
    min = last + 1;
  }
  assert(from == w.data_count && min == covered.max + 1); // every entry has a place
  if (leaf) {
    w.tail = covered.max == LAST_PAGE ? mid(pool, nodes - 1).value : 0;
    w.tail_min = nodes > 1 ? mid(pool, nodes - 2).last + 1 : covered.min;
  }
  return true;
}

function undo(pool: usize, w: Write): i32 {
  for (let i: u32 = 0; i < w.fresh_count; i++) freeNode(pool, fresh(pool, i));
  return ENOMEM;
}

/** The new nodes cover everything: they are the root, or the children of a new one. */
function plant(tree: usize, w: Write, nodes: u32, depth: u32): i32 {
  const t = changetype<Tree>(tree);
  const pool: usize = t.pool;
  let height = t.height - depth;
  let root: usize = mid(pool, 0).value;
  if (nodes > 1) {
    w.data_count = 0;
    for (let i: u32 = 0; i < nodes; i++) {
      const entry = mid(pool, i);
      pushData(pool, entry.last, entry.value, entry.gap);
    }
    root = buildNode(pool, false, 0, nodes, 0);
    if (root == 0) return undo(pool, w);
    height++;
  }
  // no old node above this level has a child that lives on
  for (let d: u32 = 1; d < depth; d++) {
    cover(pool, d).min = 0;
    cover(pool, d).max = LAST_PAGE;
  }
  settle(tree, w, t.root, 0);
  t.root = <u32>root;
  t.height = height;
  return 0;
}

/** One new node takes the place of one old one: nothing higher up changes but gaps. */
function graft(tree: usize, w: Write, depth: u32): i32 {
  const t = changetype<Tree>(tree);
  const path = leftPath(t.pool);
  const above = step(path, depth - 1);
  const entry = mid(t.pool, 0);
  const old: usize = step(path, depth).node;
  setChild(above.node, above.slot, entry.value);
  raiseGap(path, depth, entry.gap);
  settle(tree, w, old, depth);
  return 0;
}

/** Counts the new nodes and hands over the replaced ones below and including top. */
function settle(tree: usize, w: Write, top: usize, depth: u32): void {
  account(changetype<Tree>(tree), w);
  discard(tree, w, top, depth);
}

/** Adds what was built to the tree's totals. */
function account(t: Tree, w: Write): void {
  t.nodes += w.fresh_count;
  t.leaves += w.built_leaves;
  t.entries += w.built_entries;
  if (w.tail != 0) {
    t.tail = w.tail;
    t.tail_min = w.tail_min;
  }
}

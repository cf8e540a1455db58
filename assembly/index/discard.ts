// Which old nodes a split, rebalance or spanning store leaves behind, and as how many items.

import { child, endOf, firstOf, isLeaf, lastOf } from "./layout";
import { retireNode, retireSubtree } from "./deferred";
import { Tree } from "./record";
import { innerSlot } from "./search";
import { Write, cover, leftPath, step } from "./scratch";

/** Hands over top, at depth, and every old node below it that no new node has as a child. */
export function discard(tree: usize, w: Write, top: usize, depth: u32): void {
  const at = step(leftPath(changetype<Tree>(tree).pool), depth);
  discardBelow(tree, w, top, depth, at.min, at.max);
}

/** Goes down one level per call: at most HEIGHT_MAX deep. */
function discardBelow(
  tree: usize,
  w: Write,
  node: usize,
  depth: u32,
  min: u64,
  max: u64,
): void {
  if (!isLeaf(node)) discardChildren(tree, w, node, depth, min, max);
  retireNode(tree, node);
}

/** Hands over the children that lie in what the new nodes one level below cover. */
export function discardChildren(
  tree: usize,
  w: Write,
  node: usize,
  depth: u32,
  min: u64,
  max: u64,
): void {
  const covered = cover(changetype<Tree>(tree).pool, depth + 1);
  // a pushed-to sibling has none: all its children live on
  if (covered.min > max) return;
  const end = endOf(node);
  let slot: u32 = covered.min > min ? innerSlot(node, covered.min, min) : 0;
  let first = firstOf(node, slot, min);
  for (; slot <= end && first <= covered.max; slot++) {
    const last = lastOf(node, slot, min, max);
    const below = child(node, slot);
    if (w.first <= first && last <= w.last) retireSubtree(tree, below);
    else discardBelow(tree, w, below, depth + 1, first, last);
    first = last + 1;
  }
}

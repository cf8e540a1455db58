// Which old nodes a split, rebalance or spanning store leaves behind, and as how many items.

import { child, endOf, firstOf, isLeaf, lastOf } from "./layout";
import { retireNode, retireSubtree } from "./deferred";
import { Tree } from "./record";
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
  if (!isLeaf(node)) {
    const covered = cover(changetype<Tree>(tree).pool, depth + 1);
    const end = endOf(node);
    for (let slot: u32 = 0; slot <= end; slot++) {
      const first = firstOf(node, slot, min);
      if (first < covered.min) continue;
      if (first > covered.max) break;
      const last = lastOf(node, slot, min, max);
      const below = child(node, slot);
      if (w.first <= first && last <= w.last) retireSubtree(tree, below);
      else discardBelow(tree, w, below, depth + 1, first, last);
    }
  }
  retireNode(tree, node);
}

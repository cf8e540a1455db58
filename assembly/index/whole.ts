// Whole trees: built in order, copied, destroyed.

import { child, endOf, isLeaf, setChild } from "./layout";
import { freeSubtree, retireTree } from "./deferred";
import { copyNode } from "./node";
import { freeNode } from "./pool";
import { RECLAIM_AT_ONCE, Tree, USE_RCU, treeSetReclaimAtOnce, treeSetRcu } from "./record";
import { findTail } from "./tail";
import { ENOMEM } from "./errno";
import { treeStore } from "./write";

/** Where the flags of a tree wait while it is built in bulk. */
const SAVED_FLAGS_SHIFT: u32 = 8;
const SAVED: u32 = 1 << 31;

/**
 * Stores beyond all entries: the same result as treeStore, faster while the rightmost leaf has
 * room. Returns 0, or -12 with the tree unchanged.
 */
export function treeAppend(tree: usize, first: u64, last: u64, v: u32): i32 {
  const t = changetype<Tree>(tree);
  if (t.tail == 0 && t.root != 0) findTail(tree);
  return treeStore(tree, first, last, v);
}

/** Begins to build an empty tree in ascending order: no reader looks, no node is deferred. */
export function treeBulkBegin(tree: usize): void {
  const t = changetype<Tree>(tree);
  assert(t.root == 0 && (t.flags & SAVED) == 0); // bulk building starts from nothing
  t.flags |= SAVED | ((t.flags & (USE_RCU | RECLAIM_AT_ONCE)) << SAVED_FLAGS_SHIFT);
  treeSetRcu(tree, false);
  treeSetReclaimAtOnce(tree, true);
}

/** Adds the next range, which lies beyond all before it. Returns 0 or -12. */
export function treeBulkAppend(tree: usize, first: u64, last: u64, v: u32): i32 {
  return treeAppend(tree, first, last, v);
}

/** Ends bulk building: RCU mode and deferral are as before it. */
export function treeBulkEnd(tree: usize): void {
  const t = changetype<Tree>(tree);
  assert(t.flags & SAVED); // treeBulkBegin comes first
  const saved = t.flags >> SAVED_FLAGS_SHIFT;
  t.flags &= ~(SAVED | ((USE_RCU | RECLAIM_AT_ONCE) << SAVED_FLAGS_SHIFT));
  treeSetRcu(tree, (saved & USE_RCU) != 0);
  treeSetReclaimAtOnce(tree, (saved & RECLAIM_AT_ONCE) != 0);
}

/**
 * Copies a tree node by node into an empty one (mtree_dup, as fork does). The pools may differ.
 * Returns 0, or -12 with dst still empty.
 */
export function treeDup(dst: usize, src: usize): i32 {
  const to = changetype<Tree>(dst);
  const from = changetype<Tree>(src);
  assert(to.root == 0); // the copy would lose the nodes it replaces
  if (from.root == 0) return 0;
  const root = dupNode(to.pool, from.root);
  if (root == 0) return ENOMEM;
  to.root = <u32>root;
  to.height = from.height;
  to.nodes = from.nodes;
  to.leaves = from.leaves;
  to.entries = from.entries;
  to.tail = 0;
  to.version++;
  return 0;
}

/** Copies a subtree; 0 when the pool is exhausted. At most HEIGHT_MAX deep. */
function dupNode(pool: usize, node: usize): usize {
  const copy = copyNode(pool, node);
  if (copy == 0 || isLeaf(node)) return copy;
  const end = endOf(node);
  for (let slot: u32 = 0; slot <= end; slot++) {
    const below = dupNode(pool, child(node, slot));
    if (below == 0) {
      for (let done: u32 = 0; done < slot; done++) freeSubtree(pool, child(copy, done));
      freeNode(pool, copy);
      return 0;
    }
    setChild(copy, slot, below);
  }
  return copy;
}

/**
 * Empties the tree (__mt_destroy). In RCU mode all of it becomes one deferred item, otherwise
 * its nodes go back to the pool. Returns the number of nodes it had.
 */
export function treeDestroy(tree: usize): u32 {
  const nodes = changetype<Tree>(tree).nodes;
  retireTree(tree);
  return nodes;
}

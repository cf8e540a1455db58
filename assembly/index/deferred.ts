// Nodes that were replaced: back to the pool at once, or on the tree's list for RCU.
//
// The list is linked through the nodes' headers, so it costs no memory and the rest of a node
// stays readable for whoever still stands on it.

import {
  END_MASK,
  IS_DEAD,
  IS_LEAF,
  LINK_MASK,
  SUBTREE,
  child,
  endOf,
  isLeaf,
  isWide,
} from "./layout";
import { leafEntries } from "./node";
import { freeBundle, freeNode } from "./pool";
import { RECLAIM_AT_ONCE, Tree, follows72, usesRcu } from "./record";

/** Puts a dead node, or the subtree below it, at the end of the deferred list. */
function defer(t: Tree, node: usize, subtree: bool): void {
  t.deferred++;
  if (t.flags & RECLAIM_AT_ONCE) {
    if (subtree) freeSubtree(t.pool, node);
    else freeNode(t.pool, node);
    return;
  }
  store<u32>(node, (load<u32>(node) & ~LINK_MASK) | IS_DEAD);
  if (!isLeaf(node)) store<u32>(node, subtree ? 1 : 0, SUBTREE);
  if (t.deferred_tail == 0) t.deferred_head = <u32>node;
  else store<u32>(t.deferred_tail, load<u32>(t.deferred_tail) | <u32>node);
  t.deferred_tail = <u32>node;
  t.waiting++;
}

/** Number of items on the deferred list. */
export function treeDeferredWaiting(tree: usize): u32 {
  return changetype<Tree>(tree).waiting;
}

/**
 * Takes the oldest item off the deferred list: the address of a dead node, or 0. The item may
 * stand for a whole subtree. Give it to treeReturnDeferred once no reader can see it.
 */
export function treeTakeDeferred(tree: usize): usize {
  const t = changetype<Tree>(tree);
  const node: usize = t.deferred_head;
  if (node == 0) return 0;
  const head = load<u32>(node);
  t.deferred_head = head & LINK_MASK;
  if (t.deferred_head == 0) t.deferred_tail = 0;
  t.waiting--;
  store<u32>(node, head & ~LINK_MASK);
  return node;
}

/** Nodes a deferred item stands for. */
export function treeDeferredNodes(item: usize): u32 {
  return isLeaf(item) || load<u32>(item, SUBTREE) == 0 ? 1 : countSubtree(item);
}

/** Gives a taken item back to the pool of its tree. Returns the number of nodes. */
export function treeReturnDeferred(pool: usize, item: usize): u32 {
  assert(load<u32>(item) & IS_DEAD); // a live node is not an item
  if (!isLeaf(item) && load<u32>(item, SUBTREE) != 0) return freeSubtree(pool, item);
  freeNode(pool, item);
  return 1;
}

/** Gives every item of the deferred list back to the pool. Returns the number of nodes. */
export function treeReclaim(tree: usize): u32 {
  let nodes: u32 = 0;
  while (true) {
    const item = treeTakeDeferred(tree);
    if (item == 0) return nodes;
    nodes += treeReturnDeferred(changetype<Tree>(tree).pool, item);
  }
}

/** Hands over one node that was replaced by a split, a rebalance or a spanning store. */
export function retireNode(tree: usize, node: usize): void {
  const t = changetype<Tree>(tree);
  leaveTree(t, node);
  if (usesRcu(t) || follows72(t)) defer(t, node, false);
  else freeNode(t.pool, node);
}

/** Hands over a leaf that was replaced by a copy of itself. */
export function retireCopiedLeaf(tree: usize, leaf: usize): void {
  const t = changetype<Tree>(tree);
  if (usesRcu(t)) defer(t, leaf, false);
  else freeNode(t.pool, leaf);
}

/** Subtrees handed to RCU so far, by any tree. */
let subtreeItems: u32 = 0;

/** How many items were subtrees that a store covered, single leaves too: for differences. */
export function treeSubtreeItems(): u32 {
  return subtreeItems;
}

/** Hands over a subtree that a store covers completely. */
export function retireSubtree(tree: usize, node: usize): void {
  const t = changetype<Tree>(tree);
  if (usesRcu(t)) subtreeItems++;
  if (usesRcu(t)) {
    buryNode(t, node);
    defer(t, node, true);
  } else {
    leaveSubtree(t, node);
    freeSubtree(t.pool, node);
  }
}

/**
 * Hands over all nodes and leaves the tree empty. In RCU mode they are one item; outside it they
 * go back at once, in both generations.
 */
export function retireTree(tree: usize): void {
  const t = changetype<Tree>(tree);
  const root: usize = t.root;
  if (root == 0) return;
  if (usesRcu(t)) {
    markDead(root);
    defer(t, root, true);
  } else {
    freeSubtree(t.pool, root);
  }
  t.root = 0;
  t.height = 0;
  t.nodes = 0;
  t.leaves = 0;
  t.entries = 0;
  t.tail = 0;
  t.version++;
}

/** Takes a node out of the tree's totals. */
function leaveTree(t: Tree, node: usize): void {
  t.nodes--;
  if (isLeaf(node)) {
    t.leaves--;
    t.entries -= leafEntries(node);
  }
}

// The functions below go down one level per call: at most HEIGHT_MAX deep.

/** Takes the nodes of a subtree out of the totals and marks them dead. */
function buryNode(t: Tree, node: usize): void {
  leaveTree(t, node);
  if (!isLeaf(node)) {
    const end = endOf(node);
    for (let slot: u32 = 0; slot <= end; slot++) buryNode(t, child(node, slot));
  }
  store<u32>(node, load<u32>(node) | IS_DEAD);
}

/** Marks all nodes of a subtree dead. */
function markDead(node: usize): void {
  const head = load<u32>(node);
  store<u32>(node, head | IS_DEAD);
  if (head & IS_LEAF) return;
  const end = head & END_MASK;
  // touched first, so that the waits for memory overlap
  for (let slot: u32 = 0; slot <= end; slot++) load<u32>(child(node, slot));
  for (let slot: u32 = 0; slot <= end; slot++) markDead(child(node, slot));
}

function leaveSubtree(t: Tree, node: usize): void {
  leaveTree(t, node);
  if (isLeaf(node)) return;
  const end = endOf(node);
  for (let slot: u32 = 0; slot <= end; slot++) leaveSubtree(t, child(node, slot));
}

/** Gives all nodes of a subtree back to the pool. Returns their number. */
export function freeSubtree(pool: usize, node: usize): u32 {
  if (isLeaf(node)) {
    freeNode(pool, node);
    return 1;
  }
  const end = endOf(node);
  const last = child(node, end);
  if (isLeaf(last) && !isWide(node)) {
    // no pivot here is far from the first page, so only the last leaf can be wide
    freeNode(pool, last);
    freeBundle(pool, node, end);
    return end + 2;
  }
  // touched first, so that the waits for memory overlap
  for (let slot: u32 = 0; slot <= end; slot++) load<u32>(child(node, slot));
  let nodes: u32 = 1;
  for (let slot: u32 = 0; slot <= end; slot++) nodes += freeSubtree(pool, child(node, slot));
  freeNode(pool, node);
  return nodes;
}

function countSubtree(node: usize): u32 {
  let nodes: u32 = 1;
  if (isLeaf(node)) return nodes;
  const end = endOf(node);
  for (let slot: u32 = 0; slot <= end; slot++) nodes += countSubtree(child(node, slot));
  return nodes;
}

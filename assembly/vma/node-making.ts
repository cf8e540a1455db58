// How a tree of 6.12 takes and gives up nodes while VMAs are made, one after the other.
//
// In RCU mode no node is changed in place. What VMAs that are made in ascending order do to the
// nodes at the right edge of their tree repeats itself:
//
//   leaf     9 stores after a split it is full and shares with its left neighbour, 6 stores later
//            it is split again: 15 VMAs a leaf
//   inner    6 new children, then it shares; 3 more, then it is split: 9 children
//
//   store    into a leaf with room     a copy of the leaf                       1 new, 1 old
//            into a full one, shared   both leaves, and a copy of the parent    3 new, 3 old
//            into a full one, split    two leaves for one, and the parent,      3 new, 2 old
//                                      which gets a child more and may itself be full
//
// A node is an object of node-cache.ts; old ones are handed to RCU.
//
// [same: lib/maple_tree.c:mas_wr_node_store, mas_split, mas_push_data, mas_split_final_node, 6.12:
//  kinds and numbers of nodes; mas_preallocate, mas_alloc_nodes, mas_destroy: twice the height and
//  one are asked for where a leaf is full, and those left over go back]
// [simplified: VMAs are taken to come in ascending order, whatever they were made by]

import { freeNodes, newNodes, NodeRun, nodesAtHand, oldNodes } from "./node-cache";

/** Levels of a tree: 15 VMAs a leaf and nine children a node are more than are ever replayed. */
const LEVELS: u32 = 6;
/** Children of an inner node that is not touched any more. */
export const CHILDREN: u32 = 9;
/** VMAs of such a leaf. */
const LEAF_VMAS: u32 = 15;

/** Entries until a node is full, the one that finds it full not counted. */
const LEAF_AFTER_SPLIT: u32 = 8;
const LEAF_AFTER_SHARE: u32 = 5;
const INNER_AFTER_SPLIT: u32 = 5;
const INNER_AFTER_SHARE: u32 = 2;
/** The first leaf has room for 12, gaps between them included; a new root for eight more. */
const FIRST_LEAF: u32 = 12;
const NEW_ROOT: u32 = 8;

//  0      4       8      12       16
//  ┌──────┬───────┬──────┬────────┐
//  │ left │ right │ room │ shares │
//  └──────┴───────┴──────┴────────┘
/** The right edge of one level. */
@unmanaged
class Edge {
  /** The node beside the last one, if that may still share with it; 0 otherwise. */
  left: u32;
  right: u32;
  room: u32;
  /** Whether it shares when it is full. */
  shares: u32;
}

const EDGES: usize = memory.data(96, 16);
/** Nodes of each level that are not touched any more, in the order of their pages. */
let doneAt: usize = 0;
let levelNodes: u32 = 0;
const DONE_COUNT: usize = memory.data(24, 4);
/** Of one store: nodes taken in advance, of one slab each run, and old nodes. */
const RUNS: usize = memory.data(128, 4);
const OLD: usize = memory.data(64, 4);
let runs: u32 = 0;
let taken: u32 = 0;
let old: u32 = 0;
let height: u32 = 0;

@inline
function edge(level: u32): Edge {
  return changetype<Edge>(EDGES + <usize>level * offsetof<Edge>());
}

@inline
function run(index: u32): NodeRun {
  return changetype<NodeRun>(RUNS + <usize>index * offsetof<NodeRun>());
}

export function treeHeightMade(): u32 {
  return height;
}

export function nodesDone(level: u32): u32 {
  return load<u32>(DONE_COUNT + (<usize>level << 2));
}

/** Address of the list of a level's nodes. */
export function nodesOf(level: u32): usize {
  return doneAt + <usize>level * <usize>levelNodes * 4;
}

/** Most nodes of a level of so many VMAs. */
function levelNodesOf(vmas: u32): u32 {
  return vmas / LEAF_VMAS + 4;
}

/** Bytes for the nodes of a tree of so many VMAs. */
export function doneBytes(vmas: u32): u64 {
  return <u64>levelNodesOf(vmas) * 4 * LEVELS;
}

/** The first VMA of so many, whose nodes will be listed at an address. */
export function makingInit(list: usize, vmas: u32): void {
  doneAt = list;
  levelNodes = levelNodesOf(vmas);
  memory.fill(EDGES, 0, <usize>LEVELS * offsetof<Edge>());
  memory.fill(DONE_COUNT, 0, <usize>LEVELS * 4);
  edge(0).right = newNodes(1);
  edge(0).room = FIRST_LEAF - 1; // it was made for the first entry
  height = 1;
}

/** VMAs more, at most so many; returns how many. */
export function makeVmas(most: u32): u32 {
  const leaf = edge(0);
  if (leaf.room == 0) {
    makeInFullLeaf();
    return 1;
  }
  const made = min(min(most, leaf.room), max<u32>(nodesAtHand(), 1));
  leaf.room -= made;
  oldNodes(leaf.right, 1);
  leaf.right = newNodes(made);
  if (made > 1) oldNodes(leaf.right, made - 1); // each replaces the one before
  return made;
}

function makeInFullLeaf(): void {
  takeInAdvance(2 * height + 1);
  enterFull(0);
  giveBack();
  while (old != 0) oldNodes(load<u32>(OLD + (<usize>(--old) << 2)), 1); // from the top down
}

/** A node of this level is full and gets an entry more. */
function enterFull(level: u32): void {
  const e = edge(level);
  const shares = e.shares != 0;
  replaced(e.right);
  if (shares) replaced(e.left);
  else if (e.left != 0) done(level, e.left);
  e.left = take();
  e.right = take();
  e.shares = shares ? 0 : 1;
  if (level == 0) e.room = shares ? LEAF_AFTER_SHARE : LEAF_AFTER_SPLIT;
  else e.room = shares ? INNER_AFTER_SHARE : INNER_AFTER_SPLIT;
  if (level + 1 == height) {
    newRoot();
    return;
  }
  const parent = edge(level + 1);
  if (!shares) {
    if (parent.room == 0) {
      enterFull(level + 1);
      return;
    }
    parent.room--;
  }
  replaced(parent.right);
  parent.right = take();
}

function newRoot(): void {
  const root = edge(height);
  root.right = take();
  root.room = NEW_ROOT;
  height++;
  assert(height < LEVELS); // no replay is that long
}

function done(level: u32, node: u32): void {
  const count = nodesDone(level);
  assert(count < levelNodes); // fifteen VMAs a leaf, and fewer nodes above
  store<u32>(nodesOf(level) + (<usize>count << 2), node);
  store<u32>(DONE_COUNT + (<usize>level << 2), count + 1);
}

/** The last VMA is made: what stands at the edge is done. */
export function makingEnds(): void {
  for (let level: u32 = 0; level < height; level++) {
    const e = edge(level);
    if (e.left != 0) done(level, e.left);
    done(level, e.right);
  }
}

function replaced(node: u32): void {
  store<u32>(OLD + (<usize>(old++) << 2), node);
}

/** [same: lib/maple_tree.c:mas_alloc_nodes: one, then the others in bulk] */
function takeInAdvance(count: u32): void {
  taken = count;
  for (let left = count; left != 0; ) {
    const at_once = min(left, max<u32>(nodesAtHand(), 1));
    const next = run(runs++);
    next.node = newNodes(at_once);
    next.count = at_once;
    left -= at_once;
  }
}

/** [same: lib/maple_tree.c:mas_pop_node: the last one first] */
function take(): u32 {
  assert(taken != 0); // twice the height and one are enough
  taken--;
  const last = run(runs - 1);
  if (--last.count == 0) runs--;
  return last.node;
}

/** [same: lib/maple_tree.c:mas_destroy: all but two in bulk, then the first and the second] */
function giveBack(): void {
  const first = run(0);
  const second = first.count > 1 ? first : run(1);
  let before = taken;
  while (runs != 0) {
    const last = run(--runs);
    before -= last.count;
    const in_bulk = last.count - min(last.count, 2 - min<u32>(before, 2));
    if (in_bulk != 0) freeNodes(last.node, in_bulk);
  }
  if (taken > 0) freeNodes(first.node, 1);
  if (taken > 1) freeNodes(second.node, 1);
  taken = 0;
}

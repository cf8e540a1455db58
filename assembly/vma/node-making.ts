// How a tree takes and gives up nodes while VMAs are made, one after the other.
//
// In RCU mode no node is changed in place. What VMAs that are made in ascending order do to the
// nodes at the right edge of their tree repeats itself:
//
//   leaf     9 stores after a split it is full and shares with its left neighbour, 6 stores later
//            it is split again: 15 VMAs a leaf; in 7.2 it shares once more 4 stores after the first
//            time, and is split 2 stores later
//   inner    6 new children, then it shares; 3 more, then it is split: 9 children
//            in a side tree, which knows no gaps, as leaves: 15 children
//
//   store    into a leaf with room     a copy of the leaf                       1 new, 1 old
//            into a full one, shared   both leaves, and a copy of the parent    3 new, 3 old
//            into a full one, split    two leaves for one, and the parent,      3 new, 2 old
//                                      which gets a child more and may itself be full
//
// Nodes come from node-supply.ts; old ones are handed to RCU.
//
// [same: lib/maple_tree.c:mas_wr_node_store, mas_split, mas_push_data, mas_split_final_node, 6.12:
//  kinds and numbers of nodes; mas_preallocate, mas_alloc_nodes, mas_destroy: twice the height and
//  one are asked for where a leaf is full, and those left over go back]
// [measured: a log of a boot of 7.2.13 of our own has of 30,000 VMAs, store by store, which nodes
//  were asked for, taken and replaced]
// [simplified: VMAs are taken to come in ascending order, whatever they were made by]

import { isGeneration72 } from "../memory/map";
import { madeVmasMax } from "./node-cache";
import {
  giveBack,
  supplyAtHand,
  supplyFirst,
  supplyNew,
  supplyOld,
  take,
  takeInAdvance,
} from "./node-supply";

/** Levels of a tree: 15 VMAs a leaf and nine children a node are more than are ever replayed. */
const LEVELS: u32 = 6;
/** Children of an inner node of a main tree that is not touched any more. */
export const CHILDREN: u32 = 9;
/** VMAs of such a leaf. */
const LEAF_VMAS: u32 = 15;

/** Entries until a node is full, the one that finds it full not counted. */
const LEAF_AFTER_SPLIT: u32 = 8;
const LEAF_AFTER_SHARE: u32 = 5;
const LEAF_AFTER_SHARE_72: u32 = 3;
const LEAF_AFTER_SECOND_SHARE: u32 = 1;
/** After the first split of 7.2 the right leaf has room for one entry less, and one more later. */
const LEAF_AFTER_FIRST_SPLIT: u32 = 7;
const LEAF_AFTER_FIRST_SHARE: u32 = 4;
const INNER_AFTER_SPLIT: u32 = 5;
const INNER_AFTER_SHARE: u32 = 2;
/** The first leaf has room for 12, gaps between them included; a new root for eight more. */
const FIRST_LEAF: u32 = 12;
const SIDE_LEAF: u32 = 15;
const NEW_ROOT: u32 = 8;
const NEW_SIDE_ROOT: u32 = 14;
/** VMAs that a process of 7.2 has of its program before it makes more: they fill a leaf. */
const PROGRAM_VMAS: u32 = 12;

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
  /** How often it shares when it is full before it is split. */
  shares: u32;
}

/** The tree of an address space, and the side tree of a munmap. */
export const MAIN: u32 = 0;
export const SIDE: u32 = 1;
const TREES: u32 = 2;

const EDGES: usize = memory.data(96, 16);
/** Of each tree, the nodes of each level that are not touched any more, in their pages' order. */
let doneAt: usize = 0;
let levelNodes: u32 = 0;
const DONE_COUNT: usize = memory.data(48, 4);
/** The tree that is being made or was made last. */
let tree: u32 = MAIN;
/** Of one store: old nodes. */
const OLD: usize = memory.data(64, 4);
let old: u32 = 0;
let height: u32 = 0;

@inline
function edge(level: u32): Edge {
  return changetype<Edge>(EDGES + <usize>level * offsetof<Edge>());
}

/** The same of the last tree that was made. */
export function childrenMade(): u32 {
  return tree == SIDE ? LEAF_VMAS : CHILDREN;
}

export function treeHeightMade(): u32 {
  return height;
}

@inline
function doneCount(which: u32, level: u32): usize {
  return DONE_COUNT + (<usize>(which * LEVELS + level) << 2);
}

/** Nodes of a level of the last tree that was made. */
export function nodesDone(level: u32): u32 {
  return load<u32>(doneCount(tree, level));
}

/** Address of the list of them. */
export function nodesOf(level: u32): usize {
  return doneAt + <usize>(tree * LEVELS + level) * <usize>levelNodes * 4;
}

/** The same of the main tree, whatever was made after it. */
export function mainNodesDone(level: u32): u32 {
  return load<u32>(doneCount(MAIN, level));
}

export function mainNodesOf(level: u32): usize {
  return doneAt + <usize>level * <usize>levelNodes * 4;
}

/** Most nodes of a level of so many VMAs. */
function levelNodesOf(vmas: u32): u32 {
  return vmas / LEAF_VMAS + 4;
}

/** Bytes for the nodes of both trees. */
export function doneBytes(): u64 {
  return <u64>levelNodesOf(<u32>madeVmasMax()) * 4 * LEVELS * TREES;
}

/** The first VMA; the nodes of both trees will be listed at an address. */
export function makingInit(list: usize): void {
  doneAt = list;
  levelNodes = levelNodesOf(<u32>madeVmasMax());
  begin(MAIN, supplyFirst(), isGeneration72() ? 0 : FIRST_LEAF - 1);
}

/** The first VMA of a side tree. */
export function sideMakingInit(): void {
  begin(SIDE, supplyNew(1), SIDE_LEAF - 1);
}

/** A tree of one leaf, with so much room; it was made for the first entry. */
function begin(which: u32, leaf: u32, room: u32): void {
  tree = which;
  memory.fill(EDGES, 0, <usize>LEVELS * offsetof<Edge>());
  memory.fill(doneCount(tree, 0), 0, <usize>LEVELS * 4);
  edge(0).right = leaf;
  edge(0).room = room;
  height = 1;
}

/** VMAs that the first leaf has when others are made. */
export function firstVmas(): u32 {
  return isGeneration72() ? PROGRAM_VMAS : 1;
}

/** VMAs more, at most so many; returns how many. */
export function makeVmas(most: u32): u32 {
  const leaf = edge(0);
  if (leaf.room == 0) {
    makeInFullLeaf();
    return 1;
  }
  const made = min(min(most, leaf.room), supplyAtHand());
  const before = leaf.right;
  leaf.room -= made;
  leaf.right = supplyNew(made);
  supplyOld(before, 1);
  if (made > 1) supplyOld(leaf.right, made - 1); // each replaces the one before
  return made;
}

/**
 * A VMA of a side tree, whose nodes nobody reads: a leaf with room is changed in place.
 * [same: lib/maple_tree.c:mas_wr_node_store, mas_prealloc_calc, 7.2: two nodes are asked for each
 *  level that is split, and one]
 */
export function makeSideVma(): void {
  const leaf = edge(0);
  if (leaf.room != 0) {
    leaf.room--;
    return;
  }
  let full: u32 = 1;
  while (full < height && edge(full).room == 0) full++;
  enterWithNodes(2 * full + 1);
}

function makeInFullLeaf(): void {
  enterWithNodes(2 * height + 1);
}

function enterWithNodes(count: u32): void {
  takeInAdvance(count);
  enterFull(0);
  while (old != 0) supplyOld(load<u32>(OLD + (<usize>(--old) << 2)), 1); // from the top down
  giveBack();
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
  e.shares = shares ? e.shares - 1 : sharesOf(level);
  e.room = roomOf(level, shares, e.shares);
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

/** Have nodes of this level 16 slots, as leaves have, and not ten and what they know of gaps? */
@inline
function has16Slots(level: u32): bool {
  return level == 0 || tree == SIDE;
}

function sharesOf(level: u32): u32 {
  return has16Slots(level) && isGeneration72() ? 2 : 1;
}

/** Room of a node that was split or has shared, and may share so often again. */
function roomOf(level: u32, shared: bool, again: u32): u32 {
  if (!has16Slots(level)) return shared ? INNER_AFTER_SHARE : INNER_AFTER_SPLIT;
  if (!isGeneration72()) return shared ? LEAF_AFTER_SHARE : LEAF_AFTER_SPLIT;
  const first = tree == MAIN && nodesDone(0) == 0;
  if (!shared) return first ? LEAF_AFTER_FIRST_SPLIT : LEAF_AFTER_SPLIT;
  if (again == 0) return LEAF_AFTER_SECOND_SHARE;
  return first ? LEAF_AFTER_FIRST_SHARE : LEAF_AFTER_SHARE_72;
}

function newRoot(): void {
  const root = edge(height);
  root.right = take();
  root.room = tree == SIDE ? NEW_SIDE_ROOT : NEW_ROOT;
  height++;
  assert(height < LEVELS); // no replay is that long
}

function done(level: u32, node: u32): void {
  const count = nodesDone(level);
  assert(count < levelNodes); // fifteen VMAs a leaf, and fewer nodes above
  store<u32>(nodesOf(level) + (<usize>count << 2), node);
  store<u32>(doneCount(tree, level), count + 1);
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

// The slabs of index nodes: where the nodes of a tree lie when it is destroyed, and how many slabs
// that empties.
//
// A process makes its VMAs (node-making.ts) and takes and gives back nodes (node-supply.ts). Until
// the first replaced nodes come back, each new one is one more: live nodes lie alone among replaced
// ones. From then on they fill the holes. Once all replaced ones are back the tree is destroyed:
// nine leaves go at once, then the next nine, and nine inner nodes after their leaves.
//
// So many VMAs are replayed as the cache has room for. Each node of what follows goes by itself,
// and a slab with every sixteenth: that is where the figures tend.
//
// [same: lib/maple_tree.c:mt_destroy_walk, mt_free_bulk, 6.12, 7.2: the order in which nodes go]
// [simplified: VMAs are made at one pace (VMA_MADE), from a tick on; groups of nine are counted
//  from the first leaf; where many VMAs are made within few jiffies they are replayed at a smaller
//  scale]

import { madeVmasMax, nodesPerSlab } from "./node-cache";
import {
  childrenMade,
  firstVmas,
  makeVmas,
  makingEnds,
  makingInit,
  nodesDone,
  nodesOf,
  treeHeightMade,
} from "./node-making";
import {
  freeAlone,
  freeTogether,
  supplyAllBack,
  supplyBack,
  supplyFound,
  supplyOpen,
  supplySlabsGone,
  supplySlowFrees,
  supplyToSlabs,
} from "./node-supply";
import { MADE_VMAS_MAX } from "./sizes";

/** Jiffies that a replay of many VMAs is to last. */
const JIFFIES: u64 = 8;
const WORD: usize = 4;

/** Of the last replay: nodes, frees through the slow path, and slabs that were given back. */
let nodes: u64 = 0;
let slowFrees: u64 = 0;
let slabsGone: u64 = 0;
/** Nodes that went to their slabs, 7.2: the others stay in sheaves. */
let toSlabs: u64 = 0;
let vmasThen: u64 = 0;
let paceThen: u64 = 0;
let firstThen: u32 = 0;

export function nodeReplayInit(): void {
  vmasThen = 0;
}

export function slowFreesOf(count: u64): u64 {
  return (slowFrees * count) / nodes;
}

export function slabsGoneOf(count: u64): u64 {
  return (slabsGone * count) / nodes;
}

export function toSlabsOf(count: u64): u64 {
  return (toSlabs * count) / nodes;
}

/**
 * Counts what destroying the tree of so many VMAs does, when so many were made in a jiffy. The
 * first replaced nodes come back with the tick after the `first` first ones; from then on each tick
 * brings those back that the last one has found; with `first` 0 those that it has found itself.
 */
export function replayNodes(vmas: u64, pace: u64, first: u32): void {
  if (vmas == vmasThen && pace == paceThen && first == firstThen) return;
  const scale = makeTree(vmas, pace, first);
  destroyTree(min(vmas / scale, madeVmasMax()), vmas / scale, scale);
  vmasThen = vmas;
  paceThen = pace;
  firstThen = first;
}

/** Makes the tree alone; returns how many VMAs one of the replay stands for. */
export function makeTree(vmas: u64, pace: u64, first: u32): u64 {
  vmasThen = 0;
  const scale = scaleOf(vmas, pace);
  const made = min(vmas / scale, madeVmasMax());
  make(<u32>made, <u32>min(max<u64>(pace / scale, 1), MADE_VMAS_MAX), first);
  return scale;
}

/**
 * The end of the last tree that was made, of so many VMAs, of which there should be so many in the
 * replay. Returns its nodes.
 */
export function destroyTree(made: u64, vmas: u64, scale: u64): u64 {
  vmasThen = 0;
  destroy();
  addTail(made, vmas - made);
  nodes *= scale;
  slowFrees *= scale;
  slabsGone *= scale;
  toSlabs *= scale;
  return nodes;
}

/** VMAs that one stands for, so that a replay lasts long enough for nodes to come back. */
function scaleOf(vmas: u64, pace: u64): u64 {
  const together = min(pace * JIFFIES, vmas);
  return max<u64>((together + MADE_VMAS_MAX - 1) / MADE_VMAS_MAX, 1);
}

/** What as many VMAs do that come after those replayed. */
function addTail(made: u64, left: u64): void {
  const more = (nodes * left) / made;
  nodes += more;
  slowFrees += more;
  slabsGone += more / <u64>nodesPerSlab();
  toSlabs += more;
}

function make(vmas: u32, pace: u32, first: u32): void {
  makingInit(supplyOpen());
  let untilTick = pace;
  let ticks: u32 = 0;
  for (let left = vmas - min(vmas, firstVmas()); left != 0; ) {
    const made = makeVmas(min(left, untilTick));
    left -= made;
    untilTick -= made;
    if (untilTick != 0) continue;
    untilTick = pace;
    ticks++;
    if (first == 0) supplyFound();
    if (ticks > first) supplyBack();
    supplyFound();
  }
  supplyAllBack();
  makingEnds();
}

/** __mt_destroy */
function destroy(): void {
  const slow = supplySlowFrees();
  const gone = supplySlabsGone();
  const before = supplyToSlabs();
  const top = treeHeightMade() - 1;
  const each = childrenMade();
  nodes = 0;
  const leaves = nodesDone(0);
  let at: u32 = 0;
  if (top != 0) {
    for (; at + each <= leaves; at += each) {
      freeChildren(0, at, each);
      closeParents(at / each + 1, top);
    }
    freeChildren(0, at, leaves - at);
    let closed = leaves / each;
    for (let level: u32 = 1; level < top; level++) {
      const freed = closed / each * each;
      const count = nodesDone(level);
      if (count > freed) freeChildren(level, freed, count - freed);
      closed = closed / each;
    }
  }
  freeAlone(load<u32>(nodesOf(top)));
  nodes++;
  slowFrees = supplySlowFrees() - slow;
  slabsGone = supplySlabsGone() - gone;
  toSlabs = supplyToSlabs() - before;
}

/** So many groups of leaves are gone: whole groups of their parents follow. */
function closeParents(groups: u32, top: u32): void {
  const each = childrenMade();
  let level: u32 = 1;
  for (let left = groups; left % each == 0 && level < top; level++) {
    left = left / each;
    freeChildren(level, (left - 1) * each, each);
  }
}

function freeChildren(level: u32, from: u32, count: u32): void {
  if (count == 0) return;
  assert(from + count <= nodesDone(level)); // a group has its parent
  freeTogether(nodesOf(level) + <usize>from * WORD, count);
  nodes += <u64>count;
}

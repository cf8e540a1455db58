// The slabs of index nodes of 6.12: where the nodes of a tree lie when it is destroyed, and how
// many slabs that empties.
//
// A process makes its VMAs (node-making.ts) and takes and gives back nodes (node-cache.ts). Until
// the first replaced nodes come back, each new one is one more: live nodes lie alone among replaced
// ones. From then on they fill the holes. Once all replaced ones are back the tree is destroyed:
// nine leaves go at once, then the next nine, and nine inner nodes after their leaves.
//
// So many VMAs are replayed as the cache has room for. Each node of what follows goes by itself,
// and a slab with every sixteenth: that is where the figures tend.
//
// [same: lib/maple_tree.c:mt_destroy_walk, mt_free_bulk, 6.12: the order in which nodes go]
// [simplified: VMAs are made at one pace (VMA_MADE), from a tick on; groups of nine are counted
//  from the first leaf; where many VMAs are made within few jiffies they are replayed at a smaller
//  scale]

import {
  allNodesBack,
  foundNodesBack,
  freeNodeArray,
  freeNodes,
  MADE_VMAS_MAX,
  nodeCacheOpen,
  nodeSlabsGone,
  nodeSlowFrees,
  nodesPerSlab,
  oldNodesFound,
} from "./node-cache";
import {
  CHILDREN,
  makeVmas,
  makingEnds,
  makingInit,
  nodesDone,
  nodesOf,
  treeHeightMade,
} from "./node-making";

/** Jiffies that a replay of many VMAs is to last. */
const JIFFIES: u64 = 8;
const WORD: usize = 4;

/** Of the last replay: nodes, frees through the slow path, and slabs that were given back. */
let nodes: u64 = 0;
let slowFrees: u64 = 0;
let slabsGone: u64 = 0;
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

/**
 * Counts what destroying the tree of so many VMAs does, when so many were made in a jiffy. The
 * first replaced nodes come back with the tick after the `first` first ones; from then on each tick
 * brings those back that the last one has found.
 */
export function replayNodes(vmas: u64, pace: u64, first: u32): void {
  if (vmas == vmasThen && pace == paceThen && first == firstThen) return;
  vmasThen = vmas;
  paceThen = pace;
  firstThen = first;
  const scale = scaleOf(vmas, pace);
  const all = vmas / scale;
  const made = min(all, MADE_VMAS_MAX);
  make(<u32>made, <u32>min(max<u64>(pace / scale, 1), MADE_VMAS_MAX), first);
  destroy();
  addTail(made, all - made);
  nodes *= scale;
  slowFrees *= scale;
  slabsGone *= scale;
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
}

function make(vmas: u32, pace: u32, first: u32): void {
  makingInit(nodeCacheOpen(), vmas);
  let untilTick = pace;
  let ticks: u32 = 0;
  for (let left = vmas - 1; left != 0; ) {
    const made = makeVmas(min(left, untilTick));
    left -= made;
    untilTick -= made;
    if (untilTick != 0) continue;
    untilTick = pace;
    ticks++;
    if (ticks > first) foundNodesBack();
    oldNodesFound();
  }
  allNodesBack();
  makingEnds();
}

/** __mt_destroy */
function destroy(): void {
  const slow = nodeSlowFrees();
  const gone = nodeSlabsGone();
  const top = treeHeightMade() - 1;
  nodes = 0;
  const leaves = nodesDone(0);
  let at: u32 = 0;
  if (top != 0) {
    for (; at + CHILDREN <= leaves; at += CHILDREN) {
      freeChildren(0, at, CHILDREN);
      closeParents(at / CHILDREN + 1, top);
    }
    freeChildren(0, at, leaves - at);
    let closed = leaves / CHILDREN;
    for (let level: u32 = 1; level < top; level++) {
      const freed = closed / CHILDREN * CHILDREN;
      const count = nodesDone(level);
      if (count > freed) freeChildren(level, freed, count - freed);
      closed = closed / CHILDREN;
    }
  }
  freeNodes(load<u32>(nodesOf(top)), 1);
  nodes++;
  slowFrees = nodeSlowFrees() - slow;
  slabsGone = nodeSlabsGone() - gone;
}

/** So many groups of leaves are gone: whole groups of their parents follow. */
function closeParents(groups: u32, top: u32): void {
  let level: u32 = 1;
  for (let left = groups; left % CHILDREN == 0 && level < top; level++) {
    left = left / CHILDREN;
    freeChildren(level, (left - 1) * CHILDREN, CHILDREN);
  }
}

function freeChildren(level: u32, from: u32, count: u32): void {
  if (count == 0) return;
  assert(from + count <= nodesDone(level)); // a group has its parent
  freeNodeArray(nodesOf(level) + <usize>from * WORD, count);
  nodes += <u64>count;
}

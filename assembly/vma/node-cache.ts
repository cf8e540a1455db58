// The slabs of index nodes of 6.12: where the nodes of a tree lie when it is destroyed, and how
// many slabs that empties.
//
// A process makes its VMAs and takes and gives back objects of a cache (assembly/slab/counted.ts).
// Until the first replaced nodes come back, each new one is one more: live nodes lie alone among
// replaced ones. From then on they fill the holes. Once all replaced ones are back the tree is
// destroyed: nine leaves go at once, then the next nine, and nine inner nodes after their leaves.
//
// The first VMAS_MAX VMAs are replayed. Each node of what follows goes by itself, and a slab with
// every sixteenth: that is where the figures tend.
//
// [same: mm/slub.c:kmem_cache_free_bulk, __slab_free, 6.12, and what else assembly/slab models;
//  lib/maple_tree.c:mt_destroy_walk, mt_free_bulk, 6.12: the order in which nodes go]
// [simplified: VMAs are made at one pace (VMA_MADE), from a tick on; others hold the first half of
//  the first slab, and nothing else of the cache; groups of nine are counted from the first leaf;
//  where many VMAs are made within few jiffies they are replayed at a smaller scale]

import { Config, Workload } from "../abi/config";
import { Region } from "../abi/metric";
import { regionBase } from "../memory/map";
import { config } from "../memory/slots";
import {
  cacheSlabsDiscarded,
  cacheSlowFrees,
  countedAlloc,
  countedAtHand,
  countedBytes,
  countedFree,
  countedFreeBulk,
  countedInit,
  cpuPartialSlabs,
  minPartial,
  objectsPerSlab,
  slabOrder,
} from "../slab/slab";
import {
  CHILDREN,
  doneBytes,
  makeVmas,
  makingEnds,
  makingInit,
  nodesDone,
  nodesOf,
  treeHeightMade,
} from "./node-making";

const NODE_BYTES: u32 = 256;
/** VMAs that are replayed. */
const VMAS_MAX: u64 = 16_384;
/** Jiffies that a replay of many VMAs is to last. */
const JIFFIES: u64 = 8;
const WORD: usize = 4;

/** Parts of the region: the cache, replaced nodes (oldest first), nodes that are done. */
let cache: usize = 0;
let waiting: usize = 0;

//  0      4       8
//  ┌──────┬───────┐
//  │ node │ count │
//  └──────┴───────┘
/** Nodes of one slab, one after the other. */
@unmanaged
export class NodeRun {
  node: u32;
  count: u32;
}

/** Runs of replaced nodes: room for them, all, those that came back, those that a tick found. */
let room: u32 = 0;
let queued: u32 = 0;
let returned: u32 = 0;
let found: u32 = 0;

/** Of the last replay: nodes, frees through the slow path, and slabs that were given back. */
let nodes: u64 = 0;
let slowFrees: u64 = 0;
let slabsGone: u64 = 0;
let vmasThen: u64 = 0;
let paceThen: u64 = 0;
let firstThen: u32 = 0;

export function nodeCacheInit(): void {
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
  const made = min(all, VMAS_MAX);
  make(<u32>made, <u32>min(max<u64>(pace / scale, 1), VMAS_MAX), first);
  destroy();
  addTail(made, all - made);
  nodes *= scale;
  slowFrees *= scale;
  slabsGone *= scale;
}

/** VMAs that one stands for, so that a replay lasts long enough for nodes to come back. */
function scaleOf(vmas: u64, pace: u64): u64 {
  const together = min(pace * JIFFIES, vmas);
  return max<u64>((together + VMAS_MAX - 1) / VMAS_MAX, 1);
}

/** What as many VMAs do that come after those replayed. */
function addTail(made: u64, left: u64): void {
  const more = (nodes * left) / made;
  nodes += more;
  slowFrees += more;
  slabsGone += more / <u64>perSlab();
}

/** [same: mm/slub.c:calculate_order, 6.12: by the number of CPUs] */
function perSlab(): u32 {
  return objectsPerSlab(NODE_BYTES, slabOrder(NODE_BYTES, <u32>config(Config.CPUS)));
}

/** Nodes at a time: fewer than five are taken for four VMAs, all may wait, some in advance. */
function nodesMax(): u32 {
  const vmas = <u32>min(config(Config.VMAS), VMAS_MAX);
  return vmas + vmas / 3 + 64;
}

function cacheRoom(): u64 {
  return countedBytes(nodesMax(), perSlab());
}

/** The region of a run of 6.12. */
export function nodeCacheBytes(): u64 {
  const workload = config(Config.WORKLOAD);
  if (workload == <u64>Workload.MM || workload == <u64>Workload.VMALLOC) return 0;
  const done = doneBytes(<u32>min(config(Config.VMAS), VMAS_MAX));
  return cacheRoom() + <u64>nodesMax() * <u64>offsetof<NodeRun>() + done;
}

function openCache(): void {
  const each = perSlab();
  cache = regionBase(Region.NODE_CACHE);
  waiting = cache + <usize>cacheRoom();
  countedInit(cache, nodesMax(), each, cpuPartialSlabs(NODE_BYTES, each), minPartial(NODE_BYTES));
  for (let i: u32 = 0; i < each / 2; i++) countedAlloc(cache, 1); // of others
  room = nodesMax();
  queued = 0;
  returned = 0;
  found = 0;
}

/** One node or as many as are at hand, all of one slab. */
export function newNodes(count: u32): u32 {
  const node = countedAlloc(cache, count);
  assert(node != 0); // planned for all that a replay takes
  return node;
}

/** Nodes that can be taken from one slab. */
export function nodesAtHand(): u32 {
  return countedAtHand(cache);
}

/** Nodes of one slab. */
export function freeNodes(node: u32, count: u32): void {
  countedFree(cache, node, count);
}

@inline
function replaced(index: u32): NodeRun {
  return changetype<NodeRun>(waiting + <usize>index * offsetof<NodeRun>());
}

/** So many nodes of one slab are replaced and wait for their grace period. */
export function oldNodes(node: u32, count: u32): void {
  if (queued != found && replaced(queued - 1).node == node) {
    replaced(queued - 1).count += count;
    return;
  }
  assert(queued < room); // as above
  const last = replaced(queued++);
  last.node = node;
  last.count = count;
}

/** Frees of one slab in a row end as one free of all does. */
function comeBack(upTo: u32): void {
  for (; returned < upTo; returned++) {
    countedFree(cache, replaced(returned).node, replaced(returned).count);
  }
}

function make(vmas: u32, pace: u32, first: u32): void {
  openCache();
  makingInit(waiting + <usize>room * offsetof<NodeRun>(), vmas);
  let untilTick = pace;
  let ticks: u32 = 0;
  for (let left = vmas - 1; left != 0; ) {
    const made = makeVmas(min(left, untilTick));
    left -= made;
    untilTick -= made;
    if (untilTick != 0) continue;
    untilTick = pace;
    ticks++;
    if (ticks > first) comeBack(found);
    found = queued;
  }
  comeBack(queued);
  makingEnds();
}

/** __mt_destroy */
function destroy(): void {
  const slow = cacheSlowFrees(cache);
  const gone = cacheSlabsDiscarded(cache);
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
  slowFrees = <u64>(cacheSlowFrees(cache) - slow);
  slabsGone = <u64>(cacheSlabsDiscarded(cache) - gone);
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
  countedFreeBulk(cache, nodesOf(level) + <usize>from * WORD, count);
  nodes += <u64>count;
}

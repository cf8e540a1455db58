// The slabs of index nodes of 6.12: where the nodes of a tree lie when it is destroyed, and how
// many slabs that empties.
//
// The objects of a real cache (assembly/slab) are taken and given back as a process makes its VMAs.
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
  cacheBytes,
  cacheInit,
  cacheSlabsDiscarded,
  cacheSlowFrees,
  cpuPartialSlabs,
  minPartial,
  objectsPerSlab,
  slabAlloc,
  slabFree,
  slabFreeBulk,
  slabOrder,
} from "../slab/slab";
import {
  CHILDREN,
  doneBytes,
  makeVma,
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

let room: u32 = 0;
let queued: u32 = 0;
let returned: u32 = 0;

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
  const most = VMAS_MAX;
  let scale: u64 = 1;
  if (vmas > most && pace * JIFFIES > most) {
    scale = min((pace * JIFFIES + most - 1) / most, (vmas + most - 1) / most);
  }
  const all = vmas / scale;
  const made = <u32>min(all, most);
  make(made, <u32>min(max<u64>(pace / scale, 1), most), first);
  destroy();
  const more = (nodes * (all - made)) / made;
  nodes += more;
  slowFrees += more;
  slabsGone += more / <u64>perSlab();
  nodes *= scale;
  slowFrees *= scale;
  slabsGone *= scale;
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
  return (cacheBytes(nodesMax(), <u32>WORD, perSlab(), 1) + 63) & ~63;
}

/** The region of a run of 6.12. */
export function nodeCacheBytes(): u64 {
  const workload = config(Config.WORKLOAD);
  if (workload == <u64>Workload.MM || workload == <u64>Workload.VMALLOC) return 0;
  const done = doneBytes(<u32>min(config(Config.VMAS), VMAS_MAX));
  return cacheRoom() + <u64>nodesMax() * <u64>WORD + done;
}

function openCache(): void {
  const order = slabOrder(NODE_BYTES, <u32>config(Config.CPUS));
  const each = perSlab();
  const partial = cpuPartialSlabs(NODE_BYTES, each);
  cache = regionBase(Region.NODE_CACHE);
  waiting = cache + <usize>cacheRoom();
  cacheInit(cache, nodesMax(), <u32>WORD, each, order, 1, partial, minPartial(NODE_BYTES));
  for (let i: u32 = 0; i < each / 2; i++) slabAlloc(cache, 0); // of others
  room = nodesMax();
  queued = 0;
  returned = 0;
}

export function newNode(): u32 {
  const node = slabAlloc(cache, 0);
  assert(node != 0); // planned for all that a replay takes
  return node;
}

export function freeNode(node: u32): void {
  slabFree(cache, 0, node);
}

/** kmem_cache_free_bulk of nodes whose addresses are in a row. */
export function freeNodes(array: usize, count: u32): void {
  slabFreeBulk(cache, 0, array, count);
}

/** A replaced node waits for its grace period. */
export function oldNode(node: u32): void {
  assert(queued < room); // as above
  store<u32>(waiting + <usize>queued * WORD, node);
  queued++;
}

function comeBack(upTo: u32): void {
  while (returned < upTo) freeNode(load<u32>(waiting + <usize>(returned++) * WORD));
}

function make(vmas: u32, pace: u32, first: u32): void {
  openCache();
  makingInit(waiting + <usize>room * WORD, vmas);
  let untilTick = pace;
  let ticks: u32 = 0;
  let found: u32 = 0;
  for (let i: u32 = 1; i < vmas; i++) {
    makeVma();
    if (--untilTick != 0) continue;
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
  freeNode(load<u32>(nodesOf(top)));
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
  freeNodes(nodesOf(level) + <usize>from * WORD, count);
  nodes += <u64>count;
}

// The slab cache that index nodes of 6.12 come from while a process makes its VMAs, and the nodes
// that were replaced and wait for RCU. Which node it is does not matter, only in which slab it lies
// (assembly/slab/counted.ts).
//
//   region   ┌───────┬─────────────────────────────────┬───────────────────────────┐
//            │ cache │ replaced nodes, oldest first    │ nodes that are done       │
//            └───────┴─────────────────────────────────┴───────────────────────────┘
//                      returned ─┘   └─ found  queued ─┘   see node-making.ts
//
// [same: mm/slub.c:kmem_cache_free_bulk, __slab_free, 6.12, and what else assembly/slab models]
// [simplified: others hold the first half of the first slab, and nothing else of the cache]

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
import { doneBytes } from "./node-making";
import { MADE_VMAS_MAX, NODE_BYTES } from "./sizes";

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

/** [same: mm/slub.c:calculate_order, 6.12, 7.2: by the number of CPUs] */
export function nodeSlabOrder(): u32 {
  return slabOrder(NODE_BYTES, <u32>config(Config.CPUS));
}

export function nodesPerSlab(): u32 {
  return objectsPerSlab(NODE_BYTES, nodeSlabOrder());
}

/** VMAs of this run whose nodes there is room for: those that munmaps split off count, too. */
export function madeVmasMax(): u64 {
  return min(config(Config.VMAS) + config(Config.MUNMAP_SPLITS), MADE_VMAS_MAX);
}

/** Nodes at a time: fewer than five are taken for four VMAs, all may wait, some in advance. */
function nodesMax(): u32 {
  const vmas = <u32>madeVmasMax();
  return vmas + vmas / 3 + 64;
}

function cacheRoom(): u64 {
  return countedBytes(nodesMax(), nodesPerSlab());
}

/** The region of a run of 6.12. */
export function nodeCacheBytes(): u64 {
  const workload = config(Config.WORKLOAD);
  if (workload == <u64>Workload.MM || workload == <u64>Workload.VMALLOC) return 0;
  const done = doneBytes();
  return cacheRoom() + <u64>nodesMax() * <u64>offsetof<NodeRun>() + done;
}

/** Empty, for the first VMA. Returns where nodes that are done are to be listed. */
export function nodeCacheOpen(): usize {
  const each = nodesPerSlab();
  cache = regionBase(Region.NODE_CACHE);
  waiting = cache + <usize>cacheRoom();
  countedInit(cache, nodesMax(), each, cpuPartialSlabs(NODE_BYTES, each), minPartial(NODE_BYTES));
  for (let i: u32 = 0; i < each / 2; i++) countedAlloc(cache, 1); // of others
  room = nodesMax();
  queued = 0;
  returned = 0;
  found = 0;
  return waiting + <usize>room * offsetof<NodeRun>();
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

/** Frees nodes of one slab. */
export function freeNodes(node: u32, count: u32): void {
  countedFree(cache, node, count);
}

/** kmem_cache_free_bulk of an array of nodes. */
export function freeNodeArray(array: usize, count: u32): void {
  countedFreeBulk(cache, array, count);
}

/** Frees through the slow path so far. */
export function nodeSlowFrees(): u64 {
  return <u64>cacheSlowFrees(cache);
}

/** Slabs given back so far. */
export function nodeSlabsGone(): u64 {
  return <u64>cacheSlabsDiscarded(cache);
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

/** A tick finds the nodes that wait. */
export function oldNodesFound(): void {
  found = queued;
}

/** The grace period of those that a tick has found is over. */
export function foundNodesBack(): void {
  nodesBack(found);
}

export function allNodesBack(): void {
  nodesBack(queued);
}

/** Frees of one slab in a row end as one free of all does. */
function nodesBack(upTo: u32): void {
  for (; returned < upTo; returned++) {
    countedFree(cache, replaced(returned).node, replaced(returned).count);
  }
}

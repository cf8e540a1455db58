// The slab cache that index nodes of 7.2 come from, sheaves and all, and the sheaves of replaced
// nodes that wait for RCU. It is a cache like that of the VMAs (assembly/slab), but for records of
// one word: of a node it only matters where it lies.
//
//   region   ┌───────┬──────────────────────────────────┬───────────────────────────┐
//            │ cache │ sheaves that wait, oldest first  │ nodes that are done       │
//            └───────┴──────────────────────────────────┴───────────────────────────┘
//                      returned ─┘   └─ found   queued ─┘   see node-making.ts
//
// [same: mm/slub.c:kmem_cache_prefill_sheaf, __kfree_rcu_sheaf, rcu_free_sheaf, free_to_pcs_bulk,
//  7.2; lib/maple_tree.c:mas_alloc_nodes, 7.2: a node for a store without a split comes singly, for
//  others a sheaf is held during the store]
// [simplified: nobody else uses the cache while VMAs are made]

import { Config, Workload } from "../abi/config";
import { Region } from "../abi/metric";
import { regionBase } from "../memory/map";
import { config } from "../memory/slots";
import {
  cacheSlabsDiscarded,
  cacheSlowFrees,
  minPartial,
  pathMoved,
  rcuSheafPush,
  rcuSheafReturn,
  RCU_SHEAF_NONE,
  RCU_SHEAF_QUEUED,
  sheafAlloc,
  sheafCacheBytes,
  sheafCacheInit,
  sheafFree,
  sheafFreeBulk,
  sheafPrefill,
  sheafReturn,
  sheafTake,
} from "../slab/slab";
import { madeVmasMax, nodesPerSlab, nodeSlabOrder } from "./node-cache";
import { doneBytes } from "./node-making";
import { NODE_BYTES, NODE_SHEAF_CAPACITY } from "./sizes";

/** Of a node, whose record is a link while it is free. */
const RECORD_BYTES: u32 = 4;
const WORD: u32 = 4;

let cache: usize = 0;
let waiting: usize = 0;
/** The sheaf held during a store. */
let held: u32 = 0;
/** Waiting sheaves: room for them, all, those that came back, those that were found. */
let room: u32 = 0;
let queued: u32 = 0;
let returned: u32 = 0;
let found: u32 = 0;
let toSlabs: u32 = 0;
let first: u32 = 0;

/**
 * Nodes at a time: fewer than three are replaced for two VMAs, one stays for thirteen; and what
 * lies in sheaves however few VMAs there are.
 */
function nodesMax(): u32 {
  return 2 * <u32>madeVmasMax() + 16 * NODE_SHEAF_CAPACITY;
}

function sheavesMax(): u32 {
  return nodesMax() / NODE_SHEAF_CAPACITY;
}

function cacheRoom(): u64 {
  const bytes = sheafCacheBytes(
    nodesMax(), RECORD_BYTES, nodesPerSlab(), 1, NODE_SHEAF_CAPACITY, sheavesMax(),
  );
  return (bytes + 63) & ~63;
}

/** The region of a run of 7.2. */
export function nodeSheafBytes(): u64 {
  const workload = config(Config.WORKLOAD);
  if (workload == <u64>Workload.MM || workload == <u64>Workload.VMALLOC) return 0;
  return cacheRoom() + <u64>sheavesMax() * WORD + doneBytes();
}

/**
 * As it is for the first VMA of a process: with few objects in the CPU's sheaves, and nothing else
 * but what others have. Returns where nodes that are done are to be listed.
 */
export function nodeSheavesOpen(): usize {
  cache = regionBase(Region.NODE_CACHE);
  waiting = cache + <usize>cacheRoom();
  room = sheavesMax();
  sheafCacheInit(
    cache, nodesMax(), RECORD_BYTES, nodesPerSlab(), nodeSlabOrder(), 1, minPartial(NODE_BYTES),
    NODE_SHEAF_CAPACITY, sheavesMax(),
  );
  queued = 0;
  returned = 0;
  found = 0;
  toSlabs = 0;
  fillSheaves(
    <u32>config(Config.NODES_MAIN), <u32>config(Config.NODES_SPARE), <u32>config(Config.NODES_RCU),
  );
  return waiting + <usize>room * WORD;
}

/**
 * So many nodes in main, spare and the sheaf for RCU. Of those that were taken one is the leaf of
 * the program, others have what is left.
 */
function fillSheaves(main: u32, spare: u32, rcu: u32): void {
  let replaced = rcu;
  first = newSheafNode();
  for (let left = NODE_SHEAF_CAPACITY - main - 1; left != 0; left--) {
    const node = newSheafNode();
    if (replaced == 0) continue;
    oldSheafNode(node);
    replaced--;
  }
  holdSheaf(NODE_SHEAF_CAPACITY);
  for (let left = NODE_SHEAF_CAPACITY - spare; left != 0; left--) {
    const node = takeHeld();
    if (replaced == 0) continue;
    oldSheafNode(node);
    replaced--;
  }
  returnHeld();
}

/** The node of the first leaf. */
export function firstSheafNode(): u32 {
  return first;
}

export function newSheafNode(): u32 {
  const node = sheafAlloc(cache, 0);
  assert(node != 0); // planned for all that a replay takes
  return node;
}

/** [same: lib/maple_tree.c:mas_alloc_nodes, 7.2] */
export function holdSheaf(count: u32): void {
  held = sheafPrefill(cache, 0, count);
  assert(held != 0); // as above
}

export function takeHeld(): u32 {
  return sheafTake(cache, held);
}

/** [same: lib/maple_tree.c:mas_destroy, 7.2] */
export function returnHeld(): void {
  sheafReturn(cache, 0, held);
  held = 0;
}

/** kfree_rcu of a replaced node. */
export function oldSheafNode(node: u32): void {
  const full = rcuSheafPush(cache, 0, node);
  assert(full != RCU_SHEAF_NONE); // planned
  if (full == RCU_SHEAF_QUEUED) return;
  if (queued == room) makeRoomForOne();
  store<u32>(waiting + <usize>queued * WORD, full);
  queued++;
}

/** Those that are back make room; where none is, the oldest one counts as back. */
function makeRoomForOne(): void {
  if (returned == 0) sheafBack();
  memory.copy(waiting, waiting + <usize>returned * WORD, <usize>(queued - returned) * WORD);
  queued -= returned;
  found -= returned;
  returned = 0;
}

/** A tick, or the grace-period kthread, finds the sheaves that wait. */
export function sheavesFound(): void {
  found = queued;
}

/** The oldest sheaf that waits has waited long enough; false when there is none. */
export function sheafBack(): bool {
  if (returned == queued) return false;
  found = max(found, returned + 1);
  rcuSheafReturn(cache, load<u32>(waiting + <usize>returned * WORD));
  returned++;
  return true;
}

/** The grace period of those that were found is over. */
export function foundSheavesBack(): void {
  for (; returned < found; returned++) {
    rcuSheafReturn(cache, load<u32>(waiting + <usize>returned * WORD));
  }
}

/** [same: lib/maple_tree.c:mt_free_bulk, 7.2] */
export function freeSheafNodes(array: usize, count: u32): void {
  toSlabs += pathMoved(sheafFreeBulk(cache, 0, array, count));
}

/** kfree of one node. */
export function freeSheafNode(node: u32): void {
  toSlabs += pathMoved(sheafFree(cache, 0, node));
}

/** Nodes that those two have sent to their slabs so far. */
export function sheafNodesToSlabs(): u64 {
  return <u64>toSlabs;
}

/** Frees through __slab_free so far. */
export function sheafSlowFrees(): u64 {
  return <u64>cacheSlowFrees(cache);
}

/** Slabs given back so far. */
export function sheafSlabsGone(): u64 {
  return <u64>cacheSlabsDiscarded(cache);
}

// vmap nodes: each has a part of the busy areas, of the lazily freed ones, and pools of areas for
// the CPUs that it is home to. A kernel before 6.9 is one node whose pools are never used.
//
// [same: mm/vmalloc.c:struct vmap_node, addr_to_node, size_to_va_pool, node_pool_add_va,
//  node_pool_del_va, 6.12 and 7.2: zones of 16 pages, pools for areas of 1 to 256 pages]

import { Config } from "../abi/config";
import { SPINLOCK_BYTES, SpinLock } from "../lock/spinlock";
import { config } from "../memory/slots";
import { Area, areaAt, areaPages, AreaState, changeState, ZONE_PAGES } from "./area";
import { alignUp } from "./free-space";
import { AreaList, listAppend, listPush, listRemove } from "./list";
import { AreaTree } from "./rbtree";

export const POOLS: u32 = 256;

//  0      16     32        44    48        60    64        96         176        256        336
//  ┌──────┬──────┬─────────┬─────┬─────────┬─────┬─────────┬──────────┬──────────┬──────────┐
//  │ busy │ lazy │ purging │     │ local   │     │ work    │ busyLock │ lazyLock │ poolLock │
//  └──────┴──────┴─────────┴─────┴─────────┴─────┴─────────┴──────────┴──────────┴──────────┘
//  336                     400            3472
//  ┌───────────────────────┬──────────────┐
//  │ progress              │ pools (3072) │
//  └───────────────────────┴──────────────┘
const LAZY: usize = 16;
const PURGING: usize = 32;
const LOCAL: usize = 48;
const WORK: usize = 64;
const BUSY_LOCK: usize = 96;
const LAZY_LOCK: usize = BUSY_LOCK + SPINLOCK_BYTES;
const POOL_LOCK: usize = LAZY_LOCK + SPINLOCK_BYTES;
const PROGRESS: usize = POOL_LOCK + SPINLOCK_BYTES;
const POOL: usize = 400;
const POOL_BYTES: usize = 12;
export const NODE_BYTES: u64 = 400 + 256 * 12;

//  0        4        8       12        13       14        15        16            24            32
//  ┌────────┬────────┬───────┬─────────┬────────┬─────────┬─────────┬─────────────┬─────────────┐
//  │ cursor │ ranged │ phase │ holding │ helped │ working │ decayed │ purgedPages │ purgedAreas │
//  └────────┴────────┴───────┴─────────┴────────┴─────────┴─────────┴─────────────┴─────────────┘
//  32          40       48
//  ┌───────────┬────────┬───────────┐
//  │ startedAt │ holdAt │ skipPools │
//  └───────────┴────────┴───────────┘
/** How far a purge is with one node. */
@unmanaged
export class NodeProgress {
  /** Next area to be returned, and next one that the range loop looks at. */
  cursor: usize;
  ranged: usize;
  phase: u32;
  /** The free-space lock is held. */
  holding: u8;
  /** It was given to a helper. */
  helped: u8;
  working: u8;
  /** Its pools have decayed in this purge; what left them is on the local list. */
  decayed: u8;
  purgedPages: u64;
  purgedAreas: u64;
  /** When the walk began, and the hold of the free-space lock. */
  startedAt: u64;
  holdAt: u64;
  skipPools: u8;
}

let nodes: usize = 0;
let count: u32 = 1;

export function nodesInit(base: usize): void {
  nodes = base;
  count = <u32>config(Config.VMAP_NODES);
  memory.fill(base, 0, <usize>(<u64>count * NODE_BYTES));
}

@inline
export function nodeCount(): u32 {
  return count;
}

@inline
export function nodeAt(id: u32): usize {
  return nodes + <usize>(<u64>id * NODE_BYTES);
}

@inline
export function nodeOfAddress(page: u64): usize {
  return nodeAt(<u32>((page / ZONE_PAGES) % <u64>count));
}

@inline
export function busyTree(node: usize): AreaTree {
  return changetype<AreaTree>(node);
}

@inline
export function lazyTree(node: usize): AreaTree {
  return changetype<AreaTree>(node + LAZY);
}

/** What a purge has taken over from the lazy tree. */
@inline
export function purgingList(node: usize): AreaList {
  return changetype<AreaList>(node + PURGING);
}

/**
 * 5.0: onto the one list of lazily freed areas, which a purge takes over as it is, the newest first
 * (llist_add). The area stays in the busy tree, so its links are taken.
 */
export function pushPurging(area: Area): void {
  const list = purgingList(nodeAt(0));
  area.maxGap = <u64>list.first;
  list.first = changetype<usize>(area);
  list.count++;
}

/** What goes back to the free-space tree. */
@inline
export function localList(node: usize): AreaList {
  return changetype<AreaList>(node + LOCAL);
}

@inline
export function nodeWork(node: usize): usize {
  return node + WORK;
}

@inline
export function busyLock(node: usize): SpinLock {
  return changetype<SpinLock>(node + BUSY_LOCK);
}

@inline
export function lazyLock(node: usize): SpinLock {
  return changetype<SpinLock>(node + LAZY_LOCK);
}

@inline
export function poolLock(node: usize): SpinLock {
  return changetype<SpinLock>(node + POOL_LOCK);
}

@inline
export function nodeProgress(node: usize): NodeProgress {
  return changetype<NodeProgress>(node + PROGRESS);
}

/** The pool of areas of so many pages (1 to 256). */
@inline
export function poolOf(node: usize, pages: u32): AreaList {
  return changetype<AreaList>(node + POOL + <usize>(pages - 1) * POOL_BYTES);
}

/** An area from the head of a pool, in hand; 0 when the pool is empty or its head does not fit. */
export function poolTake(node: usize, pages: u64, align: u64): usize {
  const pool = poolOf(node, <u32>pages);
  if (pool.first == 0) return 0;
  const area = areaAt(pool.first);
  listRemove(pool, area);
  if (alignUp(area.start, align) != area.start) {
    listAppend(pool, area); // somebody else may find it fit
    return 0;
  }
  changeState(area, AreaState.POOLED, AreaState.IN_HAND);
  return changetype<usize>(area);
}

/** An area in hand back to the head of its pool; false when it is too large for any. */
export function poolPut(node: usize, area: Area): bool {
  const pages = areaPages(area);
  if (pages > <u64>POOLS) return false;
  changeState(area, AreaState.IN_HAND, AreaState.POOLED);
  listPush(poolOf(node, <u32>pages), area);
  return true;
}

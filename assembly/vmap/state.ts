// The state of the subsystem that is not a node's: the free space and its lock, the count of lazily
// freed pages, the mutex of purges, the work item.

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { HoleSearch, PurgeRelease, VmapMetric } from "../abi/vmalloc";
import { Mutex } from "../lock/mutex";
import { SpinLock } from "../lock/spinlock";
import { config, cost, maxWorkloadMetric, setWorkloadMetric } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { Task } from "../sched/task";
import { WorkKind } from "../sched/work";
import { workInit } from "../sched/workqueue";
import { freeSpaceInit } from "./free-space";
import { linearInit } from "./linear";
import { memoryInit, TABLE_BITS_BYTES } from "./memory";
import { busyLock, NODE_BYTES, nodeAt, nodesInit } from "./node";
import { AreaTree } from "./rbtree";
import { resetSteps } from "./steps";

//  0        16         96         192       256
//  ┌────────┬──────────┬──────────┬─────────┬─────────────┬───────┐
//  │ free   │ freeLock │ purging  │ drain   │ page tables │ nodes │
//  └────────┴──────────┴──────────┴─────────┴─────────────┴───────┘
const FREE_LOCK: usize = 16;
const PURGE_LOCK: usize = 96;
const DRAIN_WORK: usize = 192;
const TABLES: usize = 256;

let base: usize = 0;
/** vmap_lazy_nr */
let lazyPages: u64 = 0;

export function stateBytes(nodes: u32): u64 {
  return <u64>TABLES + TABLE_BITS_BYTES + <u64>nodes * NODE_BYTES;
}

export function stateInit(at: usize): void {
  base = at;
  memory.fill(at, 0, TABLES);
  lazyPages = 0;
  memoryInit(at + TABLES);
  nodesInit(at + TABLES + <usize>TABLE_BITS_BYTES);
  linearInit();
  resetSteps();
  workInit(at + DRAIN_WORK, WorkKind.VMAP_DRAIN, 0);
  freeSpaceInit(freeTree());
  setWorkloadMetric(VmapMetric.LAZY_MAX_PAGES, lazyMaxPages());
  setWorkloadMetric(VmapMetric.ALLOC_AREA_MIN, u64.MAX_VALUE);
  setWorkloadMetric(VmapMetric.FREE_NOFLUSH_MIN, u64.MAX_VALUE);
  setWorkloadMetric(VmapMetric.FIND_UNLINK_MIN, u64.MAX_VALUE);
}

@inline
export function freeTree(): AreaTree {
  return changetype<AreaTree>(base);
}

/** free_vmap_area_lock; in 2019 there is one lock, that of the busy tree (vmap_area_lock). */
@inline
export function freeLock(): SpinLock {
  if (isLinear()) return busyLock(nodeAt(0));
  return changetype<SpinLock>(base + FREE_LOCK);
}

@inline
export function purgeLock(): Mutex {
  return changetype<Mutex>(base + PURGE_LOCK);
}

@inline
export function drainWork(): usize {
  return base + DRAIN_WORK;
}

@inline
export function isLinear(): bool {
  return config(Config.VMAP_SEARCH) == <u64>HoleSearch.LINEAR;
}

@inline
export function releasesEach(): bool {
  return config(Config.VMAP_RELEASE) == <u64>PurgeRelease.EACH;
}

/**
 * Pages that may be freed lazily before a purge is due: 32 MiB times fls(online CPUs), which the
 * host has computed.
 */
@inline
export function lazyMaxPages(): u64 {
  return config(Config.VMAP_LAZY_MAX_PAGES);
}

@inline
export function lazyNr(): u64 {
  return lazyPages;
}

/** Counts lazily freed pages up; answers the new count. */
export function addLazy(pages: u64): u64 {
  lazyPages += pages;
  maxWorkloadMetric(VmapMetric.LAZY_PEAK_PAGES, lazyPages);
  return lazyPages;
}

export function subtractLazy(pages: u64): void {
  assert(lazyPages >= pages); // only what was counted up
  lazyPages -= pages;
}

@inline
export function transfer(): u64 {
  return cost(CostSlot.LOCK_TRANSFER);
}

/** CPU time of the running task up to now. */
export function cpuTime(cpu: Cpu, task: Task): u64 {
  return task.sumExec + (cpu.now - task.execStart);
}

// VMA objects: which slabs they come from, by generation, and what their frees cost.
//
// [same: kernel/fork.c:vm_area_alloc, __vm_area_free, 6.12: a VMA and a lock, two caches;
//  mm/vma_init.c:vm_area_alloc, vm_area_free, 7.2: one object from a cache with sheaves]

import { Config, Release } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric, Region } from "../abi/metric";
import { addMetric, config, cost, setMetric } from "../memory/slots";
import { isGeneration72, regionBase, vmaObjects, vmaSheavesWaiting } from "../memory/map";
import { isMeasured } from "../metrics/dead";
import { freeSlabFrames } from "../page/slab-frames";
import { hasPages } from "../page/state";
import { callRcu } from "../rcu/call";
import { Cpu } from "../sched/cpu";
import { slabFreeCost } from "../slab/cost";
import {
  cacheInit,
  cacheSetTypesafe,
  pathDiscarded,
  pathMoved,
  sheafAlloc,
  sheafCacheInit,
  SHEAF_FREE_BARN,
  SHEAF_FREE_FLUSH,
  SHEAF_FREE_NEW,
  sheafFree,
  slabAlloc,
  slabFree,
  slabPendingTake,
} from "../slab/slab";
import { newCallback } from "./callback-records";
import { CallbackKind, VMA_RECORD_BYTES, vmaAt } from "./record";

let sheaves: bool = false;
/** Discarded slabs wait for a grace period. */
let typesafe: bool = false;

/** Lays out the VMA cache. */
export function initVmaCache(cpus: u32): void {
  sheaves = isGeneration72();
  const cache = regionBase(Region.VMA_CACHE);
  const vmas = <u32>vmaObjects();
  const perSlab = <u32>config(Config.VMA_OBJECTS_PER_SLAB);
  const order = <u32>config(Config.VMA_SLAB_ORDER);
  const minPartial = <u32>config(Config.VMA_MIN_PARTIAL);
  if (!sheaves) {
    const cpuPartial = <u32>config(Config.VMA_CPU_PARTIAL_SLABS);
    cacheInit(cache, vmas, VMA_RECORD_BYTES, perSlab, order, cpus, cpuPartial, minPartial);
    return;
  }
  const capacity = <u32>config(Config.SHEAF_CAPACITY);
  const waiting = vmaSheavesWaiting(vmas);
  sheafCacheInit(
    cache, vmas, VMA_RECORD_BYTES, perSlab, order, cpus, minPartial, capacity, waiting,
  );
  typesafe =
    config(Config.EXIT_RELEASE) == <u64>Release.TYPESAFE ||
    config(Config.MUNMAP_RELEASE) == <u64>Release.TYPESAFE;
  if (typesafe) cacheSetTypesafe(cache);
}

/** A VMA object for a CPU; the plan has one for every VMA. */
export function allocVma(cpu: u32): u32 {
  const cache = regionBase(Region.VMA_CACHE);
  return sheaves ? sheafAlloc(cache, cpu) : slabAlloc(cache, cpu);
}

/** Its lock; 0 where that is part of the VMA. */
export function allocLock(cpu: u32): u32 {
  return sheaves ? 0 : slabAlloc(regionBase(Region.LOCK_CACHE), cpu);
}

/** Gives a VMA object and its lock back, and charges the CPU for the ways they went. */
export function freeObjects(cpu: Cpu, vma: u32, lock: u32): void {
  const cache = regionBase(Region.VMA_CACHE);
  if (sheaves) {
    chargeSheafPath(cpu, sheafFree(cache, cpu.id, vma));
    return;
  }
  const measured = isMeasured(vmaAt(vma));
  const lockPath = slabFree(regionBase(Region.LOCK_CACHE), cpu.id, lock);
  const vmaPath = slabFree(cache, cpu.id, vma);
  cpu.now += slabFreeCost(lockPath) + slabFreeCost(vmaPath);
  const discarded = pathDiscarded(lockPath) | pathDiscarded(vmaPath);
  if (discarded != 0 && measured) setMetric(Metric.MEMORY_BACK, cpu.now);
  if (!hasPages()) return;
  freeSlabFrames(cpu, pathDiscarded(lockPath), <u32>config(Config.LOCK_SLAB_ORDER));
  freeSlabFrames(cpu, pathDiscarded(vmaPath), <u32>config(Config.VMA_SLAB_ORDER));
}

/** Charges what a free in 7.2 did besides, and hands discarded slabs to RCU. */
export function chargeSheafPath(cpu: Cpu, path: u32): void {
  cpu.now += cost(CostSlot.SHEAF_FREE_FAST);
  if ((path & SHEAF_FREE_NEW) != 0) cpu.now += cost(CostSlot.SHEAF_NEW);
  if ((path & SHEAF_FREE_BARN) != 0) cpu.now += cost(CostSlot.SHEAF_BARN);
  if ((path & SHEAF_FREE_FLUSH) != 0) chargeFlush(cpu, path);
}

/** Objects went from a sheaf to their slabs. */
export function chargeFlush(cpu: Cpu, path: u32): void {
  const discarded = pathDiscarded(path);
  cpu.now +=
    cost(CostSlot.SHEAF_FLUSH) +
    <u64>pathMoved(path) * cost(CostSlot.SHEAF_FLUSH_OBJECT) +
    <u64>discarded * cost(CostSlot.SHEAF_FLUSH_DISCARD);
  if (discarded == 0) return;
  if (typesafe) return deferSlabPages(cpu);
  setMetric(Metric.MEMORY_BACK, cpu.now);
  if (hasPages()) freeSlabFrames(cpu, discarded, <u32>config(Config.VMA_SLAB_ORDER));
}

/** One call_rcu for each slab whose pages wait. */
function deferSlabPages(cpu: Cpu): void {
  const cache = regionBase(Region.VMA_CACHE);
  while (true) {
    const slab = slabPendingTake(cache);
    if (slab == 0) return;
    addMetric(Metric.SLAB_PAGES_RCU, 1);
    callRcu(cpu, newCallback(CallbackKind.SLAB_PAGE, slab, 0));
  }
}

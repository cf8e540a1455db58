// The whole linear memory in one place.
//
//  0        1 KiB       64 KiB
//  ┌────────┬────────┬──┬─────────┬──────┬───────┬─────┬────────┬───────────┬────────────┬───────┐
//  │ unused │ static │  │ staging │ CPUs │ tasks │ RCU │ events │ VMA cache │ lock cache │ index │
//  └────────┴────────┴──┴─────────┴──────┴───────┴─────┴────────┴───────────┴────────────┴───────┘
//  ┌──────────────┬────────────────┐
//  │ munmap calls │ node callbacks │  of the workloads that need them
//  └──────────────┴────────────────┘
//
// The static part (configuration, costs, metrics) is laid out by the compiler, below 64 KiB. Every
// later region follows from the configuration record, so the host can ask for the plan before it
// reserves a byte (`planBytes`).

import { Config, Generation, Workload } from "../abi/config";
import { mmRegionBytes } from "../mm/machine";
import { Region } from "../abi/metric";
import { CPU_BYTES } from "../sched/cpu";
import { cpuSetsBytes } from "../sched/place";
import { TASK_BYTES, tasksFor } from "../sched/task";
import { pagesBytes } from "../page/state";
import { workqueueBytes } from "../sched/workqueue";
import { rcuBytes } from "../rcu/state";
import { queueBytes } from "../queue/queue";
import { cacheBytes, sheafCacheBytes } from "../slab/slab";
import { poolBytes } from "../index/tree";
import { CHILD_BYTES, TOUCHER_BYTES } from "../workload/child-bytes";
import { mmsBytes } from "../vma/mm";
import { supplyBytes } from "../vma/node-supply";
import { loadBytes } from "../workload/load";
import { VMA_RECORD_BYTES, LOCK_RECORD_BYTES } from "../vma/record";
import {
  CALLBACK_BYTES,
  MUNMAP_CALL_BYTES,
  NODE_SHEAF_BYTES,
  NODE_SHEAF_CAPACITY,
  OTHER_CALLBACKS,
} from "../vma/sizes";
import { rcuLoadBytes } from "../workload/rcu-load";
import { areaPoolBytes } from "../vmap/area";
import { objectsBytes } from "../vmap/objects";
import { stateBytes } from "../vmap/state";
import { threadsBytes } from "../vmap/thread";
import { timelineBytes } from "../metrics/timeline";
import { traceBytes } from "../metrics/trace";
import { resolveGeometry } from "./geometry";
import { config } from "./slots";

/** Bytes of each region, then the address of each region once `layOut` has run. */
export const REGION_BYTES: usize = memory.data(<i32>Region.COUNT * 8, 16);
export const REGION_BASE: usize = memory.data(<i32>Region.COUNT * 8, 16);

/** A multiple of REGION_ALIGN; it never changes, as all later addresses would. */
const STAGING_BYTES: u64 = 65536 * 20;
/** Bytes of a staged VMA: first page and pages as two words each, flags, huge pages. */
export const STAGED_BYTES: u32 = 24;
/** VMAs the host hands over at a time. */
export const STAGING_VMAS: u32 = <u32>(STAGING_BYTES / STAGED_BYTES);
const REGION_ALIGN: u64 = 4096;
/** Every build's static data fits below this, so regions have the same addresses in all of them. */
const STATIC_BYTES: u64 = 65536;

@inline
export function regionBase(region: i32): usize {
  return <usize>load<u64>(REGION_BASE + (<usize>region << 3));
}

@inline
export function regionBytes(region: i32): u64 {
  return load<u64>(REGION_BYTES + (<usize>region << 3));
}

function setRegion(region: i32, bytes: u64): void {
  const rounded = (bytes + REGION_ALIGN - 1) & ~(REGION_ALIGN - 1);
  store<u64>(REGION_BYTES + (<usize>region << 3), rounded);
}

/** Nodes an index of `vmas` ranges can need: with a gap after every VMA and nodes half full. */
export function indexNodesFor(vmas: u64): u64 {
  // Ascending build leaves non-root leaves at least 15/16 full: 2 slots a VMA, inner nodes 8 of 10.
  return vmas / 7 + vmas / 48 + 64;
}

/** Callbacks of index nodes that wait at once at most where nothing holds grace periods up. */
const NODE_ITEMS_MAX: u64 = 200_000;

/**
 * Items of dead index nodes that can wait for grace periods. A call has some; beside bystanders,
 * which may hold one grace period up for as long as the run lasts, those of all calls wait: two a
 * call where each takes one VMA, in whatever order.
 */
function nodeItemsFor(calls: u64): u64 {
  if (calls == 0) return 0;
  const most = calls * 16 + 256;
  const held = config(Config.LOAD_ENTRIES) == 0 ? 0 : calls * 3;
  return min(most, max(held, NODE_ITEMS_MAX));
}

/** Nodes in those items: subtrees of several, but no more than a tree has are in any. */
function nodesWaiting(vmas: u64, calls: u64): u64 {
  const items = nodeItemsFor(calls);
  return min(items * 2, items + indexNodesFor(vmas));
}

export function isGeneration72(): bool {
  return config(Config.GENERATION) == <u64>Generation.V7_2;
}

/**
 * Sheaves of dead index nodes that can wait at once, 7.2. A side tree defers some 0.6 nodes a VMA,
 * and what is deferred in a few ticks is all that waits.
 */
function nodeSheavesFor(vmas: u64, calls: u64): u64 {
  if (!isGeneration72() || calls == 0) return 0;
  return (min(vmas * 2 / 3, NODE_ITEMS_MAX) + nodeItemsFor(calls)) / NODE_SHEAF_CAPACITY + 64;
}

/** Callback records: of index nodes, node sheaves, slab pages, and a few others. */
function callbacksFor(calls: u64, objects: u64): u64 {
  if (!isGeneration72()) {
    const others = config(Config.LOAD_ENTRIES) == 0 ? 0 : calls * OTHER_CALLBACKS;
    return nodeItemsFor(calls) + others + 16; // kvfree_rcu's batches
  }
  const slabs = objects / config(Config.VMA_OBJECTS_PER_SLAB) + 64;
  const vmaSheaves = <u64>vmaSheavesWaiting(<u32>objects);
  const sheaves = nodeSheavesFor(config(Config.VMAS), calls) + vmaSheaves;
  return nodeItemsFor(calls) + sheaves + slabs + 64;
}

/** rcu sheaves of VMAs that can wait at once: all VMAs may. */
export function vmaSheavesWaiting(objects: u32): u32 {
  return objects / <u32>config(Config.SHEAF_CAPACITY) + 2;
}

function vmaCacheBytes(objects: u32, cpus: u32): u64 {
  const perSlab = <u32>config(Config.VMA_OBJECTS_PER_SLAB);
  if (!isGeneration72()) return cacheBytes(objects, VMA_RECORD_BYTES, perSlab, cpus);
  const capacity = <u32>config(Config.SHEAF_CAPACITY);
  const waiting = vmaSheavesWaiting(objects);
  return sheafCacheBytes(objects, VMA_RECORD_BYTES, perSlab, cpus, capacity, waiting);
}

/** Locks are objects of their own in 6.12; in 7.2 a reference count in the VMA is its lock. */
export function lockObjects(): u32 {
  return isGeneration72() ? 0 : <u32>runVmaObjects();
}

/** Nodes of all trees: the process's, a side tree of all its VMAs, and those that wait. */
export function nodesFor(vmas: u64, calls: u64): u64 {
  // a tree of its own for every mm: a root and a leaf that is not full
  if (calls == 0) return indexNodesFor(vmas) + 4 * (max<u64>(config(Config.MMS), 1) - 1);
  const side = vmas / 12 + vmas / 80 + 64;
  const waiting = nodesWaiting(vmas, calls) + nodeSheavesFor(vmas, calls) * NODE_SHEAF_CAPACITY;
  return indexNodesFor(vmas) + side + waiting;
}

/** VMAs of the waiting parent at most. */
const PARENT_VMAS_MAX: u64 = 12;

/** VMA objects of the run and of what others had before it. */
@inline
export function vmaObjects(): u64 {
  return runVmaObjects() + config(Config.VMAS_FREED_BEFORE);
}

/** VMA objects of the run: those of the process, one for each split, those of its parent. */
function runVmaObjects(): u64 {
  const parents = isGeneration72() ? PARENT_VMAS_MAX : 0;
  // those of the workload mm have a cache of their own
  if (config(Config.WORKLOAD) == <u64>Workload.MM) return 1 + parents;
  return config(Config.VMAS) + config(Config.MUNMAP_SPLITS) + parents;
}

/** Events at once: four kinds of a CPU's or a group's, a timer per task, a few to spare. */
export function eventsFor(cpus: u32): u32 {
  return cpus * 5 + tasksFor(cpus) + 16;
}

function vmapStateBytes(): u64 {
  const threads = <u32>config(Config.TEST_THREADS);
  return (
    stateBytes(<u32>config(Config.VMAP_NODES)) +
    threadsBytes(threads, <u32>config(Config.TEST_HANDLES))
  );
}

/** Computes every region's size from the configuration record; answers the total in bytes. */
export function planRegions(): u64 {
  resolveGeometry();
  const cpus = <u32>config(Config.CPUS);
  const vmas = config(Config.VMAS);
  const calls = config(Config.MUNMAP_CALLS);
  const objects = <u32>vmaObjects();
  assert(vmaObjects() <= 0x0fff_ffff); // the host refuses more before it asks
  assert(<u64>__heap_base <= STATIC_BYTES); // no build's static data is larger
  setRegion(Region.STATIC, STATIC_BYTES);
  setRegion(Region.STAGING, STAGING_BYTES);
  setRegion(Region.CPUS, <u64>cpus * CPU_BYTES);
  setRegion(Region.TASKS, <u64>tasksFor(cpus) * TASK_BYTES);
  setRegion(Region.RCU, rcuBytes(cpus));
  setRegion(Region.EVENTS, queueBytes(eventsFor(cpus)));
  setRegion(
    Region.VMA_CACHE, vmaCacheBytes(objects, cpus),
  );
  setRegion(
    Region.LOCK_CACHE,
    cacheBytes(
      lockObjects(), LOCK_RECORD_BYTES, <u32>config(Config.LOCK_OBJECTS_PER_SLAB), cpus,
    ),
  );
  setRegion(Region.RCU_LOAD, rcuLoadBytes());
  setRegion(Region.TRACE, traceBytes());
  setRegion(Region.WORKQUEUE, workqueueBytes(cpus));
  setRegion(Region.INDEX, poolBytes(<u32>nodesFor(vmas, calls)));
  setRegion(Region.MUNMAP_CALLS, calls * MUNMAP_CALL_BYTES);
  const callbacks = callbacksFor(calls, objects) + config(Config.LOAD_CALLBACKS);
  setRegion(Region.NODE_CALLBACKS, callbacks * CALLBACK_BYTES);
  setRegion(Region.CPU_SETS, cpuSetsBytes());
  const vmalloc = config(Config.WORKLOAD) == <u64>Workload.VMALLOC;
  setRegion(Region.VMAP_AREAS, vmalloc ? areaPoolBytes(<u32>config(Config.VMAP_AREAS)) : 0);
  setRegion(Region.VMAP_STATE, vmalloc ? vmapStateBytes() : 0);
  setRegion(
    Region.VMAP_OBJECTS, vmalloc ? objectsBytes(<u32>config(Config.VMAP_AREAS), cpus) : 0,
  );
  setRegion(Region.NODE_SHEAVES, nodeSheavesFor(vmas, calls) * NODE_SHEAF_BYTES);
  setRegion(Region.NODE_CACHE, supplyBytes());
  setRegion(Region.PAGES, pagesBytes(cpus));
  setRegion(Region.MMS, mmsBytes());
  const isMm = config(Config.WORKLOAD) == <u64>Workload.MM;
  setRegion(Region.MM, isMm ? mmRegionBytes() : 0);
  setRegion(Region.LOAD, loadBytes());
  const exits = config(Config.WORKLOAD) == <u64>Workload.EXITS;
  const touchers = config(Config.EXITS_RESTART_THREADS) * TOUCHER_BYTES;
  setRegion(Region.EXITS, exits ? config(Config.MMS) * CHILD_BYTES + touchers : 0);
  setRegion(Region.TIMELINE, timelineBytes());
  let total: u64 = 0;
  for (let region = 0; region < <i32>Region.COUNT; region++) {
    total += regionBytes(region);
  }
  return total;
}

/** Reserves what `planRegions` computed; false when the memory cannot grow that far. */
export function layOut(): bool {
  const total = planRegions();
  const pages = <i32>((total + 0xffff) >> 16);
  if (pages > 65535) return false; // 65,536 pages would wrap every end-of-memory comparison
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return false;
  let base: u64 = 0;
  for (let region = 0; region < <i32>Region.COUNT; region++) {
    store<u64>(REGION_BASE + (<usize>region << 3), base);
    base += regionBytes(region);
  }
  return true;
}

// The engine's exports, and nothing else. The host writes the configuration and the costs, asks for
// the plan, reserves, loads the address space, and runs in slices.

import { Config, Workload } from "./abi/config";
import { CostSlot } from "./abi/cost";
import { Metric, Region, RunState } from "./abi/metric";
import { MM_COSTS } from "./mm/charge";
import { SETTINGS as MM_SETTINGS } from "./mm/settings";
import { mmInit } from "./vma/mm";
import {
  config,
  CONFIG,
  COSTS,
  LOAD_CONFIG,
  LOAD_METRICS,
  METRICS,
  setMetric,
  WORKLOAD_METRIC_SLOTS,
  WORKLOAD_METRICS,
} from "./memory/slots";
import {
  eventsFor,
  layOut,
  lockObjects,
  nodesFor,
  planRegions,
  regionBase,
  REGION_BASE,
  REGION_BYTES,
  STAGING_VMAS,
} from "./memory/map";
import { outgrownRegion } from "./memory/outgrow";
import { poolInit, treeSetRcu } from "./index/tree";
import { prngInit } from "./memory/prng";
import { digest } from "./oracle/digest";
import { checkFinalLaws } from "./oracle/laws";
import { pagesInit } from "./page/state";
import { policyInit } from "./strategy/policy";
import { timelineBegin, timelineInit } from "./metrics/timeline";
import { traceInit } from "./metrics/trace";
import { queueInit } from "./queue/queue";
import { startPolls } from "./rcu/nocb-poll";
import { rcuInit, stallRows } from "./rcu/state";
import { cacheInit } from "./slab/slab";
import { clockInit } from "./sched/clock";
import { cpusInit } from "./sched/cpu";
import { eventsInit } from "./sched/events";
import { extraInit } from "./sched/extra";
import { fairInit } from "./sched/fair";
import { hrtickInit } from "./sched/hrtick";
import { virtualInit } from "./sched/virtual";
import { kthreadsInit } from "./sched/kthreads";
import { runEvents } from "./sched/loop";
import { nohzInit, startIdleTicks } from "./sched/nohz";
import { cpuSetsInit } from "./sched/place";
import { preemptInit } from "./sched/preempt";
import { tasksInit } from "./sched/task";
import { turnsInit } from "./sched/turns";
import { callbacksInit } from "./vma/callback-records";
import { loadInit, loadStaged, lookUpStaged } from "./vma/load";
import { mmLoad, mmMachineInit } from "./mm/machine";
import { munmapInit } from "./vma/munmap";
import { loadCalls, munmapCallsInit } from "./vma/munmap-calls";
import { nodeCallbacksInit } from "./vma/node-callbacks";
import { nodeSheavesInit } from "./vma/node-free";
import { initVmaCache } from "./vma/objects";
import { LOCK_RECORD_BYTES } from "./vma/record";
import { freeVmasBefore } from "./vma/vmas-before";
import { finishLoad, startLoad } from "./workload/load";
import { finishWorkload, noteProgress, startWorkload } from "./workload/workload";

/** Changes with every slot that is added or taken away; the host checks it against its own. */
export function abiSlots(): u32 {
  return <u32>Config.COUNT | (<u32>CostSlot.COUNT << 10) | (<u32>Metric.COUNT << 20);
}

export function configAddress(): usize {
  return CONFIG;
}

export function costsAddress(): usize {
  return COSTS;
}

export function metricsAddress(): usize {
  return METRICS;
}

export function workloadMetricsAddress(): usize {
  return WORKLOAD_METRICS;
}

export function loadConfigAddress(): usize {
  return LOAD_CONFIG;
}

export function loadMetricsAddress(): usize {
  return LOAD_METRICS;
}

export function regionBytesAddress(): usize {
  return REGION_BYTES;
}

/** Where the regions begin, once `init` has run. */
/** The region that a trapped run had outgrown, or -1. */
export { outgrownRegion };

export function regionBaseAddress(): usize {
  return REGION_BASE;
}

/** Rows of reports about RCU CPU stalls: abi/stall.ts. */
export function stallsAddress(): usize {
  return stallRows();
}

export function stagingAddress(): usize {
  return regionBase(Region.STAGING);
}

export function stagingVmas(): u32 {
  return STAGING_VMAS;
}

// The workload mm: settings and costs before the plan, address spaces and threads before the start.
export { addActor, addMm, addOp, addVma } from "./mm/build";
export { breachAt, breachesKept } from "./oracle/log";

export function mmCostsAddress(): usize {
  return MM_COSTS;
}

export function mmSettingsAddress(): usize {
  return MM_SETTINGS;
}

/** Computes the size of every region from the configuration, without reserving anything. */
export function plan(): void {
  planRegions();
}

/** Reserves and initialises the machine; false when the memory cannot be had. */
export function init(): bool {
  if (!layOut()) return false;
  memory.fill(METRICS, 0, <usize>Metric.COUNT * 8);
  memory.fill(WORKLOAD_METRICS, 0, <usize>WORKLOAD_METRIC_SLOTS * 8);
  const cpus = <u32>config(Config.CPUS);
  prngInit(config(Config.SEED));
  clockInit();
  policyInit();
  mmInit();
  preemptInit();
  cpusInit(regionBase(Region.CPUS));
  cpuSetsInit();
  fairInit();
  virtualInit();
  hrtickInit();
  eventsInit();
  turnsInit();
  nohzInit();
  tasksInit(regionBase(Region.TASKS));
  kthreadsInit();
  extraInit();
  rcuInit(regionBase(Region.RCU));
  queueInit(regionBase(Region.EVENTS), eventsFor(cpus));
  initCaches(cpus);
  const nodes = <u32>nodesFor(config(Config.VMAS), config(Config.MUNMAP_CALLS));
  poolInit(regionBase(Region.INDEX), nodes);
  callbacksInit();
  nodeSheavesInit();
  nodeCallbacksInit();
  munmapCallsInit();
  munmapInit();
  pagesInit();
  loadInit();
  if (config(Config.WORKLOAD) == <u64>Workload.MM) mmMachineInit();
  traceInit();
  timelineInit();
  return true;
}

function initCaches(cpus: u32): void {
  initVmaCache(cpus);
  cacheInit(
    regionBase(Region.LOCK_CACHE), lockObjects(), LOCK_RECORD_BYTES,
    <u32>config(Config.LOCK_OBJECTS_PER_SLAB), <u32>config(Config.LOCK_SLAB_ORDER), cpus,
    <u32>config(Config.LOCK_CPU_PARTIAL_SLABS), <u32>config(Config.LOCK_MIN_PARTIAL),
  );
}

/** Takes `count` VMAs from the staging area; see vma/load.ts for the answers. */
export function loadVmas(count: u32): i32 {
  if (config(Config.WORKLOAD) == <u64>Workload.MM) return mmLoad(count);
  return loadStaged(count);
}

/** Takes `count` munmap calls from the staging area; see vma/munmap-calls.ts. */
export function loadMunmapCalls(count: u32): i32 {
  return loadCalls(count);
}

/** How many of `count` staged pages lie in a VMA; see vma/load.ts. */
export function lookUpPages(count: u32): u32 {
  return lookUpStaged(count);
}

/** Everything is loaded: time starts, and the workload begins. */
export function begin(): void {
  freeVmasBefore();
  startIdleTicks();
  startPolls();
  startWorkload();
  startLoad();
  timelineBegin();
}

/** Handles events until `budget` is spent; see sched/loop.ts. */
export function run(budget: u32): RunState {
  const more = runEvents(budget);
  noteProgress();
  if (more) return RunState.RUNNING;
  checkFinalLaws();
  finishWorkload();
  finishLoad();
  setMetric(Metric.DIGEST, digest());
  return RunState.FINISHED;
}

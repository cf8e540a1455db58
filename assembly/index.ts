// The engine's exports, and nothing else. The host writes the configuration and the costs, asks for
// the plan, reserves, loads the address space, and runs in slices.

import { Config } from "./abi/config";
import { CostSlot } from "./abi/cost";
import { Metric, Region, RunState } from "./abi/metric";
import { mmInit } from "./vma/mm";
import { config, CONFIG, COSTS, METRICS, metric, setMetric } from "./memory/slots";
import {
  eventsFor,
  indexNodesFor,
  layOut,
  planRegions,
  regionBase,
  REGION_BYTES,
  STAGING_VMAS,
} from "./memory/map";
import { poolInit } from "./index/tree";
import { prngInit } from "./memory/prng";
import { digest } from "./oracle/digest";
import { checkFinalLaws } from "./oracle/laws";
import { policyInit } from "./strategy/policy";
import { queueInit } from "./queue/queue";
import { rcuInit } from "./rcu/state";
import { cacheInit, cacheSlabsDiscarded, cacheSlabsLive } from "./slab/slab";
import { clockInit, nextTickAfter } from "./sched/clock";
import { leaveIdle, schedule } from "./sched/core";
import { cpuAt, cpusInit } from "./sched/cpu";
import { armTick, ensureRun, stopTick } from "./sched/events";
import { enqueueTask } from "./sched/fair";
import { runEvents } from "./sched/loop";
import { exitTask, gpKthread, parentTask, tasksInit } from "./sched/task";
import { loadInit, loadStaged, lookUpStaged } from "./vma/load";
import { LOCK_RECORD_BYTES, VMA_RECORD_BYTES } from "./vma/record";

/** Changes with every slot that is added or taken away; the host checks it against its own. */
export function abiSlots(): u32 {
  return <u32>Config.COUNT | (<u32>CostSlot.COUNT << 8) | (<u32>Metric.COUNT << 16);
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

export function regionBytesAddress(): usize {
  return REGION_BYTES;
}

export function stagingAddress(): usize {
  return regionBase(Region.STAGING);
}

export function stagingVmas(): u32 {
  return STAGING_VMAS;
}

/** Computes the size of every region from the configuration, without reserving anything. */
export function plan(): void {
  planRegions();
}

/** Reserves and initialises the machine; false when the memory cannot be had. */
export function init(): bool {
  if (!layOut()) return false;
  memory.fill(METRICS, 0, <usize>Metric.COUNT * 8);
  const cpus = <u32>config(Config.CPUS);
  prngInit(config(Config.SEED));
  clockInit();
  policyInit();
  mmInit();
  cpusInit(regionBase(Region.CPUS));
  tasksInit(regionBase(Region.TASKS));
  rcuInit(regionBase(Region.RCU));
  queueInit(regionBase(Region.EVENTS), eventsFor(cpus));
  initCaches(cpus);
  poolInit(regionBase(Region.INDEX), <u32>indexNodesFor(config(Config.VMAS)));
  loadInit();
  return true;
}

function initCaches(cpus: u32): void {
  const vmas = <u32>config(Config.VMAS);
  cacheInit(
    regionBase(Region.VMA_CACHE), vmas, VMA_RECORD_BYTES,
    <u32>config(Config.VMA_OBJECTS_PER_SLAB), <u32>config(Config.VMA_SLAB_ORDER), cpus,
    <u32>config(Config.VMA_CPU_PARTIAL_SLABS), <u32>config(Config.VMA_MIN_PARTIAL),
  );
  cacheInit(
    regionBase(Region.LOCK_CACHE), vmas, LOCK_RECORD_BYTES,
    <u32>config(Config.LOCK_OBJECTS_PER_SLAB), <u32>config(Config.LOCK_SLAB_ORDER), cpus,
    <u32>config(Config.LOCK_CPU_PARTIAL_SLABS), <u32>config(Config.LOCK_MIN_PARTIAL),
  );
}

/** Takes `count` VMAs from the staging area; see vma/load.ts for the answers. */
export function loadVmas(count: u32): i32 {
  return loadStaged(count);
}

/** How many of `count` staged pages lie in a VMA; see vma/load.ts. */
export function lookUpPages(count: u32): u32 {
  return lookUpStaged(count);
}

/** The address space is complete: time starts, and the task begins to exit. */
export function begin(): void {
  setMetric(Metric.VMA_SLABS_START, <u64>cacheSlabsLive(regionBase(Region.VMA_CACHE)));
  setMetric(Metric.LOCK_SLABS_START, <u64>cacheSlabsLive(regionBase(Region.LOCK_CACHE)));
  const home = <u32>config(Config.EXIT_CPU);
  parentTask().cpu = home;
  gpKthread().cpu = home;
  const cpu = cpuAt(home);
  // the task runs already: the way out of idle and the switch to it lie before time 0
  leaveIdle(cpu);
  stopTick(cpu);
  enqueueTask(cpu, exitTask());
  schedule(cpu);
  cpu.now = 0;
  exitTask().execStart = 0;
  armTick(cpu, nextTickAfter(0));
  ensureRun(cpu);
}

/** Handles up to `budget` events. */
export function run(budget: u32): RunState {
  const more = runEvents(budget);
  setMetric(Metric.PROGRESS, metric(Metric.FREED));
  if (more) return RunState.RUNNING;
  finish();
  return RunState.FINISHED;
}

function finish(): void {
  checkFinalLaws();
  const vmaCache = regionBase(Region.VMA_CACHE);
  const lockCache = regionBase(Region.LOCK_CACHE);
  setMetric(Metric.VMA_SLABS_END, <u64>cacheSlabsLive(vmaCache));
  setMetric(Metric.VMA_SLABS_DISCARDED, <u64>cacheSlabsDiscarded(vmaCache));
  setMetric(Metric.LOCK_SLABS_END, <u64>cacheSlabsLive(lockCache));
  setMetric(Metric.LOCK_SLABS_DISCARDED, <u64>cacheSlabsDiscarded(lockCache));
  setMetric(Metric.DIGEST, digest());
}

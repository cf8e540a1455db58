// The workload `vmalloc`: threads that allocate and free kernel address space.

import { Config } from "../abi/config";
import { Metric, Region } from "../abi/metric";
import { TestCase, VmallocDriver, VmapMetric } from "../abi/vmalloc";
import { spinCounters } from "../lock/spinlock";
import { regionBase } from "../memory/map";
import { config, setMetric, setWorkloadMetric, workloadSlot } from "../memory/slots";
import { nrCpus } from "../sched/cpu";
import { newTask, startTask } from "../sched/extra";
import { TaskKind } from "../sched/task";
import { WorkKind } from "../sched/work";
import { workInit, workqueueInit } from "../sched/workqueue";
import { areaPoolInit } from "../vmap/area";
import { drainInit } from "../vmap/drain";
import { drawOrder } from "../vmap/driver";
import { finishInit, restoreCounts } from "../vmap/finish";
import { exhaustedInit, recordsExhausted } from "../vmap/exhausted";
import { freeBefore, holdAreas, placeStacks } from "../vmap/before";
import { checkSpace } from "../vmap/laws";
import { outOfMemory } from "../vmap/memory";
import { objectsInit } from "../vmap/objects";
import { otherInit, startOther } from "../vmap/other";
import { percpuInit } from "../vmap/percpu";
import { freeLock, lazyNr, stateBytes, stateInit } from "../vmap/state";
import { rcuWork, threadAt, threadsInit } from "../vmap/thread";
import { warningsInit } from "../vmap/warnings";

export function startVmalloc(): void {
  const areas = <u32>config(Config.VMAP_AREAS);
  areaPoolInit(regionBase(Region.VMAP_AREAS), areas, <u32>config(Config.VMAP_NODES));
  objectsInit(regionBase(Region.VMAP_OBJECTS), areas, nrCpus());
  exhaustedInit();
  drainInit();
  otherInit();
  percpuInit();
  warningsInit();
  finishInit();
  const state = regionBase(Region.VMAP_STATE);
  stateInit(state);
  threadsInit(state + <usize>stateBytes(<u32>config(Config.VMAP_NODES)));
  workqueueInit();
  placeStacks();
  freeBefore();
  holdAreas();
  const threads = <u32>config(Config.TEST_THREADS);
  let cases: u32 = 0;
  for (let i: u32 = 0; i < threads; i++) {
    cases = drawOrder(threadAt(i));
    workInit(rcuWork(threadAt(i)), WorkKind.VMAP_KVFREE, i);
    startTask(newTask(TaskKind.TEST_VMALLOC, i), i % nrCpus());
  }
  if (config(Config.VMAP_OTHER_WORK_PS) != 0) {
    startOther((threads + nrCpus() - 1) / nrCpus());
  }
  setMetric(Metric.PROGRESS_TOTAL, progressTotal(threads, cases));
}

function progressTotal(threads: u32, cases: u32): u64 {
  const holds = config(Config.VMAP_DRIVER) != <u64>VmallocDriver.TEST_MODULE;
  if (holds) return config(Config.TEST_LOOPS);
  return <u64>threads * <u64>cases * config(Config.TEST_REPEAT);
}

/** Areas are where they were left, and the count of lazily freed pages is that of the lists. */
export function checkVmalloc(): void {
  if (outOfMemory() || recordsExhausted()) return; // a panicked machine stops where it is
  checkSpace();
}

export function finishVmalloc(): void {
  restoreCounts();
  setWorkloadMetric(VmapMetric.LAZY_END_PAGES, lazyNr());
  setWorkloadMetric(VmapMetric.RECORDS_EXHAUSTED, recordsExhausted() ? 1 : 0);
  const counters = changetype<usize>(spinCounters(freeLock()));
  memory.copy(workloadSlot(VmapMetric.LOCK_ACQUISITIONS), counters, 6 * 8);
  assert(<i32>TestCase.COUNT <= 16); // four bits name a case
}

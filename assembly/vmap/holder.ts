// The driver that holds areas: one thread that allocates and frees among areas held since before
// the run, then purges once more. It shows what a held number of areas costs.

import { Config } from "../abi/config";
import { VmallocDriver, VmapMetric } from "../abi/vmalloc";
import { addMetric, config, setWorkloadMetric, workloadMetric } from "../memory/slots";
import { Metric } from "../abi/metric";
import { Cpu } from "../sched/cpu";
import { Task } from "../sched/task";
import { areaAt } from "./area";
import { beginAlloc, beginFree, beginOnlyPurge, OP_ADDRESS_ONLY } from "./op";
import { cpuTime } from "./state";
import { heldArea, hold, opOf, TestThread } from "./thread";

enum Stage {
  ALLOC,
  FREE,
  PURGED,
}

/** Begins the thread's next operation; false when it is done. */
export function nextOfHolder(cpu: Cpu, task: Task, thread: TestThread): bool {
  if (thread.stage == Stage.PURGED) return false;
  const loops = <u32>config(Config.TEST_LOOPS);
  const batch = config(Config.VMAP_DRIVER) == <u64>VmallocDriver.HOLD_THEN_BATCH;
  return batch ? nextOfBatch(cpu, task, thread, loops) : nextOfLoop(cpu, task, thread, loops);
}

function pages(): u32 {
  return <u32>config(Config.TEST_NR_PAGES);
}

function nextOfLoop(cpu: Cpu, task: Task, thread: TestThread, loops: u32): bool {
  if (thread.loop == 0 && thread.stage == Stage.ALLOC) begin(cpu, task);
  if (thread.stage == Stage.FREE) {
    thread.stage = Stage.ALLOC;
    thread.loop++;
    addMetric(Metric.PROGRESS, 1);
    beginFree(opOf(thread), areaAt(opOf(thread).area), 0);
    return true;
  }
  if (thread.loop == loops) return end(cpu, task, thread, VmapMetric.LOOP_END);
  thread.stage = Stage.FREE;
  beginAlloc(opOf(thread), pages(), 1, 0);
  return true;
}

function nextOfBatch(cpu: Cpu, task: Task, thread: TestThread, loops: u32): bool {
  if (thread.stage == Stage.ALLOC) {
    if (thread.loop == 0) begin(cpu, task);
    else hold(thread, opOf(thread).area);
    if (thread.loop < loops) {
      thread.loop++;
      addMetric(Metric.PROGRESS, 1);
      beginAlloc(opOf(thread), pages(), 1, OP_ADDRESS_ONLY);
      return true;
    }
    setWorkloadMetric(VmapMetric.LOOP_END, cpu.now);
    thread.stage = Stage.FREE;
    thread.loop = 0;
  }
  if (thread.loop == loops) return end(cpu, task, thread, VmapMetric.FREE_LOOP_END);
  beginFree(opOf(thread), heldArea(thread, thread.loop++), OP_ADDRESS_ONLY);
  return true;
}

function begin(cpu: Cpu, task: Task): void {
  setWorkloadMetric(VmapMetric.LOOP_START, cpu.now);
  setWorkloadMetric(VmapMetric.LOOP_CPU, cpuTime(cpu, task));
}

/** The loop is over: what is lazy is purged by the thread itself. */
function end(cpu: Cpu, task: Task, thread: TestThread, slot: VmapMetric): bool {
  setWorkloadMetric(slot, cpu.now);
  const before = workloadMetric(VmapMetric.LOOP_CPU);
  setWorkloadMetric(VmapMetric.LOOP_CPU, cpuTime(cpu, task) - before);
  thread.stage = Stage.PURGED;
  beginOnlyPurge(opOf(thread));
  return true;
}

// The work items of the purge: drain_vmap_area_work, and a helper's share of it.
// [same: mm/vmalloc.c:drain_vmap_area_work, purge_vmap_node, 6.12 and 7.2]

import { CostSlot } from "../abi/cost";
import { VmapMetric } from "../abi/vmalloc";
import { mutexLock, mutexUnlock } from "../lock/mutex";
import { addWorkloadMetric, cost, maxWorkloadMetric } from "../memory/slots";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { MID_KERNEL } from "../sched/preempt";
import { Task } from "../sched/task";
import { Work, WORK_DONE } from "../sched/work";
import { nodeAt } from "./node";
import { OpAnswer } from "./op";
import { beginPurge, helperDone, stepPurge } from "./purge";
import { stepNode } from "./purge-node";
import { drainWork, purgeLock } from "./state";
import { queueWork } from "../sched/workqueue";

enum Phase {
  START,
  LOCK,
  PURGE,
}

/** It runs; and it was queued once more meanwhile, since when. */
let running: bool = false;
let again: bool = false;
let againAt: u64 = 0;

export function drainInit(): void {
  running = false;
  again = false;
}

/**
 * schedule_work(&drain_vmap_work).
 * [same: kernel/workqueue.c:__queue_work, find_worker_executing_work: an item that runs and is
 *  queued again runs once more on the same worker, never on two at a time]
 */
export function scheduleDrain(cpu: Cpu): void {
  if (!running) {
    queueWork(cpu, drainWork());
    return;
  }
  if (again) return;
  cpu.now += cost(CostSlot.QUEUE_WORK);
  again = true;
  againAt = cpu.now;
}

export function stepDrain(cpu: Cpu, task: Task, work: Work): u64 {
  if (work.progress == Phase.START) {
    running = true;
    const delay = max(cpu.now, work.queuedAt) - work.queuedAt;
    addWorkloadMetric(VmapMetric.DRAIN_WORK_DELAY_N, 1);
    addWorkloadMetric(VmapMetric.DRAIN_WORK_DELAY_SUM, delay);
    maxWorkloadMetric(VmapMetric.DRAIN_WORK_DELAY_MAX, delay);
    work.progress = Phase.LOCK;
  }
  if (work.progress == Phase.LOCK) {
    if (!mutexLock(cpu, task, purgeLock())) return SLEEPS;
    beginPurge(cpu, task, false);
    work.progress = Phase.PURGE;
  }
  const answer = stepPurge(cpu, task);
  if (answer == OpAnswer.AGAIN) return GOES_ON;
  if (answer == OpAnswer.SLEEP) return SLEEPS;
  mutexUnlock(cpu, task, purgeLock());
  work.progress = Phase.START;
  if (again) {
    again = false;
    work.queuedAt = againAt;
    return GOES_ON;
  }
  running = false;
  return WORK_DONE;
}

/** The item's argument is the node. */
export function stepHelper(cpu: Cpu, task: Task, work: Work): u64 {
  const node = nodeAt(work.argument);
  task.midStep = MID_KERNEL;
  const answer = stepNode(cpu, node);
  if (answer != OpAnswer.DONE) return GOES_ON;
  task.midStep = 0;
  helperDone(cpu, node);
  return WORK_DONE;
}

// The parent of the workload `exits`: it may be busy at first, waits for all its children, then
// works, or starts the next process at once.
//
// [same: kernel/exit.c:wait_task_zombie, release_task: dead children are reaped one by one; each
//  queues the callbacks of its task and its PID]

import { ExitsMetric } from "../abi/exits";
import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Span } from "../abi/timeline";
import {
  addWorkloadMetric,
  config,
  cost,
  setWorkloadMetric,
  workloadMetric,
} from "../memory/slots";
import { timelineSpan } from "../metrics/timeline";
import { mmPages } from "../page/zap";
import { EXITED, GOES_ON, SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { Task } from "../sched/task";
import { enterUserMode } from "../sched/user-mode";
import { queueDeadTask } from "../vma/dead-task";
import { Child, childAt, childCallback } from "./child";
import { startRestart } from "./restart";

/** Where the parent stands (Task.phase). */
enum Phase {
  BUSY,
  WAIT,
  WORK,
  END,
}

const STEP_PS: u64 = 10_000_000;
let reaped: u32 = 0;
/** When the last wait returned. */
let waitedFrom: u64 = 0;
let begun: u64 = 0;
let busyLeft: u64 = 0;
let workLeft: u64 = 0;
let done: bool = false;

export function waiterInit(): void {
  reaped = 0;
  waitedFrom = 0;
  done = false;
  begun = 0;
  busyLeft = config(Config.EXITS_PARENT_BUSY_PS);
  workLeft = config(Config.EXITS_WORK_PS);
}

/** Has it been told of every child, and gone on to the end? */
export function waiterIsDone(): bool {
  return done;
}

/** The parent's program, see sched/programs.ts. */
export function stepWaiter(cpu: Cpu, task: Task): u64 {
  while (cpu.now <= horizon) {
    switch (task.phase) {
      case <u8>Phase.BUSY:
        task.userMode = <u8>(busyLeft != 0);
        if (busyLeft == 0) {
          task.phase = <u8>Phase.WAIT;
          break;
        }
        busyLeft -= compute(cpu, busyLeft);
        if (resched(cpu)) return GOES_ON;
        break;
      case <u8>Phase.WAIT:
        if (!reapOne(cpu)) return SLEEPS;
        if (reaped < <u32>config(Config.MMS)) break;
        allReaped(cpu);
        task.phase = <u8>Phase.WORK;
        enterUserMode(cpu, task);
        return GOES_ON;
      case <u8>Phase.WORK:
        if (workLeft == 0) {
          setWorkloadMetric(ExitsMetric.WORK, cpu.now - begun);
          task.phase = <u8>Phase.END;
          break;
        }
        workLeft -= compute(cpu, workLeft);
        if (resched(cpu)) return GOES_ON;
        break;
      default:
        startRestart(cpu);
        done = true;
        return EXITED;
    }
  }
  return GOES_ON;
}

/** Computes for one step of what is left; answers how much that was. */
function compute(cpu: Cpu, left: u64): u64 {
  const step = min(left, STEP_PS);
  cpu.now += step;
  return step;
}

/** wait(): the first dead child that was not waited for; false when there is none. */
function reapOne(cpu: Cpu): bool {
  for (let id: u32 = 0; id < <u32>config(Config.MMS); id++) {
    const child = childAt(id);
    if (child.zombie == 0 || child.reaped != 0) continue;
    reap(cpu, child, id);
    return true;
  }
  return false;
}

function reap(cpu: Cpu, child: Child, id: u32): void {
  child.reaped = 1;
  queueDeadTask(cpu, childCallback(id, 0), childCallback(id, 1), child.cpu);
  cpu.now += cost(CostSlot.WAIT_RETURN);
  child.waitReturn = cpu.now;
  timelineSpan(cpu, Span.WAIT, waitedFrom, id);
  waitedFrom = cpu.now;
  const latency = cpu.now - child.exitStart;
  const least = workloadMetric(ExitsMetric.WAIT_MIN);
  if (reaped == 0) setWorkloadMetric(ExitsMetric.WAIT_FIRST, cpu.now); // the first _exit is at 0
  if (reaped == 0 || latency < least) setWorkloadMetric(ExitsMetric.WAIT_MIN, latency);
  if (latency > workloadMetric(ExitsMetric.WAIT_MAX)) {
    setWorkloadMetric(ExitsMetric.WAIT_MAX, latency);
  }
  reaped++;
}

function allReaped(cpu: Cpu): void {
  setWorkloadMetric(ExitsMetric.LAST_WAIT, cpu.now);
  begun = cpu.now;
  for (let id: u32 = 0; id < <u32>config(Config.MMS); id++) {
    if (childAt(id).back != 0) continue;
    addWorkloadMetric(ExitsMetric.PAGES_OUT_AT_WAIT, mmPages(id).rss);
  }
}

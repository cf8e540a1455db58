// Waiting tasks by hand, for the tests: nobody is scheduled, the test looks on their behalf.
// Exported by entry.ts only.

import { cpuAt } from "../sched/cpu";
import { expKthread, taskAt, taskIndex, TaskState } from "../sched/task";
import { barrierIsOver } from "./barrier";
import { expInterrupt, stepExpKthread } from "./exp";
import { startPoll } from "./poll";
import { rcuData, rcuState } from "./state";
import { expeditedIsOver, synchronizeIsOver } from "./sync";

export { pollCookie, pollDone } from "./poll";

/** Nobody runs this task but the test: it answers no wake. */
export function holdTask(task: u32): void {
  taskAt(task).state = <u8>TaskState.DEAD;
}

export function expTask(): u32 {
  return taskIndex(expKthread());
}

export function startPollOn(cpu: u32): u64 {
  return startPoll(cpuAt(cpu));
}

export function synchronizeLook(cpu: u32, task: u32): bool {
  return synchronizeIsOver(cpuAt(cpu), taskAt(task));
}

export function expeditedLook(cpu: u32, task: u32): bool {
  return expeditedIsOver(cpuAt(cpu), taskAt(task));
}

export function barrierLook(cpu: u32, task: u32): bool {
  return barrierIsOver(cpuAt(cpu), taskAt(task));
}

/** One run of the kthread of expedited grace periods, on a CPU; until when it sleeps then. */
export function expKthreadOn(cpu: u32): u64 {
  return stepExpKthread(cpuAt(cpu));
}

/** Is RCU's interrupt on its way to a CPU? */
export function ipiOnItsWay(cpu: u32): bool {
  return rcuData(cpu).expIpi != 0;
}

/** It arrives. */
export function ipiArrives(cpu: u32): void {
  expInterrupt(cpuAt(cpu), cpuAt(cpu).curr == 0);
}

export function expSeq(): u64 {
  return rcuState().expSeq;
}

export function expEnded(): u64 {
  return rcuState().expEnded;
}

/** Tasks that the grace-period kthread will wake, and whether newcomers queue callbacks. */
export function listedWaiters(): u32 {
  return rcuState().srsCount;
}

export function latched(): bool {
  return rcuState().srsLatched != 0;
}

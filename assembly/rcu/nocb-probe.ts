// What the tests look at of an offloaded CPU. Exported by entry.ts only.

import { Cpu, cpuAt } from "../sched/cpu";
import { rcuog, rcuop, TaskState } from "../sched/task";
import { stepRcuog } from "./nocb-gp";
import { rcuData, rcuState } from "./state";

export function bypassLength(cpu: u32): u32 {
  return rcuData(cpu).bypassLength;
}

export function deferLevel(cpu: u32): u32 {
  return rcuData(rcuData(cpu).leader).deferLevel;
}

export function leaderOf(cpu: u32): u32 {
  return rcuData(cpu).leader;
}

export function nobypassLimit(): u32 {
  return rcuState().nobypassLimit;
}

export function lazyFlushJiffies(): u32 {
  return rcuState().lazyFlushJiffies;
}

/** Is the group's kthread awake? */
export function rcuogAwake(leader: u32): bool {
  return rcuog(leader).state == <u8>TaskState.RUNNABLE;
}

export function rcuopAwake(cpu: u32): bool {
  return rcuop(cpu).state == <u8>TaskState.RUNNABLE;
}

/** Nobody runs the group's kthread but the test: it answers no wake. */
export function holdRcuog(leader: u32): void {
  rcuog(leader).state = <u8>TaskState.DEAD;
}

/** One run of the group's kthread on a CPU. */
export function rcuogOn(cpu: u32, leader: u32): void {
  const it: Cpu = cpuAt(cpu);
  stepRcuog(it, leader);
}

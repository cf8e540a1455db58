// What the tests look at of an offloaded CPU. Exported by entry.ts only.

import { Cpu, cpuAt } from "../sched/cpu";
import { openHorizon } from "../sched/horizon";
import { rcuog, rcuop, TaskState } from "../sched/task";
import { lazyShrinkScan } from "./lazy-shrinker";
import { stepRcuop } from "./nocb-cb";
import { stepRcuog } from "./nocb-gp";
import { rcuData, rcuState } from "./state";
import { flushDeferredWake } from "./nocb-wake";

export function bypassLength(cpu: u32): u32 {
  return rcuData(cpu).bypassLength;
}

/** Calls of this jiffy, as the rate rule counts them. */
export function nobypassCount(cpu: u32): u32 {
  return rcuData(cpu).nobypassCount;
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

/** One run of the group's kthread on a CPU; until when it sleeps then. */
export function rcuogOn(cpu: u32, leader: u32): u64 {
  const it: Cpu = cpuAt(cpu);
  return stepRcuog(it, leader);
}

/** The rcuop of CPU `id` works on a CPU until it has nothing to invoke. */
export function rcuopOn(cpu: u32, id: u32): void {
  openHorizon(u64.MAX_VALUE);
  cpuAt(cpu).needResched = 0;
  stepRcuop(cpuAt(cpu), rcuop(id), id);
}

/** Does it wait for the end of a grace period? */
export function rcuogWaitsForGp(leader: u32): bool {
  return rcuData(leader).gpWaits != 0;
}

/** It sleeps, and a wake would reach it. */
export function restRcuog(leader: u32): void {
  rcuog(leader).state = <u8>TaskState.SLEEPING;
}

/** Is the group's timer set? */
export function nocbTimerSet(cpu: u32): bool {
  return rcuData(rcuData(cpu).leader).timerEvent != 0;
}

/** Changes the setting in the middle of a run, as no kernel lets one. */
export function setQhimark(qhimark: u32): void {
  rcuState().qhimark = qhimark;
}

export { lazyShrinkCount } from "./lazy-shrinker";

export function lazyShrinkScanOn(cpu: u32, wanted: u64): u64 {
  return lazyShrinkScan(cpuAt(cpu), wanted);
}

/** The CPU is about to idle: did that wake somebody? */
export function idleFlush(cpu: u32): bool {
  return flushDeferredWake(cpuAt(cpu));
}

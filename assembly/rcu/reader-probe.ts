// Readers by hand, for the tests: tasks are put on CPUs and switched without the scheduler.
// Exported by entry.ts only.

import { cpuAt } from "../sched/cpu";
import { MID_KERNEL, mustMakeWay, resched } from "../sched/preempt";
import { Task, taskAt } from "../sched/task";
import { readLock, readUnlock } from "./read-lock";
import { Reader, RcuNode } from "./records";
import { beginSection, endSection, noteContextSwitch, owesReport } from "./readers";
import { nodeOf, rcuData, rcuLeaf } from "./state";

const NOBODY: u32 = 0xffff_ffff;

/** The CPU runs this task from the start: no switch is noted. */
export function runTask(cpu: u32, task: u32): void {
  cpuAt(cpu).curr = changetype<usize>(taskAt(task));
}

/** A context switch from what the CPU runs to this task; answers whom to wake. */
export function switchTo(cpu: u32, task: u32): u32 {
  const it = cpuAt(cpu);
  const wakes = noteContextSwitch(it, it.curr);
  it.curr = changetype<usize>(taskAt(task));
  return wakes;
}

export function lockBy(task: u32): void {
  beginSection(taskAt(task));
}

/** rcu_read_lock() and _unlock() as the programs of tasks call them. */
export function readLockOn(cpu: u32, task: u32): void {
  readLock(cpuAt(cpu), taskAt(task));
}

export function readUnlockOn(cpu: u32, task: u32): void {
  readUnlock(cpuAt(cpu), taskAt(task));
}

/** Would what the CPU runs be preempted by something that wants it, in kernel code? */
export function isPreempted(cpu: u32): bool {
  const it = cpuAt(cpu);
  it.needResched = 1;
  const task = changetype<Task>(it.curr);
  task.midStep = MID_KERNEL;
  const makesWay = mustMakeWay(it, task);
  task.midStep = 0;
  it.needResched = 0;
  return makesWay;
}

/** cond_resched() of what the CPU runs. */
export function condResched(cpu: u32): void {
  resched(cpuAt(cpu));
}

export function unlockBy(cpu: u32, task: u32, free: bool): u32 {
  return endSection(cpuAt(cpu), taskAt(task), free);
}

export function owes(cpu: u32, task: u32): bool {
  return owesReport(rcuData(cpu), changetype<usize>(taskAt(task)));
}

/** The task at place `at` of a leaf's list of preempted readers, or none. */
export function blockedOn(leaf: u32, at: u32): u32 {
  let reader = rcuLeaf(leaf).blkdHead;
  for (let i: u32 = 0; i < at && reader != 0; i++) reader = changetype<Reader>(reader).next;
  return taskOf(reader);
}

/** The first task of the list that the normal grace period waits for, and the expedited one. */
export function gpBlocker(leaf: u32): u32 {
  return taskOf(rcuLeaf(leaf).gpTasks);
}

export function expBlocker(leaf: u32): u32 {
  return taskOf(rcuLeaf(leaf).expTasks);
}

function taskOf(reader: usize): u32 {
  return reader == 0 ? NOBODY : changetype<Reader>(reader).task;
}

/** CPUs of a leaf that the expedited grace period waits for. */
export function expMaskOf(leaf: u32): u64 {
  return rcuLeaf(leaf).expMask;
}

/** Makes the normal and the expedited grace period wait for this CPU, or not. */
export function setMasks(cpu: u32, gp: bool, exp: bool): void {
  const data = rcuData(cpu);
  const node: RcuNode = nodeOf(data);
  const bit: u64 = 1 << <u64>data.bit;
  node.qsMask = gp ? node.qsMask | bit : node.qsMask & ~bit;
  node.expMask = exp ? node.expMask | bit : node.expMask & ~bit;
}

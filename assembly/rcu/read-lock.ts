// rcu_read_lock() and rcu_read_unlock(), as a task's program calls them between its steps.
//
// With PREEMPT_RCU a section may be preempted, and is followed on its leaf's list (readers.ts).
// Without it rcu_read_lock() is preempt_disable(), so that a section cannot be switched away from.
// [same: include/linux/rcupdate.h:__rcu_read_lock, __rcu_read_unlock, both flavours, 6.12 and 7.2]

import { wakeForRcu } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { rcuIsClassic } from "../sched/preempt";
import { Task } from "../sched/task";
import { beginSection, endSection } from "./readers";

/** The running task enters a read-side critical section; they nest. */
export function readLock(cpu: Cpu, task: Task): void {
  if (rcuIsClassic()) cpu.preemptCount++;
  beginSection(task);
}

/** It leaves it; preemption, softirqs and interrupts are enabled, so that it can report at once. */
export function readUnlock(cpu: Cpu, task: Task): void {
  wakeForRcu(cpu, endSection(cpu, task, true));
  if (rcuIsClassic()) cpu.preemptCount--;
}

// rcu_read_lock() and rcu_read_unlock(), as a task's program calls them between its steps.

import { wakeForRcu } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { Task } from "../sched/task";
import { beginSection, endSection } from "./readers";

/** The running task enters a read-side critical section; they nest. */
export function readLock(task: Task): void {
  beginSection(task);
}

/** It leaves it; preemption, softirqs and interrupts are enabled, so that it can report at once. */
export function readUnlock(cpu: Cpu, task: Task): void {
  wakeForRcu(cpu, endSection(cpu, task, true));
}

/** It leaves it where preemption, softirqs or interrupts are disabled: a report has to wait. */
export function readUnlockNested(cpu: Cpu, task: Task): void {
  wakeForRcu(cpu, endSection(cpu, task, false));
}

// The clock of a run queue: by it time is charged, and it stands still between its updates.
//
// A wake-up brings it up to date. If somebody is to make way by then, the next switch does not do
// so again: what runs between the two, and that may be a whole softirq, is charged to the task
// that is switched to, and not to the one that ran.
// [same: kernel/sched/core.c:update_rq_clock, wakeup_preempt, __schedule, kernel/sched/sched.h:
//  rq_clock_skip_update, 6.12.117 and 7.2.13: updated by wake-ups, ticks, the timer of a slice,
//  the moves of the load balance, switches, and whoever asks for a task's CPU time]

import { Cpu } from "./cpu";

/** update_rq_clock */
@inline
export function updateClock(cpu: Cpu): void {
  cpu.clock = max(cpu.clock, cpu.now);
}

/** The end of a wake-up: a switch that is due need not look at the time again. */
@inline
export function skipUpdate(cpu: Cpu): void {
  if (cpu.needResched != 0) cpu.clockIsFresh = 1;
}

/** __schedule begins, or goes on after it has put the running task to sleep. */
@inline
export function updateForSwitch(cpu: Cpu): void {
  if (cpu.clockIsFresh == 0) updateClock(cpu);
}

/** It ends. */
@inline
export function switchIsDone(cpu: Cpu): void {
  cpu.clockIsFresh = 0;
}

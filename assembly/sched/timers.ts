// TIMER_SOFTIRQ: what sleeps for jiffies wakes in a softirq, not in the interrupt it is due in.
// Where the tick hits a softirq, that one ends its pass first, and a long batch of callbacks holds
// up the grace-period kthread's next look and a deferred wake-up.
//
// [same: kernel/time/timer.c:run_local_timers, __run_timers; kernel/softirq.c:handle_softirqs, 6.12
//  and 7.2: timers go off before RCU's part of a pass. hrtimers, which sleep to the nanosecond, go
//  off in the interrupt]
// [simplified: where the tick hits no softirq, timers go off right after RCU's part of it has begun
//  and before its first callback]

import { isInsideGroup } from "../rcu/core";
import { DEFER_NOT, wakeDeferred } from "../rcu/nocb-wake";
import { RcuData } from "../rcu/records";
import { rcuData } from "../rcu/state";
import { isTickTime } from "./clock";
import { wakeTask } from "./core";
import { Cpu, nrCpus } from "./cpu";
import { Task, taskAt, tasksFor } from "./task";

/**
 * Is the timer that is due at `time` one of the wheel's, on a CPU that was in a softirq by then, or
 * has disabled them?
 */
export function mustWait(cpu: Cpu, time: u64): bool {
  const busy = cpu.inSoftirq != 0 ? cpu.softirqStart < time : isInsideGroup(cpu);
  return busy && isTickTime(time);
}

/** Its sleep is over in the next pass of softirqs. */
export function timeoutWaits(cpu: Cpu, task: Task): void {
  task.dueOn = cpu.id + 1;
  timerWaits(cpu);
}

/** The same for the timer of a group of offloaded CPUs. */
export function nocbTimerWaits(cpu: Cpu, leader: RcuData): void {
  leader.timerDueOn = cpu.id + 1;
  timerWaits(cpu);
}

/** Whoever has disabled softirqs runs them when he enables them again: __local_bh_enable_ip. */
function timerWaits(cpu: Cpu): void {
  cpu.timersDue++;
  if (cpu.inSoftirq == 0) cpu.softirqsHeld = 1;
}

/** run_timer_softirq */
export function expireTimers(cpu: Cpu): void {
  const self = cpu.id + 1;
  for (let index: u32 = 0; cpu.timersDue != 0 && index < tasksFor(nrCpus()); index++) {
    const task = taskAt(index);
    if (task.dueOn == self) wakeTask(cpu, task); // which takes its timer off
  }
  for (let id: u32 = 0; cpu.timersDue != 0 && id < nrCpus(); id++) {
    const leader = rcuData(id);
    if (leader.timerDueOn != self) continue;
    leader.timerDueOn = 0;
    cpu.timersDue--;
    if (leader.deferLevel != DEFER_NOT) wakeDeferred(cpu, leader);
  }
}

// Waking the kthreads of offloaded CPUs, now or later.
// [same: kernel/rcu/tree_nocb.h:__wake_nocb_gp, wake_nocb_gp_defer, do_nocb_deferred_wakeup_common,
//  rcu_nocb_flush_deferred_wakeup; 6.12 and 7.2]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { timeoutExpiry } from "../sched/clock";
import { wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { armNocbTimer, cancelNocbTimer } from "../sched/events";
import { rcuog } from "../sched/task";
import { RcuData } from "./records";
import { rcuData, rcuState } from "./state";

/** Levels of a deferred wake-up, weakest first (RCU_NOCB_WAKE_*). */
export const DEFER_NOT: u8 = 0;
export const DEFER_BYPASS: u8 = 1;
export const DEFER_LAZY: u8 = 2;
export const DEFER_WAKE: u8 = 3;
export const DEFER_FORCE: u8 = 4;

/** Has this CPU's rcuop nothing to do? */
@inline
export function kthreadSleeps(data: RcuData): bool {
  return data.cbSleep != 0;
}

/** Wakes the rcuog of this CPU's group. */
export function wakeRcuog(cpu: Cpu, data: RcuData, force: bool): void {
  const leader = rcuData(data.leader);
  dropDeferred(leader);
  if (!force && leader.gpSleep == 0) return;
  leader.gpSleep = 0;
  cpu.now += cost(CostSlot.RCU_WAKE);
  // one that waits for a grace period sleeps on its leaf's queue, and hears of this when that ends
  if (leader.gpWaits == 0) wakeTask(cpu, rcuog(leader.cpu));
}

/** Forgets a deferred wake-up and its timer. */
export function dropDeferred(leader: RcuData): void {
  if (leader.deferLevel == DEFER_NOT) return;
  leader.deferLevel = DEFER_NOT;
  cancelNocbTimer(leader);
}

/** Asks for a wake-up later: bypass overrides and waits 2 jiffies, lazy the lazy time, others 1. */
export function deferWake(cpu: Cpu, data: RcuData, level: u8): void {
  const leader = rcuData(data.leader);
  if (level == DEFER_LAZY && leader.deferLevel == DEFER_NOT) {
    restartTimer(cpu, leader, <u64>rcuState().lazyFlushJiffies);
    leader.deferLevel = level;
  } else if (level == DEFER_BYPASS) {
    restartTimer(cpu, leader, 2);
    leader.deferLevel = level;
  } else {
    if (leader.deferLevel < DEFER_WAKE) restartTimer(cpu, leader, 1);
    if (leader.deferLevel < level) leader.deferLevel = level;
  }
}

function restartTimer(cpu: Cpu, leader: RcuData, jiffies: u64): void {
  cancelNocbTimer(leader);
  armNocbTimer(leader, cpu, timeoutExpiry(cpu.now, jiffies));
}

/** timer_pending, of the timer of a group. */
export function nocbTimerPending(leader: RcuData): bool {
  return leader.timerEvent != 0 || leader.timerDueOn != 0;
}

/** Is a wake-up of this CPU's group due that a timer was only the fallback for? */
@inline
export function wakeIsDeferred(data: RcuData): bool {
  return rcuData(data.leader).deferLevel >= DEFER_WAKE;
}

/**
 * rcu_nocb_need_deferred_wakeup as rcu_pending asks it in a tick: of the CPU's own record, so that
 * only the tick of the CPU that leads a group sees it. [same: kernel/rcu/tree.c:rcu_pending, 6.12]
 */
@inline
export function tickSeesDeferred(data: RcuData): bool {
  return data.deferLevel >= DEFER_WAKE;
}

/** rcu_nocb_flush_deferred_wakeup, of a CPU that is about to idle: was there one? */
export function flushDeferredWake(cpu: Cpu): bool {
  const data = rcuData(cpu.id);
  if (!wakeIsDeferred(data)) return false;
  wakeDeferred(cpu, data);
  return true;
}

/** Makes a deferred wake-up happen. */
export function wakeDeferred(cpu: Cpu, data: RcuData): void {
  wakeRcuog(cpu, data, rcuData(data.leader).deferLevel == DEFER_FORCE);
}

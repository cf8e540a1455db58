// Softirqs: on top of what an interrupt hit, or in ksoftirqd when they do not end.
// RCU is the only vector that is work of its own; what timers and the scheduler's cost is part of
// the tick.
//
// [same: kernel/softirq.c:handle_softirqs, run_ksoftirqd, 6.12: up to 10 passes, less than 2 ms by
//  jiffies, not while a reschedule is wanted; then ksoftirqd, in which the end of each pass is a
//  quiescent state]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, config, cost, maxMetric } from "../memory/slots";
import { timelineSoftirq } from "../metrics/timeline";
import { BatchStep, beginBatch, stepBatch } from "../rcu/batch";
import { isInsideGroup, mayInvoke, noteSoftirqQs, rcuCore } from "../rcu/core";
import { softirqBatch } from "../rcu/state";
import { jiffiesAt } from "./clock";
import { wakeKsoftirqd } from "./core";
import { Cpu } from "./cpu";
import { horizon } from "./horizon";
import { expireTimers } from "./timers";

const MAX_RESTARTS: u32 = 10;
const MAX_SOFTIRQ_MS: u64 = 2;

/** 2 ms in jiffies, rounded up. */
function maxSoftirqJiffies(): u64 {
  return (MAX_SOFTIRQ_MS * config(Config.HZ) + 999) / 1000;
}

/** Cpu.inSoftirq: softirqs run on top of what an interrupt hit, or ksoftirqd runs them. */
const ON_INTERRUPT: u8 = 1;
const IN_KSOFTIRQD: u8 = 2;

/** At the end of an interrupt: starts to handle what is pending; `stepSoftirq` carries on. */
export function beginSoftirq(cpu: Cpu): void {
  begin(cpu, ON_INTERRUPT);
}

/** run_ksoftirqd does the same. */
export function beginSoftirqOfThread(cpu: Cpu): void {
  begin(cpu, IN_KSOFTIRQD);
}

function begin(cpu: Cpu, where: u8): void {
  cpu.inSoftirq = where;
  cpu.softirqsHeld = 0;
  cpu.softirqRestarts = MAX_RESTARTS;
  cpu.softirqEndJiffies = jiffiesAt(cpu.now) + maxSoftirqJiffies();
  cpu.softirqStart = cpu.now;
  beginPass(cpu);
}

/** local_softirq_pending */
@inline
export function softirqIsPending(cpu: Cpu): bool {
  return cpu.softirqPending != 0 || cpu.timersDue != 0;
}

/**
 * What is raised runs now, on top of what the interrupt hit, unless that is a softirq or has
 * disabled them: then at its end. [same: kernel/softirq.c:__irq_exit_rcu, __local_bh_enable_ip]
 */
@inline
export function runSoftirqs(cpu: Cpu): void {
  if (cpu.inSoftirq != 0) return;
  if (!softirqIsPending(cpu)) cpu.softirqsHeld = 0; // whose sleep was over has been woken otherwise
  else if (isInsideGroup(cpu)) cpu.softirqsHeld = 1;
  else beginSoftirq(cpu);
}

/** Is what disabled softirqs over, and have some been raised meanwhile? */
@inline
export function softirqsAreFree(cpu: Cpu): bool {
  return cpu.softirqsHeld != 0 && !isInsideGroup(cpu);
}

/** One pass over the pending vectors: timers, rcu_core up to the callbacks that are ready. */
function beginPass(cpu: Cpu): void {
  const rcuIsPending = cpu.softirqPending != 0;
  cpu.softirqPending = 0;
  if (cpu.timersDue != 0) expireTimers(cpu);
  if (!rcuIsPending) return;
  cpu.softirqs++;
  cpu.now += cost(CostSlot.RCU_CORE);
  rcuCore(cpu);
  if (mayInvoke(cpu)) beginBatch(cpu, softirqBatch(cpu.id));
}

/** Carries on until the softirq is over (true) or the clock passes the horizon (false). */
export function stepSoftirq(cpu: Cpu): bool {
  while (true) {
    const batch = softirqBatch(cpu.id);
    if (batch.active != 0) {
      if (stepBatch(cpu, batch) != BatchStep.ENDED) return false;
      if (mayInvoke(cpu)) cpu.softirqPending = 1;
    }
    if (cpu.inSoftirq == IN_KSOFTIRQD) noteSoftirqQs(cpu);
    if (!softirqIsPending(cpu)) break;
    const mayRestart =
      jiffiesAt(cpu.now) < cpu.softirqEndJiffies &&
      cpu.needResched == 0 &&
      --cpu.softirqRestarts > 0;
    if (!mayRestart) {
      wakeKsoftirqd(cpu);
      break;
    }
    beginPass(cpu);
    if (cpu.now > horizon) return false;
  }
  endSoftirq(cpu);
  return true;
}

function endSoftirq(cpu: Cpu): void {
  const took = cpu.now - cpu.softirqStart;
  cpu.inSoftirq = 0;
  timelineSoftirq(cpu);
  maxMetric(Metric.SOFTIRQ_MAX, took);
  addMetric(Metric.CPU_SOFTIRQ, took);
}

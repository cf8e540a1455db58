// Softirqs: on top of what an interrupt hit, or in ksoftirqd when they do not end.
// RCU is the only vector that is work of its own; timers and the scheduler's are part of the tick.
//
// [same: kernel/softirq.c:handle_softirqs, run_ksoftirqd, 6.12: up to 10 passes, less than 2 ms by
//  jiffies, not while a reschedule is wanted; then ksoftirqd]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, config, cost, maxMetric } from "../memory/slots";
import { timelineSoftirq } from "../metrics/timeline";
import { BatchStep, beginBatch, stepBatch } from "../rcu/batch";
import { mayInvoke, rcuCore } from "../rcu/core";
import { softirqBatch } from "../rcu/state";
import { jiffiesAt } from "./clock";
import { wakeKsoftirqd } from "./core";
import { Cpu } from "./cpu";
import { horizon } from "./horizon";

const MAX_RESTARTS: u32 = 10;
const MAX_SOFTIRQ_MS: u64 = 2;

/** 2 ms in jiffies, rounded up. */
function maxSoftirqJiffies(): u64 {
  return (MAX_SOFTIRQ_MS * config(Config.HZ) + 999) / 1000;
}

/** Starts to handle what is pending; `stepSoftirq` carries on. */
export function beginSoftirq(cpu: Cpu): void {
  cpu.inSoftirq = 1;
  cpu.softirqRestarts = MAX_RESTARTS;
  cpu.softirqEndJiffies = jiffiesAt(cpu.now) + maxSoftirqJiffies();
  cpu.softirqStart = cpu.now;
  beginPass(cpu);
}

/** One pass over the pending vectors: rcu_core, up to the callbacks that are ready. */
function beginPass(cpu: Cpu): void {
  cpu.softirqPending = 0;
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
    if (cpu.softirqPending == 0) break;
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

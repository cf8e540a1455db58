// What the workloads that post callbacks have in common at the border.

import { Config } from "../../../assembly/abi/config.ts";
import { Metric } from "../../../assembly/abi/metric.ts";
import { RcuLoadMetric } from "../../../assembly/abi/rcu-load.ts";
import type { RcuLoadMetrics } from "../../api/rcu-load.ts";
import { InputError } from "../../errors.ts";
import type { EngineMemory } from "../abi.ts";

const PS_PER_NS = 1000n;

interface RcuLoad {
  readonly cpus: readonly number[];
  readonly start_ns: number;
  readonly callbacks_max: number;
}

/** Which CPUs post, when they begin, and how many callbacks there is memory for. */
export function writeRcuLoad(memory: EngineMemory, load: RcuLoad, machine_cpus: number): void {
  const bits = [0n, 0n, 0n, 0n];
  for (const cpu of new Set(load.cpus)) {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= Math.min(machine_cpus, 256)) {
      throw new InputError({
        problem: "bad CPU of the workload",
        found: String(cpu),
        expected: `a CPU from 0 to ${Math.min(machine_cpus, 256) - 1}`,
      });
    }
    bits[cpu >> 6]! |= 1n << BigInt(cpu & 63);
  }
  bits.forEach((word, index) => {
    memory.writeConfig(Config.RCU_LOAD_CPUS_0 + index, word);
  });
  memory.writeConfig(Config.RCU_LOAD_TASKS, BigInt(new Set(load.cpus).size));
  memory.writeConfig(Config.RCU_LOAD_CALLBACKS, BigInt(load.callbacks_max));
  memory.writeConfig(Config.RCU_LOAD_START_PS, BigInt(load.start_ns) * PS_PER_NS);
}

export function readRcuLoad(memory: EngineMemory): RcuLoadMetrics {
  const own = (slot: RcuLoadMetric): number => Number(memory.workloadMetric(slot));
  const count = (slot: Metric): number => Number(memory.metric(slot));
  const ns = (slot: Metric): number => Number(memory.metric(slot) / PS_PER_NS);
  return {
    posted: own(RcuLoadMetric.POSTED),
    invoked: own(RcuLoadMetric.INVOKED),
    pending_peak: own(RcuLoadMetric.PENDING_PEAK),
    grace_periods: own(RcuLoadMetric.GPS),
    expedited_grace_periods: own(RcuLoadMetric.EXP_GPS),
    fqs_scans: own(RcuLoadMetric.SCANS),
    rcu_batches: count(Metric.RCU_BATCHES),
    rcu_batch_max_cbs: count(Metric.RCU_BATCH_MAX_CBS),
    rcu_batch_max_ns: ns(Metric.RCU_BATCH_MAX),
    softirq_max_ns: ns(Metric.SOFTIRQ_MAX),
    cpu_task_ns: ns(Metric.CPU_TASK),
    cpu_softirq_ns: ns(Metric.CPU_SOFTIRQ),
    cpu_kthread_ns: ns(Metric.CPU_KTHREAD),
    refused: own(RcuLoadMetric.REFUSED),
    sim_ns: ns(Metric.NOW),
    events: count(Metric.EVENTS),
  };
}

// The workload `rcu_post` on the engine's side of the border.

import { Config, Workload } from "../../../assembly/abi/config.ts";
import { RcuLoadMetric } from "../../../assembly/abi/rcu-load.ts";
import type { WorkloadPort } from "./port.ts";
import { readRcuLoad, writeRcuLoad } from "./rcu-load.ts";

const PS_PER_NS = 1000n;

export const RCU_POST_PORT: WorkloadPort<"rcu_post"> = {
  id: Workload.RCU_POST,
  extraTasks: ({ cpus, end_ns }) => new Set(cpus).size + (end_ns === 0 ? 0 : 1),
  write(memory, workload, { machine }) {
    writeRcuLoad(memory, workload, machine.cpus);
    memory.writeConfig(Config.POST_CALLBACKS, BigInt(workload.callbacks));
    memory.writeConfig(Config.POST_BURST, BigInt(workload.burst));
    memory.writeConfig(Config.POST_INTERVAL_PS, BigInt(workload.interval_ns) * PS_PER_NS);
    memory.writeConfig(Config.POST_END_PS, BigInt(workload.end_ns) * PS_PER_NS);
  },
  read(memory) {
    const ns = (slot: RcuLoadMetric): number => Number(memory.workloadMetric(slot) / PS_PER_NS);
    const load = readRcuLoad(memory);
    const sum_ns = (Number(memory.workloadMetric(RcuLoadMetric.WAIT_SUM)) * 1024) / 1000;
    const mean_ns = Math.round(sum_ns / Math.max(1, load.invoked));
    const [min_ns, max_ns] = [ns(RcuLoadMetric.WAIT_MIN), ns(RcuLoadMetric.WAIT_MAX)];
    return {
      first_post_ns: ns(RcuLoadMetric.FIRST_POST),
      last_post_ns: ns(RcuLoadMetric.LAST_POST),
      last_invoked_ns: ns(RcuLoadMetric.LAST_INVOKED),
      wait_min_ns: min_ns,
      // each wait is summed in whole units of 1,024 ps: the mean may come out below the least
      wait_mean_ns: Math.min(Math.max(mean_ns, min_ns), max_ns),
      wait_max_ns: max_ns,
      ...load,
    };
  },
};

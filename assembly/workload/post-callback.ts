// What the callback of a poster does: it frees itself, and how long it has waited is noted.

import { CostSlot } from "../abi/cost";
import { RcuLoadMetric } from "../abi/rcu-load";
import { addWorkloadMetric, cost, setWorkloadMetric, workloadMetric } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { giveCallback, PostCallback } from "./rcu-load";

/** Times are summed in units of 1,024 ps, so that ten million of them over days still fit. */
const SUM_SHIFT: u64 = 10;

export function postCallback(cpu: Cpu, address: u32): void {
  cpu.now += cost(CostSlot.RCU_POST_CALLBACK);
  const posted = changetype<PostCallback>(<usize>address).time;
  giveCallback(address);
  addWorkloadMetric(RcuLoadMetric.INVOKED, 1);
  setWorkloadMetric(RcuLoadMetric.LAST_INVOKED, cpu.now);
  // the clocks of two CPUs may differ by one step
  const waited = cpu.now > posted ? cpu.now - posted : 0;
  addWorkloadMetric(RcuLoadMetric.WAIT_SUM, waited >> SUM_SHIFT);
  if (waited > workloadMetric(RcuLoadMetric.WAIT_MAX)) {
    setWorkloadMetric(RcuLoadMetric.WAIT_MAX, waited);
  }
  if (waited < workloadMetric(RcuLoadMetric.WAIT_MIN)) {
    setWorkloadMetric(RcuLoadMetric.WAIT_MIN, waited);
  }
}

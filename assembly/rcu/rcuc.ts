// rcuc: with use_softirq=0, one kthread per CPU does what the RCU softirq does otherwise.
// [same: kernel/rcu/tree.c:rcu_cpu_kthread, invoke_rcu_core_kthread, rcu_wake_cond, rcu_do_batch;
//  6.12: up to 10 rounds, then a rest of two jiffies that new work ends on an idle CPU alone; a
//  chance to reschedule after each callback; the time limit, not the count]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { timeoutExpiry } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { MID_DISABLED } from "../sched/preempt";
import { Task } from "../sched/task";
import { BatchStep, beginBatch, stepBatch } from "./batch";
import { mayInvoke, rcuCore } from "./core";
import { kthreadBatch } from "./state";

const ROUNDS_MAX: u8 = 10;
const REST_JIFFIES: u64 = 2;

/** A CPU's rcuc, see sched/programs.ts. */
export function stepRcuc(cpu: Cpu, task: Task): u64 {
  const batch = kthreadBatch(cpu.id);
  while (cpu.now <= horizon) {
    if (batch.active == 0) {
      if (cpu.rcucWork == 0) {
        task.rounds = 0;
        return SLEEPS;
      }
      if (task.rounds == ROUNDS_MAX) {
        task.rounds = 0;
        return timeoutExpiry(cpu.now, REST_JIFFIES);
      }
      task.rounds++;
      cpu.rcucWork = 0;
      cpu.now += cost(CostSlot.RCU_CORE);
      rcuCore(cpu);
      if (mayInvoke(cpu)) beginBatch(cpu, batch);
    }
    if (batch.active != 0) {
      const step = stepBatch(cpu, batch);
      task.midStep = batch.groupNext != 0 ? MID_DISABLED : 0; // bottom halves are disabled
      if (step != BatchStep.ENDED) return GOES_ON;
      if (mayInvoke(cpu)) cpu.rcucWork = 1;
    }
    if (cpu.needResched != 0) return GOES_ON;
  }
  return GOES_ON;
}

// RCU of kernels without PREEMPT_RCU: sections are not preempted, so that a context switch, user
// mode, idle and, once a grace period waits urgently, cond_resched() are quiescent states. Where
// the kernel can be preempted all the same (PREEMPT_LAZY without PREEMPT_DYNAMIC, 6.13 on), code
// that counts no disabled preemption is outside sections, and a tick over it is one too.
// [same: kernel/rcu/tree_plugin.h without CONFIG_PREEMPT_RCU: rcu_qs, rcu_all_qs,
//  rcu_flavor_sched_clock_irq; kernel/rcu/tree_exp.h:rcu_exp_handler, rcu_exp_need_qs; 6.12, 7.2]

import { wakeForRcu } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { preemptible, reschedule } from "../sched/preempt";
import { reportExpCpu } from "./exp-tree";
import { momentaryEqs, noteQuiescentState } from "./grace";
import { RcuData, WAKES_EXP } from "./records";

/** rcu_qs: this CPU has just passed through a quiescent state; an expedited one hears at once. */
export function passQuiescentState(cpu: Cpu, data: RcuData): void {
  noteQuiescentState(data);
  if (data.noQsExp != 0 && reportExpCpu(data)) wakeForRcu(cpu, WAKES_EXP);
}

/**
 * rcu_all_qs: cond_resched() where a grace period has waited long for this CPU. When it has waited
 * very long, a scan must see it too.
 */
export function passCondResched(data: RcuData, cpu: Cpu): void {
  if (data.urgentQs == 0) return;
  data.urgentQs = 0;
  if (data.heavyQs != 0) momentaryEqs(cpu, data);
  passQuiescentState(cpu, data);
}

/** Is nothing disabled that a section would disable? Only a preemptible kernel counts that. */
@inline
function countsNothing(cpu: Cpu, softirqs: bool): bool {
  return preemptible() && cpu.preemptCount == 0 && cpu.inSoftirq == 0 && !softirqs;
}

/** rcu_flavor_sched_clock_irq; `softirqs`: bottom halves are disabled by what the tick hit. */
export function tickClassic(cpu: Cpu, data: RcuData, outside: bool, softirqs: bool): void {
  if (outside || countsNothing(cpu, softirqs)) passQuiescentState(cpu, data);
}

/** rcu_exp_handler for a CPU that has yet to report. */
export function expInterruptClassic(
  cpu: Cpu,
  data: RcuData,
  fromIdle: bool,
  softirqs: bool,
): void {
  if (data.noQsExp != 0) return; // asked before
  if (fromIdle || countsNothing(cpu, softirqs)) {
    if (reportExpCpu(data)) wakeForRcu(cpu, WAKES_EXP);
    return;
  }
  data.noQsExp = 1;
  data.urgentQs = 1;
  reschedule(cpu);
}

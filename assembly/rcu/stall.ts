// Detection of RCU CPU stalls: a grace period that does not end.
//
//   gp_start          jiffies_resched       jiffies_stall
//   ├───────────────────────┼───────────────────────┼──┬────────────▶ jiffies
//                     a scan nudges slow            │  └ 2 later: any CPU's tick reports others
//                     CPUs more often               └ the tick of a CPU that is waited for reports
//                                                     itself; the next report 3 x as late, and 3
//
// [same: kernel/rcu/tree_stall.h:check_cpu_stall, record_gp_stall_check_time,
//  rcu_jiffies_till_stall_check, rcu_exp_jiffies_till_stall_check, rcu_is_gp_kthread_starving;
//  kernel/rcu/tree_exp.h:synchronize_rcu_expedited_wait; 6.12 and 7.2]
// [left out: what printing costs, and that it may end a stall (kernel/printk/); panics
//  (panic_on_rcu_stall); the probe of interrupts half way through (rcu_iw_handler); virtual
//  machines that were stopped (rcu_cpu_stall_reset)]

import { Config } from "../abi/config";
import { StallKind } from "../abi/stall";
import { config } from "../memory/slots";
import { jiffiesAt } from "../sched/clock";
import { wakeGpKthread } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { reschedule } from "../sched/preempt";
import { gpInProgress } from "./grace";
import { GP_FLAG_FQS, RcuData } from "./records";
import { seqGe, seqLt } from "./seq";
import { writeStall } from "./stall-report";
import { nodeOf, rcuState } from "./state";

/** RCU_STALL_RAT_DELAY: jiffies that a CPU has to report itself. */
const RAT_DELAY: u64 = 2;

/** rcu_jiffies_till_stall_check */
export function stallJiffies(): u64 {
  const seconds = min<u64>(300, max<u64>(3, config(Config.RCU_CPU_STALL_TIMEOUT)));
  return seconds * config(Config.HZ);
}

/** rcu_exp_jiffies_till_stall_check: a setting in milliseconds, 0 for that of normal ones. */
export function expStallJiffies(): u64 {
  const ms = config(Config.RCU_EXP_CPU_STALL_TIMEOUT);
  if (ms == 0) return stallJiffies();
  const jiffies = (ms * config(Config.HZ) + 999) / 1000;
  return min<u64>(300 * config(Config.HZ), max<u64>(2, jiffies));
}

export function stallsAreReported(): bool {
  return config(Config.RCU_CPU_STALL_SUPPRESS) == 0;
}

/** From one report about a grace period to the next. */
export function untilNextReport(first: u64): u64 {
  return 3 * first + 3;
}

/** record_gp_stall_check_time: a grace period begins. */
export function recordGpStart(jiffies: u64): void {
  const state = rcuState();
  state.gpStartJiffies = jiffies;
  state.gpActivity = jiffies;
  state.stallAt = jiffies + stallJiffies();
  state.reschedAt = jiffies + stallJiffies() / 2;
  state.nForceQsGpStart = state.nForceQs;
}

/** check_cpu_stall, in every tick. */
@inline
export function checkCpuStall(cpu: Cpu, data: RcuData): void {
  if (!gpInProgress()) return;
  const jiffies = jiffiesAt(cpu.now);
  if (!seqLt(jiffies, rcuState().stallAt)) stalled(cpu, data, jiffies);
}

function stalled(cpu: Cpu, data: RcuData, jiffies: u64): void {
  const state = rcuState();
  if (!stallsAreReported()) return;
  const self = (nodeOf(data).qsMask & (1 << <u64>data.bit)) != 0;
  if (!self && seqLt(jiffies, state.stallAt + RAT_DELAY)) return;
  const kind = self ? StallKind.SELF : StallKind.OTHER;
  writeStall(cpu, kind, jiffies - state.gpStartJiffies);
  state.stallAt = jiffies + untilNextReport(stallJiffies());
  if (self) reschedule(cpu);
  else forceQuiescentState(cpu);
}

/** rcu_force_quiescent_state */
function forceQuiescentState(cpu: Cpu): void {
  const state = rcuState();
  if ((state.gpFlags & GP_FLAG_FQS) != 0) return;
  state.gpFlags |= GP_FLAG_FQS;
  wakeGpKthread(cpu);
}

/** rcu_is_gp_kthread_starving: jiffies since it last ran, or 0. */
export function gpKthreadStarves(jiffies: u64): u64 {
  const idle = jiffies - rcuState().gpActivity;
  return idle > 2 * config(Config.HZ) && seqGe(jiffies, rcuState().gpActivity) ? idle : 0;
}

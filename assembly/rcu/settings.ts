// What the configuration record says of RCU, and the kernel's defaults where it leaves a choice.

import { Config, Generation } from "../abi/config";
import { config } from "../memory/slots";
import { RcuState } from "./records";

/** rdp->blimit while a flood lasts: kernel/rcu/tree.c:DEFAULT_MAX_RCU_BLIMIT */
export const MAX_BLIMIT: u32 = 10_000;

/** A setting, or the kernel's computed default where the host wrote "none". */
function settingOr(slot: i32, computed: u32): u32 {
  const value = config(slot);
  return value == u64.MAX_VALUE ? computed : <u32>value;
}

function clamp(value: u32, least: u32, most: u32): u32 {
  return max<u32>(least, min<u32>(value, most));
}

// [same: kernel/rcu/tree.c:rcu_init_geometry, adjust_jiffies_till_sched_qs,
//  param_set_first_fqs_jiffies; 6.12]
export function readSettings(state: RcuState, cpus: u32): void {
  const hz = <u32>config(Config.HZ);
  const perFqs: u32 = 1 + (hz > 250 ? 1 : 0) + (hz > 500 ? 1 : 0) + cpus / 256;
  state.blimit = <u32>config(Config.BLIMIT);
  state.qhimark = <u32>config(Config.QHIMARK);
  state.qlowmark = <u32>config(Config.QLOWMARK);
  state.qovld = settingOr(Config.QOVLD, 2 * state.qhimark);
  state.divisor = <u32>config(Config.RCU_DIVISOR);
  state.reschedPs = config(Config.RCU_RESCHED_PS);
  // param_set_first_fqs_jiffies, param_set_next_fqs_jiffies: no longer than a second
  state.firstFqsJiffies = min<u32>(settingOr(Config.JIFFIES_TILL_FIRST_FQS, perFqs), hz);
  state.nextFqsJiffies = clamp(settingOr(Config.JIFFIES_TILL_NEXT_FQS, perFqs), 1, hz);
  state.schedQsJiffies = settingOr(
    Config.JIFFIES_TILL_SCHED_QS,
    max<u32>(state.firstFqsJiffies + 2 * state.nextFqsJiffies, hz / 10 + cpus / 256),
  );
  state.nobypassLimit = settingOr(Config.NOCB_NOBYPASS_LIM_PER_JIFFY, 16 * 1000 / hz);
  state.nocbPoll = <u32>config(Config.RCU_NOCB_POLL);
  state.useSoftirq = <u32>config(Config.USE_SOFTIRQ);
  state.expedited = <u32>config(Config.RCU_EXPEDITED);
  state.normal = <u32>config(Config.RCU_NORMAL);
  const later = config(Config.GENERATION) == <u64>Generation.V7_2;
  state.wakeFromGp = settingOr(Config.RCU_NORMAL_WAKE_FROM_GP, later ? 1 : 0);
  state.latches = later ? 1 : 0;
  state.forcesWakes = later ? 0 : 1;
  state.flushesAbove = later ? 0 : 1;
  state.lazyFlushJiffies = settingOr(Config.JIFFIES_LAZY_FLUSH, 10 * hz);
}

/**
 * What the making of the mm has left in the call counter: every store into its tree queued a
 * replaced node, far more than the limit in a jiffy unless the mm is tiny. The counter only decays
 * with calls, so this decides that an exit starts on the bypass list.
 * [same: measured; kernel/rcu/tree_nocb.h:rcu_nocb_try_bypass, 6.12]
 */
export function callsBefore(state: RcuState): u32 {
  // in 7.2 replaced nodes wait in sheaves: making the mm has called 32 times less often
  if (config(Config.GENERATION) == <u64>Generation.V7_2) return 0;
  return <u32>min(config(Config.VMAS), 2 * <u64>state.nobypassLimit);
}

export function isOffloaded(cpu: u32): bool {
  if (cpu >= 256) return false; // the configuration record has that many bits
  return ((config(Config.RCU_NOCBS_0 + <i32>(cpu >> 6)) >> <u64>(cpu & 63)) & 1) != 0;
}

/** CPUs that share an rcuog: all of them over the square root of their number. */
export function nocbStride(cpus: u32): u32 {
  const asked = config(Config.RCU_NOCB_GP_STRIDE);
  if (asked != u64.MAX_VALUE) return <u32>asked;
  let root: u32 = 1;
  while ((root + 1) * (root + 1) <= cpus) root++;
  return cpus / root;
}

// The shrinker "rcu-lazy": when memory is short, lazy callbacks hurry.
//
// For whoever models memory pressure: `lazyShrinkCount()` says what there is to shrink, and
// `lazyShrinkScan(cpu, n)` makes callbacks hurry, whole lists at a time, and answers how many they
// were: all there are, as the kernel's count of those still wanted is unsigned and wraps, unless it
// comes to be zero exactly. They run a grace period later, and free what they free then.
// [same: kernel/rcu/tree_nocb.h:lazy_rcu_shrink_count, lazy_rcu_shrink_scan; 6.12 and 7.2]
// [left out: kernel/rcu/tree_nocb.h: that a CPU which is being (de-)offloaded lets the shrinker go
//  away empty-handed (nocb_mutex): CPUs stay as they are]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { jiffiesAt } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { flushBypass } from "./nocb-bypass";
import { wakeRcuog } from "./nocb-wake";
import { rcuData, rcuState } from "./state";

/** Lazy callbacks on all offloaded CPUs; 0 is the kernel's SHRINK_EMPTY. */
export function lazyShrinkCount(): u64 {
  let lazy: u64 = 0;
  for (let id: u32 = 0; id < rcuState().cpus; id++) lazy += rcuData(id).lazyLength;
  return lazy;
}

/**
 * Flushes bypass lists with lazy callbacks, from the lowest CPU on, until exactly `wanted` lazy
 * callbacks were in them, and wakes the rcuogs. Answers how many were; 0 is SHRINK_STOP.
 */
export function lazyShrinkScan(cpu: Cpu, wanted: u64): u64 {
  let flushed: u64 = 0;
  for (let id: u32 = 0; id < rcuState().cpus; id++) {
    const data = rcuData(id);
    if (data.lazyLength == 0) continue;
    cpu.now += cost(CostSlot.RCUOG_CPU);
    flushed += data.lazyLength;
    flushBypass(cpu, data, jiffiesAt(cpu.now));
    wakeRcuog(cpu, data, false);
    if (flushed == wanted) break;
  }
  return flushed;
}

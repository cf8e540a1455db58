// The kernel's own RCU settings (kernel/rcu/tree.c, 6.12), to compare with and to start from.

import type { RcuTunables } from "../api/types.ts";

export const KERNEL_RCU: RcuTunables = {
  blimit: 10,
  qhimark: 10_000,
  qlowmark: 100,
  qovld: 20_000,
  rcu_divisor: 7,
  rcu_resched_ns: 3_000_000,
  jiffies_till_first_fqs: -1,
  jiffies_till_next_fqs: -1,
  jiffies_till_sched_qs: -1,
  use_softirq: 1,
  rcu_nocb_gp_stride: -1,
  nocb_nobypass_lim_per_jiffy: -1,
  jiffies_lazy_flush: -1,
  kthread_prio: 0,
  rcu_expedited: 0,
  rcu_normal: 0,
  rcu_normal_wake_from_gp: -1,
  rcu_cpu_stall_timeout: 21,
  rcu_exp_cpu_stall_timeout: 0,
  rcu_cpu_stall_suppress: 0,
};

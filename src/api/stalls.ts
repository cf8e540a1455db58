// RCU CPU stalls of a run: grace periods that had not ended when `rcu_cpu_stall_timeout` was over.

export interface RcuStalls {
  /** Reports, repeated ones about one grace period included. */
  readonly count: number;
  /** The first eight of them. */
  readonly reports: readonly RcuStall[];
}

/** One report, in what the kernel's lines say (kernel/rcu/tree_stall.h, tree_exp.h). */
export interface RcuStall {
  readonly time_ns: number;
  /**
   * `self`: the tick of a CPU that has yet to report itself; `other`: that of a CPU that has;
   * `expedited`: the kthread of expedited grace periods.
   */
  readonly kind: "self" | "other" | "expedited";
  readonly detected_by: number;
  /** Since the grace period began (t=). */
  readonly jiffies: number;
  /** Its number (g=, or s: of an expedited one). */
  readonly gp_seq: number;
  /** Callbacks queued on all CPUs (q=). */
  readonly queued: number;
  /** Scans for quiescent states of this grace period (fqs=). */
  readonly fqs: number;
  /** Jiffies since the grace-period kthread last ran; 0 where it is not starved. */
  readonly kthread_starved_jiffies: number;
  /** CPUs that have yet to report, and readers that were preempted in their section: how many. */
  readonly cpu_count: number;
  readonly task_count: number;
  /** The first sixteen of each. */
  readonly cpus: readonly StalledCpu[];
  readonly tasks: readonly StalledTask[];
}

export interface StalledCpu {
  readonly cpu: number;
  /** Grace periods whose beginning it has not noticed; 0: it knows of the one that is stalled. */
  readonly gps_behind: number;
  /** Ticks since it noticed it. */
  readonly ticks: number;
  /** Low 16 bits of its count of ways into and out of idle; odd while RCU watches it. */
  readonly watching: number;
  /** RCU softirqs when it noticed it, and now. */
  readonly softirqs: readonly [number, number];
}

export interface StalledTask {
  readonly task: number;
  /** What it is: a bystander's name, or which thread of the workload `mm`. */
  readonly name: string;
  readonly nesting: number;
  /** `b`locked, asked for a quiescent state (`q`), by an expedited one (`e`), on the list (`l`). */
  readonly flags: string;
  /** CPUs of the leaf on whose list it waits: first and last. */
  readonly leaf_cpus: readonly [number, number];
}

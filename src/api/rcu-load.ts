// Workloads that post callbacks: what they are told, and what they report.

/** The workload `rcu_flood`: rcutorture's forward-progress flood of callbacks. */
export interface RcuFloodWorkload {
  readonly type: "rcu_flood";
  /** CPUs on which a flooding task begins, one each. */
  readonly cpus: readonly number[];
  readonly start_ns: number;
  /** MAX_FWD_CB_JIFFIES, MIN_FWD_CB_LAUNDERS and MIN_FWD_CBS_LAUNDERED of the kernel. */
  readonly jiffies_max: number;
  readonly min_launders: number;
  readonly min_laundered: number;
  /** Callbacks that memory is planned for, over all tasks. */
  readonly callbacks_max: number;
}

/** The workload `rcu_post`: callbacks posted at a rate, or as fast as possible. */
export interface RcuPostWorkload {
  readonly type: "rcu_post";
  /** CPUs on which a posting task begins, one each. */
  readonly cpus: readonly number[];
  /** Over all CPUs. */
  readonly callbacks: number;
  /** Callbacks that each task posts without a pause, and from one burst's beginning to the next's. */
  readonly burst: number;
  readonly interval_ns: number;
  readonly start_ns: number;
  /** The run lasts until then at least; 0 until nothing is left to happen. */
  readonly end_ns: number;
  readonly callbacks_max: number;
}

/** What RCU did under a workload that posts callbacks. */
export interface RcuLoadMetrics {
  readonly posted: number;
  readonly invoked: number;
  /** Most callbacks posted and not yet invoked. */
  readonly pending_peak: number;
  readonly grace_periods: number;
  readonly expedited_grace_periods: number;
  /** Scans for quiescent states. */
  readonly fqs_scans: number;
  readonly rcu_batches: number;
  readonly rcu_batch_max_cbs: number;
  readonly rcu_batch_max_ns: number;
  readonly softirq_max_ns: number;
  readonly cpu_task_ns: number;
  readonly cpu_softirq_ns: number;
  readonly cpu_kthread_ns: number;
  /** Times that a task found no memory planned for one more callback, and waited a jiffy. */
  readonly refused: number;
  readonly sim_ns: number;
  readonly events: number;
}

/** One flooding task's report, in the fields of rcutorture's console lines. */
export interface FloodReport {
  readonly cpu: number;
  /** Jiffies: of the flood, and of the wait for its last callbacks. */
  readonly duration: number;
  readonly barrier: number;
  /** Callbacks that had not come back when it stopped. */
  readonly pending: number;
  readonly n_launders: number;
  /** Since memory was last taken for a new callback. */
  readonly n_launders_sa: number;
  readonly n_max_gps: number;
  readonly n_max_cbs: number;
  readonly gps: number;
  /** Per 100 ms: callbacks that came back, and grace periods. */
  readonly histogram: readonly { readonly n_launders: number; readonly gps: number }[];
}

export interface RcuFloodMetrics extends RcuLoadMetrics {
  /** Over all tasks. */
  readonly n_launders: number;
  readonly n_max_cbs: number;
  readonly duration_jiffies_max: number;
  readonly barrier_jiffies_max: number;
  readonly floods: readonly FloodReport[];
}

export interface RcuPostMetrics extends RcuLoadMetrics {
  readonly first_post_ns: number;
  readonly last_post_ns: number;
  readonly last_invoked_ns: number;
  /** From post to callback. */
  readonly wait_min_ns: number;
  readonly wait_mean_ns: number;
  readonly wait_max_ns: number;
}

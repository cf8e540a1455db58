// Slots of a report about an RCU CPU stall: u64 values, a row a report. Shared by engine and host.

export enum StallTable {
  /** Reports that are kept; later ones are counted. */
  KEPT = 8,
  /** CPUs and tasks that a report names; more of them are counted. */
  NAMED = 16,
  HEAD_SLOTS = 12,
  /** Of a CPU, and of a task. */
  NAMED_SLOTS = 6,
  ROW_SLOTS = 204,
}

/** How a row begins. */
export enum StallSlot {
  TIME_PS,
  /** One of `StallKind`. */
  KIND,
  /** The CPU whose tick has found it; for expedited ones that of the kthread. */
  DETECTED_BY,
  /** Since the grace period began. */
  JIFFIES,
  /** rcu_state.gp_seq, or expedited_sequence; a number with a sign. */
  GP_SEQ,
  /** Callbacks queued on all CPUs. */
  QUEUED,
  /** Scans of this grace period. */
  SCANS,
  /** Jiffies since the grace-period kthread last ran, where that is more than two seconds. */
  STARVED_JIFFIES,
  /** What holds the grace period up: CPUs, and readers that were preempted. */
  CPUS,
  TASKS,
}

export enum StallKind {
  /** A CPU has found that it is itself waited for, or that others are. */
  SELF,
  OTHER,
  EXPEDITED,
}

/** A CPU that has yet to report. */
export enum StallCpu {
  CPU,
  /** Grace periods that it has not noticed; 0: it knows of this one, and `TICKS` went by. */
  GPS_BEHIND,
  TICKS,
  /** Its count of ways into and out of idle, low 16 bits. */
  WATCHING,
  /** RCU softirqs it had handled when it noticed the grace period, and now. */
  SOFTIRQS_THEN,
  SOFTIRQS_NOW,
}

/** A reader that was preempted inside its section. */
export enum StallTask {
  TASK,
  /** Of a bystander: its group, counted from 1; of a thread of the workload mm: 0, and which. */
  GROUP,
  THREAD,
  NESTING,
  /** Bits: blocked, need_qs, exp_hint. */
  FLAGS,
  LEAF,
}

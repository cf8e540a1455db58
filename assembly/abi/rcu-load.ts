// Slots of the result block of workloads that post callbacks, and how their tasks' records lie in
// the region RCU_LOAD. Shared by engine and host. Times in picoseconds.

export enum RcuLoadMetric {
  POSTED,
  INVOKED,
  /** Most callbacks posted and not yet invoked. */
  PENDING_PEAK,
  PENDING,
  FIRST_POST,
  LAST_POST,
  LAST_INVOKED,
  /** From its post to its callback: sum in units of 1,024 ps, shortest, longest. */
  WAIT_SUM,
  WAIT_MIN,
  WAIT_MAX,
  /** Times that no memory was planned for one more. */
  REFUSED,
  GPS,
  EXP_GPS,
  SCANS,

  COUNT,
}

/** Words of 64 bits of a flood's record; its histogram follows. */
export enum FloodWord {
  CPU,
  START_JIFFIES,
  STOP_JIFFIES,
  REPORT_JIFFIES,
  N_LAUNDERS,
  N_LAUNDERS_SA,
  N_LAUNDERS_CB,
  N_MAX_GPS,
  N_MAX_CBS,
  /** Launders that had not come back when it stopped. */
  PENDING,
  /** Grace periods of the flood: rcu_seq_diff of the numbers at its ends. */
  GPS,
  GP_SEQ_START,
  REFUSED,
  /** Its list of callbacks that have come back: first and last. */
  HEAD,
  TAIL,
  STOP_TIME,

  COUNT,
}

/** Lengths of a flood's record. */
export enum FloodTable {
  /** Tenths of a second of its histogram: N_LAUNDERS_HIST of kernel/rcu/rcutorture.c. */
  TENTHS = 160,
  /** Words in all: per tenth two, the callbacks that came back in it and gp_seq at the last. */
  WORDS = 336,
}

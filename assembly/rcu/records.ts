// The records of RCU, as they lie in memory: the state, a node of the tree, a CPU's data, a batch.

export const FANOUT_LEAF: u32 = 16;

/** rcu_state.gp_flags */
export const GP_FLAG_INIT: u32 = 1;
export const GP_FLAG_FQS: u32 = 2;

//  0       8          12         16       20           24         32        40
//  ┌───────┬──────────┬──────────┬────────┬────────────┬──────────┬─────────┬──────────┬──────────┐
//  │ gpSeq │ gpFlags  │ nForceQs │ cbovld │ cbovldNext │ first..  │ gpStart │ settings │ counters │
//  └───────┴──────────┴──────────┴────────┴────────────┴──────────┴─────────┴──────────┴──────────┘
/** rcu_state, and the settings that its functions read. */
@unmanaged
export class RcuState {
  gpSeq: u64;
  gpFlags: u32;
  nForceQs: u32;
  /** Some CPU held too many callbacks at the scan before the last, and at the last. */
  cbovld: u32;
  cbovldNext: u32;
  firstFqsScan: u32;
  gpStartJiffies: u64;
  // stalls: jiffies at which scans nudge more often, at which the next report is due, at which the
  // kthread last did anything; scans before this grace period
  reschedAt: u64;
  stallAt: u64;
  gpActivity: u64;
  nForceQsGpStart: u32;
  // settings: module parameters of kernel/rcu/tree.c
  blimit: u32;
  qhimark: u32;
  qlowmark: u32;
  qovld: u32;
  divisor: u32;
  firstFqsJiffies: u32;
  nextFqsJiffies: u32;
  schedQsJiffies: u32;
  /** Offloaded CPUs: calls in a jiffy before the bypass list is used; how long lazy ones wait. */
  nobypassLimit: u32;
  lazyFlushJiffies: u32;
  /** 6.12: a flooded rcuog is woken by force, and flushes above, not at, twice qhimark. */
  forcesWakes: u32;
  /** rcuogs look every jiffy instead of being woken. */
  nocbPoll: u32;
  flushesAbove: u32;
  /** rcu_core runs in softirq; otherwise in one rcuc kthread a CPU. */
  useSoftirq: u32;
  reschedPs: u64;
  /** Grace periods that have ended. */
  gpsEnded: u64;
  leaves: u32;
  cpus: u32;
  /** Tasks inside a read-side critical section. */
  openReaders: u32;
  // synchronize_rcu, expedited grace periods, rcu_barrier
  expedited: u32;
  normal: u32;
  wakeFromGp: u32;
  /** 7.2: many waiters at once make newcomers queue callbacks. */
  latches: u32;
  /** expedited_sequence, and the furthest one that somebody waits for. */
  expSeq: u64;
  expWanted: u64;
  /** The running one: jiffies when it began to wait, what comes when, while it still does. */
  expStart: u64;
  expWakeAt: u64;
  expStage: u32;
  /** Expedited grace periods that have ended. */
  expEnded: u64;
  /** Waiters that the grace-period kthread serves: those of the next and of the running one. */
  srsNext: usize;
  srsRunning: usize;
  /** How many they are, and whether newcomers queue callbacks instead. */
  srsCount: u32;
  srsLatched: u32;
  barrierSeq: u64;
  /** Barrier callbacks that have yet to run. */
  barrierCount: u32;
  /** Who makes the barrier (barrier_mutex), and who waits for the mutex, first come first. */
  barrierOwner: usize;
  barrierHead: usize;
  barrierTail: usize;
}

//  0       8        16      24            32           40       44      48      52
//  ┌───────┬────────┬───────┬─────────────┬────────────┬────────┬───────┬───────┬──────────┐
//  │ gpSeq │ needed │ qsMask│ qsMaskInit  │ cbovldMask │ parent │ lowest│ bit   │ children │
//  └───────┴────────┴───────┴─────────────┴────────────┴────────┴───────┴───────┴──────────┘
//  56         60         64        68         72
//  ┌──────────┬──────────┬─────────┬──────────┬─────────┬────────┐
//  │ blkdHead │ blkdTail │ gpTasks │ expTasks │ expMask │ lineAt │
//  └──────────┴──────────┴─────────┴──────────┴─────────┴────────┘
/** rcu_node. Masks have one bit per CPU (leaf) or per leaf (root). */
@unmanaged
export class RcuNode {
  gpSeq: u64;
  /** Furthest grace period anybody below asked for. */
  gpSeqNeeded: u64;
  qsMask: u64;
  qsMaskInit: u64;
  cbovldMask: u64;
  parent: usize;
  /** Lowest CPU below. */
  lowest: u32;
  /** Its bit in the parent. */
  bit: u32;
  children: u32;
  /** Leaves: readers that were preempted inside their section (blkd_tasks), newest ones first. */
  blkdHead: usize;
  blkdTail: usize;
  /** The first of them that the normal grace period waits for, and the expedited one. */
  gpTasks: usize;
  expTasks: usize;
  /** Who has yet to report to the expedited one. */
  expMask: u64;
  /** Whose cache has its line: a CPU, counted from 1. */
  lineAt: u32;
}

//  0         4         5        6         7          8      12         16     20     24
//  ┌─────────┬─────────┬────────┬─────────┬──────────┬──────┬──────────┬──────┬──────┬───────────┐
//  │ nesting │ blocked │ needQs │ expHint │ deferred │ node │ previous │ next │ task │ began two │
//  └─────────┴─────────┴────────┴─────────┴──────────┴──────┴──────────┴──────┴──────┴───────────┘
/** What RCU knows of one task's read-side critical sections (rcu_read_lock_nesting and beside). */
@unmanaged
export class Reader {
  nesting: u32;
  /** rcu_read_unlock_special: on the list of `node`; asked to report; by an expedited one. */
  blocked: u8;
  needQs: u8;
  expHint: u8;
  /** The section is over, but it ended where nothing could be reported. */
  deferred: u8;
  node: usize;
  previous: usize;
  next: usize;
  task: u32;
  /** rcu_state.gp_seq when the outermost section began, and expedited_sequence. */
  beganSeq: u64;
  beganExp: u64;
}

//  0      80      88       96      100      104 ..
//  ┌──────┬───────┬────────┬───────┬────────┬────────────────────────────────────┐
//  │ list │ gpSeq │ needed │ node  │ bit    │ noQs needsQs blimit qlenLast ...   │
//  └──────┴───────┴────────┴───────┴────────┴────────────────────────────────────┘
/** rcu_data of one CPU; its segmented callback list comes first. */
@unmanaged
export class RcuData {
  list0: u64; list1: u64; list2: u64; list3: u64; list4: u64;
  list5: u64; list6: u64; list7: u64; list8: u64; list9: u64;
  /** What this CPU has noticed of the grace periods; lags its node. */
  gpSeq: u64;
  gpSeqNeeded: u64;
  node: usize;
  bit: u32;
  /** cpu_no_qs: has not passed through a quiescent state since it noticed the grace period. */
  noQs: u8;
  coreNeedsQs: u8;
  urgentQs: u8;
  blimit: u32;
  qlenLastFqsCheck: u32;
  nForceQsSnap: u32;
  dynticksSnap: u32;
  cpu: u32;

  // offloading (nocb*.ts); the fields of a group live in its leader's record
  offloaded: u8;
  /** rcuop has been told to sleep until callbacks are ready. */
  cbSleep: u8;
  /** rcuog of this leader sleeps, or is about to. */
  gpSleep: u8;
  /** rcuog waits for the end of a grace period (waitGpSeq), not only for a wake. */
  gpWaits: u8;
  /** Deferred wake-up of the group (DEFER_*). */
  deferLevel: u8;
  leader: u32;
  bypassHead: u32;
  bypassTail: u32;
  bypassLength: u32;
  lazyLength: u32;
  /** Calls of this jiffy, as the rate rule counts them. */
  nobypassCount: u32;
  timerEvent: u32;
  timerCpu: u32;
  /** The timer is due, and goes off in a softirq of that CPU, counted from 1 (sched/timers.ts). */
  timerDueOn: u32;
  /** jiffies: of the first callback in the bypass, of the last call, of a caller's last advance. */
  bypassFirst: u64;
  nobypassLast: u64;
  gpAdvanced: u64;
  waitGpSeq: u64;

  /** cpu_no_qs.b.exp: the expedited grace period waits for this CPU to leave what it is in. */
  noQsExp: u8;
  /** rcu_need_heavy_qs: a grace period has waited very long for this CPU. */
  heavyQs: u8;
  /** jiffies of the last scan that made this CPU reschedule. */
  lastFqsResched: u64;
  /** Its IPI is on the way. */
  expIpi: u8;
  /** Ticks since it noticed the grace period, and RCU softirqs it had handled then. */
  ticksThisGp: u32;
  softirqsAtGp: u32;
  /** The callback that rcu_barrier queues here: a record of its own, laid out as one. */
  barrierCallback: u64;

  // two brief locks (lock/brief.ts): nocb_lock, nocb_bypass_lock
  nocbTakenAt: u64; nocbFreeAt: u64; nocbLastHeld: u64;
  bypassTakenAt: u64; bypassFreeAt: u64; bypassLastHeld: u64;
}

//  0      4      5       6       8        16     20      24     28
//  ┌──────┬──────┬───────┬───────┬────────┬──────┬───────┬──────┬──────┐
//  │ next │ func │ phase │ stamp │ cookie │ link │ task  │ over │ pad  │
//  └──────┴──────┴───────┴───────┴────────┴──────┴───────┴──────┴──────┘
/** A task's wait for a grace period or a barrier; it begins as the callback that may end it. */
@unmanaged
export class Waiter {
  next: u32;
  func: u8;
  phase: u8;
  stamp: u16;
  /** The sequence number after which it is over. */
  cookie: u64;
  /** Next waiter of its list. */
  link: usize;
  task: u32;
  over: u32;
}

//  0        1       2         4      8      12     16     20
//  ┌────────┬───────┬─────────┬──────┬──────┬──────┬──────┬───────┬──────────────────────────┐
//  │ active │ timed │ kthread │ head │ tail │ total│ done │ limit │ times, group under way   │
//  └────────┴───────┴─────────┴──────┴──────┴──────┴──────┴───────┴──────────────────────────┘
/** An rcu_do_batch in progress (batch.ts). Times in picoseconds. */
@unmanaged
export class Batch {
  active: u8;
  timed: u8;
  /** Invoked by a kthread, not in softirq. */
  kthread: u8;
  /** Callbacks taken off DONE and not yet invoked, linked by their first word. */
  head: u32;
  tail: u32;
  /** Callbacks it took, and how many of them it has invoked. */
  total: u32;
  done: u32;
  limit: u32;
  /** Whose callbacks they are: a CPU. */
  owner: u32;
  deadline: u64;
  start: u64;
  cpuPs: u64;
  /** A group callback under way: the member to free next, and what began it. */
  groupNext: u32;
  groupFirst: u32;
  groupStart: u64;
}

/** Whom a report asks the caller to wake: bits. */
export const WAKES_NOBODY: u32 = 0;
export const WAKES_GP: u32 = 1;
export const WAKES_EXP: u32 = 2;

export const BATCH_BYTES: u64 = 96;
export const STATE_BYTES: u64 = 384;
export const NODE_BYTES: u64 = 128;
export const READER_BYTES: u64 = 40;
export const WAITER_BYTES: u64 = 32;
export const DATA_BYTES: u64 = 368;

// Kinds of tasks. Shared by engine and host, which names them in timelines.

/** What program a task runs; each has one file that steps it. */
export enum TaskKind {
  EXIT,
  PARENT,
  RCU_GP,
  KSOFTIRQD,
  RCUOP,
  RCUOG,
  RCUC,
  /** A worker of a CPU's pool, and one of the unbound pool. */
  KWORKER,
  KWORKER_UNBOUND,
  /** Unmaps ranges, then goes on as EXIT. */
  MUNMAP,
  /** Makes expedited grace periods. */
  RCU_EXP,
  /** Tasks of workloads that post callbacks. */
  RCU_FLOOD,
  RCU_POST,
  RCU_POST_END,
  /** A thread of the vmalloc tests, and whatever else runs after boot. */
  TEST_VMALLOC,
  VMAP_OTHER,
  /** A thread of the workload mm. */
  MM_THREAD,
  /** One of the load beside a workload. */
  BYSTANDER,
  /** Drains lists by time and frees what kvfree_rcu gathered (strategy/reaper.ts). */
  REAPER,
  /** Workload exits: dying children and their parent; a thread of the kfreepcp patch. */
  EXITS_CHILD,
  EXITS_PARENT,
  KFREEPCP,
  /** Reclaims memory when little is free. */
  KSWAPD,
  /** Workload exits: a thread of the process that is started after the last wait. */
  EXITS_RESTART,
  /** Takes the pages of a victim of the OOM killer (mm/oom-reaper.ts). */
  OOM_REAPER,
}

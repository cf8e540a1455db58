// Slots of the result record: u64 values that the host reads after a run. Times in picoseconds,
// relative to the entry of exit_mmap where they are points in time. Shared by engine and host.
//
// These are the figures of an exit and of RCU under it. A workload of another kind has a block of
// its own: an enum in `abi/<workload>.ts` over the slots of `workloadMetric` (memory/slots.ts).

export enum Metric {
  N_VMA,
  EXIT_TOTAL,
  /** 1 once exit_mmap is over. */
  EXIT_ENDED,
  UNMAP_VMAS,
  FREE_PGTABLES,
  TLB_FINISH,
  LOOP,
  LOOP_START,
  LOOP_END,
  FINAL_DRAIN,
  MT_DESTROY,
  USER_WAIT_LATENCY,
  TASK_CPU,
  CTX_SWITCHES,

  NCALL_RCU,
  CALL_RCU_SUM,
  CALL_RCU_MAX,

  DEAD,
  DEAD_PEAK,
  /** Sums of hand-over times and free times in units of 1,024 ps: their difference is dead time. */
  HAND_TIME_SUM,
  FREE_TIME_SUM,
  FREED,
  FREED_AT_LOOP_END,
  FREED_AT_END,
  LAST_FREE,
  GP_AT_LOOP_END,
  GP_AT_LAST_FREE,
  GP_AT_START,

  RCU_BATCHES,
  RCU_BATCHES_SOFTIRQ,
  RCU_CBS,
  RCU_CBS_IN_EXIT,
  RCU_BATCH_CPU,
  RCU_BATCH_WALL,
  RCU_BATCH_IN_EXIT,
  RCU_BATCH_MAX_CBS,
  RCU_BATCH_MAX,
  GROUP_CB_N,
  GROUP_CB_MAX,
  GROUP_CB_SUM,
  CALLBACK_MAX,
  SOFTIRQ_MAX,

  CPU_TASK,
  CPU_SOFTIRQ,
  CPU_KTHREAD,

  VMA_SLABS_START,
  VMA_SLABS_END,
  VMA_SLABS_DISCARDED,
  LOCK_SLABS_START,
  LOCK_SLABS_END,
  LOCK_SLABS_DISCARDED,
  INDEX_HEIGHT,
  INDEX_NODES,
  NR_ACCOUNTED,
  NR_CHARGED,
  MAP_COUNT,

  EVENTS,
  NOW,
  DIGEST,
  /** How much of the run's work is done, of how much, in the workload's own unit. */
  PROGRESS,
  PROGRESS_TOTAL,

  // workload munmap: sums over its calls
  MUNMAP_CALLS_DONE,
  MUNMAP_CALLS_FAILED,
  MUNMAP_SPLITS_DONE,
  MUNMAP_TOTAL,
  MUNMAP_GATHER,
  MUNMAP_CLEAR_RANGE,
  MUNMAP_UNMAP,
  MUNMAP_LOOP,
  MUNMAP_DRAIN,
  MUNMAP_MT_DESTROY,
  MUNMAP_LATENCY_SUM,
  MUNMAP_LATENCY_MAX,
  MUNMAP_LATENCY_P50,
  MUNMAP_LATENCY_P99,
  /** Index nodes and items (nodes or subtrees) that clearing handed to RCU. */
  MUNMAP_NODE_ITEMS,
  MUNMAP_NODES_DEFERRED,
  /** VMAs that were back when the process came to exit. */
  POST_SLEEP_FREED,

  /** Slab pages of a typesafe VMA cache: handed to call_rcu, returned, time of the last. */
  SLAB_PAGES_RCU,
  SLAB_PAGES_DONE,
  SLAB_LAST,
  GP_AT_SLAB_LAST,
  /** Freed objects that wait in a sheaf which nothing will fill: VMAs, index nodes. */
  STRANDED_VMAS,
  STRANDED_NODES,
  BULK_BATCHES,
  /** What a trace has seen, kept or not (metrics/trace.ts). */
  TRACED_BATCHES,
  TRACED_HANDS,
  /** Reports about RCU CPU stalls, kept or not (rcu/stall-report.ts). */
  RCU_STALLS,

  /** When the last slab page of a measured VMA or lock went back to the page allocator. */
  MEMORY_BACK,
  /** Holds of mmap_lock by the operation: sum and longest, for write and for read. */
  MMAP_WRITE_HOLD,
  MMAP_WRITE_HOLD_MAX,
  MMAP_READ_HOLD,
  MMAP_READ_HOLD_MAX,
  /** The spinlock of the list of dead VMAs: taken, and not at once. */
  LIST_LOCKS,
  LIST_LOCKS_CONTENDED,
  /** Locks of offloaded callbacks, of all CPUs together: taken, contended, picoseconds waited. */
  NOCB_LOCKS,
  NOCB_LOCKS_CONTENDED,
  NOCB_LOCK_WAIT,
  NOCB_BYPASS_LOCKS,
  NOCB_BYPASS_LOCKS_CONTENDED,
  NOCB_BYPASS_LOCK_WAIT,
  /** Events of the timeline, kept or not (metrics/timeline.ts). */
  TIMELINE_EVENTS,

  COUNT,
}

/** What `loadVmas` answers. */
export enum LoadAnswer {
  OK,
  /** A VMA is empty, overlaps the one before, or lies below it. */
  NOT_ASCENDING,
  /** More VMAs than were planned. */
  TOO_MANY,
  /** Beyond 57-bit addresses. */
  BEYOND_END,
  /** A VMA has more huge pages than whole 2 MiB blocks, or has some and maps a file. */
  HUGE_MISFIT,
  /** Workload mm: more pages are touched at first than its MEMORY_PAGES has. */
  NO_MEMORY,
}

/** What `run` answers. */
export enum RunState {
  RUNNING,
  FINISHED,
}

/** Regions of the engine's linear memory, in address order. */
export enum Region {
  STATIC,
  STAGING,
  CPUS,
  TASKS,
  RCU,
  EVENTS,
  VMA_CACHE,
  LOCK_CACHE,
  INDEX,
  WORKQUEUE,

  /** munmap calls to make, and callbacks of index nodes. */
  MUNMAP_CALLS,
  NODE_CALLBACKS,
  /** Sets of CPUs that tasks may use. */
  CPU_SETS,
  /** Callbacks that a workload posts, and what its tasks keep. */
  RCU_LOAD,
  /** Areas of kernel address space; vmap nodes, test threads, what they hold. */
  VMAP_AREAS,
  VMAP_STATE,
  /** Objects of vmalloc: its three slab caches, and the CPUs' lists of pages. */
  VMAP_OBJECTS,
  /** Sheaves of index nodes that wait for a grace period, 7.2. */
  NODE_SHEAVES,
  /** Slabs of index nodes while address spaces are made and destroyed, 6.12. */
  NODE_CACHE,
  PAGES,
  /** Address spaces besides the first. */
  MMS,
  /** Address spaces of the workload mm. */
  MM,
  /** Histograms and records of bystanders. */
  LOAD,
  /** Children of the workload exits. */
  EXITS,
  /** What only observes comes last: no address of a run hangs on it. */
  TRACE,
  TIMELINE,
  COUNT,
}

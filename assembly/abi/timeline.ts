// What the timeline of a run holds: one record an event, in the order in which they ended. Shared
// by engine and host.

//  0       8     16     17       18    20     24  28  32  36
//  ┌───────┬─────┬──────┬────────┬─────┬──────┬───┬───┬───┬───┐
//  │ start │ end │ kind │ detail │ cpu │ task │ a │ b │ c │ d │
//  └───────┴─────┴──────┴────────┴─────┴──────┴───┴───┴───┴───┘
/** Bytes of a record: picoseconds, then numbers; `task` is the running task's, 1 more; 0 = none. */
export enum TimelineRecord {
  BYTES = 40,
}

export enum TimelineKind {
  /** A CPU switches to `task`, or goes idle (0); a: its TaskKind, b: what its kind counts. */
  SWITCH,
  /** The tick's interrupt. */
  TICK,
  SOFTIRQ,
  /**
   * rcu_do_batch. detail: bit 0 by a kthread, bit 1 among those that the run's figures count; a:
   * invoked, b: ready, c: limit, d: the CPU whose callbacks they are.
   */
  BATCH,
  /** detail: 1 = expedited; a: its number, from 1. */
  GRACE_PERIOD,
  /** detail: one of `Span`; a: number of the mm, call, child or node, or areas purged. */
  SPAN,
  /** A thread of the workload mm did something. detail: one of `Op`. */
  OPERATION,
  /** An RCU CPU stall is reported. detail: one of `StallKind`; a: jiffies. */
  STALL,
  /** a: dead VMAs, b: callbacks queued on all CPUs, c: free pages of all zones. */
  COUNTERS,
}

/** What a task is in for a while, by the kernel's names where it has one. */
export enum Span {
  EXIT_MMAP,
  UNMAP_VMAS,
  FREE_PGTABLES,
  TLB_FINISH,
  REMOVAL_LOOP,
  FINAL_DRAIN,
  MT_DESTROY,
  MUNMAP,
  MUNMAP_GATHER,
  MUNMAP_CLEAR_RANGE,
  MUNMAP_UNMAP,
  MUNMAP_LOOP,
  MUNMAP_DRAIN,
  MUNMAP_MT_DESTROY,
  /** A parent in wait4(), for a child. */
  WAIT,
  /** A child of the workload exits, from its _exit to when its parent is told. */
  DO_EXIT,
  /** Purges of lazily freed kernel address space: as a whole (a: areas), and a node's share. */
  PURGE,
  PURGE_NODE,
  /** An allocation that finds no page, up to when it has one. */
  DIRECT_RECLAIM,
  /** out_of_memory, when it has chosen a victim. */
  OOM_KILL,
  COUNT,
}

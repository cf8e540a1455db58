// The workload `vmalloc` as host and engine agree on it: its choices, and its block of metrics.

/** Config.VMAP_SEARCH: how a hole is looked for. */
export enum HoleSearch {
  /** Along the list of busy areas, from a cached hint (up to 5.1). */
  LINEAR,
  /** The free-space tree (5.2 on). */
  TREE,
}

/** Config.VMAP_RELEASE: how a purge gives areas back. */
export enum PurgeRelease {
  /** One by one under the lock that allocations take, each counted off as it goes (up to 5.x). */
  EACH,
  /** A list at a time in one hold, counted off at once (6.9 on). */
  LIST,
}

/** Config.VMAP_RANGE: where the range comes from whose translations are flushed. */
export enum FlushRange {
  /** A loop over the purged list (2019). */
  LOOP,
  /** Smallest and largest address, kept by whoever frees. */
  ON_ADD,
  /** First and last of a list in order of address (2020 on). */
  SORTED,
}

/** Config.VMAP_YIELD: below how many times lazy_max_pages a purge lets others have the lock. */
export enum YieldRule {
  NEVER = 0,
  ALWAYS = 0x7fff_ffff,
}

/** Config.VMAP_DRIVER: who calls vmalloc and vfree. */
export enum VmallocDriver {
  /** lib/test_vmalloc.c */
  TEST_MODULE,
  /** Holds areas, then allocates and frees in a loop. */
  HOLD_THEN_LOOP,
  /** Holds areas, then only takes and returns addresses: all taken first, then all returned. */
  HOLD_THEN_BATCH,
}

/** Slots of the workload's metrics. Times in picoseconds. */
export enum VmapMetric {
  LAZY_MAX_PAGES,
  LAZY_PEAK_PAGES,
  LAZY_END_PAGES,
  OVERFLOW_PURGES,
  PURGE_RUNS,
  PURGE_RUNS_EMPTY,
  AREAS_PURGED,
  AREAS_PER_PURGE_MAX,
  PAGES_PURGED,
  PAGES_PER_PURGE_MAX,
  PURGE_WALL_SUM,
  PURGE_WALL_MAX,
  PURGE_CPU_SUM,
  PURGE_CPU_MAX,
  RANGE_COLLECT_SUM,
  RANGE_COLLECT_MAX,
  TLB_FLUSH_SUM,
  TLB_FLUSH_MAX,
  POOL_DECAY_SUM,
  FREE_WALL_SUM,
  FREE_WALL_MAX,
  MERGE_UNDER_LOCK_SUM,
  MERGE_UNDER_LOCK_MAX,
  MERGE_LOCK_HOLDS,
  LOCK_BREAKS,
  DRAIN_WORK_DELAY_N,
  DRAIN_WORK_DELAY_SUM,
  DRAIN_WORK_DELAY_MAX,
  /** Whole calls, those shorter than 3 us, and their extremes. */
  ALLOC_AREA_CALLS,
  ALLOC_AREA_POOL_HITS,
  ALLOC_AREA_SUM,
  ALLOC_AREA_SHORT_N,
  ALLOC_AREA_SHORT_SUM,
  ALLOC_AREA_MIN,
  ALLOC_AREA_MAX,
  FREE_NOFLUSH_CALLS,
  FREE_NOFLUSH_SUM,
  FREE_NOFLUSH_SHORT_N,
  FREE_NOFLUSH_SHORT_SUM,
  FREE_NOFLUSH_MIN,
  FIND_UNLINK_CALLS,
  FIND_UNLINK_SUM,
  FIND_UNLINK_SHORT_N,
  FIND_UNLINK_SHORT_SUM,
  FIND_UNLINK_MIN,
  SEARCH_CLIP_SUM,
  BUSY_INSERT_SUM,
  LAZY_INSERT_SUM,
  PAGE_TABLE_UNMAP_SUM,
  /** Counters of the lock that allocations and the purge take: see lock/counters.ts. */
  LOCK_ACQUISITIONS,
  LOCK_CONTENDED,
  LOCK_WAIT_SUM,
  LOCK_WAIT_MAX,
  LOCK_HOLD_SUM,
  LOCK_HOLD_MAX,
  /** Areas passed in search of a hole. */
  AREAS_PASSED,
  BUSY_PEAK_AREAS,
  USED_PEAK_PAGES,
  PAGE_TABLE_PAGES,
  /** Pages that full lists gave back; in how many holds of the zone's lock. */
  PAGES_TO_BUDDY,
  ZONE_LOCK_HOLDS,
  /** When memory ran out; all bits set = never. */
  OOM_AT,
  FINISHED_AT,
  THREADS_CPU_SUM,
  LOOP_START,
  LOOP_END,
  FREE_LOOP_END,
  LOOP_CPU,
  FAILED_ALLOCATIONS,
  /** 1: the plan's records of areas did not suffice, and the run was cut off. */
  RECORDS_EXHAUSTED,
  /** The longest of what each thread took for its last case. */
  LAST_CASE_MAX,

  COUNT,
}

/** Metrics of the test cases follow in rows of this many slots, one a case. */
export const CASE_METRICS = 128;
export enum CaseMetric {
  FINISHED,
  PASSED,
  FAILED,
  XFAILED,
  /** Sum and extremes over threads of a thread's time for the case, all its repeats. */
  TIME_SUM,
  TIME_MIN,
  TIME_MAX,
  COUNT,
}

/** The cases of the test module, in the order of their bits in run_test_mask. */
export enum TestCase {
  FIX_SIZE_ALLOC,
  FULL_FIT_ALLOC,
  LONG_BUSY_LIST_ALLOC,
  RANDOM_SIZE_ALLOC,
  FIX_ALIGN_ALLOC,
  RANDOM_SIZE_ALIGN_ALLOC,
  ALIGN_SHIFT_ALLOC,
  PCPU_ALLOC,
  KVFREE_RCU_1_ARG_VMALLOC,
  KVFREE_RCU_2_ARG_VMALLOC,
  VM_MAP_RAM,
  NO_BLOCK_ALLOC,
  VREALLOC,
  COUNT,
}

// What host and engine agree on about pages: generations, and which pages a VMA has.

/** Config.PCP_GENERATION: whose per-CPU page lists a run has. */
export enum PcpGeneration {
  /** 5.15 to 6.6: `free_factor`, lists drained in rotation, one zone-lock hold a drain. */
  V5_15,
  /** 6.7 to 6.19: `free_count`, `high` tuned between two bounds, one hold a drain. */
  V6_12,
  /** 7.0 on: the same tuning, drained in chunks of `batch`, one hold each. */
  V7_2,
}

/** Config.KFREEPCP: who moves pages from a full per-CPU list to the buddy allocator. */
export enum Kfreepcp {
  /** The task that frees, as all released kernels do. */
  INLINE,
  /** The patch as it was posted in October 2021. */
  POSTED,
  /** The same thread, asked by the CPU whose list is full. */
  INTENDED,
}

/**
 * Upper half of a staged VMA's flag word: its resident pages, exact up to 65,535 pages, in
 * 65,535ths of its length beyond.
 */
export const RESIDENT_SHIFT = 16;
export const RESIDENT_MAX = 0xffff;

/** Slots of the workload's own metrics that pages take: the last ones. */
export const PAGE_STATS_FIRST = 192;

/** What happened to pages. Times in picoseconds. */
export enum PageStat {
  /** Moves from a per-CPU list to the buddy allocator, one zone-lock hold each. */
  BULK_HOLDS,
  BULK_PAGES,
  BULK_PAGES_MAX,
  BULK_HOLD,
  BULK_HOLD_MAX,
  /** Of these, by the periodic decay. */
  DECAY_HOLDS,
  DECAY_PAGES,
  LOCK_WAIT,
  LOCK_WAIT_MAX,
  /** Refills of a per-CPU list while the clock runs. */
  REFILLS,
  REFILL_PAGES,
  /** Pages that processes got and gave back, of any kind. */
  ALLOCATED,
  FREED,
  GATHER_FLUSHES,
  GATHER_FLUSH_MAX,
  GATHER_ENTRIES,
  FREE_CALLS,
  /** Time in flushing gathers to the page allocator. */
  PAGE_FREEING,
  ZAP,
  TABLES_BY_RCU,
  /** Rounds of kfreepcp threads, when the first began; requests taken back, and lost at the end. */
  KFREEPCP_RUNS,
  KFREEPCP_FIRST,
  KFREEPCP_CANCELLED,
  KFREEPCP_LOST,
  /** At the end: pages on per-CPU lists, and free ones of the buddy allocator. */
  ON_LISTS,
  FREE,
  /** Fewest free pages of all zones that an allocation under watch has left. */
  FREE_MIN,
  /** Allocations that went into direct reclaim: how many, how long, the longest. */
  ALLOC_STALLS,
  ALLOC_STALL,
  ALLOC_STALL_MAX,
  /** Passes of shrink_node by kswapd and by allocating tasks; scans of shrinkers, what they saw. */
  RECLAIM_PASSES,
  SHRINK_SCANS,
  SHRINK_OBJECTS,
  /** Kills of the OOM killer; of the first: when, who, its pages, what was free, what was dead. */
  OOM_KILLS,
  OOM_TIME,
  OOM_VICTIM,
  OOM_VICTIM_PAGES,
  OOM_FREE,
  OOM_DEAD,
  OOM_LISTED,
  /** Resident at the beginning, by class; huge pages are anonymous ones and counted there too. */
  RSS_ANON,
  RSS_FILE,
  RSS_SHMEM,
  RSS_HUGE,
  /** Huge pages freed, and pages whose put left them to the page cache. */
  HUGE_FREED,
  LEFT_TO_CACHE,
  /** Pmds of huge pages that were split; folios put on the deferred split queue, taken apart. */
  SPLIT_PMD,
  DEFERRED_SPLIT,
  SPLIT_FOLIO,
  /** Most pages that nobody mapped and that such folios held. */
  DEFERRED_PAGES_MAX,
  /** Among address spaces: when the first victim was gone, pages that oom_reaper took. */
  OOM_GONE,
  OOM_REAPED,
  /** At the first kill, of the dead VMAs on lists those of the victim itself. */
  OOM_LISTED_VICTIM,
  /** When nobody could be chosen any more and the machine stopped; 0: it did not. */
  OOM_PANIC,
  COUNT,
}

// Memory pressure: what happened in a run where a bystander takes memory.

/** The first kill of the OOM killer, and what memory looked like then. */
export interface OomKill {
  readonly at_ns: number;
  /** Group of bystanders, `process`: the one under study, or an address space of the workload mm. */
  readonly victim: string;
  /** Its resident pages. */
  readonly victim_pages: number;
  /** Free pages of all zones, those on per-CPU lists not counted. */
  readonly free_pages: number;
  /** Dead VMAs that were not back in the slab, their bytes, and how many of them were on the mm's list. */
  readonly dead_vmas: number;
  readonly dead_bytes: number;
  readonly listed_vmas: number;
  /** Workload mm: those on the victim's own list, when its last thread was gone, what oom_reaper took. */
  readonly listed_vmas_of_victim?: number;
  readonly victim_gone_ns?: number;
  readonly reaped_pages?: number;
}

/** Only where a bystander takes memory, or the workload mm has the machine's. */
export interface ReclaimReport {
  /** Fewest free pages that one of its allocations left. */
  readonly free_min_pages: number;
  /** Allocations that went into direct reclaim, and how long they took. */
  readonly alloc_stalls: number;
  readonly alloc_stall_ns_sum: number;
  readonly alloc_stall_ns_max: number;
  /** Passes of shrink_node, by kswapd and by allocating tasks. */
  readonly reclaim_passes: number;
  /** Scans of shrinkers that handed something over, and how many objects. */
  readonly shrink_scans: number;
  readonly shrink_objects: number;
  readonly oom_kills: number;
  /** Absent where nobody was killed. */
  readonly oom?: OomKill;
  /** Workload mm: when nobody was left to kill and the machine stopped. Absent where it did not. */
  readonly panic_ns?: number;
}

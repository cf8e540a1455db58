// The workload `vmalloc`: what it can be told, and what it answers.

/** How kernel address space is managed: three points in its history. */
export type VmapGeneration = "2019-before" | "2019-threshold" | "vmap-nodes";

/** Where the range of a purge's TLB flush comes from. */
export type VmapRange = "loop" | "on-add" | "sorted";

/**
 * When a purge that returns areas one by one lets others have the lock: never, after every area, or only
 * while fewer pages than this many times lazy_max_pages are lazy.
 */
export type VmapYield = "never" | "every-element" | number;

/** Who calls vmalloc and vfree: the kernel's test module, or one thread among held areas. */
export type VmallocDriverName = "test_vmalloc" | "hold-then-loop" | "hold-then-batch";

export interface VmallocWorkload {
  readonly type: "vmalloc";
  readonly generation: VmapGeneration;
  /** vmap nodes; 1 before 6.9. */
  readonly nodes: number;
  readonly range: VmapRange;
  /** Absent: areas are returned a list at a time, as since 6.9. */
  readonly yield?: VmapYield | undefined;
  readonly lazy_max_pages: number;
  readonly driver: VmallocDriverName;
  readonly threads: number;
  /** Bits as in the module's run_test_mask. */
  readonly run_test_mask: number;
  readonly test_loop_count: number;
  readonly test_repeat_count: number;
  readonly nr_pages: number;
  readonly sequential_test_order: boolean;
  readonly nr_pcpu_objects: number;
  readonly held_areas: number;
  readonly held_every_second: boolean;
  /** Memory for allocations, page tables and records of areas. */
  readonly memory_pages: number;
  /** Lazily freed areas keep their pages until the purge; no kernel does so. */
  readonly lazy_holds_pages?: boolean;
  /** Pools of fewer than four areas do not decay, as in 7.2; in 6.12 they are emptied. */
  readonly small_pools_stay?: boolean;
  /** An area's pages come and go in the largest orders that fit, as in 7.2; in 6.12 one by one. */
  readonly large_orders?: boolean;
  /** Pages of the zone that allocations come from; a CPU's list holds an eighth of it at most. */
  readonly zone_pages?: number;
  /** Stacks of kernel threads that lie in the range when the run begins. */
  readonly boot_stacks: number;
  /** What else a kernel does that has just booted: CPU time of a task beside the tests. */
  readonly other_work_ns: number;
  /** It asks for two purges, one in its end; CPU time of it between the two. */
  readonly other_purge_gap_ns?: number;
  /** Virtual time that it is ahead of the threads, as it has run since boot. */
  readonly other_ahead_ns?: number;
  /** Areas of 1, 2, ... pages that boot has freed and nobody has purged. */
  readonly boot_lazy_areas?: number;
  /** When all threads have finished, the last one purges what is still lazy. */
  readonly final_purge?: boolean;
  /** Threads begin no operation from then on, however many loops are left; 0 = never. */
  readonly stop_after_ns?: number;
  /** Records of areas that the run plans for. */
  readonly area_records: number;
}

/** One case's line in the summary of the test module, over all threads. */
export interface VmallocCase {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly xfailed: number;
  readonly repeat: number;
  readonly loops: number;
  /** Average of a repeat, and the fastest and slowest thread's. */
  readonly avg_us: number;
  readonly min_us: number;
  readonly max_us: number;
}

/** Names are those of the measured rows. */
export interface VmallocMetrics {
  /** 1 when memory ran out: the kernel panics. When, or -1. */
  readonly oom: number;
  readonly oom_ns: number;
  readonly total_ns: number;
  readonly test_thread_cpu_ns: number;
  readonly lazy_max_pages: number;
  readonly lazy_peak_pages: number;
  readonly lazy_peak_over_max: number;
  readonly lazy_end_pages: number;
  readonly busy_peak_areas: number;
  readonly used_peak_pages: number;
  readonly page_table_pages: number;
  /** Pages that full lists of free pages gave back to the buddy allocator. */
  readonly pages_to_buddy: number;
  /** How often the zone's lock was taken for that, with interrupts off: 2,016 pages at once in 6.12. */
  readonly zone_lock_holds: number;
  readonly failed_allocations: number;
  readonly overflow_purges: number;
  readonly purge_runs: number;
  readonly purge_runs_empty: number;
  readonly areas_purged: number;
  readonly areas_per_purge_max: number;
  readonly pages_purged: number;
  readonly pages_per_purge_max: number;
  readonly purge_wall_ns_sum: number;
  readonly purge_wall_ns_max: number;
  readonly purge_cpu_ns_sum: number;
  readonly purge_cpu_ns_max: number;
  readonly range_collect_ns_sum: number;
  readonly range_collect_ns_max: number;
  readonly tlb_flush_ns_sum: number;
  readonly tlb_flush_ns_max: number;
  readonly pool_decay_ns_sum: number;
  readonly free_wall_ns_sum: number;
  readonly free_wall_ns_max: number;
  readonly merge_under_lock_ns_sum: number;
  readonly merge_under_lock_ns_max: number;
  readonly merge_lock_holds: number;
  readonly lock_breaks: number;
  readonly drain_work_delay_n: number;
  readonly drain_work_delay_ns_sum: number;
  readonly drain_work_delay_ns_max: number;
  readonly alloc_area_calls: number;
  readonly alloc_area_pool_hits: number;
  readonly alloc_area_ns_mean_all: number;
  readonly alloc_area_ns_mean_uninterrupted: number;
  readonly alloc_area_ns_min: number;
  readonly alloc_area_ns_max: number;
  readonly free_noflush_calls: number;
  readonly free_noflush_ns_mean_all: number;
  readonly free_noflush_ns_mean_uninterrupted: number;
  readonly free_noflush_ns_min: number;
  readonly find_unlink_calls: number;
  readonly find_unlink_ns_mean_uninterrupted: number;
  readonly find_unlink_ns_min: number;
  readonly free_tree_search_and_clip_ns_mean: number;
  readonly busy_tree_insert_ns_mean: number;
  readonly lazy_tree_insert_ns_mean: number;
  readonly page_table_unmap_ns_mean: number;
  readonly areas_passed: number;
  /** Of the lock that allocations and the purge take. */
  readonly lock_acquisitions: number;
  readonly lock_contended: number;
  readonly lock_wait_ns_sum: number;
  readonly lock_wait_ns_max: number;
  readonly lock_hold_ns_max: number;
  /** The loop of a thread among held areas; 0 in the test module. */
  readonly loop_total_ns: number;
  readonly freeloop_total_ns: number;
  readonly loop_cpu_ns: number;
  /** The longest of what each thread took for the last case of its order, all repeats. */
  readonly last_case_wall_ns_max: number;
  readonly events: number;
  readonly cases: readonly VmallocCase[];
}

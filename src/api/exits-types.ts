// What runs with resident memory and the workload `exits` are told and tell.

/** The workload `exits`: processes exit at the same moment; their parent waits for all. */
export interface ExitsWorkload {
  readonly type: "exits";
  /** Processes, each with the run's address space. */
  readonly children: number;
  /** All on the CPU of the exit, from which idle ones pull them; or on the CPUs in turn, from it on. */
  readonly placement: "together" | "spread";
  /** How exit_mm puts an mm: mmput, mmput_async, or a choice by mm. */
  readonly put: "sync" | "async" | "async-by-pages" | "async-by-vmas" | "async-encrypted";
  /** Resident pages or VMAs from which on the choice is mmput_async. */
  readonly put_async_min: number;
  /** So many of the processes are encrypted guests. */
  readonly encrypted: number;
  /** CPU time that the parent uses before it first waits; 0: it waits when the first child exits. */
  readonly parent_busy_ns: number;
  /** CPU time that the parent uses after its last wait. */
  readonly work_ns: number;
  /** Pages that the process it starts then touches at once. */
  readonly restart_pages: number;
  /** Threads that share them, on whatever CPUs are free. */
  readonly restart_threads: number;
  /** An allocation that fails waits while teardowns are pending. */
  readonly hold_back_oom: boolean;
  /** CPU time of a work item after which it no longer holds up others. */
  readonly cpu_intensive_thresh_ns: number;
}

/** Times from the first _exit. */
export interface ExitsMetrics {
  /** The first _exit to the first return from wait. */
  readonly wait_latency_first_ns: number;
  /** Own _exit to the return from wait for it. */
  readonly wait_latency_min_ns: number;
  readonly wait_latency_max_ns: number;
  readonly last_wait_ns: number;
  /** Ends of exit_mmap: all VMAs and pages are back. */
  readonly memory_back_first_ns: number;
  readonly memory_back_last_ns: number;
  readonly exit_mmap_count: number;
  readonly exit_mmap_first_start_ns: number;
  readonly queued: number;
  readonly queue_to_start_first_ns: number;
  readonly queue_to_start_last_ns: number;
  /** Pages that dead children still held when the last wait returned. */
  readonly pages_out_at_last_wait: number;
  readonly work_wall_ns: number;
  readonly restart_ns: number;
  readonly restart_pages: number;
  /** Most VMAs of all children together that were handed over and not back in the slab. */
  readonly dead_peak: number;
  /** When the last VMA of all was back in the slab; 0 where some never were (`stranded_vmas`). */
  readonly last_free_ns: number;
  /** VMAs left in a sheaf that nothing fills: dead for as long as nobody else comes. */
  readonly stranded_vmas: number;
  readonly callback_max_ns: number;
  readonly cpu_softirq_ns: number;
  /** 1: the restarted process found no memory, and the OOM killer ended it. */
  readonly out_of_memory: number;
  readonly oom_held_back_ns: number;
  /** CPU time by whom it is charged to: the dying, their parent, nobody. */
  readonly cpu_children_ns: number;
  readonly cpu_parent_ns: number;
  readonly cpu_kworkers_ns: number;
  readonly cpu_kfreepcp_ns: number;
}

/** What happened to page frames, in runs that have them. */
export interface PageMetrics {
  /** Time in handing gathered pages to the page allocator, bulk moves included. */
  readonly page_freeing_ns: number;
  readonly gather_flushes: number;
  readonly gather_flush_max_ns: number;
  readonly gather_entries: number;
  readonly free_calls: number;
  readonly pages_freed: number;
  readonly pages_allocated: number;
  /** Moves from a per-CPU list to the buddy allocator: one hold of the zone lock each. */
  readonly zone_lock_holds_bulk: number;
  readonly pages_returned_to_buddy: number;
  readonly pages_per_zone_lock_hold_max: number;
  readonly zone_lock_hold_ns_sum: number;
  readonly zone_lock_hold_ns_max: number;
  readonly zone_lock_wait_ns_sum: number;
  readonly zone_lock_wait_ns_max: number;
  /** Of the above, by the periodic decay. */
  readonly decay_holds: number;
  readonly decay_pages: number;
  /** Page tables freed by RCU callbacks. */
  readonly page_tables_by_rcu: number;
  /** Resident at the beginning, by class; pages in huge ones are counted as anonymous, too. */
  readonly rss_anon_pages: number;
  readonly rss_file_pages: number;
  readonly rss_shmem_pages: number;
  readonly rss_huge_pages: number;
  /** Huge pages freed, and pages that went on to be the page cache's. */
  readonly huge_freed: number;
  readonly left_to_page_cache: number;
  /** Huge pages that a munmap has cut; those put on the deferred split queue, those taken apart by
   * the shrinker (as /proc/vmstat has them); most pages at once that they held and nobody mapped. */
  readonly thp_split_pmd: number;
  readonly thp_deferred_split_page: number;
  readonly thp_split_page: number;
  readonly thp_deferred_pages_max: number;
  /** Looks of kfreepcp threads at their lists, when the first began; requests that a list that is
   * too long took back, and those lost because a thread cleared its flag last. */
  readonly kfreepcp_rounds: number;
  readonly kfreepcp_first_ns: number;
  readonly kfreepcp_cancelled: number;
  readonly kfreepcp_lost: number;
  /** At the end of the run: pages on per-CPU lists, and in the buddy allocator. */
  readonly pages_on_lists: number;
  readonly pages_free: number;
}

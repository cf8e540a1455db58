// The workload `mm`: what it is asked and what it answers.

import type { BreachReport } from "../litmus/fill.ts";
import type { LitmusMm, LitmusThread } from "../litmus/spec.ts";

/** The workload `mm`: several address spaces with threads that run small programs. */
export interface MmWorkload {
  readonly type: "mm";
  /** Whose VMA locks; absent: the machine's generation. */
  readonly kernel?: "6.1" | "6.12" | "7.2";
  /** From where pages of the scenario's process and of its forks count: its area's first, or 0. */
  readonly pages_from: "area" | "zero";
  /** Pages touched before, in each VMA of the scenario's address space (its area). */
  readonly touched_pages: number;
  readonly max_map_count: number;
  /** Pages of memory for VMAs and touched pages; 0: no limit. */
  readonly memory_pages: number;
  /** Switches the lifetime oracle off. */
  readonly oracle: boolean;
  /** Rules of the kernel that are left out. */
  readonly without: readonly string[];
  /** Address spaces besides `process`, which is the scenario's. */
  readonly mms: readonly LitmusMm[];
  readonly threads: readonly LitmusThread[];
}

/** Metrics of a run of the workload `mm`. Means are over all threads. */
export interface MmMetrics {
  readonly sim_ns: number;
  /** When the last thread was over; callbacks may come later. */
  readonly threads_done_ns: number;
  readonly steps: number;
  readonly faults: number;
  readonly vma_lock_success: number;
  readonly vma_lock_abort: number;
  readonly vma_lock_retry: number;
  readonly vma_lock_miss: number;
  readonly fault_fallbacks: number;
  readonly fault_mean_ns: number;
  readonly fault_min_ns: number;
  readonly fault_max_ns: number;
  /** Parts of a mean fault: handler without the exception, look-up and lock, mmap_lock and find. */
  readonly fault_handler_mean_ns: number;
  readonly fault_lookup_mean_ns: number;
  readonly fault_mmap_lock_mean_ns: number;
  readonly fault_handle_mean_ns: number;
  readonly execs: number;
  readonly forks: number;
  readonly fork_vmas: number;
  readonly fork_syscall_ns: number;
  readonly fork_dup_ns: number;
  readonly fork_tree_dup_ns: number;
  readonly fork_vma_loop_ns: number;
  readonly fork_rest_ns: number;
  readonly fork_write_lock_ns: number;
  readonly fork_object_dup_ns: number;
  readonly fork_anon_vma_ns: number;
  readonly fork_store_ns: number;
  readonly fork_copy_pages_ns: number;
  readonly mmap_read_waits: number;
  readonly mmap_read_wait_ns: number;
  readonly mmap_read_wait_max_ns: number;
  readonly mmap_write_waits: number;
  readonly mmap_write_wait_ns: number;
  readonly mmap_write_wait_max_ns: number;
  readonly mmap_write_hold_ns: number;
  readonly mmap_write_hold_max_ns: number;
  readonly vma_write_waits: number;
  readonly vmas_allocated: number;
  readonly vmas_freed: number;
  readonly dead_peak: number;
  readonly ncall_rcu: number;
  readonly call_rcu_sum_ns: number;
  readonly callback_max_ns: number;
  readonly softirq_max_ns: number;
  readonly cpu_task_ns: number;
  readonly cpu_softirq_ns: number;
  readonly cpu_kthread_ns: number;
  /** Reports of the lifetime oracle. */
  readonly breaches: number;
  readonly happened: readonly string[];
  readonly reports: readonly BreachReport[];
}

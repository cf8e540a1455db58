// Rows about what an operation keeps from others: locks that it holds, CPU time by context.

import type { MetricLine } from "./strategy-table.ts";

/** The same for exit and munmap. */
export const LOCK_LINES: readonly (MetricLine<"exit"> & MetricLine<"munmap">)[] = [
  { label: "mmap write, ms", metric: "mmap_write_hold_ns", unit: "ms" },
  { label: "  longest hold", metric: "mmap_write_hold_max_ns", unit: "ms" },
  { label: "mmap read, ms", metric: "mmap_read_hold_ns", unit: "ms" },
  { label: "  longest hold", metric: "mmap_read_hold_max_ns", unit: "ms" },
  { label: "list lock taken", metric: "list_lock_acquisitions", unit: "count", where_any: true },
  { label: "  contended", metric: "list_lock_contended", unit: "count", where_any: true },
  { label: "nocb lock taken", metric: "nocb_lock_acquisitions", unit: "count", where_any: true },
  { label: "  contended", metric: "nocb_lock_contended", unit: "count", where_any: true },
  { label: "  waited, ms", metric: "nocb_lock_wait_ns", unit: "ms", where_any: true },
  {
    label: "bypass lock taken",
    metric: "bypass_lock_acquisitions",
    unit: "count",
    where_any: true,
  },
  { label: "  contended", metric: "bypass_lock_contended", unit: "count", where_any: true },
  { label: "CPU tasks, ms", metric: "cpu_task_ns", unit: "ms" },
  { label: "CPU softirq, ms", metric: "cpu_softirq_ns", unit: "ms" },
  { label: "CPU kthreads, ms", metric: "cpu_kthread_ns", unit: "ms" },
];

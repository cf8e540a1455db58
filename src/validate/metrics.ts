// How each metric is compared with a measured figure, and why.

import type { RunMetrics } from "../api/types.ts";

export type MetricName = keyof RunMetrics;

/**
 * - exact: a count that follows from the strategy alone;
 * - relative: a time that does not hang on where the tick falls: within the tolerance;
 * - range: it does: the measured figure lies in the simulated range over the tick phases, widened by
 *   the tolerance.
 */
export type Comparison = "exact" | "relative" | "range";

export interface MetricRule {
  readonly name: MetricName;
  readonly comparison: Comparison;
  /** A range when callbacks run inside the exit: they come with the tick. */
  readonly range_with_callbacks?: true;
  /** A measured 0 is a figure, not "not applicable". */
  readonly zero_counts?: true;
  /** Part of what the product claims; `--metrics claimed` selects these. */
  readonly claimed?: true;
}

/** All columns that runs and measured rows share, in the order they are printed. */
export const METRIC_RULES: readonly MetricRule[] = [
  { name: "n_vma", comparison: "exact", claimed: true },
  { name: "ncall_rcu", comparison: "exact", zero_counts: true, claimed: true },
  { name: "exit_total_ns", comparison: "relative", range_with_callbacks: true, claimed: true },
  { name: "unmap_vmas_ns", comparison: "relative", claimed: true },
  { name: "free_pgtables_ns", comparison: "relative", claimed: true },
  { name: "tlb_finish_ns", comparison: "relative", claimed: true },
  { name: "loop_ns", comparison: "relative", range_with_callbacks: true, claimed: true },
  { name: "final_drain_ns", comparison: "relative", range_with_callbacks: true, claimed: true },
  { name: "mt_destroy_ns", comparison: "relative", range_with_callbacks: true, claimed: true },
  { name: "dead_peak", comparison: "range", claimed: true },
  { name: "last_free_ns", comparison: "range", claimed: true },
  { name: "gp_at_loop_end", comparison: "range", zero_counts: true, claimed: true },
  { name: "gp_at_last_free", comparison: "range", zero_counts: true, claimed: true },
  { name: "rcu_batches", comparison: "range", zero_counts: true, claimed: true },
  { name: "rcu_batches_softirq", comparison: "range", zero_counts: true, claimed: true },
  { name: "loop_start_ns", comparison: "relative" },
  { name: "loop_end_ns", comparison: "relative", range_with_callbacks: true },
  { name: "user_wait_latency_ns", comparison: "relative", range_with_callbacks: true },
  { name: "task_cpu_ns", comparison: "relative", range_with_callbacks: true },
  { name: "ctx_switches", comparison: "range", zero_counts: true },
  { name: "call_rcu_sum_ns", comparison: "relative", range_with_callbacks: true },
  { name: "call_rcu_max_ns", comparison: "range" },
  { name: "freed_at_loop_end", comparison: "range", zero_counts: true },
  { name: "freed_at_end", comparison: "range", zero_counts: true },
  { name: "freed_final", comparison: "exact" },
  { name: "rcu_cbs", comparison: "range", zero_counts: true },
  { name: "rcu_cbs_in_exit", comparison: "range", zero_counts: true },
  { name: "rcu_batch_cpu_ns", comparison: "range" },
  { name: "rcu_batch_wall_ns", comparison: "range" },
  { name: "rcu_batch_in_exit_ns", comparison: "range" },
  { name: "rcu_batch_max_cbs", comparison: "range" },
  { name: "rcu_batch_max_ns", comparison: "range" },
  { name: "group_cb_n", comparison: "exact", zero_counts: true },
  { name: "group_cb_max_ns", comparison: "range" },
  { name: "group_cb_sum_ns", comparison: "relative", range_with_callbacks: true },
];

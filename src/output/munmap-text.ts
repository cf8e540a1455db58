// How reports speak of the workload `munmap`.

import { vmaSpan } from "../api/munmap.ts";
import { callCount } from "../engine/workloads/munmap-calls.ts";
import { CPU_STACK } from "./cpu-stack.ts";
import { plural } from "./format.ts";
import { LOCK_LINES } from "./lock-lines.ts";
import type { RankLines } from "./ranking.ts";
import type { MetricLine } from "./strategy-table.ts";
import type { WorkloadCharts, WorkloadText } from "./workload-text.ts";

const LINES: readonly MetricLine<"munmap">[] = [
  { label: "munmap, ms", metric: "user_munmap_latency_ns", unit: "ms" },
  { label: "  gather", metric: "gather_ns", unit: "ms" },
  { label: "  clear range", metric: "clear_range_ns", unit: "ms" },
  { label: "  unmap, tables", metric: "unmap_vmas_ns", unit: "ms" },
  { label: "  removal loop", metric: "loop_ns", unit: "ms" },
  { label: "  final drain", metric: "final_drain_ns", unit: "ms" },
  { label: "  mt_destroy", metric: "mt_destroy_ns", unit: "ms" },
  { label: "call p50, us", metric: "munmap_latency_p50_ns", unit: "us" },
  { label: "call p99, us", metric: "munmap_latency_p99_ns", unit: "us" },
  { label: "call max, us", metric: "munmap_latency_max_ns", unit: "us" },
  { label: "call_rcu calls", metric: "ncall_rcu", unit: "count" },
  { label: "call_rcu max, us", metric: "call_rcu_max_ns", unit: "us" },
  { label: "dead peak, VMAs", metric: "dead_peak", unit: "count" },
  { label: "dead peak, MiB", metric: "dead_peak_bytes", unit: "MiB" },
  { label: "dead MiB x s", metric: "dead_byte_seconds", unit: "MiB s" },
  { label: "back at wake-up", metric: "post_sleep_freed", unit: "count" },
  { label: "last free, ms", metric: "last_free_ns", unit: "ms", once: "last_free_ns" },
  { label: "grace periods", metric: "gp_at_last_free", unit: "count", once: "last_free_ns" },
  { label: "RCU batches", metric: "rcu_batches", unit: "count" },
  { label: "callback max, us", metric: "callback_max_ns", unit: "us" },
  { label: "softirq max, us", metric: "softirq_max_ns", unit: "us" },
  { label: "stranded VMAs", metric: "stranded_vmas", unit: "count", where_any: true },
  { label: "slabs freed", metric: "vma_slabs_discarded", unit: "count" },
  { label: "memory back, ms", metric: "memory_back_ns", unit: "ms" },
  ...LOCK_LINES,
  { label: "later exit, ms", metric: "later_exit_ns", unit: "ms" },
];

const RANKS: RankLines<"munmap"> = [
  { metric: "user_munmap_latency_ns", unit: "ms", best: "unmaps first", cost: "a munmap of" },
  { metric: "dead_peak_bytes", unit: "MiB", best: "least dead", cost: "a dead peak of" },
  { metric: "dead_byte_seconds", unit: "MiB s", best: "  over time", cost: "dead over time" },
  {
    metric: "last_free_ns",
    unit: "ms",
    best: "all freed",
    cost: "the last free at",
    never_at_zero: true,
  },
  { metric: "softirq_max_ns", unit: "us", best: "shortest softirq", cost: "a softirq of" },
];

const CHARTS: WorkloadCharts<"munmap"> = {
  stacks: [
    {
      title: "munmap by phase, all calls, ms",
      total: "user_munmap_latency_ns",
      parts: [
        { metric: "gather_ns", name: "gather" },
        { metric: "clear_range_ns", name: "clear range" },
        { metric: "unmap_vmas_ns", name: "unmap, tables" },
        { metric: "loop_ns", name: "removal loop" },
        { metric: "final_drain_ns", name: "final drain" },
        { metric: "mt_destroy_ns", name: "mt_destroy" },
      ],
    },
    CPU_STACK,
  ],
  longest: [
    { metric: "callback_max_ns", name: "callback" },
    { metric: "softirq_max_ns", name: "softirq" },
    { metric: "call_rcu_max_ns", name: "call_rcu()" },
    { metric: "munmap_latency_max_ns", name: "munmap call" },
  ],
};

export const MUNMAP_TEXT: WorkloadText<"munmap"> = {
  what: (workload, space) => {
    const { every, ranges } = workload;
    const { origin, vma_count } = space;
    const how =
      ranges !== undefined
        ? plural(ranges.length, "range")
        : every > 0
          ? `every ${every === 1 ? "VMA" : `${every}. VMA`} by a call of its own`
          : // VMAs may be fewer than the calls that are to share them
            `in ${plural(callCount(workload, vmaSpan(workload, space)), "call")}`;
    return `munmap ${how}, ${plural(vma_count, "VMA")}: ${origin}.`;
  },
  lines: LINES,
  ranks: RANKS,
  charts: CHARTS,
};

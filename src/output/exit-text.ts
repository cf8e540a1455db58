// How reports speak of the workload `exit`.

import { CPU_STACK } from "./cpu-stack.ts";
import { plural } from "./format.ts";
import { LOCK_LINES } from "./lock-lines.ts";
import type { RankLines } from "./ranking.ts";
import type { MetricLine } from "./strategy-table.ts";
import type { WorkloadCharts, WorkloadText } from "./workload-text.ts";

const LINES: readonly MetricLine<"exit">[] = [
  { label: "exit total, ms", metric: "exit_total_ns", unit: "ms" },
  { label: "  unmap_vmas", metric: "unmap_vmas_ns", unit: "ms" },
  { label: "  free_pgtables", metric: "free_pgtables_ns", unit: "ms" },
  { label: "  removal loop", metric: "loop_ns", unit: "ms" },
  { label: "  final drain", metric: "final_drain_ns", unit: "ms" },
  { label: "  mt_destroy", metric: "mt_destroy_ns", unit: "ms" },
  { label: "parent waits, ms", metric: "user_wait_latency_ns", unit: "ms" },
  { label: "call_rcu calls", metric: "ncall_rcu", unit: "count" },
  { label: "call_rcu max, us", metric: "call_rcu_max_ns", unit: "us" },
  { label: "dead peak, VMAs", metric: "dead_peak", unit: "count" },
  { label: "dead peak, MiB", metric: "dead_peak_bytes", unit: "MiB" },
  { label: "dead MiB x s", metric: "dead_byte_seconds", unit: "MiB s" },
  { label: "last free, ms", metric: "last_free_ns", unit: "ms", once: "last_free_ns" },
  { label: "grace periods", metric: "gp_at_last_free", unit: "count", once: "last_free_ns" },
  { label: "RCU batches", metric: "rcu_batches", unit: "count" },
  { label: "callbacks in exit", metric: "rcu_cbs_in_exit", unit: "count" },
  { label: "callback max, us", metric: "callback_max_ns", unit: "us" },
  { label: "softirq max, us", metric: "softirq_max_ns", unit: "us" },
  { label: "stranded VMAs", metric: "stranded_vmas", unit: "count", where_any: true },
  { label: "slabs freed", metric: "vma_slabs_discarded", unit: "count" },
  { label: "memory back, ms", metric: "memory_back_ns", unit: "ms" },
  ...LOCK_LINES,
];

const RANKS: RankLines<"exit"> = [
  { metric: "exit_total_ns", unit: "ms", best: "exits first", cost: "an exit of" },
  { metric: "dead_peak_bytes", unit: "MiB", best: "least dead", cost: "a dead peak of" },
  { metric: "dead_byte_seconds", unit: "MiB s", best: "  over time", cost: "dead over time" },
  {
    metric: "memory_back_ns",
    unit: "ms",
    best: "memory back",
    cost: "memory back at",
    never_at_zero: true,
  },
  { metric: "softirq_max_ns", unit: "us", best: "shortest softirq", cost: "a softirq of" },
];

const CHARTS: WorkloadCharts<"exit"> = {
  stacks: [
    {
      title: "Exit by phase, ms",
      total: "exit_total_ns",
      parts: [
        { metric: "unmap_vmas_ns", name: "unmap_vmas" },
        { metric: "free_pgtables_ns", name: "free_pgtables" },
        { metric: "tlb_finish_ns", name: "tlb_finish_mmu" },
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
    { metric: "mmap_write_hold_max_ns", name: "mmap_lock held for writing" },
  ],
};

export const EXIT_TEXT: WorkloadText<"exit"> = {
  what: (_workload, { origin, vma_count }) => `Exit with ${plural(vma_count, "VMA")}: ${origin}.`,
  lines: LINES,
  ranks: RANKS,
  charts: CHARTS,
};

// How reports speak of the workload `exits`.

import { plural } from "./format.ts";
import type { RankLines } from "./ranking.ts";
import type { MetricLine } from "./strategy-table.ts";
import type { WorkloadCharts, WorkloadText } from "./workload-text.ts";

const LINES: readonly MetricLine<"exits">[] = [
  { label: "first wait, ms", metric: "wait_latency_first_ns", unit: "ms" },
  { label: "last wait, ms", metric: "last_wait_ns", unit: "ms" },
  { label: "memory back, ms", metric: "memory_back_first_ns", unit: "ms" },
  { label: "  of the last", metric: "memory_back_last_ns", unit: "ms" },
  { label: "put by a worker", metric: "queued", unit: "count" },
  { label: "pages out at wait", metric: "pages_out_at_last_wait", unit: "count" },
  { label: "then work, ms", metric: "work_wall_ns", unit: "ms" },
  { label: "restart, ms", metric: "restart_ns", unit: "ms" },
  { label: "dead peak, VMAs", metric: "dead_peak", unit: "count" },
  { label: "last free, ms", metric: "last_free_ns", unit: "ms", once: "last_free_ns" },
  { label: "stranded VMAs", metric: "stranded_vmas", unit: "count", where_any: true },
  { label: "callback max, us", metric: "callback_max_ns", unit: "us" },
  { label: "out of memory", metric: "out_of_memory", unit: "count" },
  { label: "CPU children, ms", metric: "cpu_children_ns", unit: "ms" },
  { label: "CPU softirq, ms", metric: "cpu_softirq_ns", unit: "ms" },
  { label: "CPU kworkers, ms", metric: "cpu_kworkers_ns", unit: "ms" },
];

const RANKS: RankLines<"exits"> = [
  { metric: "last_wait_ns", unit: "ms", best: "all exit first", cost: "a last wait of" },
  { metric: "dead_peak", unit: "count", best: "least dead, VMAs", cost: "a dead peak of" },
  {
    metric: "last_free_ns",
    unit: "ms",
    best: "all freed",
    cost: "the last free at",
    never_at_zero: true,
  },
  { metric: "callback_max_ns", unit: "us", best: "shortest callback", cost: "a callback of" },
];

const CHARTS: WorkloadCharts<"exits"> = {
  stacks: [
    {
      title: "CPU time by who used it, ms",
      parts: [
        { metric: "cpu_children_ns", name: "children" },
        { metric: "cpu_softirq_ns", name: "softirqs" },
        { metric: "cpu_kworkers_ns", name: "kworkers" },
      ],
    },
  ],
  longest: [
    { metric: "callback_max_ns", name: "callback" },
    { metric: "wait_latency_first_ns", name: "wait for the first child" },
  ],
};

export const EXITS_TEXT: WorkloadText<"exits"> = {
  what: ({ children, put }, { origin, vma_count }) =>
    `${children === 1 ? "A process exits" : `${children} processes exit`}, ${put} put, ${plural(vma_count, "VMA")}${children === 1 ? "" : " each"}: ${origin}.`,
  lines: LINES,
  ranks: RANKS,
  charts: CHARTS,
};

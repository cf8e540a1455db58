// How reports speak of the workload `mm`.

import { CPU_STACK } from "./cpu-stack.ts";
import { plural } from "./format.ts";
import { breachText } from "./litmus-text.ts";
import type { RankLines } from "./ranking.ts";
import type { MetricLine } from "./strategy-table.ts";
import type { WorkloadCharts, WorkloadText } from "./workload-text.ts";

const LINES: readonly MetricLine<"mm">[] = [
  { label: "faults", metric: "faults", unit: "count" },
  { label: "  by VMA lock", metric: "vma_lock_success", unit: "count" },
  { label: "  fallbacks", metric: "fault_fallbacks", unit: "count" },
  { label: "  mean, us", metric: "fault_mean_ns", unit: "us" },
  { label: "  max, us", metric: "fault_max_ns", unit: "us" },
  { label: "execs", metric: "execs", unit: "count", where_any: true },
  { label: "forks", metric: "forks", unit: "count", where_any: true },
  { label: "  dup_mmap, us", metric: "fork_dup_ns", unit: "us", where_any: true },
  { label: "mmap hold max, us", metric: "mmap_write_hold_max_ns", unit: "us" },
  { label: "  read waits", metric: "mmap_read_waits", unit: "count" },
  { label: "  read wait max, us", metric: "mmap_read_wait_max_ns", unit: "us" },
  { label: "  write waits", metric: "mmap_write_waits", unit: "count" },
  { label: "call_rcu calls", metric: "ncall_rcu", unit: "count" },
  { label: "dead peak, VMAs", metric: "dead_peak", unit: "count" },
  { label: "callback max, us", metric: "callback_max_ns", unit: "us" },
  { label: "softirq max, us", metric: "softirq_max_ns", unit: "us" },
  { label: "CPU tasks, ms", metric: "cpu_task_ns", unit: "ms" },
  { label: "CPU softirq, ms", metric: "cpu_softirq_ns", unit: "ms" },
  { label: "CPU kthreads, ms", metric: "cpu_kthread_ns", unit: "ms" },
  { label: "threads done, ms", metric: "threads_done_ns", unit: "ms" },
  { label: "all done, ms", metric: "sim_ns", unit: "ms" },
  { label: "oracle's reports", metric: "breaches", unit: "count" },
];

const RANKS: RankLines<"mm"> = [
  { metric: "threads_done_ns", unit: "ms", best: "done first", cost: "threads done at" },
  { metric: "dead_peak", unit: "count", best: "least dead, VMAs", cost: "a dead peak of" },
  { metric: "softirq_max_ns", unit: "us", best: "shortest softirq", cost: "a softirq of" },
];

const CHARTS: WorkloadCharts<"mm"> = {
  stacks: [CPU_STACK],
  longest: [
    { metric: "callback_max_ns", name: "callback" },
    { metric: "softirq_max_ns", name: "softirq" },
    { metric: "fault_max_ns", name: "fault" },
    { metric: "mmap_write_hold_max_ns", name: "mmap_lock held for writing" },
  ],
};

export const MM_TEXT: WorkloadText<"mm"> = {
  what: ({ threads, mms }, { origin, vma_count }) =>
    `${plural(threads.length, "thread")} in ${plural(mms.length + 1, "address space")}; ` +
    `${plural(vma_count, "VMA")} at first: ${origin}.`,
  lines: LINES,
  ranks: RANKS,
  charts: CHARTS,
  details: ({ metrics }) => [
    ...(metrics.happened.length === 0 ? [] : [`Met: ${metrics.happened.join(", ")}.`]),
    ...metrics.reports.flatMap((report) => breachText(report).split("\n")),
  ],
};

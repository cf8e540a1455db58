// How reports speak of the workload `vmalloc`.

import type { VmallocCase, VmallocMetrics } from "../api/vmalloc.ts";
import { grouped, plural } from "./format.ts";
import type { MetricLine } from "./strategy-table.ts";
import type { WorkloadCharts, WorkloadText } from "./workload-text.ts";

const LINES: readonly MetricLine<"vmalloc">[] = [
  { label: "total, ms", metric: "total_ns", unit: "ms" },
  { label: "lazy peak, pages", metric: "lazy_peak_pages", unit: "count" },
  { label: "lazy max, pages", metric: "lazy_max_pages", unit: "count" },
  { label: "busy peak, areas", metric: "busy_peak_areas", unit: "count" },
  { label: "memory peak, pages", metric: "used_peak_pages", unit: "count" },
  { label: "out of memory", metric: "oom", unit: "count" },
  { label: "purges", metric: "purge_runs", unit: "count" },
  { label: "areas purged", metric: "areas_purged", unit: "count" },
  { label: "purge max, ms", metric: "purge_wall_ns_max", unit: "ms" },
  { label: "  range max, ms", metric: "range_collect_ns_max", unit: "ms" },
  { label: "  return max, ms", metric: "free_wall_ns_max", unit: "ms" },
  { label: "  hold max, us", metric: "merge_under_lock_ns_max", unit: "us" },
  { label: "lock breaks", metric: "lock_breaks", unit: "count" },
  { label: "lock wait, ms", metric: "lock_wait_ns_sum", unit: "ms" },
  { label: "lock wait max, us", metric: "lock_wait_ns_max", unit: "us" },
];

/** A line of the module's own summary, as it stands in dmesg. */
export function summaryLine(one: VmallocCase): string {
  const counts = `passed: ${one.passed} failed: ${one.failed} xfailed: ${one.xfailed}`;
  return `Summary: ${one.name} ${counts} repeat: ${one.repeat} loops: ${one.loops} avg: ${one.avg_us} usec`;
}

function details({ cases, oom, oom_ns, lazy_peak_pages }: VmallocMetrics): string[] {
  const lines = cases.map(summaryLine);
  if (oom === 1) {
    const lazy = grouped(lazy_peak_pages);
    lines.push(
      `Kernel panic - not syncing: Out of memory, at ${oom_ns} ns; lazy peak ${lazy} pages`,
    );
  }
  return lines;
}

const CHARTS: WorkloadCharts<"vmalloc"> = {
  stacks: [],
  longest: [
    { metric: "purge_wall_ns_max", name: "purge" },
    { metric: "range_collect_ns_max", name: "range" },
    { metric: "free_wall_ns_max", name: "return" },
    { metric: "merge_under_lock_ns_max", name: "hold" },
    { metric: "lock_wait_ns_max", name: "lock wait" },
  ],
  leading: ["total_ns", "lazy_peak_pages", "busy_peak_areas", "lock_breaks", "lock_wait_ns_sum"],
};

export const VMALLOC_TEXT: WorkloadText<"vmalloc"> = {
  what: ({ generation, nodes, driver, threads }) => {
    const by = driver === "test_vmalloc" ? `test_vmalloc, ${plural(threads, "thread")}` : driver;
    return `vmalloc of ${generation}, ${plural(nodes, "node")}: ${by}.`;
  },
  charts: CHARTS,
  lines: LINES,
  details: ({ metrics }) => details(metrics),
};

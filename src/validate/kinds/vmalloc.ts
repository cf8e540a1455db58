// Rows of the kernel's vmalloc test module with one thread: vmalloc.csv.

import { grouped } from "../../output/format.ts";
import type { RowKind } from "../kind.ts";
import type { MetricRule } from "../rules.ts";
import { kernelOf, otherWork, planCell, ratio } from "./vmalloc-job.ts";

const CLAIMED = { comparison: "relative", claimed: true } as const;
const IN_RANGE = { comparison: "range", claimed: true } as const;
const BESIDE = { comparison: "range" } as const;

export const VMALLOC_RULES: readonly MetricRule[] = [
  { name: "lazy_max_pages", comparison: "exact", claimed: true },
  // a call or two are of other kernel code
  { name: "alloc_area_calls", ...CLAIMED },
  { name: "total_ns", ...IN_RANGE },
  { name: "test_thread_cpu_ns", ...CLAIMED },
  ratio("per_loop_cpu_ns", (run, row) => [run.test_thread_cpu_ns, row.needed("loops")], CLAIMED),
  ratio("per_loop_wall_ns", (run, row) => [run.total_ns, row.needed("loops")], IN_RANGE),
  { name: "lazy_peak_pages", ...IN_RANGE },
  { name: "purge_runs", ...IN_RANGE },
  { name: "areas_purged", ...IN_RANGE },
  { name: "pages_purged", ...IN_RANGE },
  { name: "areas_per_purge_max", ...IN_RANGE },
  { name: "pages_per_purge_max", ...IN_RANGE },
  ratio("purge_cpu_ns_per_area", (run) => [run.purge_cpu_ns_sum, run.areas_purged], IN_RANGE),
  // the rows' means are over runs that found something: sum over mean is purge_runs less the empty ones
  ratio(
    "purge_cpu_ns_per_run",
    (run) => [run.purge_cpu_ns_sum, run.purge_runs - run.purge_runs_empty],
    IN_RANGE,
  ),
  { name: "purge_cpu_ns_max", ...IN_RANGE },
  { name: "alloc_area_pool_hits", ...IN_RANGE },
  { name: "alloc_area_ns_mean_uninterrupted", fraction: true, ...CLAIMED },
  { name: "free_noflush_ns_mean_uninterrupted", fraction: true, ...CLAIMED },
  { name: "find_unlink_ns_mean_uninterrupted", fraction: true, ...CLAIMED },
  { name: "overflow_purges", comparison: "exact", zero_counts: true, claimed: true },
  { name: "purge_cpu_ns_sum", ...BESIDE },
  { name: "purge_wall_ns_sum", ...BESIDE },
  { name: "merge_under_lock_ns_sum", ...BESIDE },
  { name: "merge_under_lock_ns_max", ...BESIDE },
  { name: "merge_lock_holds", ...BESIDE },
  { name: "pool_decay_ns_sum", ...BESIDE },
  { name: "drain_work_delay_n", ...BESIDE },
  { name: "drain_work_delay_ns_max", ...BESIDE },
];

export const vmallocKind: RowKind = {
  name: "vmalloc",
  title: "test_vmalloc with one thread, one instruction = 1 ns, one CPU",
  columns: ["kernel", "vmap_nodes", "mask", "test", "loops"],
  rules: VMALLOC_RULES,
  plan: (record, context) => {
    const kernel = kernelOf(record);
    const loops = record.needed("loops");
    const nodes = record.needed("vmap_nodes");
    const nr_pages = record.figure("nr_pages") ?? 1;
    const workload = {
      nodes,
      run_test_mask: record.needed("mask"),
      test_loop_count: loops,
      nr_pages,
      ...otherWork(record),
    };
    const of = nr_pages === 1 ? "" : ` of ${nr_pages} pages`;
    const what = `${record.word("test")}${of}, ${grouped(loops)} loops, nodes ${nodes}, ${kernel}`;
    const planned = planCell(what, { kernel, cpus: 1, workload }, context);
    // each boot drew its sizes anew
    return "reasons" in planned ? planned : { ...planned, draws_a_phase: 1 };
  },
};

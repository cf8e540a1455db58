// Rows of one thread among held areas: vmalloc_held.csv.

import type { VmallocDriverName } from "../../api/vmalloc.ts";
import { grouped } from "../../output/format.ts";
import type { RowKind } from "../kind.ts";
import type { MetricRule } from "../rules.ts";
import { kernelOf, planCell, ratio } from "./vmalloc-job.ts";

const CLAIMED = { comparison: "relative", claimed: true } as const;
const IN_RANGE = { comparison: "range", claimed: true } as const;

export const HELD_RULES: readonly MetricRule[] = [
  { name: "loop_total_ns", ...IN_RANGE },
  { name: "freeloop_total_ns", ...IN_RANGE },
  ratio("per_loop_ns", (run, row) => [run.loop_total_ns, row.needed("loops")], IN_RANGE),
  // how deep a search goes hangs on where in the loop the purges came: out of one block or of two
  { name: "alloc_area_ns_mean_uninterrupted", fraction: true, ...IN_RANGE },
  { name: "free_noflush_ns_mean_uninterrupted", fraction: true, ...CLAIMED },
  { name: "find_unlink_ns_mean_uninterrupted", fraction: true, ...CLAIMED },
  { name: "free_tree_search_and_clip_ns_mean", fraction: true, ...IN_RANGE },
  { name: "busy_tree_insert_ns_mean", fraction: true, ...CLAIMED },
  { name: "lazy_tree_insert_ns_mean", fraction: true, ...CLAIMED },
  { name: "page_table_unmap_ns_mean", fraction: true, comparison: "relative" },
  { name: "purge_runs", ...IN_RANGE },
  { name: "areas_purged", ...IN_RANGE },
  ratio("purge_cpu_ns_per_area", (run) => [run.purge_cpu_ns_sum, run.areas_purged], IN_RANGE),
  ratio(
    "merge_under_lock_ns_per_area",
    (run) => [run.merge_under_lock_ns_sum, run.areas_purged],
    IN_RANGE,
  ),
  { name: "purge_cpu_ns_max", ...IN_RANGE },
  { name: "lazy_peak_pages", ...IN_RANGE },
  { name: "lazy_max_pages", comparison: "exact", claimed: true },
];

/**
 * Kernel stacks of the boots of 6.12 whose rows were given: with each step at its counted price,
 * searches and returns of all eight rows are those of a tree with 17 or 19, and of none between 9 and
 * 26 besides. Where a row has an id, its boot was one of ours.
 */
const STACKS_OF_GIVEN: Readonly<Record<string, number>> = { "6.12": 19 };

const PATTERNS: Readonly<Record<string, readonly [VmallocDriverName, boolean]>> = {
  every_second_area_free_then_alloc_10000_then_free_10000: ["hold-then-batch", true],
  every_second_area_free_then_vmalloc_vfree_loop: ["hold-then-loop", true],
  held_contiguous_then_vmalloc_vfree_loop: ["hold-then-loop", false],
  held_contiguous_then_alloc_10000_then_free_10000: ["hold-then-batch", false],
};

export const vmallocHeldKind: RowKind = {
  name: "vmalloc-held",
  title: "vmalloc and vfree among held areas, one instruction = 1 ns, one CPU",
  columns: ["kernel", "vmap_nodes", "pattern", "held_areas", "alloc_pages_without_guard", "loops"],
  rules: HELD_RULES,
  plan: (record, context) => {
    const pattern = record.word("pattern");
    const known = Object.hasOwn(PATTERNS, pattern) ? PATTERNS[pattern] : undefined;
    if (known === undefined) return { reasons: [`pattern ${pattern} is not known`] };
    const [driver, held_every_second] = known;
    const held_areas = record.needed("held_areas");
    const nr_pages = record.needed("alloc_pages_without_guard");
    const kernel = kernelOf(record);
    const stacks = record.word("id") === "" ? STACKS_OF_GIVEN[kernel] : undefined;
    const workload = {
      nodes: record.needed("vmap_nodes"),
      driver,
      held_every_second,
      held_areas,
      nr_pages,
      test_loop_count: record.needed("loops"),
      ...(stacks !== undefined && { boot_stacks: stacks }),
    };
    const layout = held_every_second ? "alternating" : "contiguous";
    const how = driver === "hold-then-loop" ? "loop" : "batch";
    const what = `${how} among ${grouped(held_areas)} ${layout}, ${nr_pages} pages, ${kernel}`;
    return planCell(what, { kernel, cpus: 1, workload }, context);
  },
};

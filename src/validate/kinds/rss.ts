// Exits of large resident sets: one process whose touched memory dwarfs its VMAs.

import type { RunJob } from "../../api/job.ts";
import type { CostProfile, MachineConfig, PageMetrics } from "../../api/types.ts";
import { DEFAULT_MEMORY } from "../../engine/pages.ts";
import { presetStrategy } from "../../scenario/strategies.ts";
import type { RowKind } from "../kind.ts";
import { exitMetrics, type MetricRule, type RunsOfPhase } from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";
import { measuredMachine } from "./results-cell.ts";

const PAGES_PER_MIB = 256;
/** Of the measured program: its removal loop of one area takes as long as that of 13 VMAs. */
export const SHARED_PAGES = 2;

/** The profile without the samples that only the kernels of results.csv took in their loops. */
export function withoutSamples(profile: CostProfile): CostProfile {
  const none = { ps: 0, source: "kernels of these rows take no samples in the removal loop" };
  return { ...profile, costs: { ...profile.costs, removal_loop_fixed: none } };
}

/** Counts of lock holds and of what they move: closer than times. */
const HOLD_TOLERANCE = 0.05;

function pages(runs: RunsOfPhase): PageMetrics {
  return runs[0]!.pages!;
}

function counted(name: keyof PageMetrics): MetricRule {
  return { name, comparison: "relative", simulated: (runs) => pages(runs)[name], claimed: true };
}

function touched(record: MeasuredRecord): number {
  return record.needed("touched_pages");
}

/** Zap of all pages: what unmapping takes besides handing pages to the allocator. */
function zapNs(runs: RunsOfPhase): number {
  const { unmap_vmas_ns, tlb_finish_ns } = exitMetrics(runs);
  return unmap_vmas_ns + tlb_finish_ns - pages(runs).page_freeing_ns;
}

export const RSS_RULES: readonly MetricRule[] = [
  {
    name: "exit_mmap_ns",
    comparison: "relative",
    simulated: (runs) => exitMetrics(runs).exit_total_ns,
    claimed: true,
  },
  { name: "unmap_vmas_ns", comparison: "relative", claimed: true },
  { name: "free_pgtables_ns", comparison: "relative", claimed: true },
  { name: "tlb_finish_ns", comparison: "relative", claimed: true },
  {
    name: "vma_loop_ns",
    comparison: "relative",
    simulated: (runs) => exitMetrics(runs).loop_ns,
  },
  counted("page_freeing_ns"),
  {
    name: "page_freeing_share_of_exit",
    comparison: "relative",
    fraction: true,
    simulated: (runs) => pages(runs).page_freeing_ns / exitMetrics(runs).exit_total_ns,
    claimed: true,
  },
  { name: "zap_without_page_freeing_ns", comparison: "relative", simulated: zapNs, claimed: true },
  { ...counted("gather_flushes"), comparison: "exact" },
  counted("gather_flush_max_ns"),
  { ...counted("gather_entries"), comparison: "exact" },
  {
    name: "gather_batches",
    comparison: "exact",
    simulated: (runs) => pages(runs).free_calls,
    claimed: true,
  },
  { ...counted("free_calls"), comparison: "exact" },
  { ...counted("zone_lock_holds_bulk"), tolerance: HOLD_TOLERANCE, zero_counts: true },
  { ...counted("pages_returned_to_buddy"), tolerance: HOLD_TOLERANCE, zero_counts: true },
  {
    name: "pages_per_zone_lock_hold_mean",
    comparison: "relative",
    fraction: true,
    tolerance: HOLD_TOLERANCE,
    simulated: (runs) => {
      const { zone_lock_holds_bulk, pages_returned_to_buddy } = pages(runs);
      return zone_lock_holds_bulk === 0
        ? undefined
        : pages_returned_to_buddy / zone_lock_holds_bulk;
    },
    claimed: true,
  },
  { ...counted("pages_per_zone_lock_hold_max"), tolerance: HOLD_TOLERANCE, zero_counts: true },
  { ...counted("zone_lock_hold_ns_sum"), zero_counts: true },
  { ...counted("zone_lock_hold_ns_max"), zero_counts: true },
  {
    name: "pages_left_in_percpu_list",
    comparison: "relative",
    simulated: (runs, record) => touched(record) - pages(runs).pages_returned_to_buddy,
    claimed: true,
  },
  { name: "user_wait_latency_ns", comparison: "relative", claimed: true },
];

/** `auto`, or a fraction as a number; undefined for anything else. */
function fractionOf(record: MeasuredRecord): number | undefined {
  const written = record.word("percpu_high_fraction");
  if (written === "auto" || written === "") return 0;
  return /^\d{1,6}$/.test(written) ? Number(written) : undefined;
}

const VERSIONS = ["6.12", "7.2"] as const;

export const rssKind: RowKind = {
  name: "rss",
  title: "exit of one process with touched memory, one instruction = 1 ns, one CPU",
  columns: ["kernel", "rss_mib", "vmas_in_area", "percpu_high_fraction", "touched_pages"],
  rules: RSS_RULES,
  plan: (record: MeasuredRecord, context) => {
    const reasons: string[] = [];
    const kernel = record.word("kernel");
    const version = VERSIONS.find((known) => known === kernel);
    if (version === undefined) reasons.push(`kernel ${kernel || "unknown"} is not modelled`);
    const machine = version === undefined ? undefined : measuredMachine(version);
    if (version !== undefined && machine === undefined) {
      reasons.push(`exits of kernel ${version} are not modelled`);
    }
    const fraction = fractionOf(record);
    if (fraction === undefined) reasons.push("percpu_high_fraction is neither auto nor a number");
    const profile = context.profile(`icount-${version ?? "6.12"}`);
    if (profile === undefined) reasons.push(`there is no cost profile icount-${kernel}`);
    const vma_count = record.needed("vmas_in_area");
    const page_count = Math.floor((record.needed("rss_mib") * PAGES_PER_MIB) / vma_count);
    if (vma_count < 1 || page_count < 1) reasons.push("less than a page a VMA");
    if (reasons.length > 0 || machine === undefined || profile === undefined) return { reasons };
    const memory = {
      ...DEFAULT_MEMORY,
      pcp_generation: version!,
      percpu_pagelist_high_fraction: fraction!,
      // 6.12 trimmed its lists once before its counters were read, 7.2 did not
      vmstat_rounds_after: version === "6.12" ? 1 : 0,
    };
    const preset = version === "6.12" ? "direct" : "typesafe";
    const job: RunJob = {
      machine: { ...machine, memory } satisfies MachineConfig,
      space: {
        generate: "alternating",
        vma_count,
        page_count,
        base_process: true,
        generation: version!,
        shared_pages: SHARED_PAGES,
        populated: 1,
      },
      strategy: presetStrategy(preset, machine.hz),
      profile: withoutSamples(profile),
      seed: 1n,
      probe_flags: 0,
    };
    const mib = record.needed("rss_mib");
    return {
      what: `${version}, ${mib} MiB in ${vma_count} VMAs`,
      jobs: [job],
      key: JSON.stringify({ rss: { version, vma_count, page_count, fraction } }),
    };
  },
};

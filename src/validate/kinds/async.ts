// Exits whose mm is put synchronously or on the system work queue: who waits, when memory is back.

import type { RunJob } from "../../api/job.ts";
import type { ExitsMetrics } from "../../api/types.ts";
import { DEFAULT_MEMORY } from "../../engine/pages.ts";
import { presetStrategy } from "../../scenario/strategies.ts";
import type { RowKind } from "../kind.ts";
import type { Comparison, MetricRule, RowRuns, RunsOfPhase } from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";
import { measuredMachine } from "./results-cell.ts";
import { SHARED_PAGES, withoutSamples } from "./rss.ts";

const PAGES_PER_MIB = 256;
/** Of the measured loop that the parent runs after its last wait, undisturbed. */
const WORK_NS = 24_036_000;
/** 10 ms, doubled by a boot that finds the CPU to have 2,000 bogomips (wq_cpu_intensive_thresh_init). */
const CPU_INTENSIVE_NS = 20_000_000;

function exits(runs: RunsOfPhase): ExitsMetrics {
  return runs[0]!.metrics as ExitsMetrics;
}

/** Where a worker or other children take the CPU in turns, the tick decides. */
function rangeWithTurns({ record }: RowRuns): Comparison {
  const turns = record.word("mode") !== "mmput" || record.needed("children") > 1;
  return turns ? "range" : "relative";
}

function rule(name: string, metric: keyof ExitsMetrics): MetricRule {
  const simulated = (runs: RunsOfPhase) => exits(runs)[metric];
  return { name, comparison: rangeWithTurns, simulated, claimed: true };
}

export const ASYNC_RULES: readonly MetricRule[] = [
  rule("wait_latency_first_exit_to_first_wait_ns", "wait_latency_first_ns"),
  rule("wait_latency_min_ns", "wait_latency_min_ns"),
  rule("wait_latency_max_ns", "wait_latency_max_ns"),
  rule("last_wait_ns", "last_wait_ns"),
  rule("memory_back_first_child_ns", "memory_back_first_ns"),
  rule("memory_back_last_child_ns", "memory_back_last_ns"),
  { ...rule("exit_mmap_count", "exit_mmap_count"), comparison: "exact" },
  { ...rule("queued_n", "queued"), comparison: "exact", zero_counts: true },
  rule("queue_to_start_first_ns", "queue_to_start_first_ns"),
  rule("queue_to_start_last_ns", "queue_to_start_last_ns"),
  rule("parent_20M_insn_work_after_wait_ns", "work_wall_ns"),
];

const PUTS: Readonly<Record<string, "sync" | "async">> = { mmput: "sync", mmput_async: "async" };

export const asyncKind: RowKind = {
  name: "async",
  title: "exits put synchronously or by a work item, one instruction = 1 ns, one CPU",
  columns: ["kernel", "cpus", "mode", "children", "rss_mib_each", "vmas_each"],
  rules: ASYNC_RULES,
  plan: (record: MeasuredRecord, context) => {
    const reasons: string[] = [];
    const kernel = record.word("kernel");
    const machine = measuredMachine(kernel);
    if (machine === undefined) reasons.push(`kernel ${kernel || "unknown"} is not modelled`);
    const put = PUTS[record.word("mode")];
    if (put === undefined) reasons.push(`mode ${record.word("mode") || "unknown"} is not known`);
    const cpus = record.needed("cpus");
    if (cpus !== 1) reasons.push(`${cpus} CPUs were measured, the cost profile knows one`);
    const children = record.needed("children");
    const vma_count = record.needed("vmas_each");
    const pages = record.needed("rss_mib_each") * PAGES_PER_MIB;
    if (vma_count < 1 || children < 1) reasons.push("no child, or no VMA");
    const profile = context.profile(`icount-${kernel}`);
    if (profile === undefined) reasons.push(`there is no cost profile icount-${kernel}`);
    const found = presetStrategy(kernel === "7.2" ? "typesafe" : "direct", 250);
    if (machine === undefined || profile === undefined || put === undefined || "hint" in found) {
      return { reasons };
    }
    if (reasons.length > 0) return { reasons };
    const pcp_generation = kernel === "7.2" ? "7.2" : "6.12";
    const job: RunJob<"exits"> = {
      workload: {
        type: "exits",
        children,
        put,
        put_async_min: 0,
        encrypted: 0,
        work_ns: WORK_NS,
        restart_pages: 0,
        restart_threads: 1,
        hold_back_oom: false,
        cpu_intensive_thresh_ns: CPU_INTENSIVE_NS,
      },
      machine: { ...machine, memory: { ...DEFAULT_MEMORY, pcp_generation } },
      space: {
        generate: "alternating",
        vma_count,
        page_count: Math.max(1, Math.floor(pages / vma_count)),
        base_process: true,
        generation: machine.generation,
        shared_pages: SHARED_PAGES,
        populated: pages === 0 ? 0 : 1,
      },
      strategy: found.strategy,
      profile: withoutSamples(profile),
      seed: 1n,
      probe_flags: 0,
    };
    const what = `${kernel}, ${record.word("mode")}, ${children} x ${pages / PAGES_PER_MIB} MiB`;
    return {
      what: `${what} in ${vma_count} VMAs`,
      jobs: [job],
      key: JSON.stringify({ async: job.workload, kernel, vma_count, pages }),
    };
  },
};

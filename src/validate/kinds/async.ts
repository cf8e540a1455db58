// Exits whose mm is put synchronously or on the system work queue: who waits, when memory is back.

import type { RunJob } from "../../api/job.ts";
import type { ExitsMetrics, ExitsWorkload, MachineConfig, MemoryConfig } from "../../api/types.ts";
import { DEFAULT_MEMORY } from "../../engine/pages.ts";
import { CPUS_MAX } from "../../scenario/cpulist.ts";
import { presetStrategy } from "../../scenario/strategies.ts";
import type { PlannedCase, RowKind } from "../kind.ts";
import type { Comparison, MetricRule, RowRuns, RunsOfPhase } from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";
import { measuredMachine } from "./results-cell.ts";
import { SHARED_PAGES, withoutSamples } from "./rss.ts";
import { KWORKER_LAGS_NS } from "./vmalloc-job.ts";

const PAGES_PER_MIB = 256;
/** Of the measured loop that the parent runs after its last wait, undisturbed. */
const WORK_NS = 24_036_000;
/** As good as any time up to the end of a turn: what a parent does between release and wait. */
const BUSY_NS = 3000;
/** 10 ms, doubled by a boot that finds the CPU to have 2,000 bogomips (wq_cpu_intensive_thresh_init). */
const CPU_INTENSIVE_NS = 20_000_000;

function exits(runs: RunsOfPhase): ExitsMetrics {
  return runs[0]!.metrics as ExitsMetrics;
}

/** Where a worker, other children or other CPUs have turns between, the tick decides. */
function rangeWithTurns({ record }: RowRuns): Comparison {
  const alone = record.needed("children") === 1 && record.needed("cpus") === 1;
  return alone && record.word("mode") === "mmput" ? "relative" : "range";
}

/** The measured machine had 4 GiB, and 6 GiB for children that do not fit there. */
const GIB = 2 ** 30;
const SMALL_CHILDREN_MIB = 3.5 * 1024;

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

interface Put {
  readonly kernel: string;
  readonly cpus: number;
  readonly mode: string;
  readonly children: number;
  readonly mib: number;
  readonly vma_count: number;
}

function putOf(record: MeasuredRecord): Put {
  return {
    kernel: record.word("kernel"),
    cpus: record.needed("cpus"),
    mode: record.word("mode"),
    children: record.needed("children"),
    mib: record.needed("rss_mib_each"),
    vma_count: record.needed("vmas_each"),
  };
}

function reasonsAgainst({ kernel, cpus, mode, children, vma_count }: Put): string[] {
  const reasons: string[] = [];
  if (measuredMachine(kernel) === undefined) {
    reasons.push(`kernel ${kernel || "unknown"} is not modelled`);
  }
  if (!Object.hasOwn(PUTS, mode)) reasons.push(`mode ${mode || "unknown"} is not known`);
  if (cpus < 1 || cpus > CPUS_MAX) reasons.push(`${cpus} CPUs: 1 to ${CPUS_MAX} are modelled`);
  if (vma_count < 1 || children < 1) reasons.push("no child, or no VMA");
  return reasons;
}

function workloadOf({ mode, children }: Put): ExitsWorkload {
  return {
    type: "exits",
    children,
    placement: "spread",
    put: PUTS[mode]!,
    put_async_min: 0,
    encrypted: 0,
    parent_busy_ns: 0,
    work_ns: WORK_NS,
    restart_pages: 0,
    restart_threads: 1,
    hold_back_oom: false,
    cpu_intensive_thresh_ns: CPU_INTENSIVE_NS,
  };
}

function machineOf({ kernel, cpus, children, mib }: Put): MachineConfig {
  const memory: MemoryConfig = {
    ...DEFAULT_MEMORY,
    ram_bytes: (children * mib > SMALL_CHILDREN_MIB ? 6 : 4) * GIB,
    pcp_generation: kernel === "7.2" ? "7.2" : "6.12",
  };
  const machine = { ...measuredMachine(kernel)!, cpus, memory };
  // the measured machine: QEMU -icount executes all CPUs in one thread
  return cpus === 1 ? machine : { ...machine, cpus_in_turn: true, tick_lateness: "drawn" };
}

/**
 * Where CPUs take turns, who sets the earliest timer is drawn; and no row says on which CPU the first child
 * was, what the CPUs' workers were owed, nor whether the parent had come to its wait by then.
 */
function withTurns(job: RunJob<"exits">): Pick<PlannedCase, "draws_a_phase" | "pasts" | "starts"> {
  const busy = { ...job, workload: { ...job.workload!, parent_busy_ns: BUSY_NS } };
  const starts = Array.from({ length: job.machine.cpus }, (_, exit_cpu) =>
    KWORKER_LAGS_NS.map((kworker_lag_ns) => ({ machine: { exit_cpu, kworker_lag_ns } })),
  ).flat();
  return { draws_a_phase: 2, pasts: [[busy]], starts };
}

export const asyncKind: RowKind = {
  name: "async",
  title: "exits put synchronously or by a work item, one instruction = 1 ns",
  columns: ["kernel", "cpus", "mode", "children", "rss_mib_each", "vmas_each"],
  rules: ASYNC_RULES,
  plan: (record: MeasuredRecord, context) => {
    const put = putOf(record);
    const { kernel, cpus, mode, children, mib, vma_count } = put;
    const reasons = reasonsAgainst(put);
    const profile = context.profile(`icount-${kernel}`);
    if (profile === undefined) reasons.push(`there is no cost profile icount-${kernel}`);
    if (reasons.length > 0 || profile === undefined) return { reasons };
    const machine = machineOf(put);
    const pages = mib * PAGES_PER_MIB;
    const job: RunJob<"exits"> = {
      workload: workloadOf(put),
      machine,
      space: {
        generate: "alternating",
        vma_count,
        page_count: Math.max(1, Math.floor(pages / vma_count)),
        base_process: true,
        generation: machine.generation,
        shared_pages: SHARED_PAGES,
        populated: pages === 0 ? 0 : 1,
      },
      strategy: presetStrategy(kernel === "7.2" ? "typesafe" : "direct", 250),
      profile: withoutSamples(profile),
      seed: 1n,
      probe_flags: 0,
    };
    const on = cpus === 1 ? "" : ` on ${cpus} CPUs`;
    return {
      what: `${kernel}, ${mode}, ${children} x ${mib} MiB in ${vma_count} VMAs${on}`,
      jobs: [job],
      key: JSON.stringify(put),
      ...(cpus > 1 && withTurns(job)),
    };
  },
};

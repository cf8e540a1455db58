// Rows of the test module with several threads in shuffled order: vmalloc_stress.csv, and the rows of
// vmalloc_lockbreak.csv, whose kernel returns areas one by one under the one lock.

import type { VmapYield } from "../../api/vmalloc.ts";
import { grouped } from "../../output/format.ts";
import type { PlanContext, RowKind } from "../kind.ts";
import type { MetricRule, RunsOfPhase } from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";
import { kernelOf, otherWork, planCell, ratio, vmallocMetrics } from "./vmalloc-job.ts";

const IN_RANGE = { comparison: "range", claimed: true } as const;
const BESIDE = { comparison: "range" } as const;

function peakOverMax(tolerance?: number): MetricRule {
  return ratio(
    "lazy_peak_over_max",
    (run) => [run.lazy_peak_pages, run.lazy_max_pages],
    tolerance === undefined ? IN_RANGE : { ...IN_RANGE, tolerance },
  );
}

export const STRESS_RULES: readonly MetricRule[] = [
  { name: "lazy_max_pages", comparison: "exact", claimed: true },
  { name: "test_threads_cpu_ns_sum", ...IN_RANGE, simulated: cpuOfThreads },
  { name: "last_case_wall_ns_max", ...IN_RANGE },
  { name: "lazy_peak_pages", ...IN_RANGE },
  peakOverMax(),
  { name: "purge_runs", ...IN_RANGE, simulated: runsAndEmpty },
  { name: "areas_purged", ...IN_RANGE },
  { name: "areas_per_purge_max", ...IN_RANGE },
  ratio("purge_cpu_ns_per_area", (run) => [run.purge_cpu_ns_sum, run.areas_purged], IN_RANGE),
  { name: "purge_caller_cpu_ns_sum", ...BESIDE, simulated: purgeCpu },
  { name: "merge_under_lock_wall_ns_max", ...BESIDE, simulated: longestMerge },
];

function cpuOfThreads(runs: RunsOfPhase): number {
  return vmallocMetrics(runs).test_thread_cpu_ns;
}

/**
 * Every measured row has five to seven empty runs, however many others: not of the tests. Where a
 * row does not say how many, its mean is that of the others.
 */
function runsAndEmpty(runs: RunsOfPhase, record: MeasuredRecord): number {
  const { purge_runs, purge_runs_empty } = vmallocMetrics(runs);
  return purge_runs - purge_runs_empty + (record.figure("purge_runs_empty") ?? emptyRuns(record));
}

function emptyRuns(record: MeasuredRecord): number {
  const mean = record.decimal("areas_per_purge_mean");
  if (mean === undefined || mean === 0) return 0;
  return record.needed("purge_runs") - Math.round(record.needed("areas_purged") / mean);
}

function purgeCpu(runs: RunsOfPhase): number {
  return vmallocMetrics(runs).purge_cpu_ns_sum;
}

function longestMerge(runs: RunsOfPhase): number {
  return vmallocMetrics(runs).merge_under_lock_ns_max;
}

function slowestCase(runs: RunsOfPhase): number {
  return 1000 * Math.max(...vmallocMetrics(runs).cases.map(({ max_us }) => max_us));
}

function allCases(runs: RunsOfPhase): number {
  const each = vmallocMetrics(runs).cases;
  const times = each.map(
    ({ avg_us, passed, failed, xfailed }) => avg_us * (passed + failed + xfailed),
  );
  return 1000 * times.reduce((sum, time) => sum + time, 0);
}

function planStress(
  record: MeasuredRecord,
  context: PlanContext,
  rule: VmapYield | undefined,
  words: string,
) {
  const kernel = kernelOf(record);
  const cpus = record.needed("cpus");
  const threads = record.needed("threads");
  const mask = record.needed("mask");
  const loops = record.needed("loops");
  const nr_pages = record.figure("nr_pages") ?? 1;
  const workload = {
    threads,
    nr_pages,
    run_test_mask: mask,
    test_loop_count: loops,
    sequential_test_order: false,
    nodes: record.figure("vmap_nodes") ?? 1,
    // all areas were purged in every row: its driver purges in the end
    final_purge: true,
    ...otherWork(record),
    // the boots with a rule purged one area at most that was not the tests'
    ...(rule !== undefined && { yield: rule, boot_lazy_areas: 0 }),
  };
  const on = `${threads} threads on ${cpus} CPU${cpus === 1 ? "" : "s"}`;
  const what = `mask ${mask}, ${grouped(loops)} loops, ${on}, ${words}${kernel}`;
  const preempt = rule === undefined ? {} : { preempt: "full" as const };
  const planned = planCell(what, { kernel, cpus, ...preempt, workload }, context);
  // each boot shuffled its tests in an order of its own; rules of breaking the lock have their order
  // judged by the mean of piles, of which one in ten is ten times the others
  const draws_a_phase = rule === undefined ? 1 : 2;
  return "reasons" in planned ? planned : { ...planned, draws_a_phase };
}

export const vmallocStressKind: RowKind = {
  name: "vmalloc-stress",
  title: "test_vmalloc with several threads, one instruction = 1 ns",
  columns: ["kernel", "cpus", "threads", "vmap_nodes", "mask", "loops"],
  rules: STRESS_RULES,
  plan: (record, context) => planStress(record, context, undefined, ""),
};

const BREAK_RULES: Readonly<Record<string, VmapYield>> = {
  "after_every_area_(before_2019_patch)": "every-element",
  "only_below_2x_lazy_max_(2019_patch)": 2,
  never: "never",
};

export const LOCKBREAK_RULES: readonly MetricRule[] = [
  { name: "lazy_max_pages", comparison: "exact", claimed: true },
  peakOverMax(0.15),
  { name: "areas_purged", ...IN_RANGE },
  { name: "lazy_peak_pages", ...BESIDE, tolerance: 0.15 },
  { name: "case_wall_ns_max", ...BESIDE, simulated: slowestCase },
  { name: "case_wall_ns_sum", ...BESIDE, simulated: allCases },
  { name: "purge_wall_ns_max", ...BESIDE },
  { name: "purge_runs", ...BESIDE, simulated: runsAndEmpty },
  { name: "lock_breaks", ...BESIDE },
];

export const vmallocLockbreakKind: RowKind = {
  name: "vmalloc-lockbreak",
  title: "when a purge lets others have the one lock, four CPUs in turn",
  columns: ["kernel", "cpus", "threads", "mask", "loops", "lock_break_rule"],
  rules: LOCKBREAK_RULES,
  ranked_by: ["lazy_peak_pages", "purge_wall_ns_max"],
  // each phase is another run of tests in another order
  ranking: { by: "mean" },
  plan: (record, context) => {
    const name = record.word("lock_break_rule");
    const rule = Object.hasOwn(BREAK_RULES, name) ? BREAK_RULES[name] : undefined;
    if (rule === undefined) return { reasons: [`lock break rule ${name} is not known`] };
    const planned = planStress(record, context, rule, `break ${rule}, `);
    if ("reasons" in planned) return planned;
    const variant = record.figure("tick_phase_variant") ?? 0;
    const group = `${record.word("mask")} ${record.word("loops")} ${variant}`;
    return { ...planned, label: String(rule), group };
  },
};

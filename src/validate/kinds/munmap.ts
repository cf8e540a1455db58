// One munmap of many VMAs on the instruction clock: the rows of results.csv with op=munmap.

import type { RunJob } from "../../api/job.ts";
import type { MunmapMetrics, MunmapWorkload } from "../../api/types.ts";
import { grouped } from "../../output/format.ts";
import { presetStrategy } from "../../scenario/strategies.ts";
import type { RowKind } from "../kind.ts";
import type { Comparison, MetricRule, RowRuns, RunsOfPhase } from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";
import {
  alternatingSpace,
  callsComparison,
  gracePeriodsAtEnd,
  indexComparison,
} from "./generations.ts";
import { type Cell, cellOf, otherPasts, RESULTS_COLUMNS, startsOf } from "./results-cell.ts";
import { besideWhat, isBeside, loadOf, rangeBesideOthers } from "./second-process.ts";

function munmapMetrics(runs: RunsOfPhase): MunmapMetrics {
  return runs[0]!.metrics as MunmapMetrics;
}

/** Callbacks come with the tick: what they run into, or may run into, hangs on where it falls. */
function rangeWithCallbacks({ record, phases }: RowRuns): Comparison {
  if (isBeside(record)) return "range"; // who runs when hangs on it too
  const simulated = phases.some((runs) => munmapMetrics(runs).rcu_cbs_in_exit > 0);
  const measured = (record.figure("rcu_cbs_in_exit") ?? 0) > 0;
  return measured || simulated ? "range" : "relative";
}

/** A rule for a metric that the run calls otherwise than the measured column. */
function renamed(name: string, metric: keyof MunmapMetrics): Omit<MetricRule, "comparison"> {
  return { name, simulated: (runs) => munmapMetrics(runs)[metric] };
}

/** In the measured rows `exit` columns speak of the munmap; wall times of it may hold switches. */
export const MUNMAP_RULES: readonly MetricRule[] = [
  { name: "n_vma", comparison: "exact", claimed: true },
  { name: "ncall_rcu", comparison: callsComparison, zero_counts: true, claimed: true },
  {
    ...renamed("exit_total_ns", "munmap_total_ns"),
    comparison: rangeWithCallbacks,
    claimed: true,
  },
  { name: "gather_ns", comparison: rangeBesideOthers, claimed: true },
  { name: "clear_range_ns", comparison: rangeBesideOthers, claimed: true },
  { name: "unmap_vmas_ns", comparison: rangeWithCallbacks, claimed: true },
  { name: "loop_ns", comparison: rangeWithCallbacks, claimed: true },
  { name: "final_drain_ns", comparison: "range", claimed: true },
  { name: "mt_destroy_ns", comparison: indexComparison(rangeWithCallbacks), claimed: true },
  { name: "user_munmap_latency_ns", comparison: rangeWithCallbacks, claimed: true },
  { name: "slab_pages_rcu", comparison: "relative", claimed: true },
  { name: "slab_pages_done", comparison: "relative", claimed: true },
  { name: "slab_last_ns", comparison: "range", claimed: true },
  { name: "dead_peak", comparison: "range", claimed: true },
  { name: "last_free_ns", comparison: "range", claimed: true },
  {
    ...renamed("post3s_freed", "post_sleep_freed"),
    comparison: "exact",
    zero_counts: true,
    claimed: true,
  },
  { name: "gp_at_loop_end", comparison: "range", zero_counts: true, claimed: true },
  {
    name: "gp_at_last_free",
    comparison: "range",
    zero_counts: true,
    claimed: true,
    simulated: (runs) => gracePeriodsAtEnd(munmapMetrics(runs)),
  },
  { name: "rcu_batches", comparison: "range", zero_counts: true, claimed: true },
  { name: "rcu_batches_softirq", comparison: "range", zero_counts: true, claimed: true },
  { name: "loop_start_ns", comparison: rangeWithCallbacks },
  { name: "loop_end_ns", comparison: rangeWithCallbacks },
  { name: "user_wait_latency_ns", comparison: "range" },
  { name: "task_cpu_ns", comparison: rangeWithCallbacks },
  { name: "ctx_switches", comparison: "range", zero_counts: true },
  { name: "call_rcu_sum_ns", comparison: rangeWithCallbacks },
  { name: "call_rcu_max_ns", comparison: "range" },
  { name: "freed_at_loop_end", comparison: "range", zero_counts: true },
  { name: "freed_at_end", comparison: "range", zero_counts: true },
  { name: "freed_final", comparison: "exact" },
  { name: "rcu_cbs", comparison: "range", zero_counts: true },
  { name: "rcu_cbs_in_exit", comparison: "range", zero_counts: true },
  { name: "rcu_batch_cpu_ns", comparison: "range" },
  { name: "rcu_batch_wall_ns", comparison: "range" },
  { name: "rcu_batch_in_exit_ns", comparison: "range" },
  { name: "rcu_batch_max_cbs", comparison: "range" },
  { name: "rcu_batch_max_ns", comparison: "range" },
  { name: "group_cb_n", comparison: "exact", zero_counts: true },
  { name: "group_cb_max_ns", comparison: "range" },
  { name: "group_cb_sum_ns", comparison: "range" },
];

/** One call for the whole area, three seconds of sleep, exit: what the measured program does. */
export const MEASURED_MUNMAP: MunmapWorkload = {
  type: "munmap",
  first_vma: -1,
  vma_count: -1,
  calls: 1,
  every: 0,
  order: "ascending",
  pause_ns: 0,
  exit_after_ns: 3_000_000_000,
  max_map_count: 20_000_000,
};

function cellJob(cell: Cell, profile: RunJob["profile"]): RunJob<"munmap"> {
  return {
    workload: MEASURED_MUNMAP,
    machine: cell.machine,
    space: alternatingSpace(cell),
    strategy: presetStrategy(cell.strategy, cell.machine.hz),
    profile,
    seed: 1n,
    probe_flags: cell.probe_flags,
    ...loadOf(cell),
  };
}

export const munmapKind: RowKind = {
  name: "munmap",
  title: "one munmap of all VMAs of an area, one instruction = 1 ns, one CPU",
  columns: RESULTS_COLUMNS,
  claims: (record) => record.word("op") === "munmap",
  rules: MUNMAP_RULES,
  ranked_by: ["exit_total_ns", "dead_peak", "last_free_ns"],
  plan: (record: MeasuredRecord, context) => {
    const mapped = cellOf(record, "munmap");
    if ("reasons" in mapped) return mapped;
    const { cell } = mapped;
    const touched = cell.populated > 0 ? " touched" : "";
    const name = `icount-${cell.machine.generation}`;
    const profile = context.profile(name);
    if (profile === undefined) return { reasons: [`there is no cost profile ${name}`] };
    return {
      what: `${cell.strategy}, munmap of ${grouped(cell.alternating_vmas)}${touched} VMAs${besideWhat(cell)}`,
      jobs: [cellJob(cell, profile)],
      ...startsOf(cell),
      pasts: otherPasts(cell).map((past) => [cellJob(past, profile)]),
      key: JSON.stringify({ munmap: cell }),
      label: cell.strategy,
      group: JSON.stringify({ munmap: { ...cell, strategy: undefined } }),
    };
  },
};

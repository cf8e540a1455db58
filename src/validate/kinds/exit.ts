// Exits on the instruction clock: the rows of results.csv that the other kinds leave.

import type { RunJob } from "../../api/job.ts";
import { grouped } from "../../output/format.ts";
import { presetStrategy } from "../../scenario/strategies.ts";
import type { RowKind } from "../kind.ts";
import { type Comparison, exitMetrics, type MetricRule, type RowRuns } from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";
import {
  alternatingSpace,
  callsComparison,
  gracePeriodsAtEnd,
  indexComparison,
} from "./generations.ts";
import { type Cell, cellOf, otherPasts, RESULTS_COLUMNS, startsOf } from "./results-cell.ts";
import {
  beside,
  besideWhat,
  isBeside,
  iterationsToEnd,
  loadOf,
  longestIteration,
  rangeBesideOthers,
} from "./second-process.ts";

/** Callbacks come with the tick: what they run into hangs on where it falls. */
function rangeWithCallbacks({ record, phases }: RowRuns): Comparison {
  if (isBeside(record)) return "range"; // who runs when hangs on it too
  const simulated = phases.some((runs) => exitMetrics(runs).rcu_cbs_in_exit > 0);
  const measured = record.figure("rcu_cbs_in_exit");
  return (measured ?? (simulated ? 1 : 0)) > 0 ? "range" : "relative";
}

/** One call_rcu() or none: where callbacks are offloaded, the tick decides whether rcuog has to be woken, too. */
function rangeWhereOffloaded(row: RowRuns): Comparison {
  return row.record.word("nocb") === "all" ? "range" : rangeWithCallbacks(row);
}

/** All columns that runs and measured rows share, in the order they are printed. */
export const EXIT_RULES: readonly MetricRule[] = [
  { name: "n_vma", comparison: "exact", claimed: true },
  { name: "ncall_rcu", comparison: callsComparison, zero_counts: true, claimed: true },
  { name: "exit_total_ns", comparison: rangeWithCallbacks, claimed: true },
  { name: "unmap_vmas_ns", comparison: rangeBesideOthers, claimed: true },
  { name: "free_pgtables_ns", comparison: rangeBesideOthers, claimed: true },
  { name: "tlb_finish_ns", comparison: "relative", claimed: true },
  { name: "loop_ns", comparison: rangeWithCallbacks, claimed: true },
  { name: "final_drain_ns", comparison: rangeWhereOffloaded, claimed: true },
  { name: "mt_destroy_ns", comparison: indexComparison(rangeWithCallbacks), claimed: true },
  { name: "slab_pages_rcu", comparison: "relative", claimed: true },
  { name: "slab_pages_done", comparison: "relative", claimed: true },
  { name: "slab_last_ns", comparison: "range", claimed: true },
  { name: "dead_peak", comparison: "range", claimed: true },
  { name: "last_free_ns", comparison: "range", claimed: true },
  { name: "gp_at_loop_end", comparison: "range", zero_counts: true, claimed: true },
  {
    name: "gp_at_last_free",
    comparison: "range",
    zero_counts: true,
    claimed: true,
    simulated: (runs) => gracePeriodsAtEnd(exitMetrics(runs)),
  },
  { name: "rcu_batches", comparison: "range", zero_counts: true, claimed: true },
  { name: "rcu_batches_softirq", comparison: "range", zero_counts: true, claimed: true },
  beside("conc_max_ns", longestIteration),
  beside("conc_iters", iterationsToEnd),
  { name: "loop_start_ns", comparison: rangeBesideOthers },
  { name: "loop_end_ns", comparison: rangeWithCallbacks },
  { name: "user_wait_latency_ns", comparison: rangeWithCallbacks },
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
  { name: "group_cb_sum_ns", comparison: rangeWithCallbacks },
];

export function cellJob(cell: Cell, profile: RunJob["profile"]): RunJob {
  return {
    machine: cell.machine,
    space: alternatingSpace(cell),
    strategy: presetStrategy(cell.strategy, cell.machine.hz),
    profile,
    seed: 1n,
    probe_flags: cell.probe_flags,
    ...loadOf(cell),
  };
}

/** VMAs of the small program around the alternating area. */
const PROGRAM_VMAS = 11;

export const exitKind: RowKind = {
  name: "exit",
  title: "exit of one process, one instruction = 1 ns, one CPU",
  columns: RESULTS_COLUMNS,
  rules: EXIT_RULES,
  ranked_by: ["exit_total_ns", "dead_peak", "last_free_ns"],
  plan: (record: MeasuredRecord, context) => {
    const mapped = cellOf(record);
    if ("reasons" in mapped) return mapped;
    const { cell } = mapped;
    const name = `icount-${cell.machine.generation}`;
    const profile = context.profile(name);
    if (profile === undefined) return { reasons: [`there is no cost profile ${name}`] };
    const vmas = grouped(cell.alternating_vmas + PROGRAM_VMAS);
    const beside_what = besideWhat(cell);
    return {
      what: `${cell.strategy}, ${vmas}${cell.populated > 0 ? " touched" : ""} VMAs${beside_what}, probes ${cell.probe_flags}`,
      jobs: [cellJob(cell, profile)],
      ...startsOf(cell),
      pasts: otherPasts(cell).map((past) => [cellJob(past, profile)]),
      key: JSON.stringify(cell),
      label: cell.strategy,
      group: JSON.stringify({ ...cell, strategy: undefined }),
    };
  },
};

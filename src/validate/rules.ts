// How a metric is compared with a measured figure.

import type { RunMetrics, RunResult, WorkloadType } from "../api/types.ts";
import type { MeasuredRecord } from "./table.ts";

/**
 * - exact: a count that follows from the strategy alone;
 * - relative: a time that does not hang on where the tick falls: within the tolerance;
 * - range: it does: the measured figure lies in the simulated range over the tick phases, widened by
 *   the tolerance;
 * - order: its size means nothing, only whether it is larger than that of other cells: never a miss by
 *   itself, but ranked where the kind says so.
 */
export type Comparison = "exact" | "relative" | "range" | "order";

/** The runs of one row at one tick phase, in the order its kind planned them. */
export type RunsOfPhase = readonly RunResult<WorkloadType>[];

/** What a rule may look at to choose its comparison; `phases` has one entry a tick phase. */
export interface RowRuns {
  readonly record: MeasuredRecord;
  readonly phases: readonly RunsOfPhase[];
}

/** How one column of a kind of rows is judged. */
export interface MetricRule {
  /** The column of the measured rows; what the report calls it. */
  readonly name: string;
  /** Fixed, or chosen for each row. */
  readonly comparison: Comparison | ((row: RowRuns) => Comparison);
  /**
   * The simulated figure of one tick phase; undefined when the run has none. Default: the metric of
   * the same name of the row's first run.
   */
  readonly simulated?: (runs: RunsOfPhase, record: MeasuredRecord) => number | undefined;
  /** Rows that the column speaks of; all by default. */
  readonly applies?: (record: MeasuredRecord) => boolean;
  /** A measured 0 is a figure, not "not applicable". */
  readonly zero_counts?: true;
  /** The column holds numbers with a fraction. */
  readonly fraction?: true;
  /** Part of what the product claims; `--metrics claimed` selects these. */
  readonly claimed?: true;
  /** Largest error where it is another than the validation's own; shares. */
  readonly tolerance?: number;
}

/** A metric of a run by its name; undefined where the workload has none of that name. */
export function metricOf(run: RunResult<WorkloadType>, name: string): number | undefined {
  const metrics: Readonly<Record<string, unknown>> = { ...run.metrics };
  const value = metrics[name];
  return typeof value === "number" ? value : undefined;
}

/** The metrics of a run whose workload is known to be an exit. */
export function exitMetrics(runs: RunsOfPhase): RunMetrics {
  return runs[0]!.metrics as RunMetrics;
}

/** The simulated figure that a rule compares. */
export function simulatedFigure(
  rule: MetricRule,
  runs: RunsOfPhase,
  record: MeasuredRecord,
): number | undefined {
  if (rule.simulated !== undefined) return rule.simulated(runs, record);
  return metricOf(runs[0]!, rule.name);
}

/** What tables of measured rows have where something never happened, or was not looked at. */
const NOT_MEASURED = -1;

/** The measured figure; undefined when there is nothing to compare. Throws InputError. */
export function measuredFigure(rule: MetricRule, record: MeasuredRecord): number | undefined {
  if (rule.applies?.(record) === false) return undefined;
  const value = rule.fraction ? record.decimal(rule.name) : record.figure(rule.name);
  if (value !== undefined && value < NOT_MEASURED) {
    const problem = `bad figure in column ${rule.name}`;
    const expected = "a number from 0 on, -1 for what was not measured, or nothing";
    throw record.error(rule.name, { problem, found: String(value), expected });
  }
  return value === 0 && !rule.zero_counts ? undefined : value;
}

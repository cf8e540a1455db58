// One measured figure beside the simulated ones.

import { quantile } from "../stats/quantiles.ts";
import { type Repeats, typicalOf, type WeightedTime } from "../stats/repeats.ts";
import {
  type Comparison,
  type MetricRule,
  measuredFigure,
  type RunsOfPhase,
  simulatedFigure,
} from "./rules.ts";
import type { MeasuredRecord } from "./table.ts";
import type { RowWeights } from "./weigh.ts";

export interface Verdict {
  readonly metric: string;
  readonly comparison: Comparison;
  /** Share by which the figure may miss; 0 where it has to be equal. */
  readonly tolerance: number;
  readonly measured: number;
  /** Median over the tick phases. */
  readonly simulated: number;
  /** Mean over the tick phases. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Signed share of the measured figure by which the simulation misses; 0 inside a range. */
  readonly error: number;
  readonly ok: boolean;
}

function share(difference: number, base: number): number {
  return difference === 0 ? 0 : difference / Math.max(Math.abs(base), 1);
}

// How far the measured figure lies outside the range, seen from its nearer end.
function rangeError(measured: number, low: number, high: number): number {
  if (measured < low) return share(low - measured, measured);
  if (measured > high) return share(high - measured, measured);
  return 0;
}

function inWidenedRange(measured: number, low: number, high: number, tolerance: number): boolean {
  return measured >= low * (1 - tolerance) && measured <= high * (1 + tolerance);
}

/** The repeats of one cell, and what of them counts; one row when there are none. */
export interface MeasuredCell {
  readonly records: readonly MeasuredRecord[];
  readonly repeats: Repeats | undefined;
  readonly weights: RowWeights;
}

function measuredOf(cell: MeasuredCell, rule: MetricRule): number | undefined {
  const times = timesOf(cell, rule);
  return times.length === 0 ? undefined : typicalOf(times, cell.repeats ?? "minimum");
}

/** The figures that a rule is about, with the weights of their rows. */
export function timesOf(
  { records, weights }: Omit<MeasuredCell, "repeats">,
  rule: MetricRule,
): WeightedTime[] {
  return records.flatMap((record) => {
    const time_ns = measuredFigure(rule, record);
    return time_ns === undefined ? [] : [{ time_ns, weight: weights.get(record) }];
  });
}

/** The runs of a cell, one a tick phase, and the same with each other past of the machine. */
export interface SimulatedCell {
  readonly phases: readonly RunsOfPhase[];
  readonly pasts?: readonly (readonly RunsOfPhase[])[];
}

function judgeRule(
  cell: MeasuredCell,
  { phases, pasts = [] }: SimulatedCell,
  rule: MetricRule,
  validation_tolerance: number,
): Verdict | undefined {
  const record = cell.records[0]!;
  const measured = measuredOf(cell, rule);
  if (measured === undefined) return undefined;
  const figures = (of: readonly RunsOfPhase[]): number[] =>
    of.flatMap((runs) => simulatedFigure(rule, runs, record) ?? []);
  const values = figures(phases);
  if (values.length === 0) return undefined;
  const simulated = quantile(values, 0.5);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const chosen = rule.comparison;
  const comparison = typeof chosen === "string" ? chosen : chosen({ record, phases });
  const ranges = [values, ...(comparison === "range" ? pasts.map(figures) : [])].map((of) => ({
    low: Math.min(...of),
    high: Math.max(...of),
  }));
  const low = Math.min(...ranges.map((range) => range.low));
  const high = Math.max(...ranges.map((range) => range.high));
  const allowed = rule.tolerance ?? validation_tolerance;
  const relative = share(simulated - measured, measured);
  const spread = share(high - low, measured);
  const judged = {
    exact: { ok: low === measured && high === measured, error: relative || spread, tolerance: 0 },
    relative: { ok: Math.abs(relative) <= allowed, error: relative, tolerance: allowed },
    range: {
      ok: ranges.some((range) => inWidenedRange(measured, range.low, range.high, allowed)),
      error: ranges
        .map((range) => rangeError(measured, range.low, range.high))
        .reduce((best, error) => (Math.abs(error) < Math.abs(best) ? error : best)),
      tolerance: allowed,
    },
    order: { ok: true, error: 0, tolerance: 0 },
  }[comparison];
  return { metric: rule.name, comparison, measured, simulated, mean, low, high, ...judged };
}

/** Compares all metrics of `rules` that the cell has. */
export function judge(
  cell: MeasuredCell,
  simulated: SimulatedCell,
  rules: readonly MetricRule[],
  tolerance: number,
): Verdict[] {
  return rules.flatMap((rule) => judgeRule(cell, simulated, rule, tolerance) ?? []);
}

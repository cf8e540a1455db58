// One measured figure beside the simulated ones.

import type { RunResult } from "../api/types.ts";
import { quantile } from "../stats/quantiles.ts";
import type { MeasuredRow } from "./csv.ts";
import type { Comparison, MetricName, MetricRule } from "./metrics.ts";

export interface Verdict {
  readonly metric: MetricName;
  readonly comparison: Comparison;
  readonly measured: number;
  /** Median over the tick phases. */
  readonly simulated: number;
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

function comparisonOf(rule: MetricRule, callbacks_in_exit: boolean): Comparison {
  return rule.range_with_callbacks && callbacks_in_exit ? "range" : rule.comparison;
}

/** Compares all metrics of `rules` that the row has; `results` are one a tick phase. */
export function judge(
  row: MeasuredRow,
  results: readonly RunResult[],
  rules: readonly MetricRule[],
  tolerance: number,
): Verdict[] {
  const simulated_callbacks = results.some(({ metrics }) => metrics.rcu_cbs_in_exit > 0);
  const callbacks_in_exit = (row.metrics.rcu_cbs_in_exit ?? (simulated_callbacks ? 1 : 0)) > 0;
  const verdicts: Verdict[] = [];
  for (const rule of rules) {
    const measured = row.metrics[rule.name];
    if (measured === undefined || (measured === 0 && !rule.zero_counts)) continue;
    const values = results.map(({ metrics }) => metrics[rule.name]);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const simulated = quantile(values, 0.5);
    const comparison = comparisonOf(rule, callbacks_in_exit);
    const relative = share(simulated - measured, measured);
    const spread = share(high - low, measured);
    const judged = {
      exact: { ok: low === measured && high === measured, error: relative || spread },
      relative: { ok: Math.abs(relative) <= tolerance, error: relative },
      range: {
        ok: inWidenedRange(measured, low, high, tolerance),
        error: rangeError(measured, low, high),
      },
    }[comparison];
    verdicts.push({ metric: rule.name, comparison, measured, simulated, low, high, ...judged });
  }
  return verdicts;
}

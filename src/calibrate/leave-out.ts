// Prediction of what was not looked at: fits without the figures of one size or strategy, then
// simulates them.

import { quantile } from "../stats/quantiles.ts";
import { basisOf, type CalibrateOptions, profileWithout } from "./calibrate.ts";
import type { LeaveOutKey, Observation } from "./observation.ts";
import { Response } from "./response.ts";

export interface LeftOut {
  /** The value left out: a size or a strategy. */
  readonly value: string;
  readonly figures: number;
  /** Absolute shares. */
  readonly median: number;
  readonly worst: number;
  readonly worst_source: string;
  readonly worst_metric: string;
}

export function leaveOutValue(observation: Observation, key: LeaveOutKey): string | undefined {
  return "key" in observation ? String(observation[key]) : undefined;
}

/** All values of a key, in the order of the observations. */
export function leaveOutValues(observations: readonly Observation[], key: LeaveOutKey): string[] {
  return [...new Set(observations.flatMap((one) => leaveOutValue(one, key) ?? []))];
}

/** Fits once a value, without its figures, and predicts these. */
export async function leaveOneOut(
  observations: readonly Observation[],
  key: LeaveOutKey,
  options: CalibrateOptions,
  onValue?: (index: number, count: number) => void,
): Promise<LeftOut[]> {
  const values = leaveOutValues(observations, key);
  if (values.length < 2) return [];
  const basis = await basisOf(observations, options);
  const reports: LeftOut[] = [];
  for (const [index, value] of values.entries()) {
    onValue?.(index, values.length);
    const left_out = observations.filter((one) => leaveOutValue(one, key) === value);
    const indices = [...observations.keys()].filter(
      (i) => leaveOutValue(observations[i]!, key) !== value,
    );
    const profile = await profileWithout(observations, indices, basis, options);
    const [figures] = await new Response(left_out, options.phases, options.run).figures([profile]);
    const errors = left_out.flatMap(({ measured_ns, source, metric }, i) => {
      const error = Math.abs(figures![i]! - measured_ns) / measured_ns;
      return Number.isNaN(error) ? [] : [{ error, source, metric }];
    });
    if (errors.length === 0) continue;
    const worst = errors.reduce((most, one) => (one.error > most.error ? one : most));
    reports.push({
      value,
      figures: errors.length,
      median: quantile(
        errors.map(({ error }) => error),
        0.5,
      ),
      worst: worst.error,
      worst_source: worst.source,
      worst_metric: worst.metric,
    });
  }
  return reports;
}

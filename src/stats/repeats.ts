// What stands for the repeats of one measurement, and how sure that is.
//
// Whatever disturbs a run makes it slower, so the slow half of the repeats says little. The very fastest is
// no better where luck counts: of many exits one finds its pages where they happen to be cheap. The lower
// quartile is moved by neither.

import { quantile } from "./quantiles.ts";

export type Repeats = "minimum" | "quartile";

const QUARTER = 0.25;

/** The repeat that counts. Throws RangeError without any. */
export function typicalOf(times: readonly number[], repeats: Repeats): number {
  return quantile(times, repeats === "quartile" ? QUARTER : 0);
}

/**
 * Standard error of the lower quartile, as a share of it: half the distance between the order statistics one
 * standard deviation of its rank below and above (Conover, Practical Nonparametric Statistics, 3.2).
 */
export function quartileError(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const count = sorted.length;
  const rank = QUARTER * count;
  const deviation = Math.sqrt(rank * (1 - QUARTER));
  const below = sorted[Math.max(Math.floor(rank - deviation), 1) - 1]!;
  const above = sorted[Math.min(Math.ceil(rank + deviation), count) - 1]!;
  return (above - below) / 2 / typicalOf(times, "quartile");
}

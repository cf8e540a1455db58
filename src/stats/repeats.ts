// What stands for the repeats of one measurement, and how sure that is.
//
// Whatever disturbs a run makes it slower, so the slow half of the repeats says little. The very fastest is
// no better where luck counts: of many exits one finds its pages where they happen to be cheap. The lower
// quartile is moved by neither. Repeats count as much as the pace of the machine says (pace.ts).

import { PACE_WIDTH } from "./pace.ts";
import { quantile } from "./quantiles.ts";

export type Repeats = "minimum" | "quartile";

const QUARTER = 0.25;

/** A repeat, and how much it counts; all count alike where that is undefined. */
export interface WeightedTime {
  readonly time_ns: number;
  readonly weight: number | undefined;
}

/** Repeats that count, the fastest first. */
interface Counted {
  readonly times: readonly number[];
  readonly weights: readonly number[];
  readonly total: number;
}

function counted(repeats: readonly WeightedTime[]): Counted {
  const sorted = repeats
    .filter(({ weight = 1 }) => weight > 0)
    .toSorted((a, b) => a.time_ns - b.time_ns);
  const weights = sorted.map(({ weight = 1 }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { times: sorted.map(({ time_ns }) => time_ns), weights, total };
}

/** The first time at or below which a share of all weight lies: of equal weights, the nearest rank. */
function timeAt({ times, weights, total }: Counted, share: number): number {
  let below = 0;
  for (const [i, weight] of weights.entries()) {
    below += weight;
    if (below >= share * total) return times[i]!;
  }
  return times.at(-1)!;
}

/** The time that counts. Throws RangeError without any. */
export function typicalOf(repeats: readonly WeightedTime[], which: Repeats): number {
  if (which === "quartile" && repeats.length > 0) return timeAt(counted(repeats), QUARTER);
  return quantile(
    repeats.map(({ time_ns }) => time_ns),
    0,
  );
}

/**
 * Standard error of the lower quartile, as a share of it: half the distance between the order statistics one
 * standard deviation of its rank below and above (Conover, Practical Nonparametric Statistics, 3.2). Of
 * weighted repeats as many count as equal ones would say as much (Kish, Survey Sampling, 8.2); a single one at
 * the pace is no surer than paces are alike.
 */
export function quartileError(repeats: readonly WeightedTime[]): number {
  const all = counted(repeats);
  const squares = all.weights.reduce((sum, weight) => sum + weight * weight, 0);
  const count = (all.total * all.total) / squares;
  const paced = repeats.some(({ weight }) => weight !== undefined);
  if (paced && count < 1.5) return PACE_WIDTH;
  const deviation = Math.sqrt((QUARTER * (1 - QUARTER)) / count);
  const below = timeAt(all, Math.max(QUARTER - deviation, 0));
  const above = timeAt(all, Math.min(QUARTER + deviation, 1));
  return (above - below) / 2 / timeAt(all, QUARTER);
}

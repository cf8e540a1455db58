// What stands for the repeats of one measurement, and how sure that is.
//
// Whatever disturbs a run makes it slower, so where nothing tells a disturbed run from another the slow half of
// the repeats says little. The very fastest is no better where luck counts: of many exits one finds its pages
// where they happen to be cheap. The lower quartile is moved by neither. Where the pace of the machine is known
// (pace.ts) the middle one of those at the common pace says more.

import { PACE_WIDTH } from "./pace.ts";
import { quantile } from "./quantiles.ts";

/** `minimum`; or `typical`: the middle one at the common pace, the lower quartile where no pace is known. */
export type Repeats = "minimum" | "typical";

const QUARTER = 0.25;

/** A repeat, and how much it counts; all count alike where that is undefined. */
export interface WeightedTime {
  readonly time_ns: number;
  readonly weight: number | undefined;
}

interface Sorted {
  readonly times: readonly number[];
  readonly weights: readonly number[];
  readonly total: number;
}

function sorted(repeats: readonly WeightedTime[]): Sorted {
  const counted = repeats
    .filter(({ weight = 1 }) => weight > 0)
    .toSorted((a, b) => a.time_ns - b.time_ns);
  const weights = counted.map(({ weight = 1 }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { times: counted.map(({ time_ns }) => time_ns), weights, total };
}

/** The first time at or below which a share of all weight lies. */
function weightedQuantile({ times, weights, total }: Sorted, share: number): number {
  let below = 0;
  for (const [i, weight] of weights.entries()) {
    below += weight;
    if (below >= share * total) return times[i]!;
  }
  return times.at(-1)!;
}

const isWeighted = (repeats: readonly WeightedTime[]): boolean =>
  repeats.some(({ weight }) => weight !== undefined);

/** The time that counts. Throws RangeError without any. */
export function typicalOf(repeats: readonly WeightedTime[], which: Repeats): number {
  const times = repeats.map(({ time_ns }) => time_ns);
  if (which === "minimum") return quantile(times, 0);
  if (!isWeighted(repeats)) return quantile(times, QUARTER);
  return weightedQuantile(sorted(repeats), 0.5);
}

/**
 * Standard error of the typical time, as a share of it: half the distance between the order statistics one
 * standard deviation of its rank below and above (Conover, Practical Nonparametric Statistics, 3.2). Of
 * weighted repeats as many count as equal ones would say as much (Kish, Survey Sampling, 8.2); one alone is no
 * surer than paces are alike.
 */
export function typicalError(repeats: readonly WeightedTime[]): number {
  const all = sorted(repeats);
  const typical = typicalOf(repeats, "typical");
  const squares = all.weights.reduce((sum, weight) => sum + weight * weight, 0);
  const count = (all.total * all.total) / squares;
  if (isWeighted(repeats) && count < 1.5) return PACE_WIDTH;
  const middle = isWeighted(repeats) ? 0.5 : QUARTER;
  const deviation = Math.sqrt((middle * (1 - middle)) / count);
  const at = (share: number) => weightedQuantile(all, Math.min(Math.max(share, 0), 1));
  return (at(middle + deviation) - at(middle - deviation)) / 2 / typical;
}

// What stands for the repeats of one measurement, and how sure that is.
//
// Where the pace of the machine is known (pace.ts), repeats at another one do not count, and of the others the
// middle half is averaged: luck and disturbances lie at both ends, and a mean says more than any single one.
// Where it is not known, whatever disturbed a run has made it slower, so the slow half says little; the very
// fastest is no better where luck counts, as of many exits one finds its pages where they happen to be cheap.
// The lower quartile is moved by neither.

import { PACE_WIDTH } from "./pace.ts";
import { quantile } from "./quantiles.ts";

/** `typical`: the midmean of repeats at the common pace, the lower quartile where no pace is known. */
export type Repeats = "minimum" | "typical";

const QUARTER = 0.25;

/** A repeat, and how much it counts; undefined where no pace is known. */
export interface WeightedTime {
  readonly time_ns: number;
  readonly weight: number | undefined;
}

/** Repeats that count, the fastest first, with the share of all weight that lies below each. */
interface Counted {
  readonly time_ns: number;
  readonly share: number;
  readonly below: number;
}

function counted(repeats: readonly WeightedTime[]): Counted[] {
  const sorted = repeats
    .filter(({ weight = 1 }) => weight > 0)
    .toSorted((a, b) => a.time_ns - b.time_ns);
  const total = sorted.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let sum = 0;
  return sorted.map(({ time_ns, weight = 1 }) => {
    const below = sum / total;
    sum += weight;
    return { time_ns, share: weight / total, below };
  });
}

/** The mean of what lies between the quartiles, repeats on their edge in part. */
function midmean(all: readonly Counted[]): number {
  return all.reduce((sum, { time_ns, share, below }) => {
    const inside = Math.min(below + share, 1 - QUARTER) - Math.max(below, QUARTER);
    return sum + (time_ns * Math.max(inside, 0)) / (1 - 2 * QUARTER);
  }, 0);
}

const hasPace = (repeats: readonly WeightedTime[]): boolean =>
  repeats.some(({ weight }) => weight !== undefined);

/** The time that counts. Throws RangeError without any. */
export function typicalOf(repeats: readonly WeightedTime[], which: Repeats): number {
  if (which === "typical" && hasPace(repeats)) return midmean(counted(repeats));
  const times = repeats.map(({ time_ns }) => time_ns);
  return quantile(times, which === "typical" ? QUARTER : 0);
}

/**
 * Standard error of the typical time, as a share of it. Of a midmean: the deviation of the repeats, those
 * beyond the quartiles moved to them, over half the root of their number (Tukey and McLaughlin 1963), where
 * weighted ones count as many as equal ones would say as much (Kish, Survey Sampling, 8.2); a single one is no
 * surer than paces are alike. Of the lower quartile: half the distance between the order statistics one
 * deviation of its rank below and above (Conover, Practical Nonparametric Statistics, 3.2).
 */
export function typicalError(repeats: readonly WeightedTime[]): number {
  const typical = typicalOf(repeats, "typical");
  if (hasPace(repeats)) return midmeanError(counted(repeats)) / typical;
  const times = repeats.map(({ time_ns }) => time_ns).toSorted((a, b) => a - b);
  const rank = QUARTER * times.length;
  const deviation = Math.sqrt(rank * (1 - QUARTER));
  const below = times[Math.max(Math.floor(rank - deviation), 1) - 1]!;
  const above = times[Math.min(Math.ceil(rank + deviation), times.length) - 1]!;
  return (above - below) / 2 / typical;
}

function midmeanError(all: readonly Counted[]): number {
  const count = 1 / all.reduce((sum, { share }) => sum + share * share, 0);
  if (count < 1.5) return PACE_WIDTH * all[0]!.time_ns;
  const timeAt = (q: number) => all.find(({ below, share }) => below + share >= q)!.time_ns;
  const low = timeAt(QUARTER);
  const high = timeAt(1 - QUARTER);
  const moved = all.map(({ time_ns, share }) => {
    return { time_ns: Math.min(Math.max(time_ns, low), high), share };
  });
  const mean = moved.reduce((sum, { time_ns, share }) => sum + time_ns * share, 0);
  const variance = moved.reduce(
    (sum, { time_ns, share }) => sum + share * (time_ns - mean) ** 2,
    0,
  );
  return Math.sqrt(variance / count) / (1 - 2 * QUARTER);
}

// Whether the measurements show caches that large address spaces outgrow, and how large these are.
//
// What VMAs of one group of costs take more than they do when cached is a parameter like any other; how many
// VMAs fit is tried on a grid, as figures do not hang on it linearly.

import { solve } from "./fit.ts";
import type { Observation } from "./observation.ts";

export interface CacheChoice {
  /** Index of the group whose costs grow. */
  readonly group: number;
  /** VMAs that fit into the cache. */
  readonly vmas: number;
}

/** One is looked for with every five sizes measured. */
const CACHES_MAX = 2;
const GRID = 25;
/** Two more parameters have to lower the loss by more than they could by chance (Akaike: 2). */
const LOSS_GAIN_MIN = 2;
export const FACTOR_MIN = 0.02;
export const FACTOR_MAX = 50;

/** Share of each observation's VMAs that a cache for `vmas` of them lost: src/profile/effective.ts. */
export function uncachedShares(observations: readonly Observation[], vmas: number): number[] {
  return observations.map((one) => ("n" in one ? one.n ** 2 / (one.n ** 2 + vmas ** 2) : 0));
}

/** The design with one more parameter a cache: picoseconds more where uncached, per cost of a group. */
export function withCold(
  rows: readonly (readonly number[])[],
  observations: readonly Observation[],
  caches: readonly CacheChoice[],
): number[][] {
  const shares = caches.map(({ vmas }) => uncachedShares(observations, vmas));
  return rows.map((row, i) => [
    ...row,
    ...caches.map(({ group }, cache) => row[group]! * shares[cache]![i]!),
  ]);
}

interface Search {
  readonly observations: readonly Observation[];
  readonly rows: readonly (readonly number[])[];
  readonly offset: readonly number[];
  readonly sizes: readonly number[];
  /** Groups whose effect grows with the VMAs: only these can outgrow a cache. */
  readonly growing: readonly number[];
}

function lossOf({ observations, rows, offset }: Search, caches: readonly CacheChoice[]): number {
  const groups = rows[0]!.length;
  const design = withCold(rows, observations, caches);
  const initial = design[0]!.map((_, i) => (i < groups ? 1 : 0));
  const min = initial.map((value) => value * FACTOR_MIN);
  return solve({ design, offset, initial, min, max: initial.map(() => FACTOR_MAX) }).loss;
}

/** The caches with that one more which explains the figures best; the same when none does. */
function withOneMore(search: Search, caches: readonly CacheChoice[]): readonly CacheChoice[] {
  const [smallest, largest] = [Math.min(...search.sizes), Math.max(...search.sizes)];
  let best = caches;
  let best_loss = lossOf(search, caches) - LOSS_GAIN_MIN;
  for (let step = 0; step < GRID; step++) {
    const vmas = Math.round(smallest * (largest / smallest) ** (step / GRID));
    for (const group of search.growing) {
      const tried = [...caches, { group, vmas }];
      const loss = lossOf(search, tried);
      if (loss >= best_loss) continue;
      best = tried;
      best_loss = loss;
    }
  }
  return best;
}

/** Groups that take at least half as many times longer as there are times more VMAs. */
function growingGroups(observations: readonly Observation[], rows: Search["rows"]): number[] {
  const sized = observations.flatMap((one, row) => ("n" in one ? [{ one, row }] : []));
  const by_size = sized.toSorted((a, b) => a.one.n - b.one.n);
  const [first, last] = [by_size[0]!, by_size.at(-1)!];
  const effect_ns = ({ one, row }: (typeof sized)[number], group: number) =>
    rows[row]![group]! * one.sigma * one.measured_ns;
  return [...rows[0]!.keys()].filter((group) => {
    const times = effect_ns(last, group) / effect_ns(first, group);
    return times > last.one.n / first.one.n / 2;
  });
}

/** The caches that the figures show, those that explain most first. */
export function chooseCaches(
  observations: readonly Observation[],
  rows: readonly (readonly number[])[],
  offset: readonly number[],
): readonly CacheChoice[] {
  const sizes = [...new Set(observations.flatMap((one) => ("n" in one ? [one.n] : [])))];
  const most = Math.min(CACHES_MAX, Math.floor(sizes.length / 5));
  let caches: readonly CacheChoice[] = [];
  if (most === 0 || rows[0]!.length === 0) return caches;
  const growing = growingGroups(observations, rows);
  const search = { observations, rows, offset, sizes, growing };
  while (caches.length < most) {
    const more = withOneMore(search, caches);
    if (more === caches) break;
    caches = more;
  }
  return caches;
}

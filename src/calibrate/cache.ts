// Whether the measurements show caches that large address spaces outgrow, and how large these are.
//
// A machine's caches are the same for all that is done to VMAs; how much longer a group of costs takes when
// uncached is a parameter of its own, like any other. How many VMAs fit is tried on a grid, as figures do not
// hang on it linearly.

import { solve } from "./fit.ts";
import type { Observation } from "./observation.ts";

export interface Caches {
  /** VMAs that fit into each cache. */
  readonly vmas: readonly number[];
  /** Indices of the groups whose costs are larger when uncached. */
  readonly groups: readonly number[];
}

export const NO_CACHES: Caches = { vmas: [], groups: [] };

/** One is looked for with every five sizes measured. */
const CACHES_MAX = 2;
const GRID = 25;
/** Every further parameter has to lower the loss by more than it could by chance (Akaike: 1). */
const LOSS_GAIN_MIN = 1;
export const FACTOR_MIN = 0.02;
export const FACTOR_MAX = 50;

/** Share of each observation's VMAs that a cache for `vmas` of them lost: src/profile/effective.ts. */
export function uncachedShares(observations: readonly Observation[], vmas: number): number[] {
  return observations.map((one) => ("n" in one ? one.n ** 2 / (one.n ** 2 + vmas ** 2) : 0));
}

/** Where among the cold parameters that of a cache and a group stands. */
export function coldIndex({ groups }: Caches, cache: number, group: number): number {
  return cache * groups.length + groups.indexOf(group);
}

/** The design with one more parameter a cache and group: what its costs are more where uncached. */
export function withCold(
  rows: readonly (readonly number[])[],
  observations: readonly Observation[],
  { vmas, groups }: Caches,
): number[][] {
  const shares = vmas.map((fit) => uncachedShares(observations, fit));
  return rows.map((row, i) => [
    ...row,
    ...shares.flatMap((share) => groups.map((group) => row[group]! * share[i]!)),
  ]);
}

/** Standard error of a parameter before any figure has been looked at. */
const PRIOR = 1;

/** One row a parameter from `first` on: where figures say little it stays what it was. */
export function priorRows(parameters: readonly unknown[], first: number): number[][] {
  return parameters
    .slice(first)
    .map((_, row) => parameters.map((_, i) => (i === row + first ? 1 / PRIOR : 0)));
}

interface Search {
  readonly observations: readonly Observation[];
  readonly rows: readonly (readonly number[])[];
  readonly offset: readonly number[];
  readonly sizes: readonly number[];
  /** Groups whose effect grows with the VMAs: only these can outgrow a cache. */
  readonly growing: readonly number[];
}

function lossOf({ observations, rows, offset, growing }: Search, vmas: readonly number[]): number {
  const groups = rows[0]!.length;
  const design = withCold(rows, observations, { vmas, groups: growing });
  const initial = design[0]!.map((_, i) => (i < groups ? 1 : 0));
  const min = initial.map((value) => value * FACTOR_MIN);
  const max = initial.map(() => FACTOR_MAX);
  const prior = priorRows(initial, 0);
  const wanted = [...offset, ...prior.map(() => 0)];
  return solve({ design: [...design, ...prior], offset: wanted, initial, min, max }).loss;
}

/** The caches with that one more which explains the figures best; the same when none does. */
function withOneMore(search: Search, vmas: readonly number[]): readonly number[] {
  const [smallest, largest] = [Math.min(...search.sizes), Math.max(...search.sizes)];
  const parameters = 1 + search.growing.length;
  let best = vmas;
  let best_loss = lossOf(search, vmas) - LOSS_GAIN_MIN * parameters;
  for (let step = 0; step < GRID; step++) {
    const tried = [...vmas, Math.round(smallest * (largest / smallest) ** (step / GRID))];
    const loss = lossOf(search, tried);
    if (loss >= best_loss) continue;
    best = tried;
    best_loss = loss;
  }
  return best;
}

/** Groups that take at least half as many times longer as there are times more VMAs. */
function growingGroups({ observations, rows }: Omit<Search, "sizes" | "growing" | "offset">) {
  const sized = observations.flatMap((one, row) => ("n" in one ? [{ one, row }] : []));
  const sizes = sized.map(({ one }) => one.n);
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)];
  const most_ns = (n: number, group: number) =>
    Math.max(
      ...sized.map(({ one, row }) =>
        one.n === n ? rows[row]![group]! * one.sigma * one.measured_ns : 0,
      ),
    );
  return [...rows[0]!.keys()].filter((group) => {
    const times = most_ns(largest, group) / most_ns(smallest, group);
    return times > largest / smallest / 2;
  });
}

/** The caches that the figures show. */
export function chooseCaches(
  observations: readonly Observation[],
  rows: readonly (readonly number[])[],
  offset: readonly number[],
): Caches {
  const sizes = [...new Set(observations.flatMap((one) => ("n" in one ? [one.n] : [])))];
  const most = Math.min(CACHES_MAX, Math.floor(sizes.length / 5));
  if (most === 0 || rows[0]!.length === 0) return NO_CACHES;
  const growing = growingGroups({ observations, rows });
  if (growing.length === 0) return NO_CACHES;
  const search = { observations, rows, offset, sizes, growing };
  let vmas: readonly number[] = [];
  while (vmas.length < most) {
    const more = withOneMore(search, vmas);
    if (more === vmas) break;
    vmas = more;
  }
  return vmas.length === 0 ? NO_CACHES : { vmas, groups: growing };
}

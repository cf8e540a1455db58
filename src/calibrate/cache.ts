// Whether the measurements show costs that change with the size of an address space, and at which sizes.
//
// On a real machine they do: a large address space outgrows caches, so that each pass fetches its objects
// again; and its pages come out of whole free blocks, where those of a small one lie scattered, so that they
// are freed faster. A group of costs therefore has one factor a level, at both sides of such a size, and
// between them a mixture. The sizes are the same for all groups; they are tried on a grid, as figures do not
// hang on them linearly.

import { solve } from "./fit.ts";
import type { Observation } from "./observation.ts";

export interface Caches {
  /** VMAs that fit into each cache, smallest first. */
  readonly vmas: readonly number[];
  /** Indices of the groups whose costs differ beyond them. */
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

/** A parameter of a fit: the factor of a group's costs on one level, 0 within all caches. */
export interface Parameter {
  readonly group: number;
  readonly level: number;
}

/** Level by level, so that the first parameters are those of the groups, in their order. */
export function parametersOf(groups: number, caches: Caches): Parameter[] {
  const within = Array.from({ length: groups }, (_, group) => ({ group, level: 0 }));
  const beyond = caches.vmas.flatMap((_, i) =>
    caches.groups.map((group) => ({ group, level: i + 1 })),
  );
  return [...within, ...beyond];
}

/** The design with a column a parameter: a group's effect, shared out among its levels. */
export function byLevel(
  rows: readonly (readonly number[])[],
  observations: readonly Observation[],
  caches: Caches,
): number[][] {
  const { vmas, groups } = caches;
  const lost = [1, ...vmas].map((fit, i) =>
    i === 0 ? observations.map(() => 1) : uncachedShares(observations, fit),
  );
  const shareOf = ({ group, level }: Parameter, row: number) =>
    groups.includes(group) ? lost[level]![row]! - (lost[level + 1]?.[row] ?? 0) : 1;
  return rows.map((row, i) => {
    return parametersOf(row.length, caches).map((one) => row[one.group]! * shareOf(one, i));
  });
}

/** Standard error of a factor before any figure has been looked at: the base's costs are a guess. */
const PRIOR = 1;

/** One row a parameter: where figures say little a factor stays near `wanted`, and levels alike. */
export function priorOf(
  parameters: readonly Parameter[],
  values: readonly number[],
  wanted: readonly number[],
) {
  const below = ({ group, level }: Parameter) =>
    parameters.findIndex((one) => one.group === group && one.level === level - 1);
  const rows = parameters.map((one, row) => {
    const from = one.level === 0 ? -1 : below(one);
    return parameters.map((_, i) => ((i === row ? 1 : 0) - (i === from ? 1 : 0)) / PRIOR);
  });
  const offset = parameters.map((one, i) => {
    const near = one.level === 0 ? wanted[i]! : values[below(one)]!;
    return (values[i]! - near) / PRIOR;
  });
  return { rows, offset };
}

/** Figures of a fit. */
interface Figures {
  readonly observations: readonly Observation[];
  /** One row an observation, one column a group: standard errors per doubling of its costs. */
  readonly rows: readonly (readonly number[])[];
  /** Standard errors by which each is off. */
  readonly offset: readonly number[];
}

interface Search extends Figures {
  readonly sizes: readonly number[];
  /** Groups whose effect grows with the VMAs: only these can outgrow a cache. */
  readonly growing: readonly number[];
}

function lossOf({ observations, rows, offset, growing }: Search, vmas: readonly number[]): number {
  const caches = { vmas, groups: growing };
  const parameters = parametersOf(rows[0]!.length, caches);
  const initial = parameters.map(() => 1);
  const prior = priorOf(parameters, initial, initial);
  const design = [...byLevel(rows, observations, caches), ...prior.rows];
  const min = initial.map(() => FACTOR_MIN);
  const max = initial.map(() => FACTOR_MAX);
  return solve({ design, offset: [...offset, ...prior.offset], initial, min, max }).loss;
}

/** The caches with that one more which explains the figures best; the same when none does. */
function withOneMore(search: Search, vmas: readonly number[]): readonly number[] {
  const [smallest, largest] = [Math.min(...search.sizes), Math.max(...search.sizes)];
  const parameters = 1 + search.growing.length;
  let best = vmas;
  let best_loss = lossOf(search, vmas) - LOSS_GAIN_MIN * parameters;
  for (let step = 0; step < GRID; step++) {
    const more = Math.round(smallest * (largest / smallest) ** (step / GRID));
    const tried = [...vmas, more].sort((a, b) => a - b);
    const loss = lossOf(search, tried);
    if (loss >= best_loss) continue;
    best = tried;
    best_loss = loss;
  }
  return best;
}

/** Of these groups those that take at least half as many times longer as there are times more VMAs. */
function growingGroups({ observations, rows }: Figures, groups: readonly number[]): number[] {
  const sized = observations.flatMap((one, row) => ("n" in one ? [{ one, row }] : []));
  const sizes = sized.map(({ one }) => one.n);
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)];
  const most_ns = (n: number, group: number) =>
    Math.max(
      ...sized.map(({ one, row }) =>
        one.n === n ? rows[row]![group]! * one.sigma * one.measured_ns : 0,
      ),
    );
  return groups.filter((group) => {
    const times = most_ns(largest, group) / most_ns(smallest, group);
    return times > largest / smallest / 2;
  });
}

/** The caches that the figures show in the costs of these groups. */
export function chooseCaches(figures: Figures, groups: readonly number[]): Caches {
  const { observations } = figures;
  const sizes = [...new Set(observations.flatMap((one) => ("n" in one ? [one.n] : [])))];
  const most = Math.min(CACHES_MAX, Math.floor(sizes.length / 5));
  if (most === 0 || groups.length === 0) return NO_CACHES;
  const growing = growingGroups(figures, groups);
  if (growing.length === 0) return NO_CACHES;
  const search = { ...figures, sizes, growing };
  let vmas: readonly number[] = [];
  while (vmas.length < most) {
    const more = withOneMore(search, vmas);
    if (more === vmas) break;
    vmas = more;
  }
  return vmas.length === 0 ? NO_CACHES : { vmas, groups: growing };
}

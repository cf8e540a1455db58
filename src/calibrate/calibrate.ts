// Fits the costs of a profile to measurements.
//
// The engine is run once for each cost with that cost changed; costs whose effects on all figures are
// alike are scaled together; the factors are the robust weighted least squares solution; and, because
// ticks make the response slightly crooked, all of it is done again from there until nothing moves.

import type { CostProfile, ProfileCache } from "../api/types.ts";
import { quantile } from "../stats/quantiles.ts";
import { type CacheChoice, chooseCaches, FACTOR_MAX, FACTOR_MIN, withCold } from "./cache.ts";
import { type Determination, determination, solve } from "./fit.ts";
import { type CostGroup, groupCosts } from "./groups.ts";
import type { Observation } from "./observation.ts";
import { Response, type RunAll, withCosts } from "./response.ts";

export interface CalibrateOptions {
  readonly base: CostProfile;
  readonly run: RunAll;
  /** Tick phases over which figures are averaged. */
  readonly phases: number;
  /** The measurements have another clock than the base: one factor for all costs comes first. */
  readonly other_clock: boolean;
  /** Bytes that a VMA takes of a cache, for measurements that show one. */
  readonly bytes_per_vma: number;
  readonly onRound?: ((round: number) => void) | undefined;
}

export interface FittedGroup {
  readonly costs: readonly string[];
  /** By which the base's costs (after the common factor) are multiplied. */
  readonly factor: number;
  /** Standard error of the factor, as a share of it. */
  readonly standard_error: number;
}

export interface Residual {
  readonly source: string;
  readonly metric: string;
  readonly measured_ns: number;
  readonly predicted_ns: number;
  /** Signed share of the measured figure. */
  readonly error: number;
}

export interface Calibration {
  readonly profile: CostProfile;
  readonly common_factor: number;
  readonly groups: readonly FittedGroup[];
  /** Costs that the data says nothing about, or too little. */
  readonly kept: readonly string[];
  readonly caches: readonly CacheChoice[];
  readonly residuals: readonly Residual[];
  /** Figures that no run of the base answers. */
  readonly unanswered: number;
  readonly determination: Determination;
}

const STEP = 0.1;
export const ROUNDS_MAX = 4;
const SETTLED = 0.002;
/** Standard error of a factor before any figure has been looked at: the base's costs are a guess. */
const PRIOR = 1;

type Row = readonly number[];

interface Design {
  readonly figures: readonly number[];
  /** One row an observation, one column a part: standard errors per doubling of its costs. */
  readonly rows: readonly Row[];
}

/** Costs that are scaled together; the first leads. */
interface Group {
  readonly names: readonly string[];
  readonly standard_error: number;
}

/** A fit in progress. */
class Fit {
  readonly #observations: readonly Observation[];
  readonly #response: Response;
  readonly #bytes_per_vma: number;
  profile: CostProfile;
  caches: readonly CacheChoice[] = [];
  /** Of each group, all steps so far. */
  factors: number[] = [];

  constructor(observations: readonly Observation[], start: CostProfile, options: CalibrateOptions) {
    this.#observations = observations;
    this.#response = new Response(observations, options.phases, options.run);
    this.#bytes_per_vma = options.bytes_per_vma;
    this.profile = start;
  }

  async figures(): Promise<readonly number[]> {
    const [figures] = await this.#response.figures([this.profile]);
    return figures!;
  }

  /** How figures answer to each of these parts of the profile, a cost or some that move together. */
  async design(parts: readonly (readonly string[])[]): Promise<Design> {
    const bumped = parts.map((part) =>
      withCosts(this.profile, (name, ps) => (part.includes(name) ? ps + bumpOf(ps) : undefined)),
    );
    const [figures, ...moved] = await this.#response.figures([this.profile, ...bumped]);
    const doublings = parts.map((part) => this.#doublingOf(part));
    const rows = this.#observations.map(({ measured_ns, sigma }, row) =>
      parts.map((_, i) => {
        const change = (moved[i]![row]! - figures![row]!) * doublings[i]!;
        return change / (sigma * measured_ns);
      }),
    );
    return { figures: figures!, rows };
  }

  /** Doubling over bump, of all costs of a part together; tiny costs cannot be bumped by a share. */
  #doublingOf(part: readonly string[]): number {
    const sum = (of: (ps: number) => number) =>
      part.reduce((total, name) => total + of(this.profile.costs[name]!.ps), 0);
    return sum((ps) => ps) / sum(bumpOf);
  }

  /** One step from a design by groups to better costs. */
  improve({ figures, rows: grouped }: Design, groups: readonly Group[], looks_for_caches: boolean) {
    const offset = this.#observations.map(({ measured_ns, sigma }, row) => {
      return (figures[row]! - measured_ns) / (sigma * measured_ns);
    });
    if (looks_for_caches) this.caches = chooseCaches(this.#observations, grouped, offset);
    const rows = withCold(grouped, this.#observations, this.caches);
    const initial = [...groups.map(() => 1), ...this.#cold(groups)];
    const min = initial.map((_, i) => (i < groups.length ? FACTOR_MIN : 0));
    const max = initial.map(() => FACTOR_MAX);
    const { values } = solve({
      design: [...rows, ...this.#priorRows(groups, initial.length)],
      offset: [...offset, ...this.factors.map((factor) => (factor - 1) / PRIOR)],
      initial,
      min,
      max,
    });
    this.factors = this.factors.map((factor, i) => factor * values[i]!);
    this.#apply(groups, values);
    return { factors: values.slice(0, groups.length), rows };
  }

  /** Where figures say little a factor stays near 1. */
  #priorRows(groups: readonly Group[], parameters: number): number[][] {
    return groups.map((_, row) =>
      Array.from({ length: parameters }, (_, i) => (i === row ? this.factors[row]! / PRIOR : 0)),
    );
  }

  /** What the costs of each cache's group are more when uncached, as a share of what they are. */
  #cold(groups: readonly Group[]): number[] {
    return this.caches.map(({ group }, cache) => {
      const { ps, cold_ps = [] } = this.profile.costs[groups[group]!.names[0]!]!;
      return (cold_ps[cache] ?? 0) / ps;
    });
  }

  #apply(groups: readonly Group[], values: readonly number[]): void {
    const changed = new Map<string, { ps: number; cold_ps: number[] | undefined }>();
    groups.forEach(({ names }, group) => {
      for (const name of names) {
        const { ps } = this.profile.costs[name]!;
        const cold = this.caches.map((cache, i) =>
          cache.group === group ? Math.round(ps * values[groups.length + i]!) : 0,
        );
        const cold_ps = cold.some((more) => more > 0) ? cold : undefined;
        changed.set(name, { ps: Math.round(ps * values[group]!), cold_ps });
      }
    });
    const costs = Object.entries(this.profile.costs).map(([name, cost]) => {
      return [name, { ...cost, ...changed.get(name) }] as const;
    });
    const caches = this.caches.length === 0 ? this.profile.caches : this.#fittedCaches();
    this.profile = { ...this.profile, caches, costs: Object.fromEntries(costs) };
  }

  #fittedCaches(): ProfileCache[] {
    const bytes_per_vma = this.#bytes_per_vma;
    return this.caches.map(({ vmas }) => {
      const source = `fitted: half of the extra cost is there with ${vmas} VMAs`;
      return { bytes: bytes_per_vma * vmas, bytes_per_vma, source };
    });
  }
}

const bumpOf = (ps: number): number => Math.max(1, Math.round(ps * STEP));

function columnsOf(rows: readonly Row[]): number[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]!));
}

function groupRows(rows: readonly Row[], groups: readonly CostGroup[]): number[][] {
  return rows.map((row) =>
    groups.map(({ members }) => members.reduce((sum, i) => sum + row[i]!, 0)),
  );
}

/** Observations that a run of the base answers, and by how much the base is off in the middle. */
async function answered(
  observations: readonly Observation[],
  { base, phases, run }: CalibrateOptions,
): Promise<{ used: Observation[]; ratio: number }> {
  const [figures] = await new Response(observations, phases, run).figures([base]);
  const indices = figures!.flatMap((value, i) => (value > 0 ? [i] : []));
  const ratios = indices.map((i) => observations[i]!.measured_ns / figures![i]!);
  const used = indices.map((i) => observations[i]!);
  return { used, ratio: ratios.length === 0 ? 1 : quantile(ratios, 0.5) };
}

/** Fits the base's costs to the observations. Same observations and base, same profile. */
export async function calibrate(
  observations: readonly Observation[],
  options: CalibrateOptions,
): Promise<Calibration> {
  const { base, other_clock, onRound } = options;
  const { used, ratio } = await answered(observations, options);
  const common_factor = other_clock ? ratio : 1;
  const fit = new Fit(
    used,
    withCosts(base, (_, ps) => ps * common_factor),
    options,
  );
  const names = Object.keys(base.costs).filter((name) => fit.profile.costs[name]!.ps > 0);
  const single = await fit.design(names.map((name) => [name]));
  const { groups: found, undetermined } = groupCosts(columnsOf(single.rows));
  const groups = found.map(({ members, standard_error }): Group => {
    return { names: members.map((member) => names[member]!), standard_error };
  });
  const parts = groups.map((group) => group.names);
  let design: Design = { figures: single.figures, rows: groupRows(single.rows, found) };
  fit.factors = groups.map(() => 1);
  let rows: readonly Row[] = [];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    onRound?.(round);
    const step = fit.improve(design, groups, round === 0 && other_clock);
    rows = step.rows;
    if (step.factors.every((factor) => Math.abs(factor - 1) < SETTLED)) break;
    if (round + 1 < ROUNDS_MAX) design = await fit.design(parts);
  }
  const predicted = await fit.figures();
  return {
    profile: fit.profile,
    common_factor,
    groups: groups.map((group, i) => {
      const factor = fit.factors[i]!;
      return { costs: group.names, factor, standard_error: group.standard_error / factor };
    }),
    kept: undetermined.map((i) => names[i]!),
    caches: fit.caches,
    residuals: used.map(({ source, metric, measured_ns }, i) => {
      const error = (predicted[i]! - measured_ns) / measured_ns;
      return { source, metric, measured_ns, predicted_ns: predicted[i]!, error };
    }),
    unanswered: observations.length - used.length,
    determination: determination(rows),
  };
}

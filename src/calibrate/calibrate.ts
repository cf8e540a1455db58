// Fits the costs of a profile to measurements.
//
// The engine is run once for each cost with that cost changed (effects.ts); costs whose effects on all
// figures are alike are scaled together; the factors are the robust weighted least squares solution; and,
// because ticks make the response slightly crooked, that is done again from there until nothing moves.

import type { CostProfile, ProfileCache } from "../api/types.ts";
import { quantile } from "../stats/quantiles.ts";
import {
  byLevel,
  type Caches,
  chooseCaches,
  FACTOR_MAX,
  FACTOR_MIN,
  NO_CACHES,
  type Parameter,
  parametersOf,
  priorOf,
} from "./cache.ts";
import { type Effects, effectsOf, KnownParts, type PartEffects, partEffects } from "./effects.ts";
import { type Determination, determination, solve } from "./fit.ts";
import { groupCosts, STANDARD_ERROR_MAX } from "./groups.ts";
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
  /** Costs that play a part, but of which the data says too little. */
  readonly kept: readonly string[];
  /** Costs that play no part in any of these figures. */
  readonly untouched: readonly string[];
  readonly caches: Caches;
  readonly residuals: readonly Residual[];
  /** Figures that no run of the base answers. */
  readonly unanswered: number;
  readonly determination: Determination;
}

export const ROUNDS_MAX = 4;
const SETTLED = 0.005;
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

function designOf({ figures, parts }: PartEffects, observations: readonly Observation[]): Design {
  const rows = observations.map(({ measured_ns, sigma }, row) =>
    parts.map((column) => column[row]! / (sigma * measured_ns)),
  );
  return { figures, rows };
}

/** A fit in progress. */
class Fit {
  readonly #observations: readonly Observation[];
  readonly #response: Response;
  readonly #options: CalibrateOptions;
  profile: CostProfile;
  caches: Caches = NO_CACHES;
  /** Of each group, all steps so far. */
  factors: number[] = [];

  constructor(observations: readonly Observation[], start: CostProfile, options: CalibrateOptions) {
    this.#observations = observations;
    this.#response = new Response(observations, options.phases, options.run);
    this.#options = options;
    this.profile = start;
  }

  async figures(): Promise<readonly number[]> {
    const [figures] = await this.#response.figures([this.profile]);
    return figures!;
  }

  /** How figures answer to each of these parts of the profile, costs that move together. */
  async design(parts: readonly (readonly string[])[]): Promise<Design> {
    const { phases, run } = this.#options;
    const question = { observations: this.#observations, base: this.profile, phases, run };
    return designOf(await partEffects(question, parts), this.#observations);
  }

  /** One step from a design by groups to better costs. */
  improve({ figures, rows: grouped }: Design, groups: readonly Group[], looks_for_caches: boolean) {
    const offset = this.#observations.map(({ measured_ns, sigma }, row) => {
      return (figures[row]! - measured_ns) / (sigma * measured_ns);
    });
    if (looks_for_caches) {
      const observations = this.#observations;
      const well_known = [...groups.keys()].filter(
        (group) => groups[group]!.standard_error <= STANDARD_ERROR_MAX,
      );
      this.caches = chooseCaches({ observations, rows: grouped, offset }, well_known);
    }
    const rows = byLevel(grouped, this.#observations, this.caches);
    const parameters = parametersOf(groups.length, this.caches);
    const initial = parameters.map((one) => this.#level(groups, one));
    // Bounds and what is expected are those of the base's costs: what earlier rounds did is part of them.
    const ofBase = (factor: number) =>
      parameters.map(({ group }) => factor / (this.factors[group] ?? 1));
    const prior = priorOf(parameters, initial, ofBase(1));
    const { values } = solve({
      design: [...rows, ...prior.rows],
      offset: [...offset, ...prior.offset],
      initial,
      min: ofBase(FACTOR_MIN),
      max: ofBase(FACTOR_MAX),
    });
    this.factors = this.factors.map((factor, i) => factor * values[i]!);
    this.#apply(groups, parameters, values);
    return { factors: values.slice(0, groups.length), rows };
  }

  /** A group's costs on a level, as a multiple of what they are within all caches. */
  #level(groups: readonly Group[], { group, level }: Parameter): number {
    const { ps, cold_ps = [] } = this.profile.costs[groups[group]!.names[0]!]!;
    return cold_ps.slice(0, level).reduce((sum, more) => sum + more, ps) / ps;
  }

  #apply(
    groups: readonly Group[],
    parameters: readonly Parameter[],
    values: readonly number[],
  ): void {
    const changed = new Map<string, { ps: number; cold_ps: number[] | undefined }>();
    groups.forEach(({ names }, group) => {
      const levels = parameters.flatMap((one, i) => (one.group === group ? [values[i]!] : []));
      for (const name of names) {
        const { ps } = this.profile.costs[name]!;
        const [within, ...beyond] = levels.map((factor) => Math.round(ps * factor));
        const cold = beyond.map((level, i) => level - (i === 0 ? within! : beyond[i - 1]!));
        changed.set(name, { ps: within!, cold_ps: cold.length > 0 ? cold : undefined });
      }
    });
    const costs = Object.entries(this.profile.costs).map(([name, cost]) => {
      return [name, { ...cost, ...changed.get(name) }] as const;
    });
    const none = this.caches.vmas.length === 0;
    const caches = none ? this.profile.caches : this.#fittedCaches();
    this.profile = { ...this.profile, caches, costs: Object.fromEntries(costs) };
  }

  #fittedCaches(): ProfileCache[] {
    const { bytes_per_vma } = this.#options;
    return this.caches.vmas.map((vmas) => {
      const source = `fitted: half of what changes with size has changed with ${vmas} VMAs`;
      return { bytes: bytes_per_vma * vmas, bytes_per_vma, source };
    });
  }
}

/** Columns of the design for single costs: standard errors per doubling, of the figures shown. */
function singleColumns(
  effects: Effects,
  observations: readonly Observation[],
  shown: readonly number[],
  factor: number,
): number[][] {
  return [...effects.of.values()].map((column) =>
    shown.flatMap((row) => {
      const { sigma, measured_ns } = observations[row]!;
      const ns = column[row]!;
      return Number.isNaN(ns) ? [] : [(ns * factor) / (sigma * measured_ns)];
    }),
  );
}

/** What the base does with its costs as they are and with each raised: none of it hangs on what was measured. */
export interface Basis {
  readonly effects: Effects;
  readonly parts: KnownParts;
}

export async function basisOf(
  observations: readonly Observation[],
  { base, phases, run }: CalibrateOptions,
): Promise<Basis> {
  const question = { observations, base, phases, run };
  return { effects: await effectsOf(question), parts: new KnownParts(question) };
}

/** Which of these costs the figures tell, alone or together, and which they do not. */
function groupsOf(names: readonly string[], columns: readonly Row[]) {
  const { groups, undetermined } = groupCosts(columns);
  return {
    groups: groups.map(({ members, standard_error }): Group => {
      return { names: members.map((member) => names[member]!), standard_error };
    }),
    undetermined: undetermined.map((i) => names[i]!),
  };
}

/** How many times longer the middle figure of those shown was measured than the base has it. */
function ratioOf(
  { figures }: Effects,
  observations: readonly Observation[],
  shown: readonly number[],
): number {
  const ratios = shown.map((i) => observations[i]!.measured_ns / figures[i]!);
  return ratios.length === 0 ? 1 : quantile(ratios, 0.5);
}

interface Fitted {
  readonly fit: Fit;
  readonly groups: readonly Group[];
  readonly undetermined: readonly string[];
  readonly used: readonly Observation[];
  readonly common_factor: number;
  readonly rows: readonly Row[];
}

/** Fits to the observations with these indices, as if there were no others, in so many rounds at most. */
async function fitTo(
  observations: readonly Observation[],
  indices: readonly number[],
  basis: Basis,
  options: CalibrateOptions,
  rounds_max: number,
): Promise<Fitted> {
  const { base, other_clock, onRound } = options;
  const { effects } = basis;
  const shown = indices.filter((i) => effects.figures[i]! > 0);
  const used = shown.map((i) => observations[i]!);
  const common_factor = other_clock ? ratioOf(effects, observations, shown) : 1;
  const columns = singleColumns(effects, observations, shown, common_factor);
  const { groups, undetermined } = groupsOf([...effects.of.keys()], columns);
  const names = groups.map((group) => group.names);
  const { figures, parts } = await basis.parts.of(names);
  const start = withCosts(base, (_, ps) => ps * common_factor);
  const fit = new Fit(used, start, options);
  const scaled = (column: readonly number[]) => shown.map((i) => column[i]! * common_factor);
  const first = designOf({ figures: scaled(figures), parts: parts.map(scaled) }, used);
  fit.factors = groups.map(() => 1);
  let rows: readonly Row[] = [];
  for (let round = 0; round < rounds_max; round++) {
    onRound?.(round);
    const design = round === 0 ? first : await fit.design(names);
    const step = fit.improve(design, groups, round === 0 && other_clock);
    rows = step.rows;
    if (step.factors.every((factor) => Math.abs(factor - 1) < SETTLED)) break;
  }
  return { fit, groups, undetermined, used, common_factor, rows };
}

/**
 * The profile fitted to some of the observations, as if there were no others: to predict these with. One
 * round is enough: how ticks move the solution is less than the predictions can show.
 */
export async function profileWithout(
  observations: readonly Observation[],
  indices: readonly number[],
  basis: Basis,
  options: CalibrateOptions,
): Promise<CostProfile> {
  const { fit } = await fitTo(observations, indices, basis, options, 1);
  return fit.profile;
}

/** Fits the base's costs to the observations. Same observations and base, same profile. */
export async function calibrate(
  observations: readonly Observation[],
  options: CalibrateOptions,
): Promise<Calibration> {
  const basis = await basisOf(observations, options);
  const all = [...observations.keys()];
  const fitted = await fitTo(observations, all, basis, options, ROUNDS_MAX);
  const { fit, groups, undetermined, used, common_factor, rows } = fitted;
  const predicted = await fit.figures();
  return {
    profile: fit.profile,
    common_factor,
    groups: groups.map((group, i) => {
      const factor = fit.factors[i]!;
      return { costs: group.names, factor, standard_error: group.standard_error / factor };
    }),
    kept: undetermined,
    untouched: Object.keys(options.base.costs).filter((name) => !basis.effects.of.has(name)),
    caches: fit.caches,
    residuals: used.map(({ source, metric, measured_ns }, i) => {
      const error = (predicted[i]! - measured_ns) / measured_ns;
      return { source, metric, measured_ns, predicted_ns: predicted[i]!, error };
    }),
    unanswered: observations.length - used.length,
    determination: determination(rows),
  };
}

// A fitted profile that says of every cost where it comes from.

import type { Cost, CostProfile, ProfileRange } from "../api/types.ts";
import { grouped } from "../output/format.ts";
import type { Calibration } from "./calibrate.ts";
import type { Observation } from "./observation.ts";

export interface ProfileFacts {
  readonly name: string;
  readonly base: CostProfile;
  /** The files fitted to. */
  readonly files: readonly string[];
  readonly machines: readonly string[];
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly observations: readonly Observation[];
}

const factorText = (factor: number): string => `x ${factor.toFixed(4)}`;

/** VMAs of the small program around the measured area. */
const PROGRAM_VMAS = 11;

function rangeOf(
  observations: readonly Observation[],
  base: CostProfile,
): ProfileRange | undefined {
  const sizes = observations.flatMap((one) => ("n" in one ? [one.n] : []));
  if (sizes.length === 0) return base.range;
  return {
    generations: base.range?.generations ?? ["6.12"],
    vma_count_min: Math.min(...sizes),
    vma_count_max: Math.max(...sizes) + PROGRAM_VMAS,
    cpus_max: 1,
  };
}

function medianError(calibration: Calibration): string {
  const errors = calibration.residuals.map(({ error }) => Math.abs(error)).sort((a, b) => a - b);
  const median = errors[Math.ceil(errors.length / 2) - 1] ?? 0;
  return `median residual ${(median * 100).toFixed(1)} %, worst ${((errors.at(-1) ?? 0) * 100).toFixed(1)} %`;
}

/** The profile to be written: costs and, for each, how it was fitted or why it was kept. */
export function fittedProfile(calibration: Calibration, facts: ProfileFacts): CostProfile {
  const { base, files, machines, observations } = facts;
  const { common_factor, groups, profile, residuals } = calibration;
  const group_of = new Map(groups.flatMap((group) => group.costs.map((cost) => [cost, group])));
  const figures = `${grouped(residuals.length)} figures of ${files.join(", ")}`;
  const sourceOf = (name: string, { source }: Cost): string => {
    const before = `${base.name}: ${source}`;
    const scaled = common_factor === 1 ? "" : `, after ${factorText(common_factor)} for all costs`;
    const group = group_of.get(name);
    if (group === undefined) {
      const how =
        common_factor === 1 ? "kept" : `kept, but ${factorText(common_factor)} as all costs`;
      return `${how}: the figures do not determine it. ${before}`;
    }
    const error = `+- ${(group.standard_error * 100).toFixed(1)} %`;
    const others = group.costs.filter((cost) => cost !== name);
    const together = others.length === 0 ? "" : `, together with ${others.join(", ")}`;
    const by = `${factorText(group.factor)} (${error})${scaled}${together}`;
    return `fitted to ${figures}: ${by}. ${before}`;
  };
  const costs = Object.entries(profile.costs).map(([name, cost]) => {
    return [name, { ...cost, source: sourceOf(name, base.costs[name]!) }] as const;
  });
  const range = rangeOf(observations, base);
  const sizes =
    range === undefined
      ? ""
      : `, ${grouped(range.vma_count_min)} to ${grouped(range.vma_count_max)} VMAs`;
  const wall_clock = observations.some((one) => one.wall_clock);
  const machine = machines.length === 0 ? base.machine : machines.join("; ");
  return {
    name: facts.name,
    title: wall_clock ? `wall clock of ${machine}` : `${base.title}, fitted again`,
    machine,
    date: facts.date,
    valid: `Fitted to ${figures} (${medianError(calibration)})${sizes}; what they do not determine is that of ${base.name}. ${base.valid}`,
    range,
    caches: profile.caches,
    costs: Object.fromEntries(costs),
  };
}

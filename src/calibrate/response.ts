// What the engine answers to a profile: every figure of the observations, and how it moves when one
// cost does. Figures are sums of costs but for where ticks fall, so differences of runs serve as
// derivatives; they are averaged over a few tick phases.

import { jobsAtTickPhases, type RunJob } from "../api/job.ts";
import type { CostProfile, RunResult, WorkloadType } from "../api/types.ts";
import { effectivePs } from "../profile/effective.ts";
import { tickPhasesNs } from "../scenario/scenario.ts";
import type { Observation } from "./observation.ts";

export type RunAll = (jobs: readonly RunJob<WorkloadType>[]) => Promise<RunResult<WorkloadType>[]>;

interface Cell {
  readonly key: string;
  readonly jobs: readonly RunJob<WorkloadType>[];
  readonly observations: number[];
}

function cellsOf(observations: readonly Observation[]): Cell[] {
  const cells = new Map<string, Cell>();
  observations.forEach((observation, index) => {
    if (!("key" in observation)) return;
    const { key, jobs } = observation;
    const cell = cells.get(key) ?? { key, jobs, observations: [] };
    cells.set(key, cell);
    cell.observations.push(index);
  });
  return [...cells.values()];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Simulated figures of the observations; NaN where a run has none. */
export class Response {
  readonly #observations: readonly Observation[];
  readonly #cells: readonly Cell[];
  readonly #phases: number;
  readonly #run: RunAll;

  constructor(observations: readonly Observation[], phases: number, run: RunAll) {
    this.#observations = observations;
    this.#cells = cellsOf(observations);
    this.#phases = phases;
    this.#run = run;
  }

  /** Figures under each of these profiles. */
  async figures(profiles: readonly CostProfile[]): Promise<number[][]> {
    const phases = this.#phases;
    const jobs = profiles.flatMap((profile) =>
      this.#cells.flatMap((cell) =>
        cell.jobs.flatMap((job) =>
          jobsAtTickPhases({ ...job, profile }, tickPhasesNs(phases, job.machine.hz)),
        ),
      ),
    );
    const results = await this.#run(jobs);
    let next = 0;
    return profiles.map((profile) => {
      const figures = this.#observations.map((observation) =>
        "counts" in observation ? countedNs(observation.counts, profile) : Number.NaN,
      );
      for (const cell of this.#cells) {
        const first = next;
        next += cell.jobs.length * phases;
        for (const index of cell.observations) {
          figures[index] = this.#figureOf(index, cell, results.slice(first, next));
        }
      }
      return figures;
    });
  }

  #figureOf(index: number, cell: Cell, results: readonly RunResult<WorkloadType>[]): number {
    const observation = this.#observations[index]!;
    if (!("key" in observation)) return Number.NaN;
    const values = Array.from({ length: this.#phases }, (_, phase) => {
      const runs = cell.jobs.map((_job, job) => results[job * this.#phases + phase]!);
      return observation.simulated(runs);
    });
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? Number.NaN : mean(known);
  }
}

function countedNs(counts: Readonly<Record<string, number>>, profile: CostProfile): number {
  return Object.entries(counts).reduce((sum, [name, count]) => {
    return sum + (count * Number(effectivePs(profile, name, 0) ?? 0n)) / 1000;
  }, 0);
}

/** A profile with other costs: `change` gives picoseconds, or undefined to keep them. */
export function withCosts(
  profile: CostProfile,
  change: (name: string, ps: number) => number | undefined,
): CostProfile {
  const costs = Object.entries(profile.costs).map(([name, cost]) => {
    const ps = change(name, cost.ps);
    return [name, ps === undefined ? cost : { ...cost, ps: Math.round(ps) }] as const;
  });
  return { ...profile, costs: Object.fromEntries(costs) };
}

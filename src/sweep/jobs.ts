// The runs of a sweep by number: points in their order, strategies of a point, tick phases of a strategy.

import type { RunJob } from "../api/job.ts";
import type { WorkloadType } from "../api/types.ts";
import { type ResolvedScenario, strategyJobs } from "../scenario/resolve.ts";
import type { SweepPlan } from "./plan.ts";

/** Points that are under way: those of neighbouring runs. */
const RESOLVED_MAX = 8;

/** Makes the jobs of a sweep, each when it is asked for. */
export class JobMaker {
  readonly #plan: SweepPlan;
  /** The first run of each point, and one behind the last. */
  readonly #first_run: readonly number[];
  readonly #resolved = new Map<number, Promise<ResolvedScenario>>();

  constructor(plan: SweepPlan) {
    this.#plan = plan;
    let run = 0;
    const starts = plan.points.map(({ strategies }) => {
      const first = run;
      run += strategies.length * plan.tick_phases;
      return first;
    });
    this.#first_run = [...starts, run];
  }

  pointOf(run: number): number {
    let [low, high] = [0, this.#plan.points.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#first_run[middle]! <= run) low = middle;
      else high = middle;
    }
    return low;
  }

  #resolve(point: number): Promise<ResolvedScenario> {
    const known = this.#resolved.get(point) ?? this.#plan.resolve(point);
    this.#resolved.delete(point);
    this.#resolved.set(point, known);
    const [oldest] = this.#resolved.keys();
    if (this.#resolved.size > RESOLVED_MAX) this.#resolved.delete(oldest!);
    return known;
  }

  async job(run: number): Promise<RunJob<WorkloadType>> {
    const point = this.pointOf(run);
    const resolved = await this.#resolve(point);
    const within = run - this.#first_run[point]!;
    const strategy = resolved.scenario.strategies[Math.floor(within / this.#plan.tick_phases)]!;
    return strategyJobs(resolved, strategy)[within % this.#plan.tick_phases]!;
  }
}

// A sweep: its runs on all cores, as many of them as no journal has, and what they come to. Node only.

import type { RunJob } from "../api/job.ts";
import { type RunJobsOptions, runQueue } from "../api/pool.ts";
import type { WorkloadType } from "../api/types.ts";
import { ranksOf } from "../output/workload-texts.ts";
import { type ResolvedScenario, strategyJobs } from "../scenario/resolve.ts";
import { Cells, figuresOf, type SweepCell } from "./cells.ts";
import { concludeSweep, type SweepConclusion } from "./conclude.ts";
import { Journal } from "./journal.ts";
import { jobKey } from "./key.ts";
import { checkMetric } from "./metrics.ts";
import { atPoint, planSweep, type SweepPlan, type SweepRequest } from "./plan.ts";
import type { SweepAxis } from "./values.ts";

export interface SweepPoint {
  /** "vmas=1000, machine.cpus=4" */
  readonly name: string;
  /** By the keys that vary, as they were written. */
  readonly values: Readonly<Record<string, string>>;
  readonly vma_count: number;
  /** What of it lies beyond the range that the profile was measured in. */
  readonly extrapolated: readonly string[];
  /** Strategies that are not ranked. */
  readonly unsafe: readonly string[];
  readonly strategies: readonly (SweepCell & { readonly name: string })[];
}

export interface SweepResult {
  readonly workload: WorkloadType;
  readonly axes: readonly SweepAxis[];
  /** Names of all strategies, in the order in which points have them. */
  readonly strategies: readonly string[];
  readonly tick_phases: number;
  readonly runs: number;
  /** The first key changes slowest, the last one from point to point. */
  readonly points: readonly SweepPoint[];
  /** By the metrics that comparisons of the workload rank; empty where there are none. */
  readonly conclusion: SweepConclusion;
}

export interface SweepRunOptions extends RunJobsOptions {
  /** A file that keeps finished runs, and has those of the last time. */
  readonly journal?: string | undefined;
  /** Metrics that are ranked; by default those of the workload. */
  readonly metrics?: readonly string[] | undefined;
  /** Called before the first run: how many the journal has already. */
  readonly onFound?: ((runs: number) => void) | undefined;
}

/** Points that are under way: those of neighbouring runs. */
const RESOLVED_MAX = 8;

/** Makes the jobs of a sweep, each when it is asked for. */
class JobMaker {
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

/** Puts what the journal has into the cells; answers what it lacks, and how to add that. */
async function openJournal(
  plan: SweepPlan,
  jobs: JobMaker,
  cells: Cells,
  { journal: file, signal }: SweepRunOptions,
): Promise<{
  readonly journal: Journal | undefined;
  readonly keys: readonly string[];
  missing: number[];
}> {
  const all = Array.from({ length: plan.runs }, (_, run) => run);
  if (file === undefined) return { journal: undefined, keys: [], missing: all };
  const keys: string[] = [];
  const runs = new Map<string, number[]>();
  for (const run of all) {
    const key = jobKey(await jobs.job(run));
    signal?.throwIfAborted();
    keys.push(key);
    // points may be the same run, where a key makes no difference
    runs.set(key, [...(runs.get(key) ?? []), run]);
  }
  const journal = new Journal(file, (entry) => {
    for (const run of runs.get(entry.key) ?? []) cells.put(run, entry);
    runs.delete(entry.key);
  });
  const missing = [...runs.values()].flat().sort((a, b) => a - b);
  return { journal, keys, missing };
}

/**
 * Runs what was planned. The result is the same for any number of workers, and whether runs come out of a
 * journal or not. Throws InputError where the journal is none, and whatever a run throws, with the name of its
 * point; rejects with the signal's reason when it is aborted. What is over by then is in the journal.
 */
export async function runSweep(
  plan: SweepPlan,
  options: SweepRunOptions = {},
): Promise<SweepResult> {
  for (const metric of options.metrics ?? []) checkMetric(metric, "metrics", plan);
  const jobs = new JobMaker(plan);
  const cells = new Cells(plan.tick_phases);
  const { journal, keys, missing } = await openJournal(plan, jobs, cells, options);
  try {
    options.onFound?.(plan.runs - missing.length);
    const pointOf = (index: number) => plan.points[jobs.pointOf(missing[index]!)]!;
    const queue = {
      count: missing.length,
      weight: (index: number) => pointOf(index).vma_count + 1,
      job: (index: number) => jobs.job(missing[index]!),
      done: (index: number, result: Parameters<typeof figuresOf>[0]) => {
        const run = missing[index]!;
        const figures = figuresOf(result);
        journal?.append(keys[run]!, figures);
        cells.put(run, figures);
      },
      failed: (index: number, error: unknown) => atPoint(error, pointOf(index).name),
    };
    await runQueue(queue, plan.plan_bytes_max, options);
  } finally {
    journal?.close();
  }
  return resultOf(plan, cells, options.metrics);
}

function resultOf(
  plan: SweepPlan,
  cells: Cells,
  metrics: readonly string[] | undefined,
): SweepResult {
  const { grid, workload, tick_phases, runs, has_bystanders } = plan;
  let cell = 0;
  const points = plan.points.map(({ strategies, ...point }, index): SweepPoint => {
    const values = grid.valuesAt(index).map(({ text }, axis) => [grid.axes[axis]!.key, text]);
    return {
      ...point,
      values: Object.fromEntries(values),
      strategies: strategies.map((name) => ({ name, ...cells.at(cell++) })),
    };
  });
  const ranks = ranksOf(workload, has_bystanders) ?? [];
  const lines = metrics?.map((metric) => {
    return ranks.find((line) => line.metric === metric) ?? { metric };
  });
  return {
    workload,
    axes: grid.axes,
    strategies: plan.strategies.map(({ name }) => name),
    tick_phases,
    runs,
    points,
    conclusion: concludeSweep(grid, points, lines ?? ranks),
  };
}

export interface SweepOptions extends Omit<SweepRequest, "onProgress">, SweepRunOptions {}

/**
 * Simulates a grid of runs: every value of each key in `vary` with every value of all others, each strategy of
 * the scenario at every point. `name` as `loadScenario` takes it. Throws as `planSweep` and `runSweep` do;
 * nothing has run when a point turns out to be wrong or not to fit.
 */
export async function sweep(name: string | undefined, options: SweepOptions): Promise<SweepResult> {
  const { onProgress, ...request } = options;
  return runSweep(await planSweep(name, request), { ...request, onProgress });
}

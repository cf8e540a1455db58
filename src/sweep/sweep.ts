// A sweep: its runs on all cores, as many of them as no journal has, and what they come to. Node only.

import { type JobQueue, type RunJobsOptions, runQueue } from "../api/pool.ts";
import type { WorkloadType } from "../api/types.ts";
import { ranksOf } from "../output/workload-texts.ts";
import { Cells, figuresOf, type RunFigures, type SweepCell } from "./cells.ts";
import { concludeSweep, type SweepConclusion } from "./conclude.ts";
import { JobMaker } from "./jobs.ts";
import { checkMetric } from "./metrics.ts";
import { atPoint, planSweep, type SweepPlan, type SweepRequest } from "./plan.ts";
import { openRest } from "./rest.ts";
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
  const put = (run: number, figures: RunFigures) => cells.put(run, figures);
  const rest = openRest(plan.keys, options.journal, put);
  const { missing } = rest;
  const pointOf = (index: number) => plan.points[jobs.pointOf(missing[index]!)]!;
  const queue: JobQueue = {
    count: missing.length,
    weight: (index) => pointOf(index).vma_count + 1,
    job: (index) => jobs.job(missing[index]!),
    done: (index, result) => {
      const figures = figuresOf(result);
      rest.keep(missing[index]!, figures);
      put(missing[index]!, figures);
    },
    failed: (index, error) => atPoint(error, pointOf(index).name),
  };
  try {
    options.onFound?.(plan.runs - missing.length);
    await runQueue(queue, plan.plan_bytes_max, options);
  } finally {
    rest.close();
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

// Every point of a sweep resolved, checked and planned before anything runs. Node only.

import type { EngineClass } from "../api/engine-port.ts";
import { jobSpec, type RunJob } from "../api/job.ts";
import { largestPlan } from "../api/pool.ts";
import type { Strategy, WorkloadType } from "../api/types.ts";
import { Engine } from "../engine/engine.ts";
import { takesMemory } from "../engine/reclaim.ts";
import { InputError, LimitError } from "../errors.ts";
import { BYSTANDERS } from "../output/ranking.ts";
import { outsideRange } from "../profile/range.ts";
import { openScenario } from "../scenario/files.ts";
import type { OverrideRule } from "../scenario/overrides.ts";
import { type ResolvedScenario, strategyJobs } from "../scenario/resolve.ts";
import { OOM_KILLS } from "./cells.ts";
import { Grid } from "./grid.ts";
import { jobKey } from "./key.ts";
import { Safety } from "./safety.ts";

export interface SweepRequest {
  /** KEY=VALUES of each key that varies, as `--vary` takes it; the first one changes slowest. */
  readonly vary: readonly string[];
  /** What all points have in common besides the scenario. */
  readonly overrides?: readonly OverrideRule[] | undefined;
  /** Instead of the scenario's address space: a file, a PID or "-". */
  readonly maps?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Share of the points that are planned, 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Another engine, for tests. */
  readonly engine?: EngineClass | undefined;
}

/** A point before its runs. */
export interface PlannedPoint {
  /** "vmas=1000, machine.cpus=4" */
  readonly name: string;
  readonly vma_count: number;
  readonly strategies: readonly string[];
  /** Of these, those that are not ranked: allowed by `unsafe: true`, or seen to fail by the lifetime oracle. */
  readonly unsafe: readonly string[];
  /** What of it lies beyond the range that the profile was measured in. */
  readonly extrapolated: readonly string[];
}

export interface SweepPlan {
  readonly grid: Grid;
  readonly workload: WorkloadType;
  readonly points: readonly PlannedPoint[];
  /** Of all points, in the order in which they come. */
  readonly strategies: readonly Strategy[];
  readonly tick_phases: number;
  readonly runs: number;
  /** Of each run a hash of all that its result hangs on. */
  readonly keys: readonly string[];
  /** Names of all figures that a point may have. */
  readonly metrics: readonly string[];
  /** The first point: what does not vary is the same at all others. */
  readonly first: ResolvedScenario;
  readonly plan_bytes_max: number;
  /** What was read: the scenario, maps, cost profiles. */
  readonly files: readonly string[];
  readonly has_bystanders: boolean;
  resolve(point: number): Promise<ResolvedScenario>;
}

/** The same error, which says at which point it came up. */
export function atPoint(error: unknown, point: string): unknown {
  if (error instanceof LimitError) {
    return new LimitError({ ...error, problem: `${point}: ${error.problem}` });
  }
  // an option of the sweep says it already
  if (!(error instanceof InputError) || error.problem.startsWith("--vary ")) return error;
  const { code, file, line, column, problem, found, expected, hint, cause } = error;
  const where = `at the point ${point}`;
  const parts = { code, file, line, column, problem, found, expected, cause };
  return new InputError({ ...parts, hint: hint === undefined ? where : `${hint}; ${where}` });
}

function checkAlike(first: ResolvedScenario, other: ResolvedScenario, point: string): void {
  const [one, two] = [first.scenario.workload.type, other.scenario.workload.type];
  if (one === two) return;
  throw new InputError({
    problem: `${point}: another workload than at the points before`,
    found: two,
    expected: `${one}: figures of different workloads are not comparable`,
  });
}

/** Figures that the runs of a point have, known without a run. */
function metricsOf(job: RunJob<WorkloadType>): string[] {
  return [
    ...Engine.metricNames(jobSpec(job)),
    ...((job.load ?? []).length > 0 ? [BYSTANDERS] : []),
    ...(takesMemory(job) ? [OOM_KILLS] : []),
  ];
}

/** What the points of a sweep are together, point by point. */
class Survey {
  readonly points: PlannedPoint[] = [];
  readonly strategies = new Map<string, Strategy>();
  readonly files = new Set<string>();
  readonly metrics = new Set<string>();
  readonly #safety = new Safety();
  readonly keys: string[] = [];
  has_bystanders = false;

  add(name: string, resolved: ResolvedScenario, jobs: readonly RunJob<WorkloadType>[]): void {
    const { scenario, profile, vma_count, files = [] } = resolved;
    const { machine, load, strategies } = scenario;
    // bystanders alone bring figures that other points have not
    if (this.points.length === 0 || load.length > 0) {
      for (const metric of metricsOf(jobs[0]!)) this.metrics.add(metric);
    }
    for (const one of strategies) {
      if (!this.strategies.has(one.name)) this.strategies.set(one.name, one);
    }
    for (const file of files) this.files.add(file);
    this.has_bystanders ||= load.length > 0;
    this.keys.push(...jobs.map(jobKey));
    this.points.push({
      name,
      vma_count,
      strategies: strategies.map((one) => one.name),
      unsafe: this.#safety.unsafeOf(resolved),
      extrapolated: outsideRange(profile, machine, vma_count),
    });
  }
}

/**
 * Resolves, checks and plans every point. Throws InputError, or LimitError with both numbers where a run does
 * not fit, with the name of the point. `name` as `loadScenario` takes it.
 */
export async function planSweep(
  name: string | undefined,
  request: SweepRequest,
): Promise<SweepPlan> {
  const { vary, overrides = [], maps, signal, onProgress, engine = Engine } = request;
  const grid = new Grid(vary, overrides);
  const scenario = await openScenario(name, maps);
  const named = async <T>(point: number, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw atPoint(error, grid.nameAt(point));
    }
  };
  const resolve = (point: number): Promise<ResolvedScenario> =>
    named(point, scenario.resolve([...overrides, ...grid.rulesAt(point)]));
  const first = await resolve(0);
  const survey = new Survey();
  let plan_bytes_max = 1;
  for (let point = 0; point < grid.length; point++) {
    const resolved = point === 0 ? first : await resolve(point);
    checkAlike(first, resolved, grid.nameAt(point));
    const jobs = resolved.scenario.strategies.flatMap((one) => strategyJobs(resolved, one));
    const bytes = await named(point, largestPlan(jobs, engine, signal));
    plan_bytes_max = Math.max(plan_bytes_max, bytes);
    survey.add(grid.nameAt(point), resolved, jobs);
    onProgress?.((point + 1) / grid.length);
  }
  const { points, keys, has_bystanders } = survey;
  return {
    grid,
    workload: first.scenario.workload.type,
    points,
    strategies: [...survey.strategies.values()],
    tick_phases: first.scenario.tick_phases,
    runs: keys.length,
    keys,
    metrics: [...survey.metrics],
    first,
    plan_bytes_max,
    files: [...survey.files],
    has_bystanders,
    resolve,
  };
}

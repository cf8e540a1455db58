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

/**
 * Resolves, checks and plans every point. Throws InputError, or LimitError with both numbers where a run does
 * not fit, with the name of the point. `name` as `loadScenario` takes it.
 */
export async function planSweep(
  name: string | undefined,
  request: SweepRequest,
): Promise<SweepPlan> {
  const { vary, overrides = [], maps, signal, onProgress } = request;
  const grid = new Grid(vary, overrides);
  const scenario = await openScenario(name, maps);
  const engine = request.engine ?? Engine;
  const resolve = async (point: number): Promise<ResolvedScenario> => {
    try {
      return await scenario.resolve([...overrides, ...grid.rulesAt(point)]);
    } catch (error) {
      throw atPoint(error, grid.nameAt(point));
    }
  };
  const first = await resolve(0);
  const strategies = new Map<string, Strategy>();
  const files = new Set<string>();
  const metrics = new Set<string>();
  const safety = new Safety();
  const points: PlannedPoint[] = [];
  let [plan_bytes_max, runs, has_bystanders] = [1, 0, false];
  for (let index = 0; index < grid.length; index++) {
    const resolved = index === 0 ? first : await resolve(index);
    const point = grid.nameAt(index);
    checkAlike(first, resolved, point);
    const { machine, load, strategies: own } = resolved.scenario;
    const jobs = own.flatMap((one) => strategyJobs(resolved, one));
    try {
      plan_bytes_max = Math.max(plan_bytes_max, await largestPlan(jobs, engine, signal));
    } catch (error) {
      throw atPoint(error, point);
    }
    if (index === 0 || load.length > 0) {
      for (const metric of metricsOf(jobs[0]!)) metrics.add(metric);
    }
    for (const one of own) {
      if (!strategies.has(one.name)) strategies.set(one.name, one);
    }
    for (const file of resolved.files ?? []) files.add(file);
    has_bystanders ||= load.length > 0;
    runs += jobs.length;
    points.push({
      name: point,
      vma_count: resolved.vma_count,
      strategies: own.map((one) => one.name),
      unsafe: safety.unsafeOf(resolved),
      extrapolated: outsideRange(resolved.profile, machine, resolved.vma_count),
    });
    onProgress?.((index + 1) / grid.length);
  }
  return {
    grid,
    workload: first.scenario.workload.type,
    points,
    strategies: [...strategies.values()],
    tick_phases: first.scenario.tick_phases,
    runs,
    metrics: [...metrics],
    first,
    plan_bytes_max,
    files: [...files],
    has_bystanders,
    resolve,
  };
}

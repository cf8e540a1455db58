// Many runs on all cores. Results depend on the jobs alone: never on the number of workers or on
// who finishes first. Node only.

import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import { check } from "../engine/check.ts";
import { Engine } from "../engine/engine.ts";
import { InputError, LimitError } from "../errors.ts";
import type { EngineClass } from "./engine-port.ts";
import { jobSpec, type RunJob } from "./job.ts";
import { pause } from "./pause.ts";
import { simulate } from "./simulate.ts";
import type { SpaceRecipe } from "./space.ts";
import type { RunResult, WorkloadType } from "./types.ts";
import type { WorkerAnswer, WorkerTask } from "./worker.ts";

export interface RunJobsOptions {
  /**
   * Worker threads; 0 runs everything in this thread. Default: one a CPU, as memory allows, and none for
   * a single job or for what is done before threads would have started.
   */
  readonly workers?: number | undefined;
  /** Share done of all jobs together, 0 to 1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Another engine, for tests; runs in this thread. */
  readonly engine?: EngineClass | undefined;
}

/** More threads than that are a mistake. */
const WORKERS_MAX = 1024;
/** Share of the available memory that all workers together may reserve. */
const MEMORY_SHARE = 0.8;
/** To start a thread takes a processor longer than that. */
const WITHOUT_THREADS_MS = 100;
/** Larger runs are not over by then. */
const WITHOUT_THREADS_BYTES_MAX = 16 * 2 ** 20;

/** Work is proportional to VMAs: progress counts them, and one for what each run has besides. */
class ProgressSum {
  readonly #weights: readonly number[];
  readonly #total: number;
  readonly #done: number[];
  readonly #report: ((fraction: number) => void) | undefined;

  constructor(weights: readonly number[], report: ((fraction: number) => void) | undefined) {
    this.#weights = weights;
    this.#total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#done = weights.map(() => 0);
    this.#report = report;
  }

  set(index: number, fraction: number): void {
    // a run that is begun anew by a worker goes back
    this.#done[index] = Math.max(fraction, this.#done[index]!);
    if (this.#report === undefined) return;
    const sum = this.#done.reduce((total, done, i) => total + done * this.#weights[i]!, 0);
    this.#report(sum / this.#total);
  }
}

function unpack(answer: WorkerAnswer): RunResult<WorkloadType> {
  if ("limit_error" in answer) throw new LimitError(answer.limit_error);
  if ("input_error" in answer) throw new InputError(answer.input_error);
  return answer.result;
}

type Results = RunResult<WorkloadType>[];

/** Runs in this thread the jobs that have no result yet. */
async function runHere(
  jobs: readonly RunJob<WorkloadType>[],
  results: Results,
  sum: ProgressSum,
  { signal, engine }: RunJobsOptions,
): Promise<void> {
  while (results.length < jobs.length) {
    const index = results.length;
    const onProgress = ({ fraction }: { fraction: number }) => sum.set(index, fraction);
    results.push(await simulate(jobSpec(jobs[index]!), { signal, engine, onProgress }));
    sum.set(index, 1);
  }
}

/** The same, until the time is up; a run that is not over by then is begun anew by whoever goes on. */
async function runHereAtFirst(
  jobs: readonly RunJob<WorkloadType>[],
  results: Results,
  sum: ProgressSum,
  { signal }: RunJobsOptions,
): Promise<void> {
  const time_up = AbortSignal.timeout(WITHOUT_THREADS_MS);
  const either = signal === undefined ? time_up : AbortSignal.any([signal, time_up]);
  try {
    await runHere(jobs, results, sum, { signal: either });
  } catch (error) {
    signal?.throwIfAborted();
    if (!time_up.aborted) throw error;
  }
}

async function runInPool(
  jobs: readonly RunJob<WorkloadType>[],
  results: Results,
  workers: number,
  sum: ProgressSum,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { Piscina } = await import("piscina");
  const threads = Math.min(workers, jobs.length - results.length);
  const pool = new Piscina<WorkerTask, WorkerAnswer>({
    filename: new URL("./worker.js", import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    atomics: "disabled",
  });
  // Ending the threads ends their runs wherever they are.
  let destroyed: Promise<void> | undefined;
  const stop = () => {
    destroyed ??= pool.destroy();
  };
  signal?.addEventListener("abort", stop, { once: true });
  const run = async (
    job: RunJob<WorkloadType>,
    index: number,
  ): Promise<RunResult<WorkloadType>> => {
    const { port1, port2 } = new MessageChannel();
    port1.on("message", ([at, fraction]: [number, number]) => sum.set(at, fraction));
    port1.unref();
    try {
      const answer = await pool.run({ index, job, port: port2 }, { transferList: [port2] });
      sum.set(index, 1);
      return unpack(answer);
    } finally {
      port1.close();
    }
  };
  // Each worker has a lane that takes the next job when it is free: nothing waits in the pool.
  let next = results.length;
  const lane = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      results[index] = await run(jobs[index]!, index);
    }
  };
  try {
    await Promise.all(Array.from({ length: threads }, lane));
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
    await destroyed;
  }
}

/** Largest plan of all jobs; throws LimitError when one does not fit. */
async function largestPlan(
  jobs: readonly RunJob<WorkloadType>[],
  engine: EngineClass,
  signal: AbortSignal | undefined,
): Promise<number> {
  let bytes_max = 1;
  // Jobs that differ in tick phase or seed alone have the same plan.
  const planned = new Map<SpaceRecipe, Set<string>>();
  for (const { space, machine, strategy, workload, load, trace, ...rest } of jobs) {
    const keys = planned.get(space) ?? new Set();
    planned.set(space, keys);
    const key = JSON.stringify([{ ...machine, tick_phase_ns: 0 }, strategy, workload, load, trace]);
    if (keys.has(key)) continue;
    keys.add(key);
    const spec = jobSpec({ space, machine, strategy, workload, load, trace, ...rest });
    bytes_max = Math.max(bytes_max, engine.plan(spec).total_bytes);
    await pause();
    signal?.throwIfAborted();
  }
  return bytes_max;
}

/**
 * Runs all jobs; results in the order of the jobs, the same for any number of workers.
 * Plans every job first: throws LimitError before the first of them starts. Rejects with the
 * signal's reason when it is aborted.
 */
export async function runJobs<W extends WorkloadType = "exit">(
  jobs: readonly RunJob<W>[],
  options: RunJobsOptions = {},
): Promise<RunResult<W>[]> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const engine: EngineClass = options.engine ?? Engine;
  const plan_bytes_max = await largestPlan(jobs, engine, signal);
  const weights = jobs.map((job) => jobSpec(job).space.vma_count + 1);
  const sum = new ProgressSum(weights, onProgress);
  const by_memory = Math.max(
    1,
    Math.floor((process.availableMemory() * MEMORY_SHARE) / plan_bytes_max),
  );
  const automatic = Math.min(availableParallelism(), by_memory);
  if (options.workers !== undefined) check("number of workers", options.workers, 0, WORKERS_MAX);
  const workers = options.workers ?? (jobs.length === 1 ? 0 : automatic);
  const results: Results = [];
  if (workers === 0 || options.engine !== undefined) await runHere(jobs, results, sum, options);
  else if (options.workers === undefined && plan_bytes_max <= WITHOUT_THREADS_BYTES_MAX) {
    await runHereAtFirst(jobs, results, sum, options);
  }
  if (results.length < jobs.length) await runInPool(jobs, results, workers, sum, signal);
  return results as RunResult<W>[]; // every result is of its job's workload
}

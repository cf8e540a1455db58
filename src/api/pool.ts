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
import { planRun } from "./plan-run.ts";
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

/** Jobs of which each is made when its turn comes. */
export interface JobQueue {
  readonly count: number;
  /** Its share of the work, in any unit: work is proportional to VMAs, and a little that each run has besides. */
  weight(index: number): number;
  job(index: number): RunJob<WorkloadType> | Promise<RunJob<WorkloadType>>;
  /** Is called once a job, in the order in which they end. */
  done(index: number, result: RunResult<WorkloadType>): void;
  /** What to throw instead of the error that a job ended with. */
  failed?(index: number, error: unknown): unknown;
}

/** More threads than that are a mistake. */
const WORKERS_MAX = 1024;
/** Share of the available memory that all workers together may reserve. */
const MEMORY_SHARE = 0.8;
/** To start a thread takes a processor longer than that. */
const WITHOUT_THREADS_MS = 100;
/** Larger runs are not over by then. */
const WITHOUT_THREADS_BYTES_MAX = 16 * 2 ** 20;

/** How far all jobs together are, by their shares of the work. */
class ProgressSum {
  readonly #queue: JobQueue;
  readonly #total: number;
  readonly #report: ((fraction: number) => void) | undefined;
  /** Of jobs that have begun and are not over. */
  readonly #running = new Map<number, number>();
  #done = 0;

  constructor(queue: JobQueue, report: ((fraction: number) => void) | undefined) {
    this.#queue = queue;
    this.#report = report;
    this.#total = 0;
    for (let index = 0; index < queue.count; index++) this.#total += queue.weight(index);
  }

  begin(index: number): void {
    if (!this.#running.has(index)) this.#running.set(index, 0);
  }

  set(index: number, fraction: number): void {
    const before = this.#running.get(index);
    // what a worker says may arrive when its run is over; one that is begun anew by a worker goes back
    if (before === undefined || fraction <= before) return;
    this.#running.set(index, fraction);
    this.#tell();
  }

  end(index: number): void {
    this.#running.delete(index);
    this.#done += this.#queue.weight(index);
    this.#tell();
  }

  #tell(): void {
    let sum = this.#done;
    for (const [index, fraction] of this.#running) sum += fraction * this.#queue.weight(index);
    this.#report?.(Math.min(1, sum / this.#total));
  }
}

function unpack(answer: WorkerAnswer): RunResult<WorkloadType> {
  if ("limit_error" in answer) throw new LimitError(answer.limit_error);
  if ("input_error" in answer) throw new InputError(answer.input_error);
  return answer.result;
}

const failure = (queue: JobQueue, index: number, error: unknown): unknown =>
  queue.failed === undefined ? error : queue.failed(index, error);

/** Which job is next: jobs are begun in their order, by whoever is free. */
interface Cursor {
  next: number;
}

/** Runs in this thread the jobs that nobody has begun; one that fails stays the next. */
async function runHere(
  queue: JobQueue,
  cursor: Cursor,
  sum: ProgressSum,
  { signal, engine }: RunJobsOptions,
): Promise<void> {
  while (cursor.next < queue.count) {
    const index = cursor.next;
    const onProgress = ({ fraction }: { fraction: number }) => sum.set(index, fraction);
    const job = await queue.job(index);
    sum.begin(index);
    let result: RunResult<WorkloadType>;
    try {
      result = await simulate(jobSpec(job), { signal, engine, onProgress });
    } catch (error) {
      throw failure(queue, index, error);
    }
    queue.done(index, result);
    cursor.next++;
    sum.end(index);
  }
}

/** The same, until the time is up; a run that is not over by then is begun anew by whoever goes on. */
async function runHereAtFirst(
  queue: JobQueue,
  cursor: Cursor,
  sum: ProgressSum,
  { signal }: RunJobsOptions,
): Promise<void> {
  const time_up = AbortSignal.timeout(WITHOUT_THREADS_MS);
  const either = signal === undefined ? time_up : AbortSignal.any([signal, time_up]);
  try {
    await runHere(queue, cursor, sum, { signal: either });
  } catch (error) {
    signal?.throwIfAborted();
    if (!time_up.aborted) throw error;
  }
}

async function runInPool(
  queue: JobQueue,
  cursor: Cursor,
  workers: number,
  sum: ProgressSum,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { Piscina } = await import("piscina");
  const threads = Math.min(workers, queue.count - cursor.next);
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
      return unpack(await pool.run({ index, job, port: port2 }, { transferList: [port2] }));
    } catch (error) {
      throw failure(queue, index, error);
    } finally {
      port1.close();
    }
  };
  // Each worker has a lane that takes the next job when it is free: nothing waits in the pool.
  const lane = async (): Promise<void> => {
    while (cursor.next < queue.count) {
      const index = cursor.next++;
      sum.begin(index);
      queue.done(index, await run(await queue.job(index), index));
      sum.end(index);
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

/** Bytes of the largest plan of all jobs, at least 1; throws LimitError when one does not fit. */
export async function largestPlan(
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
    const { total_bytes } = await planRun(engine, spec, signal);
    bytes_max = Math.max(bytes_max, total_bytes);
    await pause();
    signal?.throwIfAborted();
  }
  return bytes_max;
}

/**
 * Runs jobs that are made when their turn comes and gives each result away at once: what `runJobs` is made of,
 * for more jobs than one wants to hold. They have been planned: `plan_bytes_max` is the largest plan.
 */
export async function runQueue(
  queue: JobQueue,
  plan_bytes_max: number,
  options: RunJobsOptions = {},
): Promise<void> {
  const { signal, onProgress } = options;
  if (options.workers !== undefined) check("number of workers", options.workers, 0, WORKERS_MAX);
  signal?.throwIfAborted();
  const sum = new ProgressSum(queue, onProgress);
  const by_memory = Math.max(
    1,
    Math.floor((process.availableMemory() * MEMORY_SHARE) / plan_bytes_max),
  );
  const automatic = Math.min(availableParallelism(), by_memory);
  const workers = options.workers ?? (queue.count === 1 ? 0 : automatic);
  const cursor: Cursor = { next: 0 };
  if (workers === 0 || options.engine !== undefined) await runHere(queue, cursor, sum, options);
  else if (options.workers === undefined && plan_bytes_max <= WITHOUT_THREADS_BYTES_MAX) {
    await runHereAtFirst(queue, cursor, sum, options);
  }
  if (cursor.next < queue.count) await runInPool(queue, cursor, workers, sum, signal);
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
  const { signal } = options;
  signal?.throwIfAborted();
  const plan_bytes_max = await largestPlan(jobs, options.engine ?? Engine, signal);
  const results: RunResult<WorkloadType>[] = [];
  const queue: JobQueue = {
    count: jobs.length,
    weight: (index) => jobSpec(jobs[index]!).space.vma_count + 1,
    job: (index) => jobs[index]!,
    done: (index, result) => {
      results[index] = result;
    },
  };
  await runQueue(queue, plan_bytes_max, options);
  return results as RunResult<W>[]; // every result is of its job's workload
}

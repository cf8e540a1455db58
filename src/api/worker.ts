// What a worker thread of the pool does: one job at a time. Node only.

import type { MessagePort } from "node:worker_threads";
import { InputError, type InputErrorParts, LimitError, type LimitErrorParts } from "../errors.ts";
import { jobSpec, type RunJob } from "./job.ts";
import { simulate } from "./simulate.ts";
import type { RunResult, WorkloadType } from "./types.ts";

export interface WorkerTask {
  readonly index: number;
  readonly job: RunJob<WorkloadType>;
  /** Receives `[index, fraction]`. */
  readonly port: MessagePort;
}

/** Errors lose their class on the way between threads: their parts travel instead. */
export type WorkerAnswer =
  | { readonly result: RunResult<WorkloadType> }
  | { readonly input_error: InputErrorParts }
  | { readonly limit_error: LimitErrorParts };

function errorParts(error: InputError): InputErrorParts & LimitErrorParts {
  const { code, file, line, column, problem, found, expected, hint } = error;
  const { needed, available, unit } = error as LimitError;
  return { code, file, line, column, problem, found, expected, hint, needed, available, unit };
}

export default async function work({ index, job, port }: WorkerTask): Promise<WorkerAnswer> {
  try {
    const onProgress = ({ fraction }: { fraction: number }) => port.postMessage([index, fraction]);
    return { result: await simulate(jobSpec(job), { onProgress }) };
  } catch (error) {
    if (error instanceof LimitError) return { limit_error: errorParts(error) };
    if (error instanceof InputError) return { input_error: errorParts(error) };
    throw error;
  } finally {
    port.close();
  }
}

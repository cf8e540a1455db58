// Several runs side by side, one after the other in this thread. Node has a worker pool besides
// (src/node.ts); results are the same.

import { InputError } from "../errors.ts";
import { type SimulateOptions, simulate } from "./simulate.ts";
import type { Progress, RunResult, RunSpec, WorkloadType } from "./types.ts";

export interface CompareOptions extends Omit<SimulateOptions, "onProgress"> {
  /** `fraction` covers all runs; `run` counts from 0. */
  readonly onProgress?: ((progress: Progress, run: number) => void) | undefined;
}

/** Runs every specification; results in the order of `specs`. */
export async function compare<W extends WorkloadType = "exit">(
  specs: readonly RunSpec<W>[],
  options: CompareOptions = {},
): Promise<RunResult<W>[]> {
  if (!Array.isArray(specs)) {
    const expected = "a list of specifications, one a run";
    throw new InputError({ problem: "nothing to compare", found: typeof specs, expected });
  }
  const { onProgress, ...rest } = options;
  const results: RunResult<W>[] = [];
  for (const [run, spec] of specs.entries()) {
    const report = (progress: Progress): void => {
      onProgress?.({ ...progress, fraction: (run + progress.fraction) / specs.length }, run);
    };
    results.push(await simulate(spec, { ...rest, onProgress: onProgress ? report : undefined }));
  }
  return results;
}

/** The same run at other tick phases. */
export function atTickPhases<W extends WorkloadType = "exit">(
  spec: RunSpec<W>,
  phases_ns: readonly number[],
): RunSpec<W>[] {
  return phases_ns.map((tick_phase_ns) => ({
    ...spec,
    machine: { ...spec.machine, tick_phase_ns },
  }));
}

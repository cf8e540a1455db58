// One run from its specification to its result, in this thread.

import { Engine } from "../engine/engine.ts";
import type { EngineClass } from "./engine-port.ts";
import { Turns } from "./pause.ts";
import { planRun } from "./plan-run.ts";
import type { Progress, RunResult, RunSpec, WorkloadType } from "./types.ts";

export interface SimulateOptions {
  /** Called about 20 times a second, and once at the end. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborts the run within half a second; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Another engine with the same interface, for tests. */
  readonly engine?: EngineClass | undefined;
}

/**
 * Simulates one run. The result depends on nothing but `spec`.
 * Throws LimitError before memory is reserved when the run cannot fit, InputError when `spec` is none
 * or its address space turns out to be broken while it is read.
 */
export async function simulate<W extends WorkloadType = "exit">(
  spec: RunSpec<W>,
  options: SimulateOptions = {},
): Promise<RunResult<W>> {
  const { onProgress, signal } = options;
  const engine_class: EngineClass = options.engine ?? Engine;
  signal?.throwIfAborted();
  await planRun(engine_class, spec, signal);
  const engine = engine_class.create(spec);
  const turns = new Turns(signal);
  const turn = async (progress: Progress): Promise<void> => {
    if (!turns.due()) return;
    onProgress?.(progress);
    await turns.give();
  };
  try {
    for (const progress of engine.loadChunks()) await turn(progress);
    while (!engine.runSlice()) await turn(engine.progress());
    onProgress?.(engine.progress());
    return engine.result();
  } finally {
    engine.release();
  }
}

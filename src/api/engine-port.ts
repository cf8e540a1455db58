// What the host needs of an engine: the WebAssembly one, or a tiny one in tests.

import type { MemoryPlan, Progress, RunResult, RunSpec } from "./types.ts";

/** One simulated machine with its memory reserved. */
export interface EngineRun {
  /** Feeds the address space chunk by chunk. */
  loadChunks(): Iterable<Progress>;
  /** Runs for some milliseconds of host time; true when the run is finished. */
  runSlice(): boolean;
  progress(): Progress;
  result(): RunResult;
}

export interface EngineClass {
  /** What the run would reserve; reserves nothing. Throws LimitError when it cannot fit. */
  plan(spec: RunSpec): MemoryPlan;
  /** Reserves memory and writes the configuration. */
  create(spec: RunSpec): EngineRun;
}

// What the host needs of an engine: the WebAssembly one, or a tiny one in tests.

import type { MemoryPlan, Progress, RunResult, RunSpec, WorkloadType } from "./types.ts";

/** One simulated machine with its memory reserved. */
export interface EngineRun<W extends WorkloadType = "exit"> {
  /** Feeds the address space chunk by chunk. */
  loadChunks(): Iterable<Progress>;
  /** Runs for some milliseconds of host time; true when the run is finished. */
  runSlice(): boolean;
  progress(): Progress;
  result(): RunResult<W>;
  /** The run is over or given up: its memory may serve another. Nothing else may be called after it. */
  release(): void;
}

export interface EngineClass {
  /** What the run would reserve; reserves nothing. Throws LimitError when it cannot fit. */
  plan(spec: RunSpec<WorkloadType>): MemoryPlan;
  /** Reserves memory and writes the configuration. */
  create<W extends WorkloadType = "exit">(spec: RunSpec<W>): EngineRun<W>;
}

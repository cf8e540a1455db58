// What the host must know of a workload to run it: its number, its part of the configuration record,
// and how its figures are read back.

import type { Workload } from "../../../assembly/abi/config.ts";
import type { RunSpec, WorkloadMetrics, WorkloadSpecs, WorkloadType } from "../../api/types.ts";
import type { VmaColumns } from "../../input/address-space.ts";
import type { EngineMemory } from "../abi.ts";

/** Sees the VMAs on their way into the engine, then loads what follows from them. */
export interface WorkloadLoader {
  see(chunk: VmaColumns): void;
  /** Before the first VMA is handed over. */
  first?(memory: EngineMemory): void;
  load(memory: EngineMemory): void;
}

export interface WorkloadPort<W extends WorkloadType> {
  readonly id: Workload;
  /** Tasks that it makes with `newTask` (assembly/sched/extra.ts). */
  extraTasks(workload: WorkloadSpecs[W], spec: RunSpec<W>): number;
  /** Writes its own slots. Throws InputError where the specification makes no sense. */
  write(memory: EngineMemory, workload: WorkloadSpecs[W], spec: RunSpec<W>): void;
  /** What it loads beside the VMAs; made anew for each run. */
  loader?(workload: WorkloadSpecs[W], spec: RunSpec<W>): WorkloadLoader;
  /** Share of the run that is over by the clock, where it ends by that. */
  clockShare?(workload: WorkloadSpecs[W], sim_ns: number): number;
  /** Its metrics, once the run has finished. */
  read(memory: EngineMemory, spec: RunSpec<W>): WorkloadMetrics[W];
}

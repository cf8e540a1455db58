// All workloads, by type.

import { Config } from "../../../assembly/abi/config.ts";
import type { RunResult, RunSpec, WorkloadSpecs, WorkloadType } from "../../api/types.ts";
import { repeat } from "../../input/repeat.ts";
import type { EngineMemory } from "../abi.ts";
import { loadTasks } from "../load.ts";
import { readPages } from "../page-metrics.ts";
import { takesMemory } from "../reclaim.ts";
import { EXIT_PORT } from "./exit.ts";
import { EXITS_PORT } from "./exits.ts";
import { MM_PORT } from "./mm.ts";
import { MUNMAP_PORT } from "./munmap.ts";
import type { WorkloadLoader, WorkloadPort } from "./port.ts";
import { RCU_FLOOD_PORT } from "./rcu-flood.ts";
import { RCU_POST_PORT } from "./rcu-post.ts";
import { VMALLOC_PORT } from "./vmalloc.ts";

const KSWAPD_TASKS = 1;

const PORTS: { readonly [W in WorkloadType]: WorkloadPort<W> } = {
  exit: EXIT_PORT,
  munmap: MUNMAP_PORT,
  exits: EXITS_PORT,
  rcu_flood: RCU_FLOOD_PORT,
  rcu_post: RCU_POST_PORT,
  vmalloc: VMALLOC_PORT,
  mm: MM_PORT,
};

/** The types that a specification can name. */
export const WORKLOAD_TYPES: readonly string[] = Object.keys(PORTS);

/** The workload of a specification: an exit where it names none. */
function workloadOf<W extends WorkloadType>(spec: RunSpec<W>): WorkloadSpecs[W] {
  return spec.workload ?? ({ type: "exit" } as WorkloadSpecs[W]);
}

function portOf<W extends WorkloadType>(spec: RunSpec<W>): WorkloadPort<W> {
  return PORTS[workloadOf(spec).type] as WorkloadPort<W>;
}

export function writeWorkload<W extends WorkloadType>(
  memory: EngineMemory,
  spec: RunSpec<W>,
): void {
  const port = portOf(spec);
  const workload = workloadOf(spec);
  const tasks =
    port.extraTasks(workload, spec) +
    loadTasks(spec.load ?? []) +
    (takesMemory(spec) ? KSWAPD_TASKS : 0);
  memory.writeConfig(Config.WORKLOAD, BigInt(port.id));
  memory.writeConfig(Config.EXTRA_TASKS, BigInt(tasks));
  port.write(memory, workload, spec);
}

/** What the workload loads beside the VMAs, if anything. */
export function workloadLoader<W extends WorkloadType>(
  spec: RunSpec<W>,
): WorkloadLoader | undefined {
  return portOf(spec).loader?.(workloadOf(spec), spec);
}

/** See WorkloadPort.clockShare; 0 where the end hangs on what is done. */
export function clockShare<W extends WorkloadType>(spec: RunSpec<W>, sim_ns: number): number {
  return portOf(spec).clockShare?.(workloadOf(spec), sim_ns) ?? 0;
}

/** The part of a result that depends on the workload. */
export function readWorkload<W extends WorkloadType>(
  memory: EngineMemory,
  spec: RunSpec<W>,
): Pick<RunResult<W>, "workload" | "metrics" | "pages"> {
  const pages = readPages(memory);
  return {
    ...(pages === undefined ? {} : { pages }),
    workload: workloadOf(spec).type as W,
    metrics: portOf(spec).read(memory, spec),
  };
}

/** What is loaded: the address space once a process. */
export function loadedSpec<W extends WorkloadType>(spec: RunSpec<W>): RunSpec<W> {
  const workload: WorkloadSpecs[WorkloadType] = workloadOf(spec);
  if (workload.type !== "exits") return spec;
  return { ...spec, space: repeat(spec.space, workload.children) };
}

// Runs of the workload exits: a process of so many MiB, on a machine of so many CPUs.

import type {
  ExitsMetrics,
  ExitsWorkload,
  FreePolicy,
  LoadSpec,
  MachineConfig,
  MemoryConfig,
  RunSpec,
} from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { alternating } from "../../src/input/generate.ts";
import { populate } from "../../src/input/populate.ts";
import { DIRECT, SIM_NS_MAX, spec } from "../engine/spec.ts";

export const MIB_PAGES = 256;

export const WORKLOAD: ExitsWorkload = {
  type: "exits",
  children: 1,
  placement: "together",
  put: "sync",
  put_async_min: 0,
  encrypted: 0,
  parent_busy_ns: 0,
  work_ns: 0,
  restart_pages: 0,
  restart_threads: 1,
  hold_back_oom: false,
  cpu_intensive_thresh_ns: 10_000_000,
};

export interface Wanted {
  readonly mib?: number;
  readonly cpus?: number;
  readonly tick_phase_ns?: number;
  readonly seed?: bigint;
  readonly machine?: Partial<MachineConfig>;
  readonly memory?: Partial<MemoryConfig>;
  readonly workload?: Partial<ExitsWorkload>;
  readonly load?: readonly LoadSpec[];
  readonly exit?: FreePolicy;
  readonly trace?: RunSpec["trace"];
}

/** A process of one mapping, touched from end to end. */
export function resident(mib: number) {
  return populate(alternating(1, { base_process: true, page_count: mib * MIB_PAGES }), 1);
}

/** Runs the workload to its end. */
export function run(asked: Wanted) {
  const { mib = 64, cpus = 1, tick_phase_ns = 0, seed = 1n, load = [] } = asked;
  const memory = { ...DEFAULT_MEMORY, ...asked.memory };
  const base = spec({
    exit: asked.exit ?? DIRECT,
    space: resident(mib),
    machine: { cpus, tick_phase_ns, ...asked.machine, memory },
  });
  const workload = { ...WORKLOAD, ...asked.workload };
  const { trace } = asked;
  const wanted = { ...base, seed, workload, load, trace } as unknown as RunSpec<"exits">;
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice()) {
    if (engine.progress().sim_ns > SIM_NS_MAX) throw new Error("the machine does not come to rest");
  }
  const { metrics, pages, reclaim, load: reports, digest } = engine.result();
  return { metrics: metrics as ExitsMetrics, pages: pages!, reclaim, load: reports, digest };
}

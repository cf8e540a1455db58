// What the rows of faults and forks have in common: the measured machine and how runs are made.

import type { RunJob } from "../../api/job.ts";
import type {
  CostProfile,
  MachineConfig,
  MmMetrics,
  MmWorkload,
  SlabGeometry,
} from "../../api/types.ts";
import { KERNEL_RCU } from "../../scenario/defaults.ts";
import { presetStrategy } from "../../scenario/strategies.ts";
import type { MetricRule, RunsOfPhase } from "../rules.ts";

export const MM_KERNELS = ["6.12", "7.2"] as const;
export type MmKernel = (typeof MM_KERNELS)[number];

export function isMmKernel(word: string): word is MmKernel {
  return MM_KERNELS.some((kernel) => kernel === word);
}

export function mmMetrics(runs: RunsOfPhase, run = 0): MmMetrics {
  return runs[run]!.metrics as MmMetrics;
}

/** A column that the run has under another name. */
export function figure(
  name: string,
  of: (metrics: MmMetrics) => number | undefined,
  more: Partial<MetricRule> = {},
): MetricRule {
  return {
    name,
    comparison: "relative",
    fraction: true,
    claimed: true,
    simulated: (runs) => of(mmMetrics(runs)),
    ...more,
  };
}

export interface MmRow {
  readonly kernel: MmKernel;
  readonly profile: CostProfile;
  readonly space: RunJob["space"];
  readonly workload: Partial<MmWorkload> & Pick<MmWorkload, "threads">;
}

const HZ = 250;
const LOCK: SlabGeometry = {
  object_bytes: 40,
  objects_per_slab: 102,
  slab_order: 0,
  cpu_partial_slabs: -1,
  min_partial: -1,
};
/** VMAs of the two measured kernels: bytes, and how many a slab holds. */
const VMA_SLABS: Readonly<Record<MmKernel, SlabGeometry>> = {
  "6.12": { ...LOCK, object_bytes: 144, objects_per_slab: 28 },
  "7.2": { ...LOCK, object_bytes: 192, objects_per_slab: 21 },
};

/** One CPU under either kernel; 7.2 has lazy preemption. */
function machineOf(kernel: MmKernel): MachineConfig {
  return {
    generation: "6.12", // the slabs are the workload's own; scheduling and RCU are those of 6.12
    cpus: 1,
    hz: HZ,
    preempt: kernel === "7.2" ? "lazy" : "voluntary",
    tick_phase_ns: 0,
    exit_cpu: 0,
    rcu: KERNEL_RCU,
    slab: { vm_area_struct: VMA_SLABS[kernel], vma_lock: LOCK },
  };
}

/** A run of the workload mm on the measured machine. */
export function mmJob({ kernel, profile, space, workload }: MmRow): RunJob<"mm"> {
  return {
    workload: {
      type: "mm",
      kernel,
      pages_from: "area",
      touched_pages: 0,
      max_map_count: 20_000_000,
      memory_pages: 0,
      oracle: true,
      without: [],
      mms: [],
      ...workload,
    },
    machine: machineOf(kernel),
    space,
    strategy: presetStrategy("direct", HZ),
    profile,
    seed: 1n,
    probe_flags: 0,
  };
}

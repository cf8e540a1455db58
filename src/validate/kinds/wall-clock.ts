// Exits and munmaps timed from outside on a real machine: what `measure` writes. Repeats are noisy: those count
// that were made at the pace which the machine had most often (src/stats/pace.ts).

import type { RunJob } from "../../api/job.ts";
import type {
  CostProfile,
  MachineConfig,
  MunmapMetrics,
  MunmapWorkload,
  WorkloadType,
} from "../../api/types.ts";
import { DEFAULT_MEMORY } from "../../engine/pages.ts";
import { grouped } from "../../output/format.ts";
import { KERNEL_RCU } from "../../scenario/defaults.ts";
import { presetStrategy } from "../../scenario/strategies.ts";
import type { RowKind } from "../kind.ts";
import { metricOf } from "../rules.ts";
import { MEASURED_MUNMAP } from "./munmap.ts";
import { nearestKernel, type RealKernel } from "./real-kernel.ts";

/** The name under which a profile of the user's machine is asked for; the package has none. */
export const WALL_CLOCK_PROFILE = "wall-clock";

const HZ = 250;
const KERNEL_CHOICE = {
  objects_per_slab: -1,
  slab_order: -1,
  cpu_partial_slabs: -1,
  min_partial: -1,
};

/** One CPU, as the measuring program is pinned to one; caches with the sizes of common kernels. */
export function wallClockMachine({ generation, sheaf_capacity }: RealKernel): MachineConfig {
  const newer = generation === "7.2";
  return {
    generation,
    cpus: 1,
    hz: HZ,
    preempt: newer ? "lazy" : "voluntary",
    tick_phase_ns: 0,
    exit_cpu: 0,
    rcu: { ...KERNEL_RCU },
    rcu_nocbs: [],
    slab: {
      vm_area_struct: { object_bytes: newer ? 192 : 176, ...KERNEL_CHOICE },
      vma_lock: { object_bytes: 40, ...KERNEL_CHOICE },
      sheaf_capacity,
    },
    memory: { ...DEFAULT_MEMORY, pcp_generation: generation === "7.2" ? "7.2" : "6.12" },
  };
}

/** What of the measuring program a row is about. */
export interface WallClockCase {
  readonly kernel: RealKernel;
  readonly op: "exit" | "munmap";
  readonly vmas: number;
  /** Every page written before. */
  readonly touched: boolean;
}

/** One call for the whole area; the program leaves at once. */
const MUNMAP: MunmapWorkload = {
  ...MEASURED_MUNMAP,
  exit_after_ns: 0,
  max_map_count: 2_147_483_647,
};

/** The run of such a case: the kernel frees VMAs in the way it ships. */
export function wallClockJob(one: WallClockCase, profile: CostProfile): RunJob<WorkloadType> {
  const { kernel, op, vmas, touched } = one;
  const { generation } = kernel;
  const preset = generation === "7.2" ? "typesafe" : "direct";
  const layout = { generate: "alternating", vma_count: vmas, base_process: true } as const;
  const job = {
    machine: wallClockMachine(kernel),
    space: { ...layout, generation, populated: touched ? 1 : 0 },
    strategy: presetStrategy(preset, HZ),
    profile,
    seed: 1n,
    probe_flags: 0,
  };
  return op === "munmap" ? { ...job, workload: MUNMAP } : job;
}

export const wallClockKind: RowKind = {
  name: "wall-clock",
  title: "exit or munmap of one process on a real machine, timed from outside",
  columns: ["n", "op", "populate", "exit_wait_ns"],
  repeats: "typical",
  pace: (record) => ({
    round: ["rep", "machine", "date"].map((column) => record.word(column)).join(" "),
    work_ns: record.figure("build_ns_per_call"),
  }),
  wall_clock: true,
  rules: [
    {
      name: "exit_wait_ns",
      comparison: "relative",
      claimed: true,
      applies: (record) => record.word("op") === "exit",
      simulated: ([run]) => metricOf(run!, "user_wait_latency_ns"),
    },
    {
      name: "munmap_ns",
      comparison: "relative",
      claimed: true,
      applies: (record) => record.word("op") === "munmap",
      simulated: ([run]) => (run!.metrics as MunmapMetrics).user_munmap_latency_ns,
    },
  ],
  plan: (record, context) => {
    const reasons: string[] = [];
    const op = record.word("op");
    const vmas = record.needed("n");
    const populate = record.needed("populate");
    if (op !== "exit" && op !== "munmap") {
      reasons.push(`operation ${op || "unknown"} is not modelled on a real machine`);
    }
    if (populate > 1) reasons.push(`populate ${populate} is neither 0 nor 1`);
    if (vmas < 1) reasons.push("no VMA");
    const profile = context.profile(WALL_CLOCK_PROFILE);
    if (profile === undefined) {
      reasons.push("costs of the measured machine are needed: --profile FILE, made by calibrate");
    }
    if (reasons.length > 0 || profile === undefined) return { reasons };
    const kernel = nearestKernel(record.word("kernel"), profile);
    if (kernel === undefined) {
      return { reasons: [`kernel ${record.word("kernel")} is no version number`] };
    }
    const touched = populate === 1;
    const one = { kernel, op: op === "exit" ? op : "munmap", vmas, touched } as const;
    return {
      what: `${op}, ${grouped(vmas)}${touched ? " touched" : ""} VMAs`,
      key: `${op} ${vmas} ${populate} ${JSON.stringify(kernel)}`,
      jobs: [wallClockJob(one, profile)],
    };
  },
};

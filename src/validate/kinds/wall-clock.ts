// Exits timed from outside on a real machine: what `measure` writes. Repeats are noisy, so the
// fastest counts: whatever disturbs a run makes it slower.

import type { MachineConfig } from "../../api/types.ts";
import { grouped } from "../../output/format.ts";
import { KERNEL_RCU } from "../../scenario/defaults.ts";
import { presetStrategy } from "../../scenario/strategies.ts";
import type { RowKind } from "../kind.ts";
import { metricOf } from "../rules.ts";

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
export function wallClockMachine(generation: MachineConfig["generation"]): MachineConfig {
  return {
    generation,
    cpus: 1,
    hz: HZ,
    preempt: "voluntary",
    tick_phase_ns: 0,
    exit_cpu: 0,
    rcu: { ...KERNEL_RCU },
    rcu_nocbs: [],
    slab: {
      vm_area_struct: { object_bytes: 176, ...KERNEL_CHOICE },
      vma_lock: { object_bytes: 40, ...KERNEL_CHOICE },
    },
  };
}

export const wallClockKind: RowKind = {
  name: "wall-clock",
  title: "exit of one process on a real machine, timed from outside",
  columns: ["n", "op", "populate", "exit_wait_ns"],
  repeats: "minimum",
  wall_clock: true,
  rules: [
    {
      name: "exit_wait_ns",
      comparison: "relative",
      claimed: true,
      simulated: ([run]) => metricOf(run!, "user_wait_latency_ns"),
    },
  ],
  plan: (record, context) => {
    const reasons: string[] = [];
    const op = record.word("op");
    const n = record.needed("n");
    if (op !== "exit")
      reasons.push(`operation ${op || "unknown"} is not modelled on a real machine`);
    if (record.needed("populate") !== 0) {
      reasons.push("clearing and freeing real pages has no wall-clock cost");
    }
    if (n < 1) reasons.push("no VMA");
    const profile = context.profile(WALL_CLOCK_PROFILE);
    if (profile === undefined) {
      reasons.push("costs of the measured machine are needed: --profile FILE, made by calibrate");
    }
    const direct = presetStrategy("direct", HZ);
    if (reasons.length > 0 || profile === undefined || "hint" in direct) return { reasons };
    return {
      what: `exit, ${grouped(n)} VMAs`,
      key: String(n),
      jobs: [
        {
          machine: wallClockMachine("6.12"),
          space: { generate: "alternating", vma_count: n, base_process: true },
          strategy: direct.strategy,
          profile,
          seed: 1n,
          probe_flags: 0,
        },
      ],
    };
  },
};

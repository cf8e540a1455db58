// What the engine benchmarks run: one CPU of Linux 6.12 and an address space of the wanted kind.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunSpec } from "../../src/api/types.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { parseProfile } from "../../src/profile/profile.ts";
import { KERNEL_RCU } from "../../src/scenario/defaults.ts";
import { presetStrategy } from "../../src/scenario/strategies.ts";

const FILE = "profiles/icount-6.12.json";
const HZ = 250;
const profile = parseProfile(readFileSync(join(process.cwd(), FILE), "utf8"), FILE);
const GEOMETRY = { objects_per_slab: -1, slab_order: -1, cpu_partial_slabs: -1, min_partial: -1 };

/** A run of the preset `strategy` over `space` on `cpus` CPUs. */
export function benchSpec(space: AddressSpace, strategy: string, cpus = 1): RunSpec {
  return {
    machine: {
      generation: "6.12",
      cpus,
      hz: HZ,
      preempt: "voluntary",
      tick_phase_ns: 1_000_000,
      exit_cpu: 0,
      rcu: KERNEL_RCU,
      slab: {
        vm_area_struct: { object_bytes: 176, ...GEOMETRY },
        vma_lock: { object_bytes: 40, ...GEOMETRY },
      },
    },
    space,
    strategy: presetStrategy(strategy, HZ),
    profile,
    seed: 1n,
    probe_flags: 0,
  };
}

// Specifications of runs with defaults, and one way to run them to the end.

import { readFileSync } from "node:fs";
import type {
  CostProfile,
  FreePolicy,
  MachineConfig,
  MunmapWorkload,
  RcuTunables,
  RunResult,
  RunSpec,
  SlabGeometry,
} from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { AddressSpace, VmaColumns } from "../../src/input/address-space.ts";
import { contiguous } from "../../src/input/generate.ts";
import { KERNEL_RCU } from "../../src/scenario/defaults.ts";
import { MEASURED_MUNMAP } from "../../src/validate/kinds/munmap.ts";

export const PROFILE = JSON.parse(readFileSync("profiles/icount-6.12.json", "utf8")) as CostProfile;

/** What the kernel computes for itself. */
export function geometry(object_bytes: number): SlabGeometry {
  return {
    object_bytes,
    objects_per_slab: -1,
    slab_order: -1,
    cpu_partial_slabs: -1,
    min_partial: -1,
  };
}

/** The slabs of the kernel that was measured: 28 VMAs and 102 locks to a page. */
export const MEASURED_SLABS: MachineConfig["slab"] = {
  vm_area_struct: { ...geometry(144), objects_per_slab: 28, slab_order: 0 },
  vma_lock: { ...geometry(40), objects_per_slab: 102, slab_order: 0 },
};

export const DIRECT: FreePolicy = { collect: "none", drain: { when: "end" }, release: "direct" };
export const CALL_RCU: FreePolicy = { ...DIRECT, release: "call-rcu" };
export const SINGLE: FreePolicy = { ...CALL_RCU, collect: "private-list" };

/** A list on the mm that is handed over when it is longer than `vmas`. */
export function batch(vmas: number): FreePolicy {
  return { collect: "mm-list", drain: { when: "size-over", vmas }, release: "call-rcu" };
}

/** A list on the mm that a free hands over when the last time is more than `jiffies` ago. */
export function throttle(jiffies: number): FreePolicy {
  return { collect: "mm-list", drain: { when: "interval", jiffies }, release: "call-rcu" };
}

/** One munmap over all there is, and the exit ten milliseconds later. */
export const WHOLE_MUNMAP: MunmapWorkload = {
  ...MEASURED_MUNMAP,
  exit_after_ns: 10_000_000,
  max_map_count: 1000,
};

export interface SpecParts {
  readonly space?: AddressSpace;
  readonly exit?: FreePolicy;
  readonly rcu?: Partial<RcuTunables>;
  readonly machine?: Partial<Omit<MachineConfig, "rcu">>;
  readonly profile?: CostProfile;
  readonly probe_flags?: number;
  readonly seed?: bigint;
}

/** One CPU, HZ=250, the measured slabs, 1,000 contiguous VMAs freed directly, unless said otherwise. */
export function spec(parts: SpecParts = {}): RunSpec {
  return {
    machine: {
      generation: "6.12",
      cpus: 1,
      hz: 250,
      preempt: "voluntary",
      tick_phase_ns: 1_000_000,
      exit_cpu: 0,
      slab: MEASURED_SLABS,
      ...parts.machine,
      rcu: { ...KERNEL_RCU, ...parts.rcu },
    },
    space: parts.space ?? contiguous(1000),
    strategy: { name: "test", exit: parts.exit ?? DIRECT },
    profile: parts.profile ?? PROFILE,
    seed: parts.seed ?? 1n,
    probe_flags: parts.probe_flags ?? 0,
  };
}

/** Few exits of these tests take twenty seconds: another one that does has lost its way. */
export const SIM_NS_MAX = 2e10;

/** Runs a specification to its end. */
export function simulateNow(
  wanted: RunSpec,
  module?: WebAssembly.Module,
  sim_ns_max = SIM_NS_MAX,
): RunResult {
  const engine = Engine.create(wanted, module === undefined ? {} : { module });
  for (const _ of engine.loadChunks());
  while (!engine.runSlice()) {
    if (engine.progress().sim_ns > sim_ns_max) throw new Error("the machine does not come to rest");
  }
  const result = engine.result();
  engine.release();
  return result;
}

/** An address space of given VMAs: [first page, pages, flags]. */
export function listed(
  vmas: readonly (readonly [number, number, number])[],
  says = vmas.length,
): AddressSpace {
  const column = (at: 0 | 1 | 2): number[] => vmas.map((vma) => vma[at]);
  const columns: VmaColumns = {
    length: vmas.length,
    start_page: Float64Array.from(column(0)),
    page_count: Float64Array.from(column(1)),
    flags: Uint32Array.from(column(2)),
  };
  return {
    origin: `${vmas.length} VMAs by hand`,
    vma_count: says,
    chunks: () => (vmas.length === 0 ? [] : [columns]),
  };
}

/** The profile with some costs set, in picoseconds. */
export function withCosts(
  costs: Readonly<Record<string, number>>,
  profile: CostProfile = PROFILE,
): CostProfile {
  const changed = Object.entries(costs).map(([name, ps]) => [name, { ps, source: "test" }]);
  return { ...profile, costs: { ...profile.costs, ...Object.fromEntries(changed) } };
}

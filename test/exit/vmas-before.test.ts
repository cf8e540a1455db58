// VMAs that others allocated and freed before the exit: what they leave in the caches is what the VMAs of the
// process meet. A CPU of 7.2 keeps 720 of them:
//
//   nothing freed before   main 60, spare 60, barn 10 * 60 are empty: 720 VMAs of the process stay in them
//   720 freed before       they are full: every VMA of the process goes back to its slab

import { describe, expect, it } from "vitest";
import type { FreePolicy, MachineConfig, RunMetrics } from "../../src/api/types.ts";
import { contiguous } from "../../src/input/generate.ts";
import { DIRECT, geometry, MEASURED_SLABS, simulateNow, spec } from "../engine/spec.ts";

const TYPESAFE: FreePolicy = { ...DIRECT, release: "typesafe" };
/** Objects of 192 bytes in a slab of one page. */
const PER_SLAB = 21;
/** Sheaves and barn of one CPU. */
const KEPT = 720;
/** The waiting parent has VMAs too: 12 before those of the process in the same slabs. */
const PARENT = 12;

function exitOf72(vmas: number, vmas_freed_before: number): RunMetrics {
  const slab: MachineConfig["slab"] = {
    vm_area_struct: { ...geometry(192), objects_per_slab: PER_SLAB, slab_order: 0 },
    vma_lock: geometry(40),
    vmas_freed_before,
  };
  const machine = { generation: "7.2", preempt: "lazy", slab } as const;
  const parts = { space: contiguous(vmas), exit: TYPESAFE, machine };
  return simulateNow(spec(parts)).metrics;
}

describe("an exit of 7.2 after VMAs that others freed", () => {
  it.each([300, KEPT - 1])("keeps all of %i VMAs where nothing was freed before", (vmas) => {
    expect(exitOf72(vmas, 0).slab_pages_rcu).toBe(0);
  });

  it.each([300, KEPT - 1, 5000])(
    "gives all slabs of %i VMAs back where sheaves are full",
    (vmas) => {
      const full = Math.floor((PARENT + vmas) / PER_SLAB);
      for (const before of [KEPT, 20_000]) {
        const pages = exitOf72(vmas, before).slab_pages_rcu;
        // but the one shared with the parent, the one with those before, and min_partial 5 on the node
        expect(pages).toBeGreaterThanOrEqual(full - 1 - 5);
        expect(pages).toBeLessThanOrEqual(full + 1);
      }
    },
  );

  it("pays for every slab: the loop takes longer, nothing before it does", () => {
    const kept = exitOf72(KEPT - 1, 0);
    const given = exitOf72(KEPT - 1, 20_000);
    expect(given.loop_start_ns).toBe(kept.loop_start_ns);
    expect(given.loop_ns).toBeGreaterThan(kept.loop_ns);
  });

  it("counts no slab of the others as given back by the process", () => {
    expect(exitOf72(1, 20_000).vma_slabs_discarded).toBe(0);
  });
});

it("an exit of 6.12 finds partial slabs on the CPU, and gives more of its own back", () => {
  const slabs = (vmas_freed_before: number) =>
    simulateNow(spec({ machine: { slab: { ...MEASURED_SLABS, vmas_freed_before } } })).metrics
      .vma_slabs_discarded;
  expect(slabs(20_000)).toBeGreaterThan(slabs(0));
});

// What destroying the side tree of a munmap does to slabs on 7.2, counted through prices, one at a time. Boots of
// 7.2.13 of our own, counted in __mt_destroy: nodes, those that no sheaf took, runs of __slab_free, slabs
// given back.

import { describe, expect, it } from "vitest";
import type { MunmapWorkload } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { alternating } from "../../src/input/generate.ts";
import { readProfile } from "../../src/scenario/files.ts";
import {
  CALL_RCU,
  DIRECT,
  listed,
  type SpecParts,
  spec,
  WHOLE_MUNMAP,
  withCosts,
} from "../engine/spec.ts";

const PROFILE_72 = await readProfile("icount-7.2");
const TYPESAFE = { ...DIRECT, release: "typesafe" } as const;
type Machine = NonNullable<SpecParts["machine"]>;

function munmap(vmas: number, costs: Record<string, number>, machine: Machine = {}) {
  const base = spec({
    space: alternating(vmas),
    exit: TYPESAFE,
    profile: withCosts(costs, PROFILE_72),
    machine: { generation: "7.2", preempt: "lazy", hrtick: true, ...machine },
  });
  const strategy = { name: "test", exit: TYPESAFE, munmap: TYPESAFE };
  const engine = Engine.create<"munmap">({ ...base, strategy, workload: WHOLE_MUNMAP });
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return engine.result().metrics;
}

const THINGS = ["walk", "to_slab", "group", "slab_gone"] as const;

/** How often each thing happens; times before it are the kernel's. */
function counts(vmas: number, machine: Machine = {}) {
  const count = (thing: string): number => {
    const costs = THINGS.map((one) => [`mt_destroy_${one}`, one === thing ? 1000 : 0]);
    return munmap(vmas, Object.fromEntries(costs), machine).mt_destroy_ns;
  };
  const [nodes, to_slabs, slow, gone] = THINGS.map(count) as [number, number, number, number];
  return { nodes, to_slabs, slow, gone };
}

function near(a: number, b: number, within: number): void {
  expect(Math.abs(a - b), `${a} is near ${b}`).toBeLessThanOrEqual(within);
}

describe("the side tree of 7.2", () => {
  it.each([
    { vmas: 1000, nodes: 73, to_slabs: 88, slow: 58, gone: 1 },
    { vmas: 2000, nodes: 144, to_slabs: 161, slow: 115, gone: 2 },
    { vmas: 3000, nodes: 215, to_slabs: 198, slow: 157, gone: 0 },
    { vmas: 10_000, nodes: 716, to_slabs: 735, slow: 656, gone: 177 },
  ])("of $vmas VMAs goes as it was counted", ({ vmas, ...boot }) => {
    const here = counts(vmas);
    near(here.nodes, boot.nodes, 1);
    near(here.to_slabs, boot.to_slabs, 20);
    near(here.slow, boot.slow, 15);
    near(here.gone, boot.gone, 3 + boot.gone / 12);
  });

  // boots of 6,000 have 143 slabs that go, of 7,000 and 8,000 five and one
  //
  //   gather |=======================| clear | unmap | remove | destroy
  //   the main tree's nodes           ^ to RCU .......... back ?        back ?
  it("empties slabs when the main tree's nodes are back before, and few otherwise", () => {
    const gone = Array.from({ length: 8 }, (_, phase) => {
      const machine = { tick_phase_ns: phase * 500_000 };
      const costs = THINGS.map((one) => [`mt_destroy_${one}`, one === "slab_gone" ? 1000 : 0]);
      return munmap(7000, Object.fromEntries(costs), machine).mt_destroy_ns % 1_000_000;
    });
    expect(Math.min(...gone)).toBeLessThan(20);
    expect(Math.max(...gone)).toBeGreaterThan(120);
  });

  it("fits in what the CPU's two sheaves have room for, or does not", () => {
    const room = (main: number) => counts(420, { node_sheaves: [main, 29, 27] }).to_slabs;
    const all = [0, 5, 10, 15, 20, 25, 30].map(room);
    expect(Math.min(...all)).toBe(0);
    expect(Math.max(...all)).toBeGreaterThan(20);
  });

  it("has as many nodes where VMAs are made so fast that one stands for several", () => {
    const nodes = (vma_made: number) => {
      const costs = THINGS.map((one) => [`mt_destroy_${one}`, one === "walk" ? 1000 : 0]);
      return munmap(40_000, { ...Object.fromEntries(costs), vma_made, tick: 0 }).mt_destroy_ns;
    };
    near(nodes(400_000) / nodes(3_457_400), 1, 0.002);
  });
});

describe("a sheaf of replaced nodes that comes back", () => {
  // boots: 174 sheaves of 10,000 VMAs; 7.2 slow frees each, offloaded 11.6
  const slow = (machine: Machine) => {
    const [one, two] = [0, 1e6].map((ps) =>
      munmap(10_000, { rcu_sheaf_slow_free: ps, rcu_sheaf_callback: 0 }, machine),
    );
    return (two!.rcu_batch_cpu_ns - one!.rcu_batch_cpu_ns) / 1000 / 174;
  };

  it("goes to its slabs in few frees, in more where it comes back within a slice", () => {
    near(slow({}), 7.2, 1.2);
    near(slow({ rcu_nocbs: [0] }), 11.6, 2);
  });
});

/** A process that makes these calls, and exits. */
function unmapped(
  space: AddressSpace,
  generation: "6.12" | "7.2",
  ranges: NonNullable<MunmapWorkload["ranges"]>,
) {
  const policy = generation === "7.2" ? TYPESAFE : CALL_RCU;
  const machine = { generation, tick_phase_ns: 0 };
  const given = {
    space,
    exit: policy,
    machine,
    ...(policy === TYPESAFE && { profile: PROFILE_72 }),
  };
  const strategy = { name: "test", exit: policy, munmap: policy };
  const workload = { ...WHOLE_MUNMAP, max_map_count: 100_000, ranges };
  const engine = Engine.create<"munmap">({ ...spec(given), strategy, workload });
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return engine.result().metrics;
}

describe("a process of few VMAs that munmap cuts into many", () => {
  const PAGES = 9_001;
  const one_area = listed([[1000, PAGES, 3]]);
  const holes = Array.from({ length: 3000 }, (_, i) => ({
    start_page: 1001 + 3 * i,
    page_count: 1,
  }));
  const whole = { start_page: 1000, page_count: PAGES };

  //   ┌──────────────────────┐      ┌┐_┌─┐_┌─┐_┌─┐_┌─┐
  //   └──────────────────────┘  ──▶ └┘ └─┘ └─┘ └─┘ └─┘   3,001 VMAs, in one call or by exit
  it.each(["6.12", "7.2"] as const)("has room for the nodes of all of them (%s)", (generation) => {
    expect(unmapped(one_area, generation, holes).n_vma).toBe(3000);
    expect(unmapped(one_area, generation, [...holes, whole]).n_vma).toBe(6001);
  });

  it("has what waits for RCU make room where calls replace more nodes than are planned", () => {
    const many = listed(
      Array.from({ length: 45_000 }, (_, i) => [1000 + i, 1, i % 2 === 0 ? 3 : 7]),
    );
    const calls = Array.from({ length: 45 }, (_, i) => ({
      start_page: 1000 * i + 1000,
      page_count: 990,
    }));
    expect(unmapped(many, "7.2", calls).n_vma).toBe(45 * 990);
  });
});

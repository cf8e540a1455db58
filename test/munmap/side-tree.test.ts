// What destroying the side tree of a munmap costs on 7.2: where its nodes lie when they are given back.

import { describe, expect, it } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { alternating } from "../../src/input/generate.ts";
import { DIRECT, PROFILE, spec, WHOLE_MUNMAP, withCosts } from "../engine/spec.ts";

const NOTHING = Object.fromEntries(Object.keys(PROFILE.costs).map((name) => [name, 0]));
const TYPESAFE = { ...DIRECT, release: "typesafe" } as const;

/** Nanoseconds that __mt_destroy takes where each VMA takes so many to gather. */
function destroyed(gather_ns: number, vmas = 600): number {
  const profile = withCosts({
    ...NOTHING,
    munmap_gather_vma: gather_ns * 1000,
    munmap_destroy_node: 1e3,
    mt_destroy_walk: 1,
    mt_destroy_early_node: 1e6,
    mt_destroy_fixed: 1e12,
  });
  const machine = { generation: "7.2", preempt: "lazy" } as const;
  const base = spec({ space: alternating(vmas), exit: TYPESAFE, profile, machine });
  const strategy = { name: "test", exit: TYPESAFE, munmap: TYPESAFE };
  const engine = Engine.create<"munmap">({ ...base, strategy, workload: WHOLE_MUNMAP });
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return engine.result().metrics.mt_destroy_ns;
}

describe("the side tree of 7.2", () => {
  const NODES = 46; // 40 leaves of 15 entries, up to 10 to a node above, and the root

  // gather |=====|            2 ms, then destroyed: the first replaced nodes wait for a grace period
  it("lies dense when it is whole before a replaced node has come back", () => {
    expect(destroyed(3_000)).toBe(NODES);
  });

  //            ticks  0     4     8     12    16    20 ms
  // gather            |===================||==========|
  //  replaced nodes   ^ a sheaf is full    ^ is back: new nodes lie among old ones from here on
  it("lies scattered from where the first ones have", () => {
    const scattered = (destroyed(30_000) - NODES) / 1000;
    expect(scattered).toBeGreaterThan(0);
    expect(scattered).toBeLessThan(NODES / 2);
    expect((destroyed(120_000) - NODES) / 1000).toBeGreaterThan(NODES / 2);
  });

  it("touches no slab when all its nodes fit in the CPU's sheaf of 32", () => {
    expect(destroyed(120_000, 28 * 15)).toBeLessThan(1); // 28 leaves, 3 nodes above, the root
    expect(destroyed(120_000, 29 * 15)).toBeGreaterThan(33);
  });
});

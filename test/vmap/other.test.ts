// What else a kernel does that has just booted: a task that unpacks a file system beside the tests and
// has everything purged in its end, and areas that nobody has purged.

import { describe, expect, it } from "vitest";
import { type Given, runVmalloc } from "./run.ts";

const BUSY = { nodes: 1, run_test_mask: 1, test_loop_count: 20_000 };
const VOLUNTARY = { generation: "6.12", preempt: "voluntary" };

async function run(given: Given) {
  return (await runVmalloc({ machine: VOLUNTARY, ...BUSY, ...given })).metrics;
}

describe("a task beside the tests", () => {
  it("has its two purges in its end: the second finds nothing", async () => {
    // nothing would be purged without it: 8,000 areas are below the limit of a CPU
    const below = { lazy_max_pages: 1_000_000, other_work: "8540us" };
    const { purge_runs, purge_runs_empty } = await run(below);
    expect([purge_runs, purge_runs_empty]).toEqual([2, 1]);
  });

  it("has them apart if it is told so: the tests have freed areas meanwhile", async () => {
    const apart = { lazy_max_pages: 1_000_000, other_work: "12300us", other_purge_gap: "6150us" };
    const { purge_runs, purge_runs_empty, areas_per_purge_max, areas_purged } = await run(apart);
    expect([purge_runs, purge_runs_empty]).toEqual([2, 0]);
    expect(areas_per_purge_max).toBeLessThan(areas_purged);
  });

  it("lets nobody in within 32 KiB: it outlasts the ticks that end its turns", async () => {
    // 8 ms of the tests' own, with ticks at 1, 5, 9, ... ms: turns of 1, 4 and 3 ms, two of 4 ms between
    const given = {
      only_costs: { vmalloc: 2000 },
      lazy_max_pages: 1_000_000,
      test_loop_count: 4000,
    };
    const total = async (preempt: string) => {
      const machine = { ...VOLUNTARY, preempt, tick_phase: "1ms" };
      return (await run({ ...given, machine, other_work: "12300us" })).total_ns;
    };
    expect(await total("full")).toBe(16_000_000);
    // two turns of seven pieces
    expect(await total("voluntary")).toBe(8_000_000 + 14 * 610_000);
  });
});

describe("a task that is ahead of the thread", () => {
  it("has its turn later: the thread is owed what it lacks", async () => {
    // what the other purges in its end tells how much the thread had run by then
    const given = { lazy_max_pages: 1_000_000, other_work: "8540us", test_loop_count: 14_000 };
    const freedBefore = async (other_ahead: string) =>
      (await run({ ...given, other_ahead, only_costs: { vmalloc: 2000 } })).areas_purged;
    const even = await freedBefore("0ns");
    const ahead = await freedBefore("6ms");
    expect(ahead).toBeGreaterThan(even + 1000);
  });
});

describe("areas that boot has freed", () => {
  it("are purged with the first of the tests', of which so many fewer are lazy", async () => {
    const none = await run({ test_loop_count: 4200 });
    const some = await run({ test_loop_count: 4200, boot_lazy_areas: 2 });
    expect(none.areas_purged).toBe(4097);
    // two and three pages are lazy already: 4,094 areas of two pages pass 8,192
    expect(some.areas_purged).toBe(4094 + 2);
    expect(some.pages_purged).toBe(4094 * 2 + 5);
    expect(some.lazy_peak_pages).toBe(8193);
  });

  it.each(["2019-before", "vmap-nodes"])("are there in generation %s", async (generation) => {
    const given = { generation, boot_lazy_areas: 3, test_loop_count: 10, nodes: -1 };
    const { lazy_end_pages } = await run(given);
    expect(lazy_end_pages).toBe(2 + 3 + 4 + 20);
  });
});

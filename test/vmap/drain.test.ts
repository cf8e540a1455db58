// Who lets the drain work run, when, and for how long: preemption models, the slice timer, and what
// a worker is owed (kernel-facts 7.3, 7.4).

import { describe, expect, it } from "vitest";
import { type Given, runVmalloc } from "./run.ts";

const FIX_SIZE = { run_test_mask: 1, test_loop_count: 10_000 };

async function run(machine: Record<string, unknown>, rest: Given = {}) {
  return (await runVmalloc({ machine, ...FIX_SIZE, ...rest })).metrics;
}

describe("drain work", () => {
  it("of 7.2 waits for a whole slice of the thread that frees: its wake is lazy", async () => {
    const once = { test_loop_count: 5000 };
    const { drain_work_delay_ns_max, lazy_peak_pages } = await run({ generation: "7.2" }, once);
    expect(drain_work_delay_ns_max).toBeGreaterThan(700_000);
    expect(drain_work_delay_ns_max).toBeLessThan(710_000);
    expect(lazy_peak_pages).toBeGreaterThan(8194 + 300); // freed meanwhile
  });

  it("of 7.2 is asked for once more by a free that lost the CPU after its count, if one did", async () => {
    // what is freed after the first purge never passes the limit
    const runs: number[] = [];
    for (let pages = 1; pages <= 8; pages++) {
      const test_loop_count = Math.floor((1.8 * 8192) / (pages + 1));
      const given = { nr_pages: pages, test_loop_count };
      runs.push((await run({ generation: "7.2" }, given)).purge_runs);
    }
    expect(Math.min(...runs)).toBe(1);
    expect(Math.max(...runs)).toBe(2);
  });

  it("of 7.2 begins later by as much as the timer that ends the slice is late", async () => {
    const once = { test_loop_count: 5000 };
    const delay = async (hrtick_latency: string) =>
      (await run({ generation: "7.2", hrtick_latency }, once)).drain_work_delay_ns_max;
    expect(Math.abs((await delay("20us")) - (await delay("0ns")) - 20_000)).toBeLessThan(3000);
  });

  it("of 6.12, voluntary, begins at the next cond_resched(), microseconds later", async () => {
    const { drain_work_delay_ns_max, lazy_peak_pages } = await run({ preempt: "voluntary" });
    expect(drain_work_delay_ns_max).toBeLessThan(5_000);
    expect(lazy_peak_pages).toBe(8194);
  });
});

describe("a purge of 1.5 ms", () => {
  const ratio = (metrics: { purge_wall_ns_sum: number; purge_cpu_ns_sum: number }) =>
    metrics.purge_wall_ns_sum / metrics.purge_cpu_ns_sum;

  it("makes way in 7.2 when its slice is over, unless its worker is owed more", async () => {
    const machine = { generation: "7.2" };
    const owedNothing = await run(machine);
    const owedTwoSlices = await run({ ...machine, kworker_lag: "1400us" });
    expect(ratio(owedNothing)).toBeGreaterThan(1.5);
    expect(ratio(owedTwoSlices)).toBeLessThan(1.01);
  });

  it("is not preempted in a voluntary kernel: there is no cond_resched() in it", async () => {
    const longer = { run_test_mask: 2 }; // purges that no tick misses
    expect(ratio(await run({ preempt: "voluntary" }, longer))).toBeLessThan(1.01);
    expect(ratio(await run({ preempt: "full" }, longer))).toBeGreaterThan(1.2);
  });
});

describe("a purge that returns areas one by one in one hold", () => {
  // 24,577 areas: longer than the slice and than a tick
  const given = { nodes: 1, yield: "never", lazy_max_pages: 49_152, test_loop_count: 30_000 };

  it("is preempted where it lets go of the lock, still inside the purge", async () => {
    const { purge_wall_ns_max, merge_under_lock_ns_max } = await run({ preempt: "full" }, given);
    expect(merge_under_lock_ns_max).toBeGreaterThan(4e6);
    // the thread has the CPU for as long as the hold took, from tick to tick
    expect(purge_wall_ns_max).toBeGreaterThan(1.5 * merge_under_lock_ns_max);
  });

  it("is not in a voluntary kernel", async () => {
    const metrics = await run({ preempt: "voluntary" }, given);
    expect(metrics.purge_wall_ns_max).toBeLessThan(1.02 * metrics.merge_under_lock_ns_max);
  });
});

describe("what counts of purges", () => {
  it("is what was done when the last thread finished, though drain work is still queued", async () => {
    // the test ends 0.2 ms behind the free that queued the drain, which waits 0.7 ms
    const metrics = await run({ generation: "7.2" }, { test_loop_count: 4097 + 50 });
    expect(metrics.areas_purged).toBe(0);
    expect(metrics.lazy_end_pages).toBe(0); // it ran all the same, later
  });

  it("is everything where the last thread purges in the end", async () => {
    for (const threads of [1, 4]) {
      const metrics = await run({ cpus: 4 }, { threads, final_purge: true });
      expect(metrics.areas_purged).toBe(threads * 10_000);
      expect(metrics.lazy_end_pages).toBe(0);
    }
  });
});

describe("pools of fewer than four areas", () => {
  /** Some 160 areas of 1 to 100 pages lie in their pools after a purge, two of each size. */
  const sizes = { nodes: 8, run_test_mask: 8, test_loop_count: 3000, final_purge: true };
  const decayed = async (generation: string) =>
    (await run({ generation }, { ...sizes, only_costs: { vmalloc: 50_000, vmap_decay_area: 1 } }))
      .pool_decay_ns_sum;

  it("are emptied by the next purge of 6.12, and stay in 7.2", async () => {
    const all = await decayed("6.12");
    expect(all).toBeGreaterThan(300);
    expect(await decayed("7.2")).toBeLessThan(0.2 * all);
  });
});

// The story of January 2019 as ready scenarios: what each claims, asserted.

import { describe, expect, it } from "vitest";
import type { LoadSpec } from "../../src/api/types.ts";
import type { VmallocMetrics } from "../../src/api/vmalloc.ts";
import { ready } from "./ready.ts";
import { runVmalloc } from "./run.ts";

describe("on 8 CPUs", () => {
  it("a purge that yields at every area is overrun; the threshold bounds what is lazy", async () => {
    const before = await ready("before-the-threshold");
    const after = await ready("with-the-threshold");
    expect(before.lazy_peak_over_max).toBeGreaterThan(10);
    expect(after.lazy_peak_over_max).toBeLessThan(4);
    expect(after.lazy_peak_over_max).toBeGreaterThan(2);
    expect(after.purge_wall_ns_max).toBeLessThan(before.purge_wall_ns_max / 3);
  }, 60_000);

  it("memory runs out before, and suffices with the threshold", async () => {
    const before = await ready("out-of-memory");
    expect(before.oom).toBe(1);
    expect(before.oom_ns).toBeGreaterThan(0);
    const after = await ready("memory-suffices");
    expect(after.oom).toBe(0);
    expect(after.cases[0]).toMatchObject({ passed: 24, failed: 0 });
    expect(after.used_peak_pages).toBeLessThan(0.6 * before.used_peak_pages);
    expect(after.total_ns).toBeLessThan(0.4 * before.oom_ns);
  });
});

describe("the purge of a full list on the board of the report (kernel-facts 7.1)", () => {
  it("takes 12 ms, of which the range loop 4 to 5; kept on add, the loop is gone", async () => {
    const loop = await ready("purge-of-a-full-list");
    const ms = 1_000_000;
    expect(loop.purge_runs).toBe(1);
    expect(loop.purge_wall_ns_max).toBeGreaterThan(11 * ms);
    expect(loop.purge_wall_ns_max).toBeLessThan(13 * ms);
    expect(loop.range_collect_ns_max).toBeGreaterThan(4 * ms);
    expect(loop.range_collect_ns_max).toBeLessThan(5 * ms);

    const kept = await ready("range-kept-on-add");
    expect(kept.range_collect_ns_max).toBe(0);
    expect(kept.purge_wall_ns_max).toBeLessThan(loop.purge_wall_ns_max - 4 * ms);
    const price = kept.free_noflush_ns_mean_all - loop.free_noflush_ns_mean_all;
    expect(price).toBeGreaterThan(30);
    expect(price).toBeLessThan(60);
  });
});

describe("15,000 held areas", () => {
  const LONG_BUSY_LIST = "long_busy_list_alloc_test";
  const timeOf = (metrics: VmallocMetrics) =>
    metrics.cases.find(({ name }) => name === LONG_BUSY_LIST)!.avg_us;

  it("make the walk along the list slow where there are holes below; the tree does not mind", async () => {
    const walked = await ready("long-busy-list-walked");
    const tree = await ready("long-busy-list-tree");
    // reported: 55.9 / 15.0 s = 3.7, and 6.3 to 23 on the HiKey 960
    expect(timeOf(walked)).toBeGreaterThan(2.5 * timeOf(tree));
    expect(timeOf(walked)).toBeLessThan(25 * timeOf(tree));
    expect(walked.areas_passed).toBeGreaterThan(100 * 15_000);
    expect(tree.areas_passed).toBe(0);
  }, 60_000);

  it("cost the list nothing without such holes, whatever the threshold", async () => {
    const given = { machine: { cpus: 8, preempt: "full" }, run_test_mask: 4, test_loop_count: 500 };
    const before = (await runVmalloc({ ...given, generation: "2019-before" })).metrics;
    const after = (await runVmalloc({ ...given, generation: "2019-threshold" })).metrics;
    expect(before.areas_passed).toBeLessThan(3 * before.alloc_area_calls);
    expect(after.total_ns).toBe(before.total_ns);
  });
});

describe("rules of breaking the lock (kernel-facts 7.1, 7.2)", () => {
  const given = {
    nodes: 1,
    machine: { cpus: 4, preempt: "full" },
    threads: 4,
    run_test_mask: 63,
    test_loop_count: 600,
    lazy_max_pages: 6144,
  };

  it("let the lazy count run when they yield always, and hold the lock long when never", async () => {
    // what a purge meets is chance: the order is that of sums over five orders of tests
    const sums = async (rule: unknown) => {
      let [peak, hold, breaks] = [0, 0, 0];
      for (const seed of [1, 2, 3, 4, 5]) {
        const { metrics } = await runVmalloc({ ...given, seed, yield: rule });
        peak += metrics.lazy_peak_pages;
        hold += metrics.merge_under_lock_ns_max;
        breaks += metrics.lock_breaks;
      }
      return { peak, hold, breaks };
    };
    const every = await sums("every-element");
    const twice = await sums(2);
    const never = await sums("never");
    expect(every.peak).toBeGreaterThan(1.3 * twice.peak);
    expect(every.peak).toBeGreaterThan(1.3 * never.peak);
    // that of twice is not ordered to never's, as measured: 31.7 against 16.4 ms, and 7.8 against 21.8
    expect(every.hold).toBeLessThan(twice.hold);
    expect(every.hold).toBeLessThan(never.hold);
    expect(never.breaks).toBe(0);
    expect(every.breaks).toBeGreaterThan(0);
  });

  it("hold at twice lazy_max_pages: below it the lock is broken, from it on it is kept", async () => {
    const far = (await runVmalloc({ ...given, yield: 1000 })).metrics;
    const every = (await runVmalloc({ ...given, yield: "every-element" })).metrics;
    expect(far.lazy_peak_pages).toBe(every.lazy_peak_pages);
    expect(far.total_ns).toBe(every.total_ns);
  });
});

describe("a drain under load (kernel-facts 7.3)", () => {
  it("takes seconds for some thousand areas where others walk under the lock it lets go of", async () => {
    const { purge_wall_ns_max, areas_per_purge_max } = await ready("drain-under-load");
    expect(purge_wall_ns_max).toBeGreaterThan(2e9);
    expect(areas_per_purge_max).toBeLessThan(20_000);
    // reported: more than 2 s for 2,702 areas, 0.74 ms each
    const each = purge_wall_ns_max / areas_per_purge_max;
    expect(each).toBeGreaterThan(0.1e6);
    expect(each).toBeLessThan(2e6);
  }, 60_000);
});

describe("vmap nodes (kernel-facts 7.4)", () => {
  it("take the one lock out of the way of many CPUs", async () => {
    const one = await ready("one-lock-for-many");
    const many = await ready("nodes-for-many");
    // reported for 64 threads, three cases: 12.8 times
    expect(one.total_ns).toBeGreaterThan(5 * many.total_ns);
    expect(one.lock_wait_ns_sum / one.total_ns).toBeGreaterThan(64 / 4);
    expect(many.alloc_area_pool_hits).toBeGreaterThan(many.alloc_area_calls / 3);
    expect(one.alloc_area_pool_hits).toBe(0);
  });

  it("gain more the more CPUs there are", async () => {
    const gain = async (cpus: number) => {
      const given = { machine: { cpus }, threads: cpus, run_test_mask: 1, test_loop_count: 3000 };
      const [one, many] = [await runVmalloc({ ...given, nodes: 1 }), await runVmalloc(given)];
      return one.metrics.total_ns / many.metrics.total_ns;
    };
    const gains: number[] = [];
    for (const cpus of [1, 4, 16, 64]) gains.push(await gain(cpus));
    expect(gains[0]).toBe(1); // one node is all there is
    for (let i = 1; i < gains.length; i++) expect(gains[i]).toBeGreaterThan(gains[i - 1]!);
  });

  it("keep up to three areas a pool through any number of purges", async () => {
    // A quarter of three areas is none: what one area a size leaves in the pools stays there.
    const given = { machine: { cpus: 2 }, run_test_mask: 1, test_loop_count: 30_000, nodes: 2 };
    const { metrics } = await runVmalloc(given);
    expect(metrics.purge_runs).toBeGreaterThan(1);
    expect(metrics.alloc_area_pool_hits).toBeGreaterThan(0);
    expect(metrics.areas_purged).toBeLessThanOrEqual(metrics.free_noflush_calls);
  });
});

describe("a run that needs more records of areas than planned", () => {
  it("is refused with both numbers", async () => {
    const given = { run_test_mask: 2, test_loop_count: 10, area_records: 5000 };
    await expect(runVmalloc(given)).rejects.toMatchObject({ needed: 5001, available: 5000 });
  });

  it("is refused the same way where the first search finds none left", async () => {
    // 30 stacks, a block beside each, and two: no more than what lies there before the run
    const given = { run_test_mask: 1, test_loop_count: 10, area_records: 62 };
    await expect(runVmalloc(given)).rejects.toMatchObject({ needed: 63, available: 62 });
  });
});

describe("a run whose threads stop in the middle", () => {
  it("ends with the areas that the case was holding", async () => {
    const given = { run_test_mask: 2, test_loop_count: 10, stop_after: "10ms" };
    const { metrics } = await runVmalloc(given);
    expect(metrics.total_ns).toBeLessThan(11_000_000);
    expect(metrics.used_peak_pages).toBeGreaterThan(1000);
  });

  it("ends beside a bystander, which does so as well", async () => {
    const busy: LoadSpec = {
      ...{ name: "busy", kind: "busy-user", tasks: 1, bound: true, cpus: [0], priority: 0 },
      ...{ work_ns: 0, period_ns: 0 },
    };
    const given = { run_test_mask: 2, test_loop_count: 10, load: [busy] };
    const { metrics } = await runVmalloc({ ...given, stop_after: "10ms" });
    expect(metrics.total_ns).toBeLessThan(25_000_000);
    // as it does where what ends the threads is a limit
    const small = { ...given, run_test_mask: 1, area_records: 62 };
    await expect(runVmalloc(small)).rejects.toMatchObject({ needed: 63, available: 62 });
  });
});

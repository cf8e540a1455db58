// The cases of the kernel's test module: what each allocates, and what its summary says
// (kernel-facts 7.5), and the sizes that follow from the CPUs (7.1, 7.4, 11.2).

import { describe, expect, it } from "vitest";
import { summaryLine } from "../../src/output/vmalloc-text.ts";
import { lazyMaxPages, vmapNodes } from "../../src/scenario/workloads/vmalloc.ts";
import { runVmalloc } from "./run.ts";

describe("lazy_max_pages (kernel-facts 7.1, 11.2)", () => {
  it.each([
    [1, 8192],
    [2, 16_384],
    [3, 16_384],
    [4, 24_576],
    [8, 32_768],
    [64, 57_344],
  ])("of %i CPUs is %i", (cpus, pages) => expect(lazyMaxPages(cpus)).toBe(pages));

  it("is passed by the area that starts a purge, not met", async () => {
    const { metrics } = await runVmalloc({ run_test_mask: 1, test_loop_count: 5000 });
    expect(metrics.lazy_peak_pages).toBe(8194); // 4,097 areas of a page and its guard page
    expect(metrics.purge_runs).toBe(1);
    expect(metrics.areas_purged).toBe(4097);
    expect(metrics.lazy_end_pages).toBe(2 * (5000 - 4097));
  });
});

describe("vmap nodes (kernel-facts 7.4)", () => {
  it.each([
    [1, 1],
    [8, 8],
    [128, 128],
    [256, 128],
  ])("of %i CPUs are %i", (cpus, nodes) => expect(vmapNodes(cpus)).toBe(nodes));
});

describe("the pools of a node (kernel-facts 7.4)", () => {
  const one_cpu = { nodes: 8, run_test_mask: 1 };

  it("are for areas of up to 256 pages, the guard page among them, and get back what left them", async () => {
    const hits = async (nr_pages: number) => {
      const { metrics } = await runVmalloc({ ...one_cpu, nr_pages, test_loop_count: 600 });
      return metrics.alloc_area_pool_hits;
    };
    // areas of all nodes' addresses belong to the one CPU's home: it finds each of them again
    expect(await hits(255)).toBe(600 - (8192 / 256 + 1));
    expect(await hits(256)).toBe(0);
  });

  it("are looked at once an allocation, also where that has to purge and tries again", async () => {
    const only_costs = { vmap_pool_look: 1000 };
    const { metrics } = await runVmalloc({ ...one_cpu, run_test_mask: 64, only_costs });
    expect(metrics.overflow_purges).toBe(2);
    const allocations = metrics.alloc_area_calls + metrics.failed_allocations;
    expect(metrics.test_thread_cpu_ns).toBe(1000 * allocations);
  });

  it("are emptied for an allocation that finds no address, where other purges take a quarter", async () => {
    const decayed = async (run_test_mask: number) => {
      const given = { ...one_cpu, run_test_mask, sequential_test_order: true };
      const only_costs = { vmap_decay_area: 1, vmalloc: 2000 };
      const { metrics } = await runVmalloc({ ...given, test_loop_count: 9000, only_costs });
      return metrics.pool_decay_ns_sum;
    };
    const pooled = 4097;
    expect(await decayed(1)).toBeLessThan(0.3 * pooled);
    expect(await decayed(1 + 64)).toBeGreaterThan(0.7 * pooled);
  });

  it("are filled by one purge alone where little more is lazy than may be: no helper is asked", async () => {
    const only_costs = { queue_work: 1000, vmalloc: 2000 };
    const four = { machine: { cpus: 4 }, threads: 4 };
    const given = { ...one_cpu, ...four, test_loop_count: 10_000, only_costs };
    const { metrics } = await runVmalloc(given);
    expect(metrics.purge_runs).toBeGreaterThan(1);
    expect(metrics.purge_cpu_ns_sum).toBe(0);
  });
});

describe("a page table", () => {
  it("is not there for a guard page", async () => {
    const tables = async (nr_pages: number) => {
      const one = { run_test_mask: 1, nr_pages, test_loop_count: 1, boot_stacks: 0 };
      return (await runVmalloc(one)).metrics.page_table_pages;
    };
    expect(await tables(512)).toBe(1);
    expect(await tables(513)).toBe(2);
  });
});

describe("a case (kernel-facts 7.5)", () => {
  const loops = 300;
  // Calls of the allocator: what the module's source asks for.
  const calls: [number, string, number][] = [
    [1, "fix_size_alloc_test", loops],
    [2, "full_fit_alloc_test", 2 + 2 * 8192 + loops], // two arrays of pointers,
    [4, "long_busy_list_alloc_test", 1 + 15_000 + 2 * loops],
    [8, "random_size_alloc_test", loops],
    [16, "fix_align_alloc_test", loops],
    [32, "random_size_align_alloc_test", loops],
    [256, "kvfree_rcu_1_arg_vmalloc_test", loops],
    [512, "kvfree_rcu_2_arg_vmalloc_test", loops],
    [1024, "vm_map_ram_test", 1],
    [4096, "vrealloc_test", 2 * loops],
  ];

  it.each(calls)("%i, %s, allocates as often as the module", async (mask, name, allocations) => {
    const { metrics } = await runVmalloc({ run_test_mask: mask, test_loop_count: loops });
    expect(metrics.cases.map((one) => one.name)).toEqual([name]);
    expect(metrics.alloc_area_calls).toBe(allocations);
    expect(metrics.cases[0]).toMatchObject({ passed: 1, failed: 0, xfailed: 0 });
    expect(metrics.failed_allocations).toBe(0);
  });

  it("that draws sizes below 100 draws again for 56 of 256 bytes", async () => {
    const random = { test_loop_count: 2000, only_costs: { test_random: 1000 } };
    const { metrics: sizes } = await runVmalloc({ run_test_mask: 8, ...random });
    const draws = sizes.test_thread_cpu_ns / 1000 / 2000;
    expect(draws).toBeGreaterThan(1.22); // 1.28
    expect(draws).toBeLessThan(1.34);
    const { metrics: bytes } = await runVmalloc({ run_test_mask: 32, ...random });
    expect(bytes.test_thread_cpu_ns).toBe(2000 * 1000);
  });

  it("that is a thread's last in its order is timed apart", async () => {
    const order = { run_test_mask: 1 + 4, test_loop_count: loops, sequential_test_order: true };
    const { metrics } = await runVmalloc(order);
    const [first, last] = metrics.cases;
    expect(Math.floor(metrics.last_case_wall_ns_max / 1000)).toBe(last!.max_us);
    expect(last!.max_us).toBeGreaterThan(10 * first!.max_us);
  });

  it("of alignments up to 1 << 63 has no place for 1 << 46, whatever is purged", async () => {
    const { metrics } = await runVmalloc({ run_test_mask: 64, test_loop_count: 1 });
    expect(metrics.cases[0]).toMatchObject({ passed: 0, failed: 0, xfailed: 1 });
    expect(metrics.failed_allocations).toBe(1);
    // the one place for 1 << 45 is lazy, as 1 << 44 lay there: the first purge has all 45 areas,
    expect(metrics.overflow_purges).toBe(2);
    expect(metrics.areas_per_purge_max).toBe(45);
    // the second that for 1 << 45
    expect(metrics.areas_purged).toBe(46);
  });

  it("that fails says so ten times in five seconds, and reports memory once in ten", async () => {
    const failing = { run_test_mask: 64, test_loop_count: 1, test_repeat_count: 13 };
    const took = async (cost: string) => {
      const { metrics } = await runVmalloc({ ...failing, only_costs: { [cost]: 1_000_000 } });
      return metrics.test_thread_cpu_ns;
    };
    expect(await took("vmap_range_full")).toBe(10_000_000);
    expect(await took("warn_alloc")).toBe(1_000_000);
    // a report that takes eleven seconds is the next one's time to come
    const { metrics } = await runVmalloc({ ...failing, only_costs: { warn_alloc: 11e9 } });
    expect(metrics.test_thread_cpu_ns).toBe(13 * 11e9);
  });

  it("that may not block counts as failed when it passes", async () => {
    const { metrics } = await runVmalloc({ run_test_mask: 2048, test_loop_count: loops });
    expect(metrics.cases[0]).toMatchObject({ passed: 0, failed: 1, xfailed: 0 });
  });

  const percpu = async (objects: number, cpus: number) =>
    (
      await runVmalloc({
        ...{ run_test_mask: 128, test_loop_count: 1, nr_pcpu_objects: objects, nodes: 1 },
        machine: { cpus },
      })
    ).metrics;

  it("of 35,000 per-CPU objects leaves 4,486 pages lazy, as a boot of 6.12.117", async () => {
    const { lazy_peak_pages, alloc_area_calls, free_noflush_calls } = await percpu(35_000, 1);
    // nine chunks of 2 MiB but for the spared one, 17, 18 and 5 pages each, and the array of 70
    expect(lazy_peak_pages).toBe(8 * (512 + 17 + 18 + 5) + 70);
    expect(alloc_area_calls).toBe(9 * 4 + 1);
    expect(free_noflush_calls).toBe(8 * 4 + 1);
  });

  // 3,000 objects of 514 bytes are 1.47 MiB; md_blocks of 128 pages fit a page, which kmalloc gives
  it.each([
    [4, "512 KiB, of which two of three chunks go", 3 * 3 + 1, 2 * (512 + 5 + 6) + 7],
    [
      5,
      "1 MiB, as one of 256 KiB would waste three: 6 MiB a chunk",
      2 * 4 + 1,
      1536 + 9 + 10 + 3 + 7,
    ],
  ])("of per-CPU objects gives each of %i CPUs %s", async (cpus, _, areas, lazy) => {
    const { alloc_area_calls, lazy_peak_pages } = await percpu(3000, cpus);
    expect(alloc_area_calls).toBe(areas);
    expect(lazy_peak_pages).toBe(lazy);
  });

  it("of vm_map_ram takes a block for 1,024 pages, and frees it when all are used", async () => {
    const map = async (nr_pages: number, loops: number) => {
      const mapped = { run_test_mask: 1024, test_loop_count: loops, nr_pages };
      return (await runVmalloc(mapped)).metrics;
    };
    const blocks = await map(1, 3000);
    expect(blocks.alloc_area_calls).toBe(3);
    expect(blocks.lazy_end_pages).toBe(2 * 1024); // the last one stays
    expect((await map(3, 512)).lazy_end_pages).toBe(2 * 1024); // three pages take four
  });
});

describe("an area that is handed to kvfree_rcu", () => {
  it("is freed after four jiffies, with all that were handed over meanwhile", async () => {
    const waiting = async (test_loop_count: number) => {
      const only_costs = { kvfree_rcu: 1_000_000 }; // one each millisecond
      const run = await runVmalloc({ run_test_mask: 512, test_loop_count, only_costs });
      return run.metrics.busy_peak_areas;
    };
    const others = (await waiting(1)) - 1;
    const most = (await waiting(200)) - others;
    // four jiffies are 16 ms, their timer goes off in the fifth, and one more is being handed over
    expect(most).toBeGreaterThan(16);
    expect(most).toBeLessThanOrEqual(20 + 1);
  });
});

describe("the module", () => {
  const given = { run_test_mask: 63, test_loop_count: 200, test_repeat_count: 3, threads: 4 };

  it("runs every case of every thread, and repeats it", async () => {
    const { metrics } = await runVmalloc({ ...given, machine: { cpus: 4 } });
    expect(metrics.cases.map(({ passed }) => passed)).toEqual([12, 12, 12, 12, 12, 12]);
  });

  it("says so in the words of its kernel log", async () => {
    const { metrics } = await runVmalloc({ run_test_mask: 1, test_loop_count: 1000 });
    const [one] = metrics.cases;
    expect(one!.avg_us).toBeGreaterThan(3000);
    expect(summaryLine(one!)).toBe(
      "Summary: fix_size_alloc_test passed: 1 failed: 0 xfailed: 0 repeat: 1 loops: 1000 " +
        `avg: ${one!.avg_us} usec`,
    );
  });

  it("shuffles its cases by the seed, and ends the same whenever it is run again", async () => {
    const runs = [];
    for (const seed of [1, 1, 2]) runs.push(await runVmalloc({ ...given, seed }));
    expect(runs[1]!.digest).toBe(runs[0]!.digest);
    expect(runs[2]!.digest).not.toBe(runs[0]!.digest);
  });
});

describe("a block cut in two", () => {
  it("costs its own path's updates and one price for the rest, however deep that goes in", async () => {
    // the only block there is, cut above the bottom of the range: it is the root, so one update
    const one = { run_test_mask: 1, test_loop_count: 1, boot_stacks: 0 };
    const only_costs = { vmap_search_update: 100, vmap_clip_inner: 1000 };
    const { metrics } = await runVmalloc({ ...one, only_costs });
    expect(metrics.free_tree_search_and_clip_ns_mean).toBe(1100);
  });
});

// What a vmalloc takes from slabs and from the CPU's list of pages, told by letting one thing at a time cost anything.
// 72 bytes of a record give 56 a slab, 96 of a descriptor 42, 8 of an array 512 (mm/slub.c, 6.12).

import { describe, expect, it } from "vitest";
import { runVmalloc } from "./run.ts";

const US = 1000;
/** So little that a million of them are one ns, but objects are followed. */
const FOLLOWED = { vmap_slab_free_slow: 0.001 };

const BATCH = { driver: "hold-then-batch", test_loop_count: 10_000, boot_stacks: 0 };
const LOOP = { driver: "hold-then-loop", test_loop_count: 4097, boot_stacks: 0 };
const FULL_FIT = { run_test_mask: 2, test_loop_count: 10_000, boot_stacks: 0 };

async function metricsOf(workload: object, only_costs: Record<string, number>) {
  return (await runVmalloc({ ...workload, only_costs: { ...FOLLOWED, ...only_costs } })).metrics;
}

describe("objects of areas", () => {
  it("come out of new slabs while 10,000 areas are made", async () => {
    const { loop_total_ns } = await metricsOf(BATCH, { vmap_slab_new: US });
    const slabs = Math.ceil(10_000 / 42) + Math.ceil(10_000 / 56);
    expect(loop_total_ns).toBe(slabs * US);
  });

  it("are linked one by one when their slab is new", async () => {
    const { loop_total_ns } = await metricsOf(BATCH, { vmap_slab_new_object: 1 });
    expect(loop_total_ns).toBe(42 * Math.ceil(10_000 / 42) + 56 * Math.ceil(10_000 / 56));
  });

  it("go into slabs of others when 10,000 areas are freed, but for the last ones, which the CPU still allocates from", async () => {
    const { loop_cpu_ns } = await metricsOf(BATCH, { vmap_slab_free_slow: US });
    expect(loop_cpu_ns).toBe((10_000 - (10_000 % 42)) * US);
  });

  it("come and go the fast way when each area is freed before the next is made", async () => {
    const { loop_cpu_ns } = await metricsOf(LOOP, { vmap_slab_free_slow: US });
    expect(loop_cpu_ns).toBe(0);
  });

  it("that are records are freed by the purge, one for each area that joins its neighbour", async () => {
    const { areas_purged, purge_cpu_ns_sum } = await metricsOf(LOOP, {
      vmap_slab_free_slow: US,
    });
    expect(areas_purged).toBe(4097);
    // the first area cuts a block in two, so a spare record lies beside the next ones
    expect(purge_cpu_ns_sum).toBe((4097 - (4097 % 56) - 1) * US);
  });

  it("that are records leave empty slabs behind, of which partial lists keep eight", async () => {
    const { purge_cpu_ns_sum } = await metricsOf(LOOP, { vmap_slab_discard: US });
    const filled = Math.floor(4097 / 56);
    expect(Math.floor(purge_cpu_ns_sum / US)).toBe(filled - 8); // 65 of 73, as in a boot of 6.12
  });

  it("that are a slab's last take list_lock, as do full sets of partial slabs; five slabs stay with the node", async () => {
    // 238 slabs of descriptors in sets of 6 partial ones a CPU, and 73 of records in sets of 5.
    const locks = { vmap_slab_list_lock: US };
    expect(Math.floor((await metricsOf(BATCH, locks)).loop_cpu_ns / US)).toBe(238 + 39);
    expect(Math.floor((await metricsOf(LOOP, locks)).purge_cpu_ns_sum / US)).toBe(72 + 14); // the spare record keeps one slab
    const moves = { vmap_slab_move: US };
    expect(Math.floor((await metricsOf(BATCH, moves)).loop_cpu_ns / US)).toBe(5);
    expect(Math.floor((await metricsOf(LOOP, moves)).purge_cpu_ns_sum / US)).toBe(5);
  });

  it("come along with a partial slab of the node, up to half of what the CPU's list may hold and one more", async () => {
    // Every second one of 8,400 descriptors goes: 200 slabs are half full, and 33 sets of 6 with the node.
    const held = { ...BATCH, held_areas: 4200, held_every_second: true };
    const { loop_total_ns } = await metricsOf(held, { vmap_slab_move: US });
    const ofNode = 33 * 6;
    expect(loop_total_ns / US).toBe(Math.floor(ofNode / 5) * 4 + (ofNode % 5) - 1);
  });

  it("that are spare records replace those that blocks cut in two have taken, and go when the rest is joined", async () => {
    // Areas of 5 pages on multiples of 8 leave two pages between each two: a cut each.
    const aligned = { run_test_mask: 16, test_loop_count: 3000, boot_stacks: 0 };
    const slabs = await metricsOf(aligned, { vmap_slab_new: US });
    const ofAreas = Math.ceil((2 * 1367) / 56); // up to the first purge: a record of the area and one of the rest
    expect(Math.floor(slabs.test_thread_cpu_ns / US)).toBeGreaterThanOrEqual(ofAreas);
    const cuts = await metricsOf(aligned, { vmap_clip_inner: US });
    expect(Math.floor(cuts.test_thread_cpu_ns / US)).toBe(3000);
    const time = { vmalloc: US }; // passes, so that the purges come while the test runs
    const unlinked = await metricsOf(aligned, { ...time, vmap_merge_unlink: US });
    expect(Math.floor(unlinked.purge_cpu_ns_sum / US)).toBe(unlinked.areas_purged);
    expect(unlinked.areas_purged).toBe(1366);
    const frees = await metricsOf(aligned, { ...time, vmap_slab_free_slow: US });
    expect(Math.floor(frees.purge_cpu_ns_sum / US)).toBeGreaterThan(1.9 * frees.areas_purged);
  });

  it("are memory as long as their slabs are there", async () => {
    const setUp = await metricsOf({ ...FULL_FIT, test_loop_count: 1 }, {});
    const { used_peak_pages, page_table_pages } = setUp;
    const slabs = used_peak_pages - page_table_pages - (2 * 16 + 2 * 8192);
    const each = 2 * 8192 + 2;
    const full = Math.ceil(each / 42) + Math.ceil(each / 56) + Math.ceil((each - 2) / 512);
    expect(slabs).toBe(full);
  });
});

describe("full_fit_alloc of one thread, as counted in a boot of 6.12.117", () => {
  /** How often something is charged, by what it adds when it costs a nanosecond more. */
  async function times(cost: string) {
    const before = (await runVmalloc(FULL_FIT)).metrics;
    const after = (await runVmalloc({ ...FULL_FIT, dearer: cost })).metrics;
    return {
      thread: after.test_thread_cpu_ns - before.test_thread_cpu_ns,
      purges: after.purge_cpu_ns_sum - before.purge_cpu_ns_sum,
    };
  }

  /** The rest of the kernel, whose objects lie in the same slabs, is not modelled. */
  const near = (counted: number) => [counted * 0.95, counted * 1.05] as const;
  const within = (found: number, [low, high]: readonly [number, number]) => {
    expect(found).toBeGreaterThan(low);
    expect(found).toBeLessThan(high);
  };

  it("takes 716 new slabs", async () => {
    within((await times("vmap_slab_new")).thread, near(716));
  });

  it("frees 39,747 objects into slabs that are not the CPU's own; its purges 12,785", async () => {
    const { thread, purges } = await times("vmap_slab_free_slow");
    within(thread, near(39_747));
    within(purges, near(12_785));
  });

  it("gives 407 slabs back; its purges 221", async () => {
    const { thread, purges } = await times("vmap_slab_discard");
    within(thread, near(407));
    within(purges, near(221));
  });

  it("puts a full slab on the partial list with its first free, 778 times; its purges 231", async () => {
    const { thread, purges } = await times("vmap_slab_to_partial");
    within(thread, near(778));
    within(purges, near(231));
  });

  it("makes a partial slab active 357 times", async () => {
    within((await times("vmap_slab_activate")).thread, near(357));
  });
});

describe("pages of areas", () => {
  /** A loop more than setting up, all of which takes and nothing gives. */
  const SET_UP = { ...FULL_FIT, test_loop_count: 1 };

  it("that come for the first time are fetched in refills, each twice the last, up to 2,016 pages", async () => {
    const refills = await metricsOf(SET_UP, { vmap_pages_refill: US });
    expect(Math.floor(refills.test_thread_cpu_ns / US)).toBe(13);
    const fetched = await metricsOf(SET_UP, { vmap_pages_refill_page: US });
    const pages = 63 + 126 + 252 + 504 + 1008 + 8 * 2016;
    expect(Math.floor(fetched.test_thread_cpu_ns / US)).toBe(pages);
  });

  it("that were freed come back without one: of 4,097 loops 17 tables and 75 slabs need two", async () => {
    const { loop_cpu_ns } = await metricsOf(LOOP, { vmap_pages_refill: US });
    expect(loop_cpu_ns).toBe(2 * US);
  });

  it("make refills small again: each page that is freed halves the next one", async () => {
    const { loop_cpu_ns } = await metricsOf(LOOP, { vmap_pages_refill_page: US });
    expect(loop_cpu_ns).toBe(2 * 63 * US);
  });

  it("need a page table for each 512 of address space, once", async () => {
    const { page_table_pages, test_thread_cpu_ns } = await metricsOf(SET_UP, { vmap_table: US });
    expect(page_table_pages).toBe(Math.ceil((2 * 17 + 2 * 16_385) / 512));
    expect(Math.floor(test_thread_cpu_ns / US)).toBe(page_table_pages);
  });
});

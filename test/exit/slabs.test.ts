// Slab pages: how many an address space takes, and how many of them an exit gives back.

import { describe, expect, it } from "vitest";
import { contiguous } from "../../src/input/generate.ts";
import { batch, CALL_RCU, DIRECT, geometry, SINGLE, simulateNow, spec } from "../engine/spec.ts";

const PAGE = 4096;

describe("slab pages", () => {
  it.each([1, 27, 28, 29, 56, 1000, 5000])("hold 28 of %i VMAs each", (vmas) => {
    const { metrics } = simulateNow(spec({ space: contiguous(vmas) }));
    expect(metrics.vma_slab_start_bytes).toBe(Math.ceil(vmas / 28) * PAGE);
  });

  it.each([
    ["direct", DIRECT],
    ["call_rcu", CALL_RCU],
    ["batch", batch(32)],
    ["single", SINGLE],
  ])("are given back by %s, but for what the cache keeps", (_name, exit) => {
    for (const vmas of [1, 28, 1000, 5000]) {
      const { metrics } = simulateNow(spec({ space: contiguous(vmas), exit }));
      const slabs = Math.ceil(vmas / 28);
      const kept = metrics.vma_slab_end_bytes / PAGE;
      expect(metrics.vma_slabs_discarded + kept).toBe(slabs);
      // one active slab, 9 on the CPU's partial list (2 * 120 / 28), min_partial 5 on the node
      expect(kept).toBeLessThanOrEqual(Math.min(slabs, 1 + 9 + 5));
      expect(metrics.lock_slabs_discarded).toBeLessThanOrEqual(Math.ceil(vmas / 102));
      expect(Math.ceil(vmas / 102) - metrics.lock_slabs_discarded).toBeLessThanOrEqual(1 + 3 + 5);
    }
  });

  it.each([
    // VMA bytes, CPUs, objects per slab, slab pages
    [176, 1, 23, 1],
    [176, 16, 46, 2],
    [184, 8, 22, 1],
    [192, 4, 21, 1],
  ])("of %i-byte VMAs on %i CPUs hold %i in %i pages", (bytes, cpus, objects, pages) => {
    const vmas = 10 * objects;
    const slab = { vm_area_struct: geometry(bytes), vma_lock: geometry(40) };
    const { metrics } = simulateNow(spec({ space: contiguous(vmas), machine: { cpus, slab } }));
    expect(metrics.vma_slab_start_bytes).toBe(10 * pages * PAGE);
    const more = simulateNow(spec({ space: contiguous(vmas + 1), machine: { cpus, slab } }));
    expect(more.metrics.vma_slab_start_bytes).toBe(11 * pages * PAGE);
  });

  it("count dead memory as VMA and lock objects", () => {
    const { metrics } = simulateNow(spec({ space: contiguous(1000), exit: SINGLE }));
    expect(metrics.dead_peak_bytes).toBe(1000 * (144 + 40));
    // every VMA is dead from its removal to the callback: between the two ends of the loop
    const seconds = metrics.dead_byte_seconds / metrics.dead_peak_bytes;
    expect(seconds * 1e9).toBeGreaterThan(metrics.last_free_ns - metrics.loop_end_ns - 400_000);
    expect(seconds * 1e9).toBeLessThan(metrics.last_free_ns - metrics.loop_start_ns);
  });
});

// munmap of touched memory: every page and every page table goes, and no neighbour loses one. The
// engine itself counts frames: a run ends only when pages in are pages out.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type {
  CostProfile,
  MachineConfig,
  MunmapMetrics,
  MunmapWorkload,
  RunSpec,
} from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { alternating } from "../../src/input/generate.ts";
import { populate, residentCode } from "../../src/input/populate.ts";
import {
  CALL_RCU,
  DIRECT,
  listed,
  PROFILE,
  SINGLE,
  spec,
  WHOLE_MUNMAP,
  withCosts,
} from "../engine/spec.ts";

const RW = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
/** Pages of a last-level page table. */
const TABLE = 512;
const BASE_PAGE = 8 * TABLE;

/** From BASE_PAGE on: where a VMA begins, how long it is, how many of its first pages are touched. */
type Part = readonly [start: number, pages: number, touched: number];
type Range = readonly [start: number, pages: number];

interface Wanted {
  readonly parts: readonly Part[];
  readonly ranges: readonly Range[];
  readonly profile?: CostProfile;
  readonly newer?: boolean;
}

const NEWER: Partial<MachineConfig> = {
  generation: "7.2",
  preempt: "lazy",
  memory: { ...DEFAULT_MEMORY, pcp_generation: "7.2" },
};

function unmap({ parts, ranges, profile = PROFILE, newer = false }: Wanted): MunmapMetrics {
  const vmas = parts.map(([start, pages, touched]) => {
    const flags = (RW | residentCode(pages, touched)) >>> 0;
    return [BASE_PAGE + start, pages, flags] as const;
  });
  const base = spec({ space: listed(vmas), exit: DIRECT, profile, machine: newer ? NEWER : {} });
  const typesafe = { ...DIRECT, release: "typesafe" } as const;
  const policy = newer ? typesafe : CALL_RCU;
  const workload: MunmapWorkload = {
    ...WHOLE_MUNMAP,
    ranges: ranges.map(([start, page_count]) => ({ start_page: BASE_PAGE + start, page_count })),
  };
  const strategy = { name: "test", exit: newer ? typesafe : DIRECT, munmap: policy };
  return ended({ ...base, strategy, workload });
}

function ended(wanted: RunSpec<"munmap">): MunmapMetrics {
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return engine.result().metrics;
}

describe("touched memory", () => {
  const NOTHING = Object.fromEntries(Object.keys(PROFILE.costs).map((name) => [name, 0]));
  /** Only zapping a page takes time, a microsecond each. */
  const zap = withCosts({ ...NOTHING, zap_page: 1e6 });

  it("is unmapped page by page: those of the range that were touched", () => {
    const parts: Part[] = [
      [0, 100, 40],
      [100, 100, 100],
      [200, 100, 0],
    ];
    const pages = (ranges: Range[]) => unmap({ parts, ranges, profile: zap }).unmap_vmas_ns / 1000;
    expect(pages([[0, 100]])).toBe(40);
    expect(pages([[100, 200]])).toBe(100);
    expect(pages([[30, 100]])).toBe(10 + 30);
    expect(pages([[50, 50]])).toBe(0);
    expect(
      pages([
        [200, 10],
        [0, 10],
        [90, 20],
      ]),
    ).toBe(10 + 10);
  });

  it("comes with empty slabs of nodes: those of the main tree are back before the side tree's", () => {
    const vmas = 2000;
    const touched = (pages: number) =>
      Array.from({ length: vmas }, (_, i): Part => [2 * i, 1, pages]);
    const destroyed = (pages: number, costs: Readonly<Record<string, number>>) => {
      const profile = withCosts({ ...NOTHING, ...costs });
      return unmap({ parts: touched(pages), ranges: [[0, 2 * vmas]], profile }).mt_destroy_ns;
    };
    const nodes = destroyed(0, { munmap_destroy_node: 1000 });
    expect(nodes).toBeGreaterThan(vmas / 16);
    // the process makes its VMAs in less than four jiffies, each at the price of a replaced node:
    // its nodes lie among 125 slabs and leave each some 15 of 16 places, a CPU keeps seven slabs
    const vma_made = 1000;
    const thin = Math.floor(vmas / 16) + 1;
    const filled = Math.floor((nodes * thin) / (16 * thin - nodes));
    const slab = { vma_made, slab_empty: 1000, slab_spill: 20_000, slab_discard: 300_000 };
    const back = { zap_page: 10e6, ...slab }; // 20 ms: five ticks
    expect(destroyed(1, back)).toBe(321 * (filled - 7));
    // the last node of a slab goes by itself
    const freed = { slab_free_slow: 4_000_000, slab_put_cpu_partial: 50_000_000 };
    expect(destroyed(1, { ...back, ...freed })).toBe(54_321 * (filled - 7));
    // made more slowly, fewer nodes lie among more of others, up to both trees packed
    const packed = Math.floor((2 * nodes) / 16) + 1;
    const dense = Math.floor((nodes * packed) / (16 * packed - nodes));
    expect(dense).toBeGreaterThan(filled);
    expect(destroyed(1, { ...back, vma_made: 1e9 })).toBe(321 * (dense - 7));
    expect(destroyed(1, slab)).toBe(0); // no grace period is over
  });

  it("comes with slabs of nodes that can make the page list too long when the side tree goes", () => {
    const space = populate(alternating(10_000, { base_process: true }), 1);
    const destroyedNs = (pcp_start_pages: number) => {
      const memory = { ...DEFAULT_MEMORY, pcp_start_pages, pcp_start_high: 1000 };
      const strategy = { name: "test", exit: DIRECT, munmap: SINGLE };
      const base = spec({ space, exit: DIRECT, machine: { memory } });
      return ended({ ...base, strategy, workload: WHOLE_MUNMAP }).mt_destroy_ns;
    };
    // 2,016 pages go to the buddy allocator at once, 0.41 ms; with more on the list before, they did so earlier
    expect(destroyedNs(20) - destroyedNs(300)).toBeGreaterThan(400_000);
  });

  it.each([false, true])("leaves no page behind, whatever is unmapped (7.2: %s)", (newer) => {
    const part = fc.record({
      gap: fc.nat(700),
      pages: fc.oneof(fc.integer({ min: 1, max: 1500 }), fc.constant(70_000)),
      touched: fc.nat(1500),
    });
    const range = fc.tuple(fc.nat(6000), fc.integer({ min: 1, max: 4000 }));
    const arbitrary = fc.tuple(
      fc.array(part, { minLength: 1, maxLength: 8 }),
      fc.array(range, { minLength: 1, maxLength: 5 }),
    );
    fc.assert(
      fc.property(arbitrary, ([drawn, ranges]) => {
        let at = 0;
        const parts = drawn.map(({ gap, pages, touched }): Part => {
          const start = at + gap;
          at = start + pages;
          return [start, pages, touched];
        });
        expect(unmap({ parts, ranges, newer }).calls).toBe(ranges.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a page table", () => {
  /** Only freeing a table takes time, a millisecond each. */
  const tables = withCosts({
    ...Object.fromEntries(Object.keys(PROFILE.costs).map((name) => [name, 0])),
    pgtable_free: 1e9,
  });
  /** Mapped in the same GiB as all others: the table of the second level stays. */
  const far: Part = [400 * TABLE, 1, 0];
  const freed = (parts: Part[], ranges: Range[]): number =>
    unmap({ parts: [...parts, far], ranges, profile: tables }).unmap_vmas_ns / 1e6;

  it("goes with the last mapping that it serves", () => {
    const alone: Part[] = [[0, 100, 100]];
    expect(freed(alone, [[0, 100]])).toBe(1);
    expect(freed(alone, [[0, 99]])).toBe(0);
    expect(
      freed(alone, [
        [0, 50],
        [50, 50],
      ]),
    ).toBe(1);
  });

  it("stays while a neighbour below or above has an address in it, touched or not", () => {
    const border: Part[] = [
      [0, 100, 0],
      [TABLE - 10, TABLE + 20, TABLE + 20],
      [3 * TABLE - 1, 1, 0],
    ];
    expect(freed(border, [[TABLE - 10, TABLE + 20]])).toBe(1);
    const above: Part[] = [
      [TABLE - 10, TABLE + 20, TABLE + 20],
      [2 * TABLE + 400, 1, 0],
    ];
    expect(freed(above, [[TABLE - 10, TABLE + 20]])).toBe(2);
  });

  it("is counted once where several mappings of the range share it", () => {
    const shared: Part[] = [
      [0, 5, 5],
      [10, 5, 5],
      [20, 5, 5],
    ];
    expect(freed(shared, [[0, 25]])).toBe(1);
    expect(
      freed(shared, [
        [0, 5],
        [20, 5],
        [10, 5],
      ]),
    ).toBe(1);
  });
});

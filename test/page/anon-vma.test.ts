// What touched anonymous VMAs cost free_pgtables besides their tables: a chain each, an anon_vma for those that touch
// each other, on 7.2 the sheaves of chains that no list has room for.

import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { CostProfile, MunmapMetrics } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { alternating } from "../../src/input/generate.ts";
import { populate } from "../../src/input/populate.ts";
import { DIRECT, listed, PROFILE, SINGLE, simulateNow, spec, withCosts } from "../engine/spec.ts";
import { munmapSpec, type Range } from "./huge-room.ts";

const RW = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;
const GIB = 2 ** 18;
const NOTHING = Object.fromEntries(Object.keys(PROFILE.costs).map((name) => [name, 0]));

type Vma = readonly [number, number, number];

const touched = (vmas: readonly Vma[]): AddressSpace => populate(listed(vmas), 1);

/** free_pgtables of an exit where only these things take time. */
function exitNs(space: AddressSpace, costs: Record<string, number>, newer = false): number {
  const profile: CostProfile = withCosts({ ...NOTHING, ...costs });
  const pcp_generation = newer ? "7.2" : "6.12";
  const memory = { ...DEFAULT_MEMORY, pcp_generation } as const;
  const machine = newer ? ({ generation: "7.2", preempt: "lazy", memory } as const) : { memory };
  const exit = newer ? ({ ...DIRECT, release: "typesafe" } as const) : DIRECT;
  return simulateNow(spec({ space, exit, machine, profile })).metrics.free_pgtables_ns;
}

function munmapNs(vmas: readonly Vma[], ranges: readonly Range[]): number {
  const profile = withCosts({ ...NOTHING, anon_vma_free: 1e6 });
  const engine = Engine.create({ ...munmapSpec(touched(vmas), ranges), profile } as never);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return (engine.result().metrics as unknown as MunmapMetrics).unmap_vmas_ns;
}

describe("an anon_vma", () => {
  const freed = (vmas: readonly Vma[]) => exitNs(touched(vmas), { anon_vma_free: 1e6 }) / 1000;

  it("is one for VMAs that touch each other, whatever their protection", () => {
    expect(freed([[100, 10, RW]])).toBe(1);
    expect(
      freed([
        [100, 10, RW],
        [110, 10, VmaFlag.READ | VmaFlag.ACCOUNT],
        [120, 10, RW],
      ]),
    ).toBe(1);
  });

  it("is another one behind a gap, a file, or an accounted neighbour", () => {
    const apart: Vma[] = [
      [100, 10, RW],
      [111, 10, RW],
      [130, 10, RW],
    ];
    expect(freed(apart)).toBe(3);
    expect(
      freed([
        [100, 10, RW],
        [110, 10, VmaFlag.READ | VmaFlag.FILE],
        [120, 10, RW],
      ]),
    ).toBe(2);
    expect(
      freed([
        [100, 10, RW],
        [110, 10, VmaFlag.READ],
      ]),
    ).toBe(2);
  });

  it("stays as long as a VMA of it does: a munmap inside frees none", () => {
    const one: Vma[] = [[1024, 100, RW]];
    const three: Vma[] = [
      [1024, 100, RW],
      [1124, 100, RW],
      [1224, 100, RW],
    ];
    expect(munmapNs(one, [[1024, 100]])).toBe(1000);
    expect(munmapNs(one, [[1024, 50]])).toBe(0);
    expect(munmapNs(one, [[1074, 50]])).toBe(0);
    expect(munmapNs(three, [[1124, 100]])).toBe(0);
    expect(munmapNs(three, [[1024, 300]])).toBe(1000);
  });
});

describe("chains of 7.2", () => {
  const flushed = (vmas: number, newer = true) => {
    const space = touched(Array.from({ length: vmas }, (_, i) => [2 * i + 1, 1, RW] as const));
    const costs = { sheaf_flush: 1e6, sheaf_flush_object: 1e3 };
    const all = exitNs(space, costs, newer);
    return all / (1000 + 60);
  };

  it("fill twelve sheaves of 60; then each 60 flush one", () => {
    expect(flushed(720)).toBe(0);
    expect(flushed(721)).toBe(1);
    expect(flushed(780)).toBe(1);
    expect(flushed(1000)).toBe(5);
    expect(flushed(1000, false)).toBe(0);
  });
});

describe("slabs of chains", () => {
  const GONE = { slab_empty: 1e6, slab_spill: 1e6, slab_discard: 1e6 };
  const gone = (vmas: number) => exitNs(populate(alternating(vmas), 1), GONE) / 3000;

  // |64|64|64|64|64|...  the fifth to lose a chain pushes four to the node, which keeps five
  it("go to the CPU's partial list, from there four at once to the node, and back where it has five", () => {
    expect(gone(4 * 64)).toBe(0);
    expect(gone(8 * 64)).toBe(0);
    expect(gone(8 * 64 + 1)).toBe(3);
    expect(gone(12 * 64)).toBe(3);
    expect(gone(12 * 64 + 1)).toBe(7);
    expect(gone(1000)).toBe(7);
  });

  // The list is full once more near the end of 10,000 touched VMAs. Which part of the exit that is in hangs on what
  // lay on it before:
  //
  //   300 pages | unmap_vmas      pages of the process
  //   150       | free_pgtables   slabs of chains
  //   60        | tlb_finish_mmu  page tables
  //   20        | removal loop    slabs of VMAs; or, where those go later, mt_destroy: slabs of index nodes
  it("and others make a list too long, each in its part of the exit", () => {
    const PARTS = ["unmap_vmas", "free_pgtables", "tlb_finish", "loop", "mt_destroy"] as const;
    const space = populate(alternating(10_000, { base_process: true }), 1);
    const exitOf = (pcp_start_pages: number, exit = DIRECT) => {
      const memory = { ...DEFAULT_MEMORY, pcp_start_pages, pcp_start_high: 1000 };
      const { metrics } = simulateNow(spec({ space, machine: { memory }, exit }));
      return PARTS.map((part) => metrics[`${part}_ns`]);
    };
    const partOfMove = (pages: number, exit = DIRECT) => {
      const gained = exitOf(pages, exit).map((ns, at) => ns - without[at]!);
      return PARTS.filter((_, at) => gained[at]! > 300_000);
    };
    const without = exitOf(300).map((ns, at) => Math.min(ns, exitOf(150)[at]!));
    expect(partOfMove(300)).toEqual(["unmap_vmas"]);
    expect(partOfMove(150)).toEqual(["free_pgtables"]);
    expect(partOfMove(60)).toEqual(["tlb_finish"]);
    expect(partOfMove(20)).toEqual(["loop"]);
    expect(partOfMove(20, SINGLE)).toEqual(["mt_destroy"]);
  });
});

describe("tables of the second level", () => {
  it("are one for each GiB with touched pages", () => {
    const tables = (vmas: readonly Vma[]) => exitNs(touched(vmas), { pgtable_free: 1e6 }) / 1000;
    expect(tables([[100, 10, RW]])).toBe(1 + 1);
    expect(
      tables([
        [100, 10, RW],
        [GIB - 10, 20, RW],
        [3 * GIB, 1, RW],
      ]),
    ).toBe(4 + 3);
  });
});

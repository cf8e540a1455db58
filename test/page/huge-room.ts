// Runs over memory with huge pages of single VMAs.

import fc from "fast-check";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { MunmapWorkload, PageMetrics, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { residentCode } from "../../src/input/populate.ts";
import { CALL_RCU, DIRECT, listed, spec, WHOLE_MUNMAP } from "../engine/spec.ts";
import { BLOCK, type HugeVma } from "./oracle-huge.ts";

export const RW = VmaFlag.READ | VmaFlag.WRITE | VmaFlag.ACCOUNT;

export function spaceOf(vmas: readonly HugeVma[], flags = RW): AddressSpace {
  const space = listed(
    vmas.map(([start, pages, resident]) => [start, pages, flags | residentCode(pages, resident)]),
  );
  const huge_pages = Uint32Array.from(vmas, (vma) => vma[3]);
  return {
    ...space,
    *chunks(most) {
      for (const columns of space.chunks(most)) yield { ...columns, huge_pages };
    },
  };
}

/** What happened to pages in a run to its end. */
export function pagesOf(wanted: RunSpec<"exit"> | RunSpec<"munmap">): PageMetrics {
  const engine = Engine.create(wanted as RunSpec);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return engine.result().pages as PageMetrics;
}

export function exitOf(space: AddressSpace): PageMetrics {
  return pagesOf(spec({ space, machine: { memory: DEFAULT_MEMORY } }));
}

export type Range = readonly [start_page: number, page_count: number];

/** Unmaps ranges, one call each, then exits; on 6.12 or 7.2. */
export function munmapSpec(
  space: AddressSpace,
  ranges: readonly Range[],
  newer = false,
): RunSpec<"munmap"> {
  const pcp_generation = newer ? "7.2" : "6.12";
  const memory = { ...DEFAULT_MEMORY, pcp_generation } as const;
  const machine = newer ? ({ generation: "7.2", preempt: "lazy", memory } as const) : { memory };
  const workload: MunmapWorkload = {
    ...WHOLE_MUNMAP,
    ranges: ranges.map(([start_page, page_count]) => ({ start_page, page_count })),
  };
  const typesafe = { ...DIRECT, release: "typesafe" } as const;
  const exit = newer ? typesafe : DIRECT;
  const strategy = { name: "test", exit, munmap: newer ? typesafe : CALL_RCU };
  return { ...spec({ space, exit, machine }), strategy, workload };
}

/** A VMA drawn at random: shares in thousandths. */
export interface DrawnVma {
  readonly gap: number;
  readonly pages: number;
  readonly touched: number;
  readonly huge: number;
}

export const drawnVma: fc.Arbitrary<DrawnVma> = fc.record({
  gap: fc.oneof(fc.constant(0), fc.nat(1100)),
  pages: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 6000 })),
  touched: fc.oneof(fc.constant(1000), fc.nat(1000)),
  huge: fc.oneof(fc.constant(1000), fc.nat(1000)),
});

/** Where drawn VMAs begin: they follow each other from the second block on. */
export function placed(drawn: readonly DrawnVma[]): HugeVma[] {
  let at = BLOCK;
  return drawn.map(({ gap, pages, touched, huge }) => {
    const start = at + gap;
    at = start + pages;
    const blocks = Math.max(Math.floor(at / BLOCK) - Math.ceil(start / BLOCK), 0);
    const has = Math.round((blocks * huge) / 1000);
    const rest = pages - has * BLOCK;
    return [start, pages, has * BLOCK + Math.round((rest * touched) / 1000), has];
  });
}

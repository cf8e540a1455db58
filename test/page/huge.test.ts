// Huge pages of single VMAs: each has its own number of them. A naive memory of single pages says what an exit finds;
// a failure prints its seed and path, FC_SEED and FC_PATH replay it, FC_RUNS runs more.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { parseMaps } from "../../src/input/maps.ts";
import { wholeBlocks } from "../../src/input/populate.ts";
import { residentOf } from "../../src/input/resident.ts";
import { scaleAddressSpace } from "../../src/input/scale.ts";
import { propertyOptions } from "../queue/load.ts";
import { drawnVma, exitOf, placed, RW, spaceOf } from "./huge-room.ts";
import { BLOCK, type HugeVma, NaiveMemory } from "./oracle-huge.ts";

/** Tables above the last level, which every process has. */
const UPPER_TABLES = 6;

function expectAsNaive(vmas: readonly HugeVma[]): void {
  const memory = new NaiveMemory(vmas);
  const { resident, huge, counts } = memory;
  memory.exit();
  const found = exitOf(spaceOf(vmas));
  expect(found.rss_anon_pages).toBe(resident);
  expect(found.rss_huge_pages).toBe(huge * BLOCK);
  expect(found.huge_freed).toBe(huge);
  expect(found.gather_entries).toBe(counts.entries + UPPER_TABLES);
  const frames = resident + counts.freed_tables + UPPER_TABLES;
  const gather_pages = found.pages_freed - frames;
  expect(gather_pages).toBeGreaterThanOrEqual(0);
  expect(gather_pages).toBeLessThanOrEqual(19);
}

describe("huge pages of a VMA", () => {
  it("are its own: neighbours have other numbers of them, or none", () => {
    expectAsNaive([
      [BLOCK, 4 * BLOCK, 4 * BLOCK, 3],
      [5 * BLOCK, 4 * BLOCK, 4 * BLOCK, 0],
      [9 * BLOCK, 4 * BLOCK, 2 * BLOCK, 2],
    ]);
  });

  it("need no pages before them: what lies before the first whole block may be untouched", () => {
    expectAsNaive([[BLOCK - 100, 2 * BLOCK, BLOCK, 1]]);
    expectAsNaive([[BLOCK - 100, 2 * BLOCK, BLOCK + 30, 1]]);
    expectAsNaive([[BLOCK - 100, 2 * BLOCK, BLOCK + 130, 1]]);
  });

  it("are what a naive memory has, whatever is touched where", () => {
    fc.assert(
      fc.property(fc.array(drawnVma, { minLength: 1, maxLength: 6 }), (drawn) => {
        const vmas = placed(drawn);
        fc.pre(vmas.some(([, , resident]) => resident > 0));
        expectAsNaive(vmas);
      }),
      propertyOptions(60),
    );
  });

  it("of more memory than a record counts exactly are all there", () => {
    const pages = 2 ** 18 + 777;
    const found = exitOf(spaceOf([[BLOCK, pages, 2 ** 18, 512]]));
    expect(found.huge_freed).toBe(512);
  });

  it("cannot be more than its whole blocks, nor those of a file", () => {
    expect(() => exitOf(spaceOf([[BLOCK - 1, BLOCK + 100, BLOCK + 100, 2]]))).toThrow(
      "do not fit it",
    );
    expect(() => exitOf(spaceOf([[BLOCK, BLOCK, BLOCK, 1]], RW | VmaFlag.FILE))).toThrow(
      "a VMA has huge pages that do not fit it",
    );
  });
});

describe("AnonHugePages of smaps", () => {
  const entry = (range: string, size: number, rss: number, huge: number) =>
    `${range} rw-p 00000000 00:00 0 \nSize: ${size} kB\nRss: ${rss} kB\nAnonymous: ${rss} kB\n` +
    `AnonHugePages: ${huge} kB\nVmFlags: rd wr mr mw me ac\n`;
  const smaps =
    entry("10000000-10800000", 8192, 6200, 4096) +
    entry("10800000-10900000", 1024, 1024, 0) +
    entry("20100000-20500000", 4096, 2048, 2048);

  it("are what each VMA has, and the rest of Rss is small", () => {
    const maps = parseMaps(smaps);
    expect([...maps.huge_pages!]).toEqual([2, 0, 1]);
    expect(maps.vma(1).huge_pages).toBe(0);
    expect(residentOf(maps.found!)).toMatchObject({ pages: 1550 + 256 + 512, huge_vmas: 2 });
    const found = exitOf(maps.found!);
    expect(found.huge_freed).toBe(3);
    expect(found.rss_anon_pages).toBe(1550 + 256 + 512);
    expectAsNaive([
      [0x10000, 2048, 1550, 2],
      [0x10800, 256, 256, 0],
      [0x20100, 1024, 512, 1],
    ]);
  });

  it("are resampled with their VMAs, as far as blocks are whole where they come to lie", () => {
    const found = parseMaps(smaps).found!;
    const scaled = scaleAddressSpace(found, 300, { seed: 1 });
    let huge = 0;
    for (const { length, start_page, page_count, huge_pages } of scaled.chunks(64)) {
      for (let at = 0; at < length; at++) {
        const blocks = wholeBlocks(start_page[at]!, page_count[at]!);
        const original = page_count[at] === 2048 ? 2 : page_count[at] === 1024 ? 1 : 0;
        expect(huge_pages![at]).toBe(Math.min(original, blocks));
        huge += huge_pages![at]!;
      }
    }
    expect(huge).toBeGreaterThan(250);
    const pages = exitOf(scaled);
    expect(pages.huge_freed).toBe(huge);
    expect(pages.rss_huge_pages).toBe(huge * BLOCK);
  });
});

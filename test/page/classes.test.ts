// Exits with pages of every class: small and huge anonymous ones, pages of files, shared ones. What each costs, what
// comes back, and what the page cache keeps.

import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { PageMetrics, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { parseMaps } from "../../src/input/maps.ts";
import { type Populated, populate } from "../../src/input/populate.ts";
import { residentOf } from "../../src/input/resident.ts";
import { listed, spec } from "../engine/spec.ts";

const RW = VmaFlag.READ | VmaFlag.WRITE;
const BLOCK = 512;
const NONE: Populated = { anonymous: 0, file: 0, shared: 0, huge: 0 };

type Vmas = readonly (readonly [number, number, number])[];

function exit(vmas: Vmas, shares: Partial<Populated>, run: Partial<RunSpec["machine"]> = {}) {
  const space = populate(listed(vmas), { ...NONE, ...shares });
  const engine = Engine.create(spec({ space, machine: { memory: DEFAULT_MEMORY, ...run } }));
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  const { metrics, pages } = engine.result();
  return { ...metrics, ...(pages as PageMetrics) };
}

describe("huge pages", () => {
  it("are the whole blocks of what is resident, the rest is small", () => {
    // 3 pages before the first block, 4 blocks, 100 pages after the last
    const unaligned: Vmas = [[BLOCK - 3, 3 + 4 * BLOCK + 100, RW]];
    const all = exit(unaligned, { anonymous: 1, huge: 1 });
    expect(all.rss_anon_pages).toBe(103 + 4 * BLOCK);
    expect(all.rss_huge_pages).toBe(4 * BLOCK);
    expect(all.huge_freed).toBe(4);
    // tables: six upper ones and those of the two ends; deposited ones go past the gather
    expect(all.gather_entries).toBe(103 + 4 + 6 + 2);
    expect(exit(unaligned, { anonymous: 1, huge: 0.5 }).huge_freed).toBe(2);
    expect(exit([[1, 2 * BLOCK - 2, RW]], { anonymous: 1, huge: 1 }).huge_freed).toBe(0);
  });

  it("make the exit of 1 GiB more than thirty times as short, and free as much", () => {
    const gib: Vmas = [[BLOCK, BLOCK * BLOCK, RW]];
    const small = exit(gib, { anonymous: 1 });
    const huge = exit(gib, { anonymous: 1, huge: 1 });
    expect(huge.huge_freed).toBe(BLOCK);
    expect(huge.pages_freed).toBeGreaterThanOrEqual(BLOCK * BLOCK + BLOCK); // with their deposited tables
    expect(small.unmap_vmas_ns / huge.unmap_vmas_ns).toBeGreaterThan(30);
    expect(huge.zone_lock_hold_ns_sum).toBeLessThan(0.01 * small.zone_lock_hold_ns_sum); // nothing to merge
    expect(huge.pages_per_zone_lock_hold_max % BLOCK).toBe(0); // whole blocks alone
  });

  it("are freed as they are in every generation of per-CPU lists", () => {
    for (const pcp_generation of ["5.15", "6.12", "7.2"] as const) {
      const memory = { ...DEFAULT_MEMORY, pcp_generation };
      const { huge_freed } = exit([[BLOCK, 64 * BLOCK, RW]], { anonymous: 1, huge: 1 }, { memory });
      expect(huge_freed).toBe(64);
    }
  });
});

describe("pages of files", () => {
  const FILE = VmaFlag.READ | VmaFlag.FILE;
  const SHARED = RW | VmaFlag.FILE | VmaFlag.SHARED;
  const SHMEM = SHARED | VmaFlag.DELETED;

  it("are unmapped and put, and stay where they are", () => {
    const mapped = exit([[100, 1000, FILE]], { file: 1 });
    const own = exit([[100, 1000, RW]], { anonymous: 1 });
    expect(mapped.left_to_page_cache).toBe(1000);
    expect(mapped.gather_entries).toBe(own.gather_entries); // both wait for the flush in the gather
    expect(own.pages_freed - mapped.pages_freed).toBe(1000);
    expect(mapped.page_freeing_ns).toBeLessThan(0.3 * own.page_freeing_ns);
    expect(mapped.page_freeing_ns).toBeGreaterThan(0);
  });

  it("count as file or as shared memory, by what backs them", () => {
    const vmas: Vmas = [
      [100, 10, FILE],
      [200, 20, SHARED],
      [300, 40, SHMEM],
      [400, 80, RW],
    ];
    const all = exit(vmas, { anonymous: 1, file: 1, shared: 1 });
    expect(all.rss_file_pages).toBe(30);
    expect(all.rss_shmem_pages).toBe(40);
    expect(all.rss_anon_pages).toBe(80);
    expect(all.left_to_page_cache).toBe(70);
    const some = exit(vmas, { anonymous: 0.5, file: 0.5, shared: 0.25 });
    expect([some.rss_anon_pages, some.rss_file_pages, some.rss_shmem_pages]).toEqual([40, 10, 10]);
  });

  it("of a shared mapping that are dirty force a flush of the gather, private and clean ones do not", () => {
    const four = (flags: number): Vmas => [0, 1, 2, 3].map((at) => [100 + 20 * at, 10, flags]);
    const flushes = (flags: number) => exit(four(flags), { file: 1, shared: 1 }).gather_flushes;
    expect(flushes(SHARED)).toBe(flushes(FILE) + 4);
    expect(flushes(VmaFlag.READ | VmaFlag.FILE | VmaFlag.SHARED)).toBe(flushes(FILE));
  });

  it("take no frames of the machine's memory: they are the page cache's", () => {
    const space = populate(listed([[100, 1000, FILE]]), { ...NONE, file: 1 });
    expect(residentOf(space)).toMatchObject({ pages: 1000, owned_pages: 0 });
  });
});

describe("what smaps found resident", () => {
  const line = (range: string, name: string) => `${range} rw-p 00000000 00:00 0 ${name}`;
  const entry = (range: string, name: string, size: number, rss: number) =>
    `${line(range, name)}\nSize: ${size} kB\nRss: ${rss} kB\nVmFlags: rd wr mr mw me ac\n`;
  const smaps =
    entry("10000000-10100000", "[heap]", 1024, 100) + entry("20000000-20400000", "", 4096, 4096);

  it("is what each VMA has", () => {
    const { found } = parseMaps(smaps, { file: "smaps", origin: "smaps" });
    expect(residentOf(found!).pages).toBe(25 + 1024);
  });

  it("is not said by maps", () => {
    const maps = `${line("10000000-10100000", "[heap]")}\n`;
    expect(parseMaps(maps, { file: "maps", origin: "maps" }).found).toBeUndefined();
  });
});

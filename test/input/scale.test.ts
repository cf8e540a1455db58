// A scaled address space has the asked-for number of VMAs and is made like its original.

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { InputError, LimitError } from "../../src/errors.ts";
import { type AddressSpace, CHUNK_VMAS } from "../../src/input/address-space.ts";
import { contiguous, gappy } from "../../src/input/generate.ts";
import { openMaps } from "../../src/input/maps-file.ts";
import {
  GAP_PAGES_LIMIT,
  GAP_PAGES_LIMIT_MIN,
  SCALED_START_PAGE,
  type ScaledAddressSpace,
  SIZE_PAGES_LIMIT,
  scaleAddressSpace,
} from "../../src/input/scale.ts";
import { distribution, distributionDistance, PMD_PAGES } from "./distribution.ts";

const SEED = Number(process.env.FC_SEED ?? 20_240_602);
const IDENTITY = VmaFlag.HEAP | VmaFlag.STACK | VmaFlag.SPECIAL;

interface Vma {
  start: number;
  pages: number;
  flags: number;
}

function list(space: AddressSpace, chunk_vmas = CHUNK_VMAS): Vma[] {
  const vmas: Vma[] = [];
  for (const chunk of space.chunks(chunk_vmas)) {
    for (let i = 0; i < chunk.length; i++) {
      vmas.push({
        start: chunk.start_page[i]!,
        pages: chunk.page_count[i]!,
        flags: chunk.flags[i]!,
      });
    }
  }
  return vmas;
}

/** An address space from a list of [gap, pages, flags]. */
function spaceOf(
  vmas: readonly (readonly [number, number, number])[],
  start = 0x55555,
): AddressSpace {
  let end = start;
  const columns = vmas.map(([gap, pages, flags]) => {
    const at = end + gap;
    end = at + pages;
    return { start: at, pages, flags };
  });
  return {
    origin: "a list",
    vma_count: vmas.length,
    *chunks() {
      yield {
        length: vmas.length,
        start_page: Float64Array.from(columns, (vma) => vma.start),
        page_count: Float64Array.from(columns, (vma) => vma.pages),
        flags: Uint32Array.from(columns, (vma) => vma.flags),
      };
    },
  };
}

/** Exact Kolmogorov-Smirnov distance of two samples. */
function ksDistance(a: readonly number[], b: readonly number[]): number {
  const sorted_a = Float64Array.from(a).sort();
  const sorted_b = Float64Array.from(b).sort();
  const share = (sorted: Float64Array, value: number) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low / sorted.length;
  };
  return Math.max(
    ...[...new Set([...a, ...b])].map((value) =>
      Math.abs(share(sorted_a, value) - share(sorted_b, value)),
    ),
  );
}

function gapsOf(vmas: readonly Vma[], limit: number): number[] {
  return vmas
    .slice(1)
    .map((vma, i) => Math.min(vma.start - vmas[i]!.start - vmas[i]!.pages, limit));
}

const sizesOf = (vmas: readonly Vma[]) => vmas.map((vma) => Math.min(vma.pages, SIZE_PAGES_LIMIT));

const NAMES = [
  "node-server",
  "postgres-backend",
  "jvm-threads",
  "chromium-browser",
  "chromium-renderer",
];
const originals = new Map<string, AddressSpace>();
beforeAll(async () => {
  for (const name of NAMES) originals.set(name, await openMaps(`scenarios/maps/${name}.smaps.gz`));
});

describe.each(NAMES)("%s", (name) => {
  // Whole passes are exact; what differs is the mappings kept once (up to 5) and the last pass.
  it.each([
    ["grown tenfold", (n: number) => 10 * n + 7, 0.02, 0.03],
    ["grown a little", (n: number) => n + 50, 0.05, 0.08],
    ["halved", (n: number) => n >> 1, 0.06, 0.06],
    ["a quarter", (n: number) => n >> 2, 0.08, 0.1],
    ["grown to 100,000", () => 100_000, 0.02, 0.03],
  ] as const)("%s keeps sizes, gaps and flags", (_what, count, ks_max, flags_max) => {
    const original = originals.get(name)!;
    const vma_count = count(original.vma_count);
    const scaled = scaleAddressSpace(original, vma_count, { seed: 5n }) as ScaledAddressSpace;
    const before = list(original);
    const after = list(scaled);
    const limit = scaled.gap_pages_limit;
    expect(after).toHaveLength(vma_count);
    expect(ksDistance(sizesOf(before), sizesOf(after))).toBeLessThan(ks_max);
    expect(ksDistance(gapsOf(before, limit), gapsOf(after, limit))).toBeLessThan(ks_max);
    const distance = distributionDistance(distribution(original), distribution(scaled));
    expect(distance.sizes).toBeLessThan(ks_max + 0.001);
    expect(distance.flags).toBeLessThan(flags_max);
  });

  it("keeps which size, gap and flags go together", () => {
    const original = originals.get(name)!;
    const before = list(original);
    const whole = 20 * original.vma_count;
    const after = list(scaleAddressSpace(original, whole, { seed: 9 }));
    const count = (vmas: readonly Vma[]) => {
      const gaps = [GAP_PAGES_LIMIT, ...gapsOf(vmas, GAP_PAGES_LIMIT)];
      const counts = new Map<string, number>();
      vmas.forEach((vma, i) => {
        if (vma.flags & IDENTITY) return;
        const key = [gaps[i], Math.min(vma.pages, SIZE_PAGES_LIMIT), vma.flags].join();
        counts.set(key, (counts.get(key) ?? 0) + 1);
      });
      return counts;
    };
    const expected = count(before);
    const found = count(after);
    // Each kind occurs 20 times as often, or once more or twice: the rest of the last pass.
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, times] of expected) {
      expect(Math.abs(found.get(key)! - 20 * times)).toBeLessThanOrEqual(times + 1);
    }
  });

  it("keeps the share of page-table clusters", () => {
    const original = originals.get(name)!;
    const share = (space: AddressSpace) =>
      distribution(space).page_table_clusters / space.vma_count;
    const grown = scaleAddressSpace(original, 200_000, { seed: 3 });
    // One cluster begins per kind of gap; heap, stack and vdso have theirs only once.
    expect(Math.abs(share(grown) - share(original))).toBeLessThan(6 / original.vma_count);
  });

  it("has one heap, one stack and one of each kernel mapping", () => {
    const original = originals.get(name)!;
    const identity = (space: AddressSpace) =>
      list(space)
        .map((vma) => vma.flags & IDENTITY)
        .filter((flags) => flags !== 0);
    for (const vma_count of [20, original.vma_count >> 1, 5 * original.vma_count]) {
      expect(identity(scaleAddressSpace(original, vma_count, { seed: 1 }))).toEqual(
        identity(original),
      );
    }
  });
});

describe("scaling", () => {
  const small = spaceOf([
    [0, 1, 1],
    [0, 2, 3],
    [5, 3, 5],
    [1000, 4, 17],
    [0, 5, 33],
  ]);

  it("to its own size gives the original itself", () => {
    expect(scaleAddressSpace(small, 5, { seed: 1 })).toBe(small);
  });

  it("begins with the original in its order, moved to 4 MiB", () => {
    const scaled = list(scaleAddressSpace(small, 7, { seed: 1 })).slice(0, 5);
    const moved = list(small).map((vma) => ({ ...vma, start: vma.start - 0x55555 + 0x400 }));
    expect(scaled).toEqual(moved);
  });

  it("to one VMA works", () => {
    const scaled = list(scaleAddressSpace(small, 1, { seed: 1 }));
    expect(scaled).toHaveLength(1);
    expect(scaled[0]!.start).toBe(SCALED_START_PAGE);
  });

  it("of nothing but heap and stack resamples those", () => {
    const special = spaceOf([
      [0, 3, VmaFlag.HEAP],
      [9, 4, VmaFlag.STACK],
    ]);
    expect(list(scaleAddressSpace(special, 11, { seed: 1 }))).toHaveLength(11);
  });

  it("depends on nothing but the original, the number and the seed", () => {
    const node = originals.get("node-server")!;
    const first = list(scaleAddressSpace(node, 5000, { seed: 77 }));
    expect(list(scaleAddressSpace(node, 5000, { seed: 77n }))).toEqual(first);
    expect(list(scaleAddressSpace(node, 5000, { seed: 78 }))).not.toEqual(first);
    // A smaller copy has no blocks to shuffle: there the seed decides what is drawn.
    const drawn = [1, 2, 3].map((seed) => list(scaleAddressSpace(node, 200, { seed })));
    expect(drawn[0]).not.toEqual(drawn[1]);
    expect(drawn[1]).not.toEqual(drawn[2]);
  });

  it("gives the same VMAs in chunks of any size, again and again", () => {
    const scaled = scaleAddressSpace(originals.get("node-server")!, 2000, { seed: 4 });
    const expected = list(scaled);
    for (const chunk_vmas of [1, 7, 455, 1999, 2000]) {
      expect(list(scaled, chunk_vmas)).toEqual(expected);
    }
  });

  it("makes a million VMAs fit 47 bits by narrowing wide gaps, never below 4 MiB", () => {
    const node = originals.get("node-server")!;
    const million = scaleAddressSpace(node, 1_000_000, { seed: 1 }) as ScaledAddressSpace;
    expect(million.address_bits).toBe(47);
    expect(million.gap_pages_limit).toBeLessThan(GAP_PAGES_LIMIT);
    expect(million.gap_pages_limit).toBeGreaterThanOrEqual(GAP_PAGES_LIMIT_MIN);
    let end = 0;
    for (const chunk of million.chunks(CHUNK_VMAS)) {
      end = chunk.start_page[chunk.length - 1]! + chunk.page_count[chunk.length - 1]!;
    }
    expect(end).toBeLessThanOrEqual(2 ** 35);
    expect(GAP_PAGES_LIMIT_MIN).toBeGreaterThan(PMD_PAGES);
  });

  it("takes 56 bits when 47 do not suffice, and says so", () => {
    const huge = contiguous(100, { page_count: 2 ** 18 });
    const scaled = scaleAddressSpace(huge, 200_000, { seed: 1 }) as ScaledAddressSpace;
    expect(scaled.address_bits).toBe(56);
  });

  it("refuses with both numbers when the addresses do not suffice", () => {
    const huge = contiguous(100, { page_count: 2 ** 18 });
    try {
      scaleAddressSpace(huge, 200_000, { seed: 1, address_bits: 47 });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(LimitError);
      expect(error).toMatchObject({ code: 3, available: 2 ** 35 - SCALED_START_PAGE });
      expect((error as LimitError).needed).toBeGreaterThan(200_000 * 2 ** 18);
      expect((error as LimitError).message).toBe(
        "200,000 VMAs like those of 100 contiguous VMAs of 262,144 pages, scaled from 100 VMAs do not fit: " +
          "found 52,430,846,976 pages of 47-bit addresses needed, expected at most 34,359,737,344 " +
          "(allow five-level page tables, or ask for fewer VMAs)",
      );
    }
    expect(() => scaleAddressSpace(huge, 70_000_000, { seed: 1 })).toThrow(LimitError);
  });

  it("refuses what is no number of VMAs, and nothing to scale", () => {
    for (const vma_count of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => scaleAddressSpace(small, vma_count, { seed: 1 })).toThrow(InputError);
    }
    expect(() => scaleAddressSpace(spaceOf([]), 10, { seed: 1 })).toThrow(
      "cannot scale a list: found no VMAs, expected at least one to resample " +
        "(maps are empty for kernel threads and for processes that have ended)",
    );
  });

  it("always gives ascending VMAs without overlap, whose parts all come from the original", () => {
    const flags = fc.constantFrom(1, 3, 5, 19, 33, 3 | VmaFlag.HEAP, 3 | VmaFlag.STACK);
    const pages = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 2 ** 24 }));
    const vma = fc.tuple(fc.oneof(fc.constant(0), pages), pages, flags);
    fc.assert(
      fc.property(
        fc.array(vma, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 500 }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (vmas, vma_count, seed) => {
          fc.pre(vma_count !== vmas.length);
          const scaled = list(scaleAddressSpace(spaceOf(vmas), vma_count, { seed }));
          expect(scaled).toHaveLength(vma_count);
          const kinds = new Set(
            vmas.map(([gap, size, word], i) =>
              [
                i === 0 ? GAP_PAGES_LIMIT : Math.min(gap, GAP_PAGES_LIMIT),
                Math.min(size, SIZE_PAGES_LIMIT),
                word,
              ].join(),
            ),
          );
          let end = -1;
          expect(scaled[0]!.start).toBe(SCALED_START_PAGE);
          for (const { start, pages: size, flags: word } of scaled) {
            expect(start).toBeGreaterThanOrEqual(end);
            const kind = [start - end, size, word].join();
            if (end >= 0) expect(kinds).toContain(kind);
            end = start + size;
          }
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("does not hold what it makes: ten million VMAs", () => {
    const scaled = scaleAddressSpace(gappy(1000, { seed: 1 }), 10_000_000, { seed: 1 });
    let vma_count = 0;
    for (const chunk of scaled.chunks(CHUNK_VMAS)) vma_count += chunk.length;
    expect(vma_count).toBe(10_000_000);
  });
});

// Which pages are resident before a run: by shares of each class, or as smaps found them.

import { describe, expect, it } from "vitest";
import { RESIDENT_MAX, RESIDENT_SHIFT } from "../../assembly/abi/page.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { alternating, contiguous, gappy, randomSizes } from "../../src/input/generate.ts";
import { parseMaps } from "../../src/input/maps.ts";
import { populate, residentCode, wholeBlocks } from "../../src/input/populate.ts";
import { repeat } from "../../src/input/repeat.ts";
import { isCounted, PAGES_PER_HUGE, residentOf } from "../../src/input/resident.ts";
import { scaleAddressSpace } from "../../src/input/scale.ts";

interface Resident {
  readonly start: number;
  readonly pages: number;
  readonly code: number;
  readonly huge: number;
}

const each = (space: AddressSpace): Resident[] =>
  [...space.chunks(3)].flatMap(({ length, start_page, page_count, flags, huge_pages }) =>
    Array.from({ length }, (_, i) => ({
      start: start_page[i]!,
      pages: page_count[i]!,
      code: flags[i]! >>> RESIDENT_SHIFT,
      huge: huge_pages?.[i] ?? 0,
    })),
  );

/** Mappings of a hundred pages, 100 pages apart. */
const mappings = (...tails: readonly string[]): AddressSpace =>
  parseMaps(
    tails
      .map((tail, i) => {
        const [start, end] = [0x1000 + 200 * i, 0x1000 + 200 * i + 100];
        return `${start.toString(16)}000-${end.toString(16)}000 ${tail}\n`;
      })
      .join(""),
  );

const CLASSES = mappings(
  "rw-p 00000000 00:00 0",
  "r--p 00000000 fe:00 1          /bin/a",
  "rw-s 00000000 fe:00 2          /bin/b",
  "rw-s 00000000 00:01 3          /dev/zero (deleted)",
  "rw-p 00000000 00:00 0          [heap]",
  "rw-p 00000000 00:00 0          [stack]",
  "r-xp 00000000 00:00 0          [vdso]",
  "rw-p 00000000 00:0f 4          /anon_hugepage (deleted)",
);

describe("pages that are resident", () => {
  const scaled = (space: AddressSpace) => scaleAddressSpace(space, 1000, { seed: 1 });

  it("are none, without a look at any VMA, where nothing was touched", () => {
    const made = [
      alternating(9),
      contiguous(9),
      gappy(9, { seed: 1 }),
      randomSizes(9, { seed: 1 }),
    ];
    for (const space of [...made, scaled(CLASSES), populate(made[0]!, 0), repeat(made[0]!, 3)]) {
      expect(isCounted(space)).toBe(true);
      expect(residentOf(space)).toMatchObject({ pages: 0, tables_max: 0 });
    }
  });

  it("are counted where some were, and once for all copies", () => {
    const touched = populate(CLASSES, 1);
    for (const space of [touched, repeat(touched, 3), scaled(populate(CLASSES, 1))]) {
      expect(isCounted(space)).toBe(false);
    }
    const { pages, owned_pages, tables_max, huge_vmas } = residentOf(touched);
    expect(pages).toBe(100);
    expect(isCounted(repeat(touched, 3))).toBe(true);
    expect(residentOf(repeat(touched, 3))).toEqual({
      pages: 3 * pages,
      owned_pages: 3 * owned_pages,
      tables_max: 3 * tables_max,
      huge_vmas,
    });
  });
});

describe("shares", () => {
  it("count for their class: private anonymous memory, private files, what is shared", () => {
    const shares = { anonymous: 0.5, file: 0.25, shared: 1, huge: 0 };
    const codes = each(populate(CLASSES, shares)).map(({ code }) => code);
    expect(codes).toEqual([50, 25, 100, 100, 0, 0, 0, 0]);
  });

  it("as one number are of the private anonymous memory", () => {
    expect(each(populate(CLASSES, 1)).map(({ code }) => code)).toEqual([100, 0, 0, 0, 0, 0, 0, 0]);
    expect(populate(CLASSES, 0)).toBe(CLASSES);
  });

  it("of a part of a page are a page", () => {
    const three = contiguous(2, { page_count: 3 });
    expect(each(populate(three, 0.5)).map(({ code }) => code)).toEqual([2, 2]);
  });

  it("are touched in the area alone, where an experiment has one", () => {
    const program = alternating(4, { base_process: true });
    const { first_vma } = program.area!;
    expect(first_vma).toBeGreaterThan(0);
    const codes = each(populate(program, 1)).map(({ code }) => code);
    expect(codes.slice(0, first_vma).every((code) => code === 0)).toBe(true);
    expect(codes.slice(first_vma, first_vma + 4)).toEqual([1, 1, 1, 1]);
  });

  it("are in the words of the origin", () => {
    const { origin } = populate(CLASSES, { anonymous: 0.5, file: 0.125, shared: 0, huge: 1 });
    expect(origin).toContain(
      ", 50 % of their memory touched, 100 % of it in huge pages where they fit, 12.5 % of files, 0 % shared",
    );
  });
});

describe("what the engine is told of a VMA", () => {
  it("is a number of pages as far as that fits, and never more than it has", () => {
    expect(residentCode(RESIDENT_MAX, RESIDENT_MAX) >>> RESIDENT_SHIFT).toBe(RESIDENT_MAX);
    expect(residentCode(7, 9) >>> RESIDENT_SHIFT).toBe(7);
  });

  it.each([
    [65_536, 1],
    [1_000_000, 0.5],
    [2 ** 28, 0.3],
    [2 ** 28, 1],
  ])("of %i pages is a share of them, less than a 65,535th below %d", (page_count, share) => {
    const space = populate(contiguous(1, { page_count }), share);
    const wanted = Math.ceil(page_count * share);
    const { pages } = residentOf(space);
    expect(pages).toBeLessThanOrEqual(wanted);
    expect(pages).toBeGreaterThan(wanted - page_count / RESIDENT_MAX - 1);
  });

  it("adds up to pages, those of processes apart, and to page tables that these can take", () => {
    const shares = { anonymous: 1, file: 1, shared: 1, huge: 0 };
    expect(residentOf(populate(CLASSES, shares))).toEqual({
      pages: 400,
      owned_pages: 100,
      tables_max: 4 * 2, // a hundred pages may lie in two tables
      huge_vmas: 0,
    });
  });
});

describe("whole blocks of 2 MiB", () => {
  it("are counted as one would by hand", () => {
    for (const start of [0, 1, 511, 512, 513, 1024]) {
      for (const pages of [1, 511, 512, 513, 1023, 1024, 1536, 2000]) {
        let whole = 0;
        for (let first = 0; first < 8192; first += PAGES_PER_HUGE) {
          if (first >= start && first + PAGES_PER_HUGE <= start + pages) whole++;
        }
        expect(wholeBlocks(start, pages), `${pages} pages from ${start}`).toBe(whole);
      }
    }
  });

  it("are huge pages by their share, in anonymous memory alone", () => {
    // the first VMA begins on a border of 2 MiB, each later one 100 pages further behind one
    const space = contiguous(3, { page_count: 1124 });
    const huge = (share: number) =>
      each(populate(space, { anonymous: 1, file: 0, shared: 0, huge: share })).map(
        (vma) => vma.huge,
      );
    expect(huge(1)).toEqual([2, 1, 1]);
    expect(huge(0.5)).toEqual([1, 0, 0]);
    expect(huge(0)).toEqual([0, 0, 0]);
    const files = { anonymous: 0, file: 1, shared: 1, huge: 1 };
    expect(each(populate(CLASSES, files)).every((vma) => vma.huge === 0)).toBe(true);
  });
});

/** smaps of 4 MiB each: first page, a tail of the line, Rss and AnonHugePages in kB, VmFlags. */
const FOUND = parseMaps(
  (
    [
      [0x1000, "rw-p 00000000 00:00 0 ", 4096, 4096, "rd wr"],
      [0x2001, "rw-p 00000000 00:00 0 ", 3000, 2048, "rd wr"],
      [0x3000, "rw-p 00000000 fe:00 7          /a", 4096, 2048, "rd wr"],
      [0x4000, "rw-p 00000000 00:0f 8          /anon_hugepage (deleted)", 4, 0, "rd wr ht"],
      [0x5000, "r-xp 00000000 00:00 0          [vdso]", 4, 0, "rd ex"],
    ] as const
  )
    .map(
      ([page, tail, rss, huge, flags]) =>
        `${page.toString(16)}000-${(page + 1024).toString(16)}000 ${tail}\nSize: 4096 kB\nRss: ${rss} kB\n` +
        `AnonHugePages: ${huge} kB\nVmFlags: ${flags} \n`,
    )
    .join(""),
);

describe("what smaps found", () => {
  it("is resident as it says, small pages and huge ones, but for what a teardown does not free", () => {
    const found = each(FOUND.found!);
    expect(found.map(({ code }) => code)).toEqual([1024, 750, 1024, 0, 0]);
    expect(found.map(({ huge }) => huge)).toEqual([2, 1, 0, 0, 0]);
    expect(residentOf(FOUND.found!)).toMatchObject({ pages: 2798, huge_vmas: 2 });
    expect(each(FOUND).every(({ code, huge }) => code === 0 && huge === 0)).toBe(true);
  });

  it("stays possible when it is scaled: no more huge pages than blocks there", () => {
    const scaled = each(scaleAddressSpace(FOUND.found!, 500, { seed: 1 }));
    for (const { start, pages, huge } of scaled) {
      expect(huge).toBeLessThanOrEqual(wholeBlocks(start, pages));
    }
    const counts = new Set(scaled.map(({ huge }) => huge));
    expect([...counts].sort()).toEqual([0, 1, 2]);
  });
});

import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { InputError, LimitError } from "../../src/errors.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { alternating, contiguous, gappy, randomSizes } from "../../src/input/generate.ts";
import { parseMaps } from "../../src/input/maps.ts";
import { openMaps } from "../../src/input/maps-file.ts";
import { pageBucket } from "../../src/input/resample.ts";
import { distribution } from "./distribution.ts";
import { formatMaps } from "./format-maps.ts";

const { READ, WRITE, EXEC, ACCOUNT } = VmaFlag;
const RW = READ | WRITE | ACCOUNT;

function* each(space: AddressSpace, chunk_vmas = 1000) {
  for (const chunk of space.chunks(chunk_vmas)) {
    for (let i = 0; i < chunk.length; i++) {
      yield { start: chunk.start_page[i]!, pages: chunk.page_count[i]!, flags: chunk.flags[i]! };
    }
  }
}

/** One letter a page: w RW, x RWX, r R, dots for gaps. */
function picture(space: AddressSpace): string {
  let text = "";
  let end = -1;
  for (const { start, pages, flags } of each(space)) {
    text += ".".repeat(end < 0 ? 0 : start - end);
    text += (flags & EXEC ? "x" : flags & WRITE ? "w" : "r").repeat(pages);
    end = start + pages;
  }
  return text;
}

describe("pictures", () => {
  it("alternating", () => expect(picture(alternating(7))).toBe("wxwxwxw"));
  it("contiguous", () => expect(picture(contiguous(4, { page_count: 3 }))).toBe("wwwrrrwwwrrr"));
  it("gappy", () =>
    expect(picture(gappy(5, { seed: 2, page_count_max: 4, gap_pages_max: 3 }))).toMatch(
      /^w{1,4}(\.{1,3}w{1,4}){4}$/,
    ));
});

describe("alternating protection", () => {
  it("touches, is one page each, cannot merge and is accountable throughout", () => {
    let end = -1;
    let flags_before = -1;
    let seen = 0;
    for (const { start, pages, flags } of each(alternating(10_000))) {
      if (end >= 0) expect(start).toBe(end);
      expect(pages).toBe(1);
      expect(flags).toBe(seen % 2 === 0 ? RW : RW | EXEC);
      expect(flags).not.toBe(flags_before);
      end = start + pages;
      flags_before = flags;
      seen++;
    }
    expect(seen).toBe(10_000);
  });

  it("has 11 more VMAs with its process, as the measured exits have", () => {
    const space = alternating(1000, { base_process: true });
    expect(space.vma_count).toBe(1011);
    const vmas = [...each(space)];
    expect(vmas).toHaveLength(1011);
    expect(vmas.filter((vma) => vma.flags & VmaFlag.HEAP)).toHaveLength(1);
    expect(vmas.at(-1)!.flags & VmaFlag.STACK).toBeTruthy();
    let end = 0;
    for (const vma of vmas) {
      expect(vma.start).toBeGreaterThanOrEqual(end);
      end = vma.start + vma.pages;
    }
    expect(end * 4096).toBe(0x7ffffffff000);
    // The area of N + 1 pages lies under the vvar page.
    expect(vmas[7 + 1000]!.start + 1).toBe(vmas[7 + 1001]!.start);
  });

  it("puts the program where a real static program is", async () => {
    const real = await openMaps("test/fixtures/maps/static.maps");
    const made = [...each(alternating(2, { base_process: true }))];
    for (let i = 0; i < 7; i++) {
      const { start_page, page_count, flags } = real.vma(i);
      // Plain maps do not show that the part made read-only stays accountable.
      const derived = i === 3 ? flags | ACCOUNT : flags;
      expect(made[i]).toEqual({ start: start_page, pages: page_count, flags: derived });
    }
    const stack = real.vma(real.vma_count - 1);
    expect(made.at(-1)).toEqual({ start: stack.start_page, pages: 33, flags: stack.flags });
  });
});

describe("seeded shapes", () => {
  it("gappy: sizes and gaps of 1 to 16, each about as often", () => {
    const sizes = new Array(17).fill(0);
    const gaps = new Array(17).fill(0);
    let end = -1;
    for (const { start, pages, flags } of each(gappy(32_000, { seed: 6 }))) {
      sizes[pages]++;
      if (end >= 0) gaps[start - end]++;
      expect(flags).toBe(RW);
      end = start + pages;
    }
    for (const counts of [sizes, gaps]) {
      expect(counts[0]).toBe(0);
      for (const count of counts.slice(1)) expect(Math.abs(count - 2000)).toBeLessThan(250);
    }
  });

  it("random: every power of two about as often, within the bounds", () => {
    const octaves = new Array(20).fill(0);
    for (const { pages } of each(randomSizes(50_000, { seed: 8, page_count_max: 1023 }))) {
      octaves[pageBucket(pages)]++;
    }
    expect(octaves[0]).toBe(0);
    for (const count of octaves.slice(1, 11)) expect(Math.abs(count - 5000)).toBeLessThan(400);
    expect(octaves.slice(11).every((count) => count === 0)).toBe(true);
  });

  it("random: bounds inside a power of two", () => {
    for (const { pages } of each(
      randomSizes(500, { seed: 1, page_count_min: 5, page_count_max: 6 }),
    )) {
      expect([5, 6]).toContain(pages);
    }
    // of the last one a power of two has so many sizes that it has next to no weight
    for (const only of [9, 2 ** 26]) {
      const bounds = { page_count_min: only, page_count_max: only };
      for (const { pages } of each(randomSizes(50, { seed: 1, ...bounds }))) {
        expect(pages).toBe(only);
      }
    }
  });

  it("repeat for a seed, in chunks of any size, and differ between seeds", () => {
    for (const make of [gappy, randomSizes]) {
      const expected = [...each(make(500, { seed: 1 }))];
      expect([...each(make(500, { seed: 1n }), 7)]).toEqual(expected);
      expect([...each(make(500, { seed: 2 }))]).not.toEqual(expected);
    }
  });
});

describe("limits", () => {
  it("refuses with both numbers what does not fit 47 bits", () => {
    expect(() => contiguous(70_000_000, { page_count: 1000 })).toThrow(
      "contiguous VMAs do not fit: found 70,000,000,000 pages of 47-bit addresses needed, " +
        "expected at most 34,359,737,344 (ask for fewer or smaller VMAs)",
    );
    expect(() => alternating(2 ** 35)).toThrow(LimitError);
    const options = { seed: 1, page_count_min: 2 ** 27, page_count_max: 2 ** 28 };
    expect(() => randomSizes(300, options)).toThrow(LimitError);
  });

  it("draws to find out whether the worst case will do", () => {
    // 200 x 2^28 pages would not fit, but log-uniform sizes are mostly small.
    const space = randomSizes(200, { seed: 1, page_count_max: 2 ** 28 });
    const last = [...each(space)].at(-1)!;
    expect(last.start + last.pages).toBeLessThanOrEqual(2 ** 35);
  });

  it("draws nothing where what is to be expected is far from the limit", () => {
    // to draw them all would take minutes
    expect(gappy(1_300_000_000, { seed: 1 }).vma_count).toBe(1_300_000_000);
    expect(() => gappy(4_000_000_000, { seed: 1 })).toThrow(
      "do not fit: found 68,000,000,000 pages of 47-bit addresses needed",
    );
    const count = 300_000_000;
    expect(randomSizes(count, { seed: 1 }).vma_count).toBe(count);
    expect(() => randomSizes(count, { seed: 1, page_count_max: 2 ** 16 })).toThrow("do not fit");
  });

  it("expects what it then draws", () => {
    // the widest gaps that fit 47 bits fill them: no margin is taken for the answer
    const vma_count = 2 ** 20;
    const fits = (gap_pages_max: number) => {
      try {
        randomSizes(vma_count, { seed: 3, page_count_max: 2 ** 16, gap_pages_max });
        return true;
      } catch {
        return false;
      }
    };
    let [fit, misfit] = [1, 2 ** 20];
    while (misfit - fit > 1) {
      const gap = Math.floor((fit + misfit) / 2);
      if (fits(gap)) fit = gap;
      else misfit = gap;
    }
    const space = randomSizes(vma_count, { seed: 3, page_count_max: 2 ** 16, gap_pages_max: fit });
    let end_page = 0;
    for (const { length, start_page, page_count } of space.chunks(65_536)) {
      end_page = start_page[length - 1]! + page_count[length - 1]!;
    }
    expect(end_page).toBeLessThanOrEqual(2 ** 35);
    expect(end_page).toBeGreaterThan(0.999 * 2 ** 35);
  });

  it("refuses numbers that are none", () => {
    expect(() => alternating(0)).toThrow("bad number of VMAs: found 0, expected a whole number");
    expect(() => contiguous(1, { page_count: 0 })).toThrow(InputError);
    expect(() => gappy(1, { seed: 1, gap_pages_max: 0.5 })).toThrow(InputError);
    expect(() => randomSizes(1, { seed: 1, page_count_min: 9, page_count_max: 8 })).toThrow(
      "bad page_count_max: found 8, expected a whole number of 9 to 268,435,456 pages",
    );
    expect(() => gappy(1, { seed: -1 })).toThrow(/^bad seed/);
  });

  it("makes 70 million VMAs without holding them", () => {
    let vma_count = 0;
    let last = 0;
    for (const chunk of alternating(70_000_000, { base_process: true }).chunks(65_536)) {
      vma_count += chunk.length;
      expect(chunk.start_page[0]).toBeGreaterThan(last);
      last = chunk.start_page[chunk.length - 1]!;
    }
    expect(vma_count).toBe(70_000_011);
  });
});

describe("the distribution", () => {
  it("counts sizes, gaps, flags, pages and page-table clusters", () => {
    const maps = parseMaps(
      "00400000-00401000 r--p 00000000 fe:00 1 /a\n" +
        "00401000-00404000 rw-p 00000000 00:00 0\n" +
        // 2 MiB after the end of the last: still the same cluster
        "00604000-00605000 rw-p 00000000 00:00 0\n" +
        // one page more than 2 MiB: a new one
        "00806000-00807000 rw-p 00000000 00:00 0\n",
    );
    const counted = distribution(maps);
    expect(counted).toMatchObject({
      vma_count: 4,
      page_total: 6,
      account_page_total: 5,
      page_table_clusters: 2,
    });
    expect([...counted.sizes.slice(0, 3)]).toEqual([0, 3, 1]);
    expect([counted.gaps[0], counted.gaps[10]]).toEqual([1, 2]);
    expect([...counted.flags]).toEqual([
      [RW, 3],
      [READ | VmaFlag.FILE, 1],
    ]);
  });

  it("buckets by powers of two, exactly", () => {
    expect([0, 1, 2, 3, 4, 7, 8].map(pageBucket)).toEqual([0, 1, 2, 2, 3, 3, 4]);
    for (let power = 0; power <= 52; power++) {
      expect(pageBucket(2 ** power)).toBe(power + 1);
      if (power > 0) expect(pageBucket(2 ** power - 1)).toBe(power);
    }
  });

  it("is the same after a detour through text", () => {
    const space = contiguous(1000, { page_count: 5 });
    const text = [...each(space)].map(({ start, pages, flags }) => {
      const address = (page: number) => `${page.toString(16)}000`;
      return `${address(start)}-${address(start + pages)} ${flags & WRITE ? "rw-p" : "r--p"} 00000000 00:00 0 \n`;
    });
    const parsed = parseMaps(formatMaps(parseMaps(text)));
    expect(distribution(parsed)).toEqual(distribution(space));
  });
});

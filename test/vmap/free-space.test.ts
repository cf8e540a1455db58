// The free-space tree against a sorted list: lowest fit, clipping, returning into neighbours
// (kernel-facts 7.3, 7.4).

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions, TARGETS } from "../queue/load.ts";
import { freeBlocksOf, loadVmap, NOTHING, RANGE_START, TOP, takeSteps } from "./vmap-room.ts";

/** The naive allocator: free blocks in a sorted array, searched from the start. */
class SortedBlocks {
  readonly blocks: [bigint, bigint][] = [[-RANGE_START, TOP - RANGE_START]];

  /** The lowest aligned address with `room` pages free behind the start of its block. */
  lowest(pages: bigint, align: bigint, room = pages): bigint {
    for (const [start, end] of this.blocks) {
      const from = start > 0n ? start : 0n;
      const first = ((from + align - 1n) / align) * align;
      if (first + pages <= end && from + room <= end) return first;
    }
    return NOTHING;
  }

  take(first: bigint, pages: bigint): void {
    const at = this.blocks.findIndex(([start, end]) => start <= first && first + pages <= end);
    expect(at, "taken from a free block").toBeGreaterThanOrEqual(0);
    const [start, end] = this.blocks[at]!;
    const rest: [bigint, bigint][] = [
      [start, first],
      [first + pages, end],
    ];
    this.blocks.splice(at, 1, ...rest.filter(([low, high]) => low < high));
  }

  give(start: bigint, pages: bigint): void {
    this.blocks.push([start, start + pages]);
    this.blocks.sort(([a], [b]) => (a < b ? -1 : 1));
    for (let at = this.blocks.length - 1; at > 0; at--) {
      if (this.blocks[at - 1]![1] !== this.blocks[at]![0]) continue;
      this.blocks[at - 1]![1] = this.blocks[at]![1];
      this.blocks.splice(at, 1);
    }
  }
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      pages: fc.bigInt({ min: 1n, max: 9n }),
      shift: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 6 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ release: fc.nat(1000) }) },
);

describe.each(TARGETS)("the free-space tree (%s)", (target) => {
  it("hands out the lowest addresses that fit, whatever was taken and given back", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const room = loadVmap(1200, target);
        const naive = new SortedBlocks();
        const held: [bigint, bigint][] = [];
        for (const one of steps) {
          if ("pages" in one) {
            const align = 1n << BigInt(one.shift);
            const start = BigInt.asUintN(64, room.take(one.pages, align));
            // An aligned request is looked for as one with room to spare, but taken from any block
            // on the way down that happens to fit.
            expect(start).toBeGreaterThanOrEqual(naive.lowest(one.pages, align));
            expect(start).toBeLessThanOrEqual(
              naive.lowest(one.pages, align, one.pages + align - 1n),
            );
            if (align === 1n) expect(start).toBe(naive.lowest(one.pages, 1n));
            naive.take(start, one.pages);
            room.insertBusy(start, one.pages);
            held.push([start, one.pages]);
          } else if (held.length > 0) {
            const [[start, pages]] = held.splice(one.release % held.length, 1) as [
              [bigint, bigint],
            ];
            expect(room.removeBusy(start)).toBe(pages);
            room.give(start, pages);
            naive.give(start, pages);
          }
          room.audit();
        }
        expect(freeBlocksOf(room)).toEqual(naive.blocks);
        expect(room.busyAreas()).toBe(held.length);
        expect(room.areasLive()).toBe(held.length + naive.blocks.length);
      }),
      propertyOptions(target === "release" ? 150 : 30),
    );
  });

  it("refuses what no block can hold, and what no alignment allows", () => {
    const room = loadVmap(100, target);
    expect(BigInt.asUintN(64, room.take(1n << 41n, 1n))).toBe(NOTHING);
    expect(BigInt.asUintN(64, room.take(1n, 1n << 51n))).toBe(NOTHING);
    expect(room.take(1n, 1n << 20n)).toBe(0n);
    expect(room.take(1n, 1n << 20n)).toBe(1n << 20n);
    expect(room.take(1n, 1n)).toBe(1n);
  });

  it("traps when an area overlaps another one", () => {
    const room = loadVmap(100, target);
    room.insertBusy(10n, 4n);
    expect(() => room.insertBusy(13n, 2n)).toThrow(/rbtree/);
  });
});

describe("paths through the tree", () => {
  /** `holes` holes of two pages, two pages apart. */
  function withHoles(holes: number) {
    const room = loadVmap(4 * holes + 100);
    for (let i = 0; i < 2 * holes; i++) room.take(2n, 1n);
    for (let i = 0; i < holes; i++) room.give(BigInt(4 * i), 2n);
    takeSteps(room);
    return room;
  }

  it("grow with the logarithm of the holes", () => {
    const down = [128, 1024, 8192, 65_536].map((holes) => {
      const room = withHoles(holes);
      expect(room.take(3n, 1n)).toBe(BigInt(4 * holes));
      return takeSteps(room).down;
    });
    const growth = down.slice(1).map((steps, i) => steps - down[i]!);
    for (const more of growth) {
      expect(more).toBeGreaterThanOrEqual(3); // three doublings a step
      expect(more).toBeLessThanOrEqual(12); // down the left side and the right one, twice as deep
    }
  });

  it("lead straight to the first hole where it fits", () => {
    const room = withHoles(4096);
    expect(room.take(2n, 1n)).toBe(0n);
    expect(takeSteps(room).up).toBeLessThanOrEqual(1);
  });
});

// Lists of frames, the buddy allocator and per-CPU lists, beside naive ones; then the kernel's own
// numbers.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PageStat, PcpGeneration } from "../../assembly/abi/page.ts";
import { MOVABLE, NORMAL, PCP, pages } from "./page-room.ts";

describe("a list of frames", () => {
  it("has the order of a list of single frames, whatever is put and taken where", () => {
    const { room, list } = pages();
    const step = fc.record({
      put: fc.boolean(),
      head: fc.boolean(),
      low: fc.nat(60),
      length: fc.integer({ min: 1, max: 5 }),
      down: fc.boolean(),
    });
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      while (room.takeMany(list, 1000, true) !== 0);
      const naive: number[] = [];
      for (const { put, head, low, length, down } of steps) {
        if (put) {
          const frames = Array.from({ length }, (_, i) => low + i);
          if (down) frames.reverse();
          if (head) naive.unshift(...frames);
          else naive.push(...frames);
          if (head) room.putHead(list, low, length, down);
          else room.putTail(list, low, length, down);
        } else {
          const taken = room.takeMany(list, length, head);
          const low_taken = room.lastLow();
          const frames = Array.from({ length: taken }, (_, i) => low_taken + i);
          if (taken > 1 && room.lastDown() !== 0) frames.reverse();
          const wanted = head ? naive.splice(0, taken) : naive.splice(naive.length - taken, taken);
          expect(frames).toEqual(wanted);
        }
        expect(room.listCount(list)).toBe(naive.length);
      }
    });
    fc.assert(property, { numRuns: 300, seed: 20_211_008 });
  });
});

/** Free blocks an order of a set of free pages: the largest aligned ones, as merging leaves them. */
function naiveBlocks(free: ReadonlySet<number>, total: number): number[] {
  const left = new Set(free);
  const counts = Array.from({ length: 11 }, () => 0);
  for (let order = 10; order >= 0; order--) {
    for (let first = 0; first + 2 ** order <= total; first += 2 ** order) {
      const block = Array.from({ length: 2 ** order }, (_, i) => first + i);
      if (!block.every((page) => left.has(page))) continue;
      counts[order]!++;
      for (const page of block) left.delete(page);
    }
  }
  return counts;
}

describe("the buddy allocator", () => {
  it("merges what is freed into the fewest blocks, in any order", () => {
    const total = 3000; // not a power of 2
    const batch = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });
    const property = fc.property(batch, (sizes) => {
      const { room, list } = pages({ normal_pages: total, high_fraction: 3000 });
      const counts = () => Array.from({ length: 11 }, (_, order) => room.blocksIn(NORMAL, order));
      const got = sizes.map((size) => room.allocate(0, MOVABLE, size, list));
      const taken = got.reduce((sum, pages_got) => sum + pages_got, 0);
      room.drainLists();
      expect(room.freeIn(NORMAL)).toBe(total - taken);
      const rest = new Set(Array.from({ length: total }, (_, i) => i));
      for (let left = taken; left > 0; ) {
        const run = room.takeMany(list, left, true);
        for (let i = 0; i < run; i++) rest.delete(room.lastLow() + i);
        room.putTail(list, room.lastLow(), run, room.lastDown() !== 0);
        left -= run;
      }
      expect(rest.size).toBe(total - taken); // no page was given out twice
      expect(counts()).toEqual(naiveBlocks(rest, total));
      room.freeFrom(0, MOVABLE, taken, list);
      room.drainLists();
      expect(room.whole(NORMAL)).toBe(1);
      expect(counts()).toEqual(
        naiveBlocks(new Set(Array.from({ length: total }, (_, i) => i)), total),
      );
    });
    fc.assert(property, { numRuns: 20, seed: 11 });
  });

  it("is whole again when high-order blocks and single pages have all come back", () => {
    const { room, list } = pages({ normal_pages: 4096 });
    const blocks = [0, 1, 2, 3, 9].map((order) => ({
      order,
      frame: room.takeOrder(NORMAL, order),
    }));
    const got = room.allocate(0, MOVABLE, 100, list);
    for (const { order, frame } of blocks) room.freeOrder(0, MOVABLE, order, frame);
    room.freeFrom(0, MOVABLE, got, list);
    room.drainLists();
    expect(room.whole(NORMAL)).toBe(1);
  });
});

const MIB = 256;

describe("the kernel's numbers", () => {
  it.each([
    [128, 7],
    [256, 15],
    [512, 31],
    [1024, 63],
    [4096, 63],
  ])("5.15 to 6.12: a zone of %i MiB has batches of %i", (mib, batch) => {
    const { room } = pages({ normal_pages: mib * MIB });
    expect(room.pcpField(0, NORMAL, PCP.batch)).toBe(batch);
  });

  it("7.2: a zone of 1 GiB has batches of 63, one of 256 MiB of 15", () => {
    const big = pages({ generation: PcpGeneration.V7_2, normal_pages: 1024 * MIB });
    expect(big.room.pcpField(0, NORMAL, PCP.batch)).toBe(63);
    const small = pages({ generation: PcpGeneration.V7_2, normal_pages: 256 * MIB });
    expect(small.room.pcpField(0, NORMAL, PCP.batch)).toBe(15);
  });

  it("5.15: drains of a list that only fills are 63, 126, 252, 504, 937, 937", () => {
    const { room, list } = pages({ generation: PcpGeneration.V5_15, normal_pages: 2 ** 18 });
    const total = 8000;
    expect(room.allocate(0, MOVABLE, total, list)).toBe(total);
    room.setPcpField(0, NORMAL, PCP.high, 1000);
    const drains: number[] = [];
    let returned = Number(room.stat(PageStat.BULK_PAGES));
    for (let freed = 0; freed < total && drains.length < 6; freed++) {
      room.freeFrom(0, MOVABLE, 1, list);
      const now = Number(room.stat(PageStat.BULK_PAGES));
      if (now !== returned) drains.push(now - returned);
      returned = now;
    }
    expect(drains).toEqual([63, 126, 252, 504, 937, 937]);
    expect(room.stat(PageStat.BULK_HOLDS)).toBe(6n); // one hold each, whatever its size
  });

  it("5.15: an allocation halves the next drain", () => {
    const { room, list } = pages({ generation: PcpGeneration.V5_15 });
    room.setPcpField(0, NORMAL, PCP.freeFactor, 3);
    room.allocate(0, MOVABLE, 1, list);
    expect(room.pcpField(0, NORMAL, PCP.freeFactor)).toBe(1);
  });

  it("7.2: high_min 252 is reached at 252, gives 189 as 63 three times, and becomes 315", () => {
    const { room, list } = pages({ generation: PcpGeneration.V7_2, normal_pages: 2 ** 18 });
    expect(room.pcpField(0, NORMAL, PCP.highMin)).toBe(262); // from the low watermark, 0.1 %
    room.setPcpField(0, NORMAL, PCP.highMin, 252);
    room.allocate(0, MOVABLE, 1000, list);
    room.drainLists();
    room.setPcpField(0, NORMAL, PCP.high, 252);
    const before = room.stat(PageStat.BULK_HOLDS);
    room.freeFrom(0, MOVABLE, 251, list);
    expect(room.stat(PageStat.BULK_HOLDS)).toBe(before);
    room.freeFrom(0, MOVABLE, 1, list);
    expect(room.stat(PageStat.BULK_HOLDS)).toBe(before + 3n);
    expect(room.pcpField(0, NORMAL, PCP.count)).toBe(252 - 189);
    expect(room.pcpField(0, NORMAL, PCP.high)).toBe(315);
  });

  it.each([
    [PcpGeneration.V6_12, 0],
    [PcpGeneration.V7_2, 1],
  ])(
    "cut short what many high-order blocks in a row have piled up (generation %i)",
    (generation, halves) => {
      const { room, list } = pages({ generation, normal_pages: 2 ** 18 });
      room.allocate(0, MOVABLE, 1, list);
      const batch = room.pcpField(0, NORMAL, PCP.batch);
      const least = batch + halves * Math.floor(room.pcpField(0, NORMAL, PCP.highMin) / 2);
      let freed = 0;
      while (room.pcpField(0, NORMAL, PCP.count) === freed + 62) {
        room.freeOrder(0, MOVABLE, 1, room.takeOrder(NORMAL, 1));
        freed += 2;
      }
      // the block after so many
      expect([freed, room.pcpField(0, NORMAL, PCP.count)]).toEqual([
        2 * Math.ceil(least / 2) + 2,
        0,
      ]);
    },
  );

  it("6.12: the same drain is one hold", () => {
    const { room, list } = pages({ generation: PcpGeneration.V6_12 });
    room.setPcpField(0, NORMAL, PCP.highMin, 252);
    room.allocate(0, MOVABLE, 1000, list);
    room.drainLists();
    room.setPcpField(0, NORMAL, PCP.high, 252);
    const before = room.stat(PageStat.BULK_HOLDS);
    room.freeFrom(0, MOVABLE, 252, list);
    expect(room.stat(PageStat.BULK_HOLDS)).toBe(before + 1n);
    expect(room.pcpField(0, NORMAL, PCP.count)).toBe(252 - 189);
  });

  it("refills double from 63 to 2,016 while nothing is freed, and raise high by as much", () => {
    const { room, list } = pages();
    const refills: bigint[] = [];
    let seen = 0n;
    for (let page = 0; page < 6000; page++) {
      room.allocate(0, MOVABLE, 1, list);
      const now = room.stat(PageStat.REFILL_PAGES);
      if (now !== seen) refills.push(now - seen);
      seen = now;
    }
    expect(refills.slice(0, 3)).toEqual([63n, 126n, 252n]);
    expect(refills.at(-1)).toBe(2016n);
    expect(room.pcpField(0, NORMAL, PCP.high)).toBeGreaterThan(6000);
  });

  it("decays high by an eighth a second, and gives back what is then too much in batches", () => {
    const { room, list } = pages();
    room.allocate(0, MOVABLE, 8000, list);
    room.setPcpField(0, NORMAL, PCP.high, 8000);
    room.freeFrom(0, MOVABLE, 7000, list);
    const count = room.pcpField(0, NORMAL, PCP.count);
    const before = room.stat(PageStat.BULK_HOLDS);
    const moved = room.decay(0, NORMAL);
    expect(room.pcpField(0, NORMAL, PCP.high)).toBe(Math.max(7000, count - 2016));
    expect(moved).toBe(Math.max(0, count - Math.max(7000, count - 2016)));
    expect(room.stat(PageStat.BULK_HOLDS) - before).toBe(BigInt(Math.ceil(moved / 63)));
  });

  it("keeps lists short while reclaim is active", () => {
    const { room, list } = pages({ normal_pages: 2 ** 18, min_free_pages: 20_000 });
    // down to the min watermark: reclaim runs until the high one is reached
    const got = room.allocate(0, MOVABLE, 2 ** 18, list);
    room.setPcpField(0, NORMAL, PCP.high, 4000);
    for (let freed = 0; freed < 3000; freed++) {
      room.freeFrom(0, MOVABLE, 1, list);
      expect(room.pcpField(0, NORMAL, PCP.count)).toBeLessThanOrEqual(2016 + 4 * 63);
    }
    const low = room.pcpField(0, NORMAL, PCP.count);
    room.freeFrom(0, MOVABLE, got - 3000, list);
    expect(low).toBeLessThan(4 * 63);
    expect(room.pcpField(0, NORMAL, PCP.count)).toBeGreaterThan(4 * 63);
  });
});

describe("all memory taken", () => {
  it("ends at the min watermark, in both zones, and comes back whole", () => {
    const { room, list } = pages({
      normal_pages: 20_000,
      dma32_pages: 30_000,
      min_free_pages: 500,
    });
    const got = room.allocate(0, MOVABLE, 60_000, list);
    expect(got).toBeLessThan(50_000);
    expect(room.freeIn(NORMAL)).toBeLessThanOrEqual(200);
    expect(room.allocate(0, MOVABLE, 1, list)).toBe(0);
    room.freeFrom(0, MOVABLE, got, list);
    room.drainLists();
    expect(room.freeIn(0) + room.freeIn(NORMAL)).toBe(50_000);
    expect([room.whole(0), room.whole(NORMAL)]).toEqual([1, 1]);
  });

  it("leaves the lower zone its share of the least, and a 256th of the pages above it", () => {
    const sizes = { normal_pages: 200_000, dma32_pages: 30_000, min_free_pages: 500 };
    const { room, list } = pages(sizes);
    room.allocate(0, MOVABLE, 240_000, list);
    const kept = Math.floor((500 * 30) / 230) + Math.floor(200_000 / 256);
    expect(room.freeIn(0)).toBeLessThanOrEqual(kept);
    // the last refill took up to 32 batches
    expect(room.freeIn(0)).toBeGreaterThan(kept - 32 * room.pcpField(0, 0, PCP.batch));
  });
});

// The numbers of kernel-facts 8.4 (lists of 5.15), 8.6 (those of 6.7 and later) and 11.2, page by page; each test names
// its section. Vectors of 11.2 that concern no pages are where their mechanism is: test/vmap (lazy_max_pages),
// test/rcu (waits, limits, groups, sequences, segments, bypass), test/strategy (calls of groups), test/slab (sheaves),
// test/index (nodes), test/mm (reference counts), test/law (the exit of an empty tree).

import { describe, expect, it } from "vitest";
import { PageStat, PcpGeneration } from "../../assembly/abi/page.ts";
import { MOVABLE, NORMAL, type PageRoom, PCP, pages } from "./page-room.ts";

const { V5_15, V6_12, V7_2 } = PcpGeneration;
const MIB = 256;
const GIB = 1024 * MIB;
const [UNMOVABLE, RECLAIMABLE] = [0, 2];
/** Zone.flags */
const [RECLAIM_ACTIVE, BELOW_HIGH] = [1, 2];

const holds = (room: PageRoom) => Number(room.stat(PageStat.BULK_HOLDS));
const moved = (room: PageRoom) => Number(room.stat(PageStat.BULK_PAGES));
const count = (room: PageRoom) => room.pcpField(0, NORMAL, PCP.count);

/** Sets `high` and both its bounds. */
function fixHigh(room: PageRoom, high: number): void {
  for (const field of [PCP.high, PCP.highMin, PCP.highMax])
    room.setPcpField(0, NORMAL, field, high);
}

/** So many pages of a type lie on their list, and nothing else on any. */
function fill(room: PageRoom, list: number, lists: readonly (readonly [number, number])[]): void {
  for (const [type, wanted] of lists) {
    room.allocate(0, type, wanted, list);
    room.drainLists();
  }
  fixHigh(room, 100_000);
  for (const [type, wanted] of lists) room.freeFrom(0, type, wanted, list);
}

describe("8.4, lists of 5.15", () => {
  it.each([
    [1, 1, 262], // the low watermark, 0.1 % of 1 GiB
    [1, 2, 252], // its share of 131 is below 4 batches
    [8, 1, 2097],
    [8, 4, 524],
  ])(
    "8.4: a zone of %i GiB has a high of max(low / CPUs, 4 * batch) on each of %i CPUs: %i",
    (gib, cpus, high) => {
      const { room } = pages({ generation: V5_15, normal_pages: gib * GIB, cpus });
      expect(room.pcpField(0, NORMAL, PCP.high)).toBe(high);
    },
  );

  it("8.4: high 0 gives back each page by itself", () => {
    const { room, list } = pages({ generation: V5_15 });
    room.allocate(0, MOVABLE, 300, list);
    room.drainLists();
    fixHigh(room, 0);
    const before = holds(room);
    room.freeFrom(0, MOVABLE, 300, list);
    expect(holds(room) - before).toBe(300);
    expect(count(room)).toBe(0);
  });

  it("8.4: a high below the batch gives back one page at a time", () => {
    const { room, list } = pages({ generation: V5_15 });
    room.allocate(0, MOVABLE, 300, list);
    room.drainLists();
    fixHigh(room, 62);
    const before = moved(room);
    room.freeFrom(0, MOVABLE, 300, list);
    expect(count(room)).toBe(61); // at 62 one goes
    expect(moved(room) - before).toBe(300 - 61);
  });

  it("8.4: while reclaim runs the list may hold four batches, whatever high says", () => {
    const { room, list } = pages({ generation: V5_15 });
    room.allocate(0, MOVABLE, 252, list);
    room.drainLists();
    fixHigh(room, 1000);
    const before = moved(room);
    for (let freed = 0; freed < 252; freed++) {
      room.setZoneFlags(NORMAL, RECLAIM_ACTIVE);
      expect(moved(room)).toBe(before);
      room.freeFrom(0, MOVABLE, 1, list);
    }
    expect(moved(room) - before).toBe(63);
  });

  it("8.4: free_factor grows with every drain, without a cap", () => {
    const { room, list } = pages({ generation: V5_15, normal_pages: 4 * GIB });
    const total = 600_000;
    room.allocate(0, MOVABLE, total, list);
    room.drainLists();
    room.setPcpField(0, NORMAL, PCP.freeFactor, 0);
    fixHigh(room, 200_000);
    const drains: number[] = [];
    for (let left = total; left > 0 && drains.length < 8; left -= 63) {
      const before = moved(room);
      room.freeFrom(0, MOVABLE, 63, list);
      if (moved(room) !== before) drains.push(moved(room) - before);
    }
    expect(drains).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((factor) => 63 << factor));
    expect(room.pcpField(0, NORMAL, PCP.freeFactor)).toBe(8); // from 6.7 on it ends at 5
  });

  it("8.4: a bulk move looks at the next list first, and each look, at empty ones too, adds one to the share", () => {
    const { room, list } = pages({ generation: V5_15 });
    fill(room, list, [
      [UNMOVABLE, 10],
      [MOVABLE, 10],
    ]);
    // list 1 (movable) after one look: 1 page; 13 empty ones and list 0: the rest
    expect(room.bulk(0, NORMAL, 6, 0)).toBe(6);
    expect(room.listLengthOf(0, NORMAL, MOVABLE)).toBe(9);
    expect(room.listLengthOf(0, NORMAL, UNMOVABLE)).toBe(5);
  });

  it("8.4: a share that a list cannot fill carries over to the next one", () => {
    const { room, list } = pages({ generation: V5_15 });
    fill(room, list, [
      [UNMOVABLE, 3],
      [MOVABLE, 30],
      [RECLAIMABLE, 30],
    ]);
    // 1 of list 1, 1 of list 2; 13 looks later list 0 gives all its 3; 10 are left over, and one more look: 11 of list 1
    expect(room.bulk(0, NORMAL, 16, 0)).toBe(16);
    expect([UNMOVABLE, MOVABLE, RECLAIMABLE].map((at) => room.listLengthOf(0, NORMAL, at))).toEqual(
      [0, 30 - 12, 29],
    );
  });

  it("8.4: when all other lists are empty the one left gives everything asked for", () => {
    const { room, list } = pages({ generation: V5_15 });
    fill(room, list, [[MOVABLE, 40]]);
    expect(room.bulk(0, NORMAL, 33, 0)).toBe(33);
    expect(holds(room)).toBeGreaterThan(0);
    expect(room.listLengthOf(0, NORMAL, MOVABLE)).toBe(7);
  });
});

describe("8.6, lists of 6.7 and later", () => {
  it.each([
    [4, 1], // 1,024 pages: a share of 0
    [16, 1],
    [64, 3], // 4, and half of it more: 6; just below 4
    [256, 15],
    [512, 31],
    [1024, 63],
    [65_536, 63],
  ])(
    "8.6: 7.2 has batches of 2^floor(log2(1.5 * min(managed / 4096, 64))) - 1: %i MiB, %i",
    (mib, batch) => {
      const { room } = pages({ generation: V7_2, normal_pages: mib * MIB });
      expect(room.pcpField(0, NORMAL, PCP.batch)).toBe(batch);
    },
  );

  it.each([
    [8, 1, 0, 2097, 262_144],
    [8, 16, 0, 252, 16_384],
    [1, 64, 0, 252, 512],
    [8, 4, 8, 65_536, 65_536], // a fraction fixes both, and nothing is tuned
    [8, 4, 1000, 524, 524],
  ])(
    "8.6: %i GiB on %i CPUs, fraction %i: high between %i and %i",
    (gib, cpus, high_fraction, min, max) => {
      const { room } = pages({ generation: V6_12, normal_pages: gib * GIB, cpus, high_fraction });
      expect([PCP.highMin, PCP.highMax].map((at) => room.pcpField(0, NORMAL, at))).toEqual([
        min,
        max,
      ]);
    },
  );

  it("8.6: free_count counts up to 32 batches, and every allocation halves it", () => {
    const { room, list } = pages();
    room.allocate(0, MOVABLE, 5000, list);
    room.drainLists();
    fixHigh(room, 100_000);
    room.setPcpField(0, NORMAL, PCP.freeCount, 0);
    room.freeFrom(0, MOVABLE, 1000, list);
    expect(room.pcpField(0, NORMAL, PCP.freeCount)).toBe(1000);
    room.freeFrom(0, MOVABLE, 3000, list);
    expect(room.pcpField(0, NORMAL, PCP.freeCount)).toBe(63 << 5);
    room.allocate(0, MOVABLE, 1, list);
    expect(room.pcpField(0, NORMAL, PCP.freeCount)).toBe(1008);
    room.allocate(0, MOVABLE, 3, list);
    expect(room.pcpField(0, NORMAL, PCP.freeCount)).toBe(126);
  });

  it("8.6: reclaim lowers high by what was freed, never below high_min, and allows four batches", () => {
    const { room, list } = pages();
    room.allocate(0, MOVABLE, 600, list);
    room.drainLists();
    room.setPcpField(0, NORMAL, PCP.highMin, 300);
    room.setPcpField(0, NORMAL, PCP.highMax, 4000);
    room.setPcpField(0, NORMAL, PCP.high, 1000);
    room.setPcpField(0, NORMAL, PCP.freeCount, 200);
    room.setZoneFlags(NORMAL, RECLAIM_ACTIVE);
    const before = moved(room);
    room.freeFrom(0, MOVABLE, 1, list);
    expect(room.pcpField(0, NORMAL, PCP.high)).toBe(1000 - 201);
    room.setZoneFlags(NORMAL, RECLAIM_ACTIVE);
    room.setPcpField(0, NORMAL, PCP.freeCount, 2000);
    room.freeFrom(0, MOVABLE, 1, list);
    expect(room.pcpField(0, NORMAL, PCP.high)).toBe(300);
    for (let freed = 2; freed < 251; freed++) {
      room.setZoneFlags(NORMAL, RECLAIM_ACTIVE);
      room.freeFrom(0, MOVABLE, 1, list);
      expect(moved(room)).toBe(before);
    }
    room.setZoneFlags(NORMAL, RECLAIM_ACTIVE);
    room.freeFrom(0, MOVABLE, 1, list); // the 252nd
    expect(moved(room) - before).toBe(189); // of four batches one stays
  });

  it("8.6: below the high watermark high shrinks the same way, and the list gives back from high_min on", () => {
    const { room, list } = pages();
    room.allocate(0, MOVABLE, 600, list);
    room.drainLists();
    room.setPcpField(0, NORMAL, PCP.highMin, 300);
    room.setPcpField(0, NORMAL, PCP.high, 1000);
    room.setPcpField(0, NORMAL, PCP.freeCount, 0);
    const before = moved(room);
    for (let freed = 0; freed < 299; freed++) {
      room.setZoneFlags(NORMAL, BELOW_HIGH);
      room.freeFrom(0, MOVABLE, 1, list);
    }
    expect(moved(room)).toBe(before);
    expect(room.pcpField(0, NORMAL, PCP.high)).toBe(300);
    room.setZoneFlags(NORMAL, BELOW_HIGH);
    room.freeFrom(0, MOVABLE, 1, list);
    expect(moved(room) - before).toBe(237); // clamp(free_count 300, batch, count - batch)
  });

  it("8.6: a high between equal bounds is neither raised nor lowered", () => {
    const { room, list } = pages({ high_fraction: 1000 });
    const high = room.pcpField(0, NORMAL, PCP.high);
    room.allocate(0, MOVABLE, 3000, list);
    room.freeFrom(0, MOVABLE, 3000, list);
    expect(room.pcpField(0, NORMAL, PCP.high)).toBe(high);
    expect(count(room)).toBeLessThan(high);
  });

  it("8.6: the decay takes the largest of count less 32 batches, seven eighths, and high_min", () => {
    const decayed = (on_list: number, high: number) => {
      const { room, list } = pages();
      room.allocate(0, MOVABLE, on_list, list);
      room.drainLists();
      fixHigh(room, 100_000);
      room.freeFrom(0, MOVABLE, on_list, list);
      room.setPcpField(0, NORMAL, PCP.highMin, 300);
      room.setPcpField(0, NORMAL, PCP.high, high);
      const gone = room.decay(0, NORMAL);
      return [room.pcpField(0, NORMAL, PCP.high), gone];
    };
    expect(decayed(1000, 8000)).toEqual([7000, 0]);
    expect(decayed(7500, 8000)).toEqual([7000, 500]);
    expect(decayed(10_000, 8000)).toEqual([10_000 - 2016, 2016]);
    expect(decayed(100, 310)).toEqual([300, 0]);
  });

  it("8.6: a bulk move empties the list just freed to, oldest page first, then the next one, round and round", () => {
    const { room, list } = pages();
    fill(room, list, [
      [UNMOVABLE, 10],
      [MOVABLE, 10],
      [RECLAIMABLE, 10],
    ]);
    expect(room.bulk(0, NORMAL, 14, RECLAIMABLE)).toBe(14);
    expect([UNMOVABLE, MOVABLE, RECLAIMABLE].map((at) => room.listLengthOf(0, NORMAL, at))).toEqual(
      [6, 10, 0],
    );
  });
});

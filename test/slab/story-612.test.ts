// 6.12: what exiting processes do to the slabs of a VMA cache, one story a test.

import { beforeEach, describe, expect, it } from "vitest";
import { ARRAY, CACHE, loadSlab, objectsBase, readArray, writeArray } from "./slab-room.ts";

const room = loadSlab();
const VMA = { per_slab: 21, cpu_partial: 12, min_partial: 5 };
const [TEARDOWN, OTHER] = [0, 1];

function take(cpu: number, count: number): number[] {
  return Array.from({ length: count }, () => room.slabAlloc(CACHE, cpu));
}

/** What a free in a full slab spilled: [slab number, moved to the node, discarded]. */
function freeAll(cpu: number, objects: readonly number[]): number[][] {
  const spills: number[][] = [];
  objects.forEach((object, i) => {
    const path = room.slabFree(CACHE, cpu, object);
    const counts = [room.pathMoved(path), room.pathDiscarded(path)];
    if (counts.some((count) => count > 0)) spills.push([Math.floor(i / 21) + 1, ...counts]);
  });
  return spills;
}

beforeEach(() =>
  room.cacheInit(CACHE, 2000, 32, VMA.per_slab, 0, 2, VMA.cpu_partial, VMA.min_partial),
);

describe("teardown of 40 full slabs in slab order", () => {
  let objects: number[];
  beforeEach(() => {
    objects = take(OTHER, 40 * 21);
    take(OTHER, 1); // the 41st slab is the active one, so that none of the 40 is frozen
  });

  it("spills 12 empty slabs at the first free of slabs 13, 25 and 37", () => {
    expect(freeAll(TEARDOWN, objects)).toEqual([
      [13, 5, 7],
      [25, 0, 12],
      [37, 0, 12],
    ]);
  });

  it("returns 31 slabs, keeps 5 on the node and 4 on the CPU", () => {
    freeAll(TEARDOWN, objects);
    expect(room.cacheSlabsDiscarded(CACHE)).toBe(31);
    expect(room.cacheNrPartial(CACHE)).toBe(5);
    expect(room.cacheSlabsLive(CACHE) - 1).toBe(5 + 4);
    expect(room.cachePagesLive(CACHE)).toBe(10);
    room.cacheAudit(CACHE);
  });

  it("takes the list_lock once a slab that becomes empty and once a spill", () => {
    freeAll(TEARDOWN, objects);
    expect(room.cacheListLocks(CACHE)).toBe(40 + 3);
    expect(room.cacheSlowFrees(CACHE)).toBe(840);
  });

  it("as one bulk free: one slow operation a slab, never a lock for an empty slab", () => {
    for (let from = 0; from < 840; from += 420) {
      writeArray(room, objects.slice(from, from + 420));
      room.slabFreeBulk(CACHE, TEARDOWN, ARRAY, 420);
    }
    expect(room.cacheSlowFrees(CACHE)).toBe(40);
    expect(room.cacheListLocks(CACHE)).toBe(3);
    room.cacheAudit(CACHE);
  });
});

describe("reuse", () => {
  it("hands a new slab's objects out in ascending order", () => {
    const [first, ...rest] = take(TEARDOWN, 22);
    expect(rest).toEqual(Array.from({ length: 21 }, (_, i) => first! + 32 * (i + 1)));
    expect(room.cacheSlabsMade(CACHE)).toBe(2);
  });

  it("hands the object freed last out first", () => {
    const [a, b, c] = take(TEARDOWN, 3) as [number, number, number];
    for (const object of [a, c, b]) room.slabFree(CACHE, TEARDOWN, object);
    expect(take(TEARDOWN, 3)).toEqual([b, c, a]);
  });

  it("gives objects that another CPU freed back to the owner of the slab, after its own", () => {
    const [a, b] = take(TEARDOWN, 2) as [number, number];
    take(TEARDOWN, 19);
    const path = room.slabFree(CACHE, OTHER, a);
    expect(path).toBe(room.FREE_SLOW.value | room.FREE_FROZEN.value);
    room.slabFree(CACHE, OTHER, b);
    expect(take(TEARDOWN, 2)).toEqual([b, a]);
    expect(room.cacheSlabsMade(CACHE)).toBe(1);
  });

  it("takes the pages given back last first", () => {
    room.cacheInit(CACHE, 100, 32, 2, 0, 2, 1, 0);
    const objects = take(OTHER, 8);
    take(OTHER, 1);
    // Each slab is put on the list by its first free and spilled, empty, by the next one's.
    for (const object of objects) room.slabFree(CACHE, TEARDOWN, object);
    expect(room.cacheSlabsDiscarded(CACHE)).toBe(3);
    // The fourth slab is still on the teardown CPU's list; then pages of slabs 3, 2, 1.
    const again = take(TEARDOWN, 8);
    const slabs = again.map((object) => Math.floor(objects.indexOf(object) / 2) + 1);
    expect(slabs).toEqual([4, 4, 3, 3, 2, 2, 1, 1]);
  });
});

describe("a typesafe cache", () => {
  it("keeps the pages of discarded slabs until they are returned", () => {
    room.cacheSetTypesafe(CACHE);
    const objects = take(OTHER, 840);
    take(OTHER, 1);
    freeAll(TEARDOWN, objects);
    expect(room.cacheSlabsWaiting(CACHE)).toBe(31);
    expect(room.cachePagesLive(CACHE)).toBe(41);
    let callbacks = 0;
    for (let slab = room.slabPendingTake(CACHE); slab !== 0; slab = room.slabPendingTake(CACHE)) {
      callbacks++;
      room.slabPageReturn(CACHE, slab);
      expect(() => room.slabPageReturn(CACHE, slab)).toThrow(/assert/);
    }
    expect(callbacks).toBe(31);
    expect(room.cachePagesLive(CACHE)).toBe(10);
    room.cacheAudit(CACHE);
  });
});

describe("limits", () => {
  it("answers 0 when the planned capacity is used up, and says so in the path", () => {
    room.cacheInit(CACHE, 10, 4, 102, 0, 1, 1, 5);
    let count = 0;
    while (room.slabAlloc(CACHE, 0) !== 0) count++;
    expect(count).toBeGreaterThanOrEqual(10);
    expect(room.cacheLastPath(CACHE)).toBe(room.ALLOC_FAILED.value);
    expect(room.cacheObjectsLive(CACHE)).toBe(count);
    room.cacheAudit(CACHE);
  });

  it("plans bytes in 64 bits and refuses what does not fit 4 GiB", () => {
    expect(room.cacheBytes(100_000_000, 64, 21, 8) > 6_400_000_000n).toBe(true);
    expect(() => room.cacheInit(CACHE, 100_000_000, 64, 21, 0, 8, 12, 5)).toThrow(/assert/);
  });

  it("traps on a double free, on a foreign object and on a CPU that does not exist", () => {
    const [a] = take(TEARDOWN, 1) as [number];
    room.slabFree(CACHE, TEARDOWN, a);
    expect(() => room.slabFree(CACHE, TEARDOWN, a)).toThrow(/free\.ts/);
    expect(() => room.slabFree(CACHE, TEARDOWN, a + 32 * 21)).toThrow(/locate\.ts/);
    expect(() => room.slabAlloc(CACHE, 2)).toThrow(/alloc\.ts/);
    expect(() => room.slabFreeBulk(CACHE, TEARDOWN, ARRAY, 2049)).toThrow(/bulk\.ts/);
    expect(() => room.slabFree(CACHE, 2, a)).toThrow(/free\.ts/);
  });
});

describe("bulk free", () => {
  it("groups objects of one slab and gives up at the third stranger", () => {
    room.cacheInit(CACHE, 100, 32, 4, 0, 1, 12, 5);
    const slabs = Array.from({ length: 6 }, () => take(0, 4));
    take(0, 1);
    const [a, b, c, d] = slabs as [number[], number[], number[], number[]];
    // From the end: d0; strangers a0, b0; d1 joins; the third stranger c0 stops the search.
    const array = [d[2]!, c[0]!, d[1]!, b[0]!, a[0]!, d[0]!];
    writeArray(room, array);
    room.slabFreeBulk(CACHE, 0, ARRAY, array.length);
    expect(room.cacheSlowFrees(CACHE)).toBe(5);
    // d0 and d1 went to the end, d0 last; the rest kept its order except for the swap.
    expect(readArray(room, 6).slice(-2)).toEqual([d[1], d[0]]);
    room.cacheAudit(CACHE);
  });
});

describe("the division that finds a slab", () => {
  it("is exact at both ends of every slab, in 4 GiB of objects", () => {
    const shapes: [record_bytes: number, per_slab: number][] = [
      ...[1, 2, 3, 7, 21, 23, 28, 42, 46, 56, 85, 102, 4096, 32767].map((n): [number, number] => [
        4,
        n,
      ]),
      ...[16, 21, 28, 32, 64, 85].map((n): [number, number] => [32, n]),
      [64, 21],
      [12, 341],
    ];
    for (const [record_bytes, per_slab] of shapes) {
      // Laying a cache out writes no objects, so it may be larger than the memory.
      const stride = record_bytes * per_slab;
      const slabs = Math.floor(4_000_000_000 / (stride + 16)) - 2000;
      room.cacheInit(CACHE, slabs * per_slab, record_bytes, per_slab, 0, 1, 0, 5);
      const base = objectsBase(room);
      const step = Math.max(1, Math.floor(slabs / 5000));
      for (let slab = 0; slab < slabs; slab += step) {
        const first = base + slab * stride;
        expect(room.slabIndexOf(CACHE, first)).toBe(slab);
        expect(room.slabIndexOf(CACHE, first + stride - record_bytes)).toBe(slab);
      }
      expect(room.slabIndexOf(CACHE, base + slabs * stride - record_bytes)).toBe(slabs - 1);
    }
  });
});

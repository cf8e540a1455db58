// 7.2: what exiting processes do to sheaves, barn and slabs of a VMA cache, one story a test.

import { beforeEach, describe, expect, it } from "vitest";
import { ARRAY, CACHE, loadSlab, readArray, writeArray } from "./slab-room.ts";

const room = loadSlab();
const CAPACITY = 60;
const PER_SLAB = 21;
const [TEARDOWN, OTHER] = [0, 1];

function take(cpu: number, count: number): number[] {
  return Array.from({ length: count }, () => room.sheafAlloc(CACHE, cpu));
}

/** [number of the free, bits] of every free that did more than push. */
function freeAll(cpu: number, objects: readonly number[]): [number, number][] {
  const steps: [number, number][] = [];
  objects.forEach((object, i) => {
    const path = room.sheafFree(CACHE, cpu, object);
    if (path !== room.SHEAF_FREE_FAST.value) steps.push([i + 1, path & 255]);
  });
  return steps;
}

function init(sheaves_waiting = 4, capacity = CAPACITY): void {
  room.sheafCacheInit(CACHE, 6000, 32, PER_SLAB, 0, 2, 5, capacity, sheaves_waiting);
}

beforeEach(() => init());

describe("exit on a fresh CPU", () => {
  const NEW = room.SHEAF_FREE_NEW.value;
  const BARN = room.SHEAF_FREE_BARN.value;
  const FLUSH = room.SHEAF_FREE_FLUSH.value;

  it("fills main, a new spare, then ten sheaves for the barn, then flushes lumps of 60", () => {
    const objects = take(OTHER, 900);
    const barn = Array.from({ length: 10 }, (_, i): [number, number] => [121 + 60 * i, NEW | BARN]);
    expect(freeAll(TEARDOWN, objects)).toEqual([
      [61, NEW],
      ...barn,
      [721, FLUSH],
      [781, FLUSH],
      [841, FLUSH],
    ]);
    expect(room.sheafNrFull(CACHE)).toBe(10);
    expect(room.sheafObjectsFlushed(CACHE)).toBe(180);
    room.cacheAudit(CACHE);
  });

  it("keeps the first 720 objects away from slabs, and a fork gets them back without slabs", () => {
    const objects = take(OTHER, 720);
    freeAll(TEARDOWN, objects);
    const before = [room.cacheListLocks(CACHE), room.cacheSlowFrees(CACHE)];
    expect(before[1]).toBe(0);
    // Each sheaf is a stack, the spare comes after main, and the barn gives its newest one first.
    const sheaves = Array.from({ length: 12 }, (_, i) => objects.slice(60 * i, 60 * (i + 1)));
    const [first, ...rest] = sheaves;
    const order = [...rest.slice(-1), first!, ...rest.slice(0, -1).reverse()];
    expect(take(TEARDOWN, 720)).toEqual(order.flatMap((sheaf) => sheaf.reverse()));
    expect([room.cacheListLocks(CACHE), room.cacheSlowFrees(CACHE)]).toEqual(before);
    expect(room.cacheSlabsMade(CACHE)).toBe(Math.ceil(720 / PER_SLAB));
  });

  it("counts the kernel's memory of sheaves: 512 bytes for 60 objects", () => {
    freeAll(TEARDOWN, take(OTHER, 720));
    expect(room.sheafSheavesLive(CACHE)).toBe(2 + 1 + 1 + 10);
    expect(room.sheafKernelBytes(CACHE)).toBe(14n * 512n);
    expect(room.cacheObjectsCached(CACHE)).toBe(room.cacheSlabsLive(CACHE) * PER_SLAB);
  });

  it("leaves slabs alone until a flush, and then discards those beyond min_partial", () => {
    const objects = take(OTHER, 6000);
    freeAll(TEARDOWN, objects);
    const flushed = room.sheafObjectsFlushed(CACHE);
    expect(flushed).toBe(5280);
    // Objects come back in slab order, so nearly every slab that was flushed is empty.
    expect(room.cacheNrPartial(CACHE)).toBeLessThanOrEqual(5 + 2 * 12);
    expect(room.cacheSlabsDiscarded(CACHE)).toBeGreaterThan(flushed / PER_SLAB - 40);
    room.cacheAudit(CACHE);
  });
});

describe("a typesafe cache", () => {
  it("asks for one callback a discarded slab, none for objects", () => {
    room.cacheSetTypesafe(CACHE);
    freeAll(TEARDOWN, take(OTHER, 6000));
    const waiting = room.cacheSlabsWaiting(CACHE);
    expect(waiting).toBe(room.cacheSlabsDiscarded(CACHE));
    const pages = room.cachePagesLive(CACHE);
    let callbacks = 0;
    for (let slab = room.slabPendingTake(CACHE); slab !== 0; slab = room.slabPendingTake(CACHE)) {
      callbacks++;
      room.slabPageReturn(CACHE, slab);
    }
    expect(callbacks).toBe(waiting);
    expect(room.cachePagesLive(CACHE)).toBe(pages - waiting);
  });

  it("reuses an object at once: typesafe is about pages", () => {
    room.cacheSetTypesafe(CACHE);
    const [a] = take(TEARDOWN, 1) as [number];
    room.sheafFree(CACHE, TEARDOWN, a);
    expect(take(TEARDOWN, 1)).toEqual([a]);
  });

  it("does not write into an object before it goes to its slab", () => {
    const words = new Uint32Array(room.memory.buffer);
    const objects = take(OTHER, 60);
    for (const object of objects) words[object / 4] = 0xabcd;
    freeAll(TEARDOWN, objects);
    expect(objects.every((object) => words[object / 4] === 0xabcd)).toBe(true);
    room.sheafFlushCpu(CACHE, TEARDOWN);
    expect(objects.every((object) => words[object / 4] === 0xabcd)).toBe(false);
  });
});

describe("an rcu sheaf", () => {
  it("asks for one callback when it is full, and goes to the barn after it", () => {
    const objects = take(OTHER, 60);
    const answers = objects.map((object) => room.rcuSheafPush(CACHE, TEARDOWN, object));
    const sheaf = answers.pop()!;
    expect(answers.every((answer) => answer === room.RCU_SHEAF_QUEUED.value)).toBe(true);
    expect(room.cacheObjectsWaiting(CACHE)).toBe(60);
    expect(room.rcuSheafReturn(CACHE, sheaf)).toBe(room.SHEAF_FREE_RCU.value);
    expect([room.cacheObjectsWaiting(CACHE), room.sheafNrFull(CACHE)]).toEqual([0, 1]);
    expect(take(TEARDOWN, 60)).toEqual(objects.reverse());
  });

  it("strands up to 59 objects until somebody takes it", () => {
    const objects = take(OTHER, 59);
    for (const object of objects) room.rcuSheafPush(CACHE, TEARDOWN, object);
    expect(room.cacheObjectsWaiting(CACHE)).toBe(59);
    const sheaf = room.rcuSheafTake(CACHE, TEARDOWN);
    room.rcuSheafDiscard(CACHE, sheaf);
    expect(room.cacheObjectsWaiting(CACHE)).toBe(0);
    expect(room.rcuSheafTake(CACHE, TEARDOWN)).toBe(0);
    room.cacheAudit(CACHE);
  });

  it("is refused, and counted, when more sheaves wait than were planned", () => {
    room.sheafCacheInit(CACHE, 6000, 32, PER_SLAB, 0, 1, 5, 4, 0);
    const answers = take(0, 400).map((object) => room.rcuSheafPush(CACHE, 0, object) >>> 0);
    expect(answers).toContain(room.RCU_SHEAF_NONE.value >>> 0);
    expect(room.sheafRcuFailures(CACHE)).toBeGreaterThan(0);
    room.cacheAudit(CACHE);
  });

  it("finds a barn with ten full and ten empty sheaves: the eleventh of each goes", () => {
    init(22, 4);
    const objects = take(OTHER, 22 * 4);
    const waiting = objects
      .map((object) => room.rcuSheafPush(CACHE, TEARDOWN, object) >>> 0)
      .filter((answer) => answer !== room.RCU_SHEAF_QUEUED.value);
    const back = (count: number): number[] =>
      waiting.splice(0, count).map((sheaf) => room.rcuSheafReturn(CACHE, sheaf) & 255);
    back(10);
    take(OTHER, 9 * 4); // nine full sheaves of the barn become empty ones
    back(9);
    expect([room.sheafNrFull(CACHE), room.sheafNrEmpty(CACHE)]).toEqual([10, 9]);
    const sheaves = room.sheafSheavesLive(CACHE);
    expect(back(2)).toEqual([room.SHEAF_FREE_FLUSH.value, room.SHEAF_FREE_FLUSH.value]);
    expect([room.sheafNrFull(CACHE), room.sheafNrEmpty(CACHE)]).toEqual([10, 10]);
    expect(room.sheafSheavesLive(CACHE)).toBe(sheaves - 1);
    room.cacheAudit(CACHE);
  });
});

describe("bulk operations", () => {
  it("free into sheaves as long as there are any, the rest straight into slabs", () => {
    const objects = take(OTHER, 300);
    writeArray(room, objects);
    const path = room.sheafFreeBulk(CACHE, TEARDOWN, ARRAY, 300);
    // A fresh CPU has no spare and the barn no empty sheaf: only main takes objects.
    expect(room.pathMoved(path)).toBe(240);
    expect(room.cacheSlowFrees(CACHE)).toBeLessThan(240 / 10);
    room.cacheAudit(CACHE);
  });

  it("allocate whole sheaves without turning them round", () => {
    const objects = take(OTHER, 60);
    freeAll(TEARDOWN, objects);
    expect(room.sheafAllocBulk(CACHE, TEARDOWN, ARRAY, 50)).toBe(1);
    expect(readArray(room, 50)).toEqual(objects.slice(10));
    expect(room.cacheObjectsLive(CACHE)).toBe(50);
  });

  it("take nothing when they cannot take all", () => {
    room.sheafCacheInit(CACHE, 10, 32, PER_SLAB, 0, 1, 5, 4, 0);
    expect(room.sheafAllocBulk(CACHE, 0, ARRAY, 4000)).toBe(0);
    expect(room.cacheObjectsLive(CACHE)).toBe(0);
    room.cacheAudit(CACHE);
  });
});

describe("limits", () => {
  it("plans bytes in 64 bits and refuses what does not fit 4 GiB", () => {
    expect(room.sheafCacheBytes(100_000_000, 64, 21, 8, 60, 10) > 6_400_000_000n).toBe(true);
    expect(() => room.sheafCacheInit(CACHE, 100_000_000, 64, 21, 0, 8, 5, 60, 10)).toThrow(
      /assert/,
    );
  });

  it("traps on a double free and on a foreign object", () => {
    const [a] = take(TEARDOWN, 2) as [number, number];
    room.sheafFree(CACHE, TEARDOWN, a);
    expect(() => room.sheafFree(CACHE, TEARDOWN, a)).toThrow(/sheaf-free\.ts/);
    expect(() => room.sheafFree(CACHE, TEARDOWN, a + 32 * 21 * 100)).toThrow(/sheaf-free\.ts/);
  });

  it("shrinks: after flushing CPUs and barn only min_partial slabs are left", () => {
    freeAll(TEARDOWN, take(OTHER, 2000));
    room.sheafFlushCpu(CACHE, TEARDOWN);
    room.sheafFlushCpu(CACHE, OTHER);
    room.barnShrink(CACHE);
    expect(room.cacheSlabsLive(CACHE)).toBe(room.cacheNrPartial(CACHE));
    expect(room.cacheObjectsLive(CACHE)).toBe(0);
    expect(room.sheafSheavesLive(CACHE)).toBe(2);
    room.cacheAudit(CACHE);
  });
});

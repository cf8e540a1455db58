// The 7.2 slab model against the naive one: any bursts of allocations, frees, grace periods and
// flushes on several CPUs give the same objects, take the same paths and leave the same counts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions, TARGETS } from "../queue/load.ts";
import { Oracle72, type SheafOutcome } from "./oracle-72.ts";
import { OracleNode } from "./oracle-slabs.ts";
import {
  ARRAY,
  bitNames,
  CACHE,
  loadSlab,
  objectsBase,
  readArray,
  type SlabRoom,
  writeArray,
} from "./slab-room.ts";

const ALLOC_BITS = [
  "SHEAF_ALLOC_FAST",
  "SHEAF_ALLOC_SPARE",
  "SHEAF_ALLOC_BARN",
  "SHEAF_ALLOC_REFILL",
  "SHEAF_ALLOC_SLAB",
  "ALLOC_FAILED",
] as const;
const FREE_BITS = [
  "SHEAF_FREE_FAST",
  "SHEAF_FREE_SPARE",
  "SHEAF_FREE_BARN",
  "SHEAF_FREE_NEW",
  "SHEAF_FREE_FLUSH",
  "SHEAF_FREE_RCU",
] as const;

interface Shape {
  per_slab: number;
  cpus: number;
  capacity: number;
  min_partial: number;
  record_words: number;
  objects: number;
  sheaves_waiting: number;
  typesafe: boolean;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  per_slab: fc.integer({ min: 1, max: 7 }),
  cpus: fc.integer({ min: 1, max: 3 }),
  capacity: fc.constantFrom(1, 2, 4, 7, 40),
  min_partial: fc.nat({ max: 4 }),
  record_words: fc.constantFrom(1, 3, 8),
  objects: fc.constantFrom(20, 400),
  sheaves_waiting: fc.nat({ max: 3 }),
  typesafe: fc.boolean(),
});

const burst = fc.record({
  do: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("alloc", "free") },
    { weight: 6, arbitrary: fc.constantFrom("rcu", "rcu-done", "bulk-alloc", "bulk-free", "hold") },
    { weight: 1, arbitrary: fc.constantFrom("flush", "shrink", "barrier", "pages") },
  ),
  cpu: fc.nat({ max: 2 }),
  count: fc.integer({ min: 1, max: 80 }),
  pick: fc.constantFrom("oldest", "newest", "scattered"),
  salt: fc.nat({ max: 9973 }),
});
type Burst = typeof burst extends fc.Arbitrary<infer T> ? T : never;

class Pair {
  private readonly oracle: Oracle72;
  private readonly base: number;
  /** Live objects in the order of allocation. */
  private live: number[] = [];
  /** Full sheaves whose call_rcu was asked for. */
  private readonly called: number[] = [];

  constructor(
    private readonly room: SlabRoom,
    private readonly shape: Shape,
  ) {
    const { objects, record_words, per_slab, cpus, min_partial, capacity, sheaves_waiting } = shape;
    const bytes = record_words * 4;
    room.sheafCacheInit(
      CACHE,
      objects,
      bytes,
      per_slab,
      0,
      cpus,
      min_partial,
      capacity,
      sheaves_waiting,
    );
    if (shape.typesafe) room.cacheSetTypesafe(CACHE);
    this.base = objectsBase(room);
    const held = (3 * cpus + sheaves_waiting + 1) * capacity;
    const max_slabs = Math.ceil((objects + held) / per_slab);
    const node = new OracleNode(per_slab, min_partial, max_slabs, shape.typesafe);
    this.oracle = new Oracle72(node, cpus, capacity, 3 * cpus + 10 + sheaves_waiting + 1);
  }

  private address(object: number | undefined): number {
    return object === undefined ? 0 : this.base + object * this.shape.record_words * 4;
  }

  run(one: Burst): void {
    const cpu = one.cpu % this.shape.cpus;
    if (one.do === "bulk-alloc") this.bulkAlloc(cpu, one.count);
    else if (one.do === "bulk-free") this.bulkFree(cpu, one);
    else if (one.do === "hold") this.hold(cpu, one);
    else if (one.do === "flush")
      this.same(this.room.sheafFlushCpu(CACHE, cpu), this.oracle.flushCpu(cpu));
    else if (one.do === "shrink") this.same(this.room.barnShrink(CACHE), this.oracle.shrinkBarn());
    else if (one.do === "barrier") this.barrier(cpu);
    else for (let i = 0; i < one.count; i++) this.step(cpu, one, i);
    this.compare();
  }

  private step(cpu: number, one: Burst, i: number): void {
    if (one.do === "alloc" && this.live.length < this.shape.objects) this.alloc(cpu);
    else if (one.do === "free" && this.live.length > 0) {
      const object = this.choose(one, i);
      const path = this.room.sheafFree(CACHE, cpu, this.address(object));
      this.same(path, this.oracle.free(cpu, object));
    } else if (one.do === "rcu" && this.live.length > 0) this.pushRcu(cpu, one, i);
    else if (one.do === "rcu-done" && this.called.length > 0) {
      const path = this.room.rcuSheafReturn(CACHE, this.called.shift()!);
      this.same(path, this.oracle.returnRcu());
    } else if (one.do === "pages") {
      const slab = this.room.slabPendingTake(CACHE);
      expect(slab !== 0).toBe(this.oracle.node.returnPages() !== undefined);
      if (slab !== 0) this.room.slabPageReturn(CACHE, slab);
    }
  }

  /** A sheaf held while others go on, and some of its objects are taken; then it is given back. */
  private hold(cpu: number, one: Burst): void {
    const { room, oracle, shape } = this;
    const size = Math.min(one.count, shape.capacity, shape.objects - this.live.length);
    const expected = oracle.prefill(cpu, size);
    const sheaf = room.sheafPrefill(CACHE, cpu, size);
    expect(sheaf !== 0).toBe(expected !== undefined);
    if (expected === undefined) return;
    for (let i = one.salt % (size + 1); i > 0; i--) {
      const object = oracle.take(expected);
      expect(room.sheafTake(CACHE, sheaf) >>> 0).toBe(this.address(object));
      this.took(object);
    }
    const others = { ...one, do: one.pick === "newest" ? "free" : "alloc" } as const;
    for (let i = 0; i < one.count % 9; i++) this.step(cpu, others, i);
    oracle.giveBack(cpu, expected);
    room.sheafReturn(CACHE, cpu, sheaf);
  }

  private alloc(cpu: number): void {
    const expected = this.oracle.alloc(cpu);
    expect(this.room.sheafAlloc(CACHE, cpu) >>> 0).toBe(this.address(expected.object));
    this.samePath(this.room.cacheLastPath(CACHE), ALLOC_BITS, expected);
    // Planned objects can always be had, unless a typesafe cache's pages wait.
    if (!this.shape.typesafe && this.called.length <= this.shape.sheaves_waiting) {
      expect(expected.object).toBeDefined();
    }
    this.took(expected.object);
  }

  private took(object: number | undefined): void {
    if (object === undefined) return;
    this.live.push(object);
    new Uint32Array(this.room.memory.buffer)[this.address(object) / 4] = 0xdeadbeef;
  }

  private choose(one: Burst, i: number): number {
    const size = this.live.length;
    const scattered = (one.salt * (i + 7)) % size;
    const index = one.pick === "oldest" ? 0 : one.pick === "newest" ? size - 1 : scattered;
    return this.live.splice(index, 1)[0]!;
  }

  private pushRcu(cpu: number, one: Burst, i: number): void {
    const object = this.choose(one, i);
    const expected = this.oracle.pushRcu(cpu, object);
    const answer = this.room.rcuSheafPush(CACHE, cpu, this.address(object)) >>> 0;
    const none = this.room.RCU_SHEAF_NONE.value >>> 0;
    expect(answer === 0 ? "queued" : answer === none ? "none" : "call").toBe(expected);
    if (expected === "none") this.live.push(object);
    if (expected === "call") this.called.push(answer);
  }

  private barrier(cpu: number): void {
    const expected = this.oracle.barrierRcu(cpu);
    const sheaf = this.room.rcuSheafTake(CACHE, cpu);
    expect(sheaf !== 0).toBe(expected !== undefined);
    if (expected !== undefined) this.same(this.room.rcuSheafDiscard(CACHE, sheaf), expected);
  }

  private bulkAlloc(cpu: number, wanted: number): void {
    const count = Math.min(wanted, this.shape.objects - this.live.length);
    const expected = this.oracle.allocBulk(cpu, count);
    const ok = this.room.sheafAllocBulk(CACHE, cpu, ARRAY, count) !== 0;
    expect(ok).toBe(expected !== undefined);
    if (expected === undefined) return;
    const got = readArray(this.room, count);
    expect(got).toEqual(expected.map((object) => this.address(object)));
    for (const object of expected) this.took(object);
  }

  private bulkFree(cpu: number, one: Burst): void {
    const count = Math.min(one.count, this.live.length);
    const objects = Array.from({ length: count }, (_, i) => this.choose(one, i));
    const addresses = objects.map((object) => this.address(object));
    writeArray(this.room, addresses);
    const path = this.room.sheafFreeBulk(CACHE, cpu, ARRAY, count);
    this.same(path, this.oracle.freeBulk(cpu, objects));
  }

  private same(path: number, expected: SheafOutcome): void {
    this.samePath(path, FREE_BITS, expected);
    expect(this.room.pathDiscarded(path)).toBe(expected.discarded);
  }

  private samePath(
    path: number,
    names: typeof ALLOC_BITS | typeof FREE_BITS,
    expected: SheafOutcome,
  ): void {
    const bits = bitNames(this.room, path, names).map((name) => name.split("_").at(-1)!);
    expect(bits.sort()).toEqual([...expected.bits].sort());
    expect(this.room.pathMoved(path)).toBe(expected.moved);
  }

  private compare(): void {
    const { room, oracle } = this;
    expect(room.cacheAudit(CACHE)).toBe(oracle.cached);
    expect({
      live: room.cacheObjectsLive(CACHE),
      waiting: room.cacheObjectsWaiting(CACHE),
      cached: room.cacheObjectsCached(CACHE),
      slabs: room.cacheSlabsLive(CACHE),
      pending: room.cacheSlabsWaiting(CACHE),
      made: room.cacheSlabsMade(CACHE),
      discarded: room.cacheSlabsDiscarded(CACHE),
      partial: room.cacheNrPartial(CACHE),
      locks: room.cacheListLocks(CACHE),
      full: room.sheafNrFull(CACHE),
      empty: room.sheafNrEmpty(CACHE),
      sheaves: room.sheafSheavesLive(CACHE),
      flushed: room.sheafObjectsFlushed(CACHE),
    }).toEqual({
      live: oracle.live.size,
      waiting: oracle.waiting,
      cached: oracle.cached,
      slabs: oracle.node.slabs.size,
      pending: oracle.node.pending.length,
      made: oracle.node.made,
      discarded: oracle.node.discarded,
      partial: oracle.node.partial.length,
      locks: oracle.node.locks,
      full: oracle.full.length,
      empty: oracle.empty.length,
      sheaves: oracle.sheaves,
      flushed: oracle.flushed,
    });
    expect(new Set(this.live).size).toBe(this.live.length);
    expect(room.sheafNrFull(CACHE)).toBeLessThanOrEqual(10);
  }
}

describe.each(TARGETS)("7.2 against the naive model (%s)", (target) => {
  const room = loadSlab(target);

  it("hands out the same objects on the same paths", () => {
    fc.assert(
      fc.property(shape, fc.array(burst, { maxLength: 50, size: "max" }), (one, bursts) => {
        const pair = new Pair(room, one);
        for (const each of bursts) pair.run(each);
      }),
      propertyOptions(target === "release" ? 300 : 40),
    );
  });
});

// The 6.12 slab model against the naive one: any bursts of allocations and frees on several CPUs
// give the same objects, take the same paths and leave the same counts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions, TARGETS } from "../queue/load.ts";
import { Oracle612, type Outcome } from "./oracle-612.ts";
import { OracleNode } from "./oracle-slabs.ts";
import {
  ARRAY,
  bitNames,
  CACHE,
  loadSlab,
  objectsBase,
  type SlabRoom,
  writeArray,
} from "./slab-room.ts";

const ALLOC_BITS = [
  "ALLOC_FAST",
  "ALLOC_REFILL",
  "ALLOC_CPU_PARTIAL",
  "ALLOC_NODE_PARTIAL",
  "ALLOC_NEW_SLAB",
  "ALLOC_FAILED",
] as const;
const FREE_BITS = [
  "FREE_FAST",
  "FREE_SLOW",
  "FREE_FROZEN",
  "FREE_TO_PARTIAL",
  "FREE_LIST_LOCK",
  "FREE_EMPTIED",
] as const;

interface Shape {
  per_slab: number;
  cpus: number;
  cpu_partial: number;
  min_partial: number;
  record_words: number;
  objects: number;
  typesafe: boolean;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  per_slab: fc.integer({ min: 1, max: 7 }),
  cpus: fc.integer({ min: 1, max: 3 }),
  cpu_partial: fc.constantFrom(0, 1, 2, 3, 4, 34),
  min_partial: fc.nat({ max: 4 }),
  record_words: fc.constantFrom(1, 3, 8),
  objects: fc.constantFrom(20, 200),
  typesafe: fc.boolean(),
});

/** A burst: `count` times the same on one CPU; frees choose oldest, newest or scattered objects. */
const burst = fc.record({
  do: fc.constantFrom("alloc", "alloc", "free", "free", "bulk", "pages"),
  cpu: fc.nat({ max: 2 }),
  count: fc.integer({ min: 1, max: 40 }),
  pick: fc.constantFrom("oldest", "newest", "scattered"),
  salt: fc.nat({ max: 9973 }),
});
type Burst = typeof burst extends fc.Arbitrary<infer T> ? T : never;

class Pair {
  readonly oracle: Oracle612;
  private readonly base: number;
  /** Live objects in the order of allocation. */
  private live: number[] = [];

  constructor(
    private readonly room: SlabRoom,
    private readonly shape: Shape,
  ) {
    const { objects, record_words, per_slab, cpus, cpu_partial, min_partial } = shape;
    room.cacheInit(CACHE, objects, record_words * 4, per_slab, 0, cpus, cpu_partial, min_partial);
    if (shape.typesafe) room.cacheSetTypesafe(CACHE);
    this.base = objectsBase(room);
    const max_slabs = Math.ceil(objects / per_slab) + cpus * (1 + Math.ceil(240 / per_slab));
    const node = new OracleNode(per_slab, min_partial, max_slabs, shape.typesafe);
    this.oracle = new Oracle612(node, cpus, cpu_partial);
  }

  private address(object: number | undefined): number {
    return object === undefined ? 0 : this.base + object * this.shape.record_words * 4;
  }

  run(one: Burst): void {
    const cpu = one.cpu % this.shape.cpus;
    if (one.do === "bulk") this.bulk(cpu, one);
    else for (let i = 0; i < one.count; i++) this.step(cpu, one, i);
    this.compare();
  }

  private step(cpu: number, one: Burst, i: number): void {
    if (one.do === "alloc" && this.live.length < this.shape.objects) this.alloc(cpu);
    else if (one.do === "free" && this.live.length > 0) {
      const object = this.choose(one, i);
      const path = this.room.slabFree(CACHE, cpu, this.address(object));
      this.same(path, FREE_BITS, "FREE_", this.oracle.free(cpu, object));
    } else if (one.do === "pages") {
      const id = this.oracle.node.returnPages();
      const slab = this.room.slabPendingTake(CACHE);
      expect(slab !== 0).toBe(id !== undefined);
      if (slab !== 0) this.room.slabPageReturn(CACHE, slab);
    }
  }

  private alloc(cpu: number): void {
    const expected = this.oracle.alloc(cpu);
    expect(this.room.slabAlloc(CACHE, cpu) >>> 0).toBe(this.address(expected.object));
    this.same(this.room.cacheLastPath(CACHE), ALLOC_BITS, "ALLOC_", expected);
    // Without a wait for grace periods, the planned number of objects can always be had.
    if (!this.shape.typesafe) expect(expected.object).toBeDefined();
    if (expected.object !== undefined) this.live.push(expected.object);
    const written = new Uint32Array(this.room.memory.buffer);
    if (expected.object !== undefined) written[this.address(expected.object) / 4] = 0xdeadbeef;
  }

  private choose(one: Burst, i: number): number {
    const last = this.live.length - 1;
    const index =
      one.pick === "oldest" ? 0 : one.pick === "newest" ? last : (one.salt * (i + 7)) % (last + 1);
    return this.live.splice(index, 1)[0]!;
  }

  private bulk(cpu: number, one: Burst): void {
    const count = Math.min(one.count, this.live.length);
    const objects = Array.from({ length: count }, (_, i) => this.choose(one, i));
    writeArray(
      this.room,
      objects.map((object) => this.address(object)),
    );
    const path = this.room.slabFreeBulk(CACHE, cpu, ARRAY, count);
    this.same(path, FREE_BITS, "FREE_", this.oracle.freeBulk(cpu, objects));
  }

  private same(
    path: number,
    names: typeof ALLOC_BITS | typeof FREE_BITS,
    prefix: string,
    expected: Outcome,
  ): void {
    const bits = bitNames(this.room, path, names).map((name) => name.slice(prefix.length));
    expect(bits.sort()).toEqual([...expected.bits].sort());
    expect(this.room.pathMoved(path)).toBe(expected.moved);
    expect(this.room.pathDiscarded(path)).toBe(expected.discarded);
  }

  private compare(): void {
    const { room, oracle } = this;
    expect(room.cacheAudit(CACHE)).toBe(oracle.cached);
    expect({
      live: room.cacheObjectsLive(CACHE),
      cached: room.cacheObjectsCached(CACHE),
      slabs: room.cacheSlabsLive(CACHE),
      waiting: room.cacheSlabsWaiting(CACHE),
      made: room.cacheSlabsMade(CACHE),
      discarded: room.cacheSlabsDiscarded(CACHE),
      partial: room.cacheNrPartial(CACHE),
      locks: room.cacheListLocks(CACHE),
    }).toEqual({
      live: oracle.live.size,
      cached: oracle.cached,
      slabs: oracle.node.slabs.size,
      waiting: oracle.node.pending.length,
      made: oracle.node.made,
      discarded: oracle.node.discarded,
      partial: oracle.node.partial.length,
      locks: oracle.node.locks,
    });
  }
}

describe.each(TARGETS)("6.12 against the naive model (%s)", (target) => {
  const room = loadSlab(target);

  it("hands out the same objects on the same paths", () => {
    fc.assert(
      fc.property(shape, fc.array(burst, { maxLength: 40, size: "max" }), (one, bursts) => {
        const pair = new Pair(room, one);
        for (const each of bursts) pair.run(each);
      }),
      propertyOptions(target === "release" ? 300 : 40),
    );
  });
});

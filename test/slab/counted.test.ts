// A cache that counts beside one that has objects: whatever is taken and freed, objects lie in the same
// slabs, and as many slabs come and go.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions } from "../queue/load.ts";
import { ARRAY, CACHE, loadSlab, objectsBase, writeArray } from "./slab-room.ts";

const COUNTED = 1 << 20;
const OBJECTS = 2000;
/** Bytes of a Slab record, and of those before the first (records.ts). */
const SLAB_BYTES = 16;
const SLABS_AT = 128 + 16;

interface Taken {
  readonly object: number;
  readonly counted: number;
}

const room = loadSlab();

class Twins {
  readonly #perSlab: number;
  readonly #held: Taken[] = [];

  constructor(perSlab: number, partial: number, minPartial: number) {
    this.#perSlab = perSlab;
    room.cacheInit(CACHE, OBJECTS, 4, perSlab, 0, 1, partial, minPartial);
    room.countedInit(COUNTED, OBJECTS, perSlab, partial, minPartial);
  }

  #slabOf({ object }: Taken): number {
    return Math.floor((object - objectsBase(room)) / (4 * this.#perSlab));
  }

  /** Takes from the slab at hand, or one of the next. */
  take(most: number): void {
    const count = Math.min(most, Math.max(1, room.countedAtHand(COUNTED)));
    if (this.#held.length + count > OBJECTS) return;
    const counted = room.countedAlloc(COUNTED, count);
    for (let i = 0; i < count; i++) {
      const one = { object: room.slabAlloc(CACHE, 0), counted };
      expect((counted - COUNTED - SLABS_AT) / SLAB_BYTES).toBe(this.#slabOf(one));
      this.#held.push(one);
    }
  }

  #pick(from: number, count: number): Taken[] {
    if (this.#held.length === 0) return [];
    return this.#held.splice(from % this.#held.length, count);
  }

  /** Frees objects one after the other; the twin those of one slab in a row at once. */
  free(from: number, count: number): void {
    let row: Taken[] = [];
    const freeRow = (): void => {
      if (row.length > 0) room.countedFree(COUNTED, row[0]!.counted, row.length);
      row = [];
    };
    for (const one of this.#pick(from, count)) {
      room.slabFree(CACHE, 0, one.object);
      if (row.length > 0 && row[0]!.counted !== one.counted) freeRow();
      row.push(one);
    }
    freeRow();
  }

  freeBulk(from: number, count: number): void {
    const picked = this.#pick(from, count);
    const slow = [CACHE, COUNTED].map((cache) => room.cacheSlowFrees(cache));
    writeArray(
      room,
      picked.map(({ object }) => object),
    );
    room.slabFreeBulk(CACHE, 0, ARRAY, picked.length);
    writeArray(
      room,
      picked.map(({ counted }) => counted),
    );
    room.countedFreeBulk(COUNTED, ARRAY, picked.length);
    expect(room.cacheSlowFrees(COUNTED) - slow[1]!).toBe(room.cacheSlowFrees(CACHE) - slow[0]!);
  }

  compare(): void {
    const seen = (cache: number) => ({
      made: room.cacheSlabsMade(cache),
      discarded: room.cacheSlabsDiscarded(cache),
      partial: room.cacheNrPartial(cache),
    });
    expect(seen(COUNTED)).toEqual(seen(CACHE));
  }
}

const step = fc.tuple(
  fc.constantFrom("take", "take", "free", "freeBulk"),
  fc.nat(OBJECTS),
  fc.integer({ min: 1, max: 60 }),
);

describe("a cache that counts", () => {
  it("has its objects in the slabs where a cache of real ones has them", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4, 16, 32),
        fc.constantFrom(0, 2, 7),
        fc.constantFrom(0, 5),
        fc.array(step, { maxLength: 120, size: "max" }),
        (perSlab, partial, minPartial, steps) => {
          const twins = new Twins(perSlab, partial, minPartial);
          for (const [what, from, count] of steps) {
            if (what === "take") for (let left = count; left > 0; left -= 7) twins.take(left);
            else twins[what as "free" | "freeBulk"](from, count);
            twins.compare();
          }
        },
      ),
      propertyOptions(200),
    );
  });

  it("needs no room for objects, and says when its slabs are used up", () => {
    room.countedInit(COUNTED, 16, 16, 0, 5);
    let slabs = 0;
    while (room.countedAlloc(COUNTED, 1) !== 0) slabs++;
    expect(slabs).toBe(16 * (1 + 1 + 15)); // one slab, one at the CPU, and 15 on its partial list
    expect(room.countedBytes(16, 16)).toBe(
      BigInt(Math.ceil((SLABS_AT + 17 * SLAB_BYTES) / 64) * 64),
    );
  });
});

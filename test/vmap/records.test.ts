// Where records of areas lie: an operation on an area looks at its neighbours in address space, so their records are to be
// neighbours as well. A failure prints its seed and path, FC_SEED and FC_PATH replay it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions } from "../queue/load.ts";
import { loadVmap } from "./vmap-room.ts";

/** A page and its guard page, the least that an area takes. */
const AREA_PAGES = 2n;
const ZONE_PAGES = 16n;

describe("records of areas", () => {
  it("lie in the order of the addresses, whatever the order of taking, giving back and taking again", () => {
    // the first record is that of the free block
    const starts = Array.from({ length: 64 }, (_, at) => BigInt(at + 1) * AREA_PAGES);
    const shuffled = fc.shuffledSubarray(starts, { minLength: 64, maxLength: 64 });
    const property = fc.property(shuffled, fc.shuffledSubarray(starts), (order, again) => {
      const room = loadVmap(200); // 128 of them are what addresses have as their own
      for (const start of order) room.insertBusy(start, AREA_PAGES);
      for (const start of again) room.removeBusy(start);
      for (const start of again.toReversed()) room.insertBusy(start, AREA_PAGES);
      for (const start of again) room.removeBusy(start);
      for (const start of again.toSorted()) room.insertBusy(start, AREA_PAGES);
      expect(starts.map((start) => room.recordNumber(start) - 1)).toEqual([...starts.keys()]);
    });
    fc.assert(property, propertyOptions(20));
  });

  it("of each vmap node lie together: its zones of 16 pages follow each other", () => {
    const nodes = 4;
    const share = 64;
    const room = loadVmap(nodes * share, "release", nodes);
    const zone_of = (node: number, turn: number) => BigInt(turn * nodes + node) * ZONE_PAGES;
    // the first record of the first node is that of the free block
    for (const node of [1, 2, 3]) {
      for (const turn of [2, 0, 1]) room.insertBusy(zone_of(node, turn), AREA_PAGES);
      const numbers = [0, 1, 2].map((turn) => room.recordNumber(zone_of(node, turn)));
      expect(numbers).toEqual([0, 8, 16].map((number) => node * share + number));
    }
  });

  it("that were given back are all found again, when one of them has been taken from among them", () => {
    const room = loadVmap(13);
    const at = (number: number) => BigInt(number) * AREA_PAGES;
    for (const number of [1, 2, 3, 4]) room.insertBusy(at(number), AREA_PAGES);
    for (const number of [4, 3, 2]) room.removeBusy(at(number));
    room.insertBusy(at(3), AREA_PAGES); // its own record, between the two others
    const others = [9, 10, 11, 12, 17, 18, 19, 20, 25, 26]; // of which the first ones share these records
    for (const number of others) room.insertBusy(at(number), AREA_PAGES);
    const numbers = [1, 3, ...others].map((number) => room.recordNumber(at(number)));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  it("are never two areas' at once, also where more addresses than records have the same one", () => {
    const records = 12;
    const step = fc.record({ start: fc.nat(30), back: fc.boolean() });
    const property = fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const room = loadVmap(records + 1);
      const live = new Set<bigint>();
      for (const { start: at, back } of steps) {
        const start = BigInt(at) * AREA_PAGES;
        if (live.has(start) && back) {
          expect(room.removeBusy(start)).toBe(AREA_PAGES);
          live.delete(start);
        } else if (!live.has(start) && live.size < records) {
          room.insertBusy(start, AREA_PAGES);
          live.add(start);
        } else if (live.size === records) {
          for (const one of [...live].slice(at % 3, at % 8)) {
            room.removeBusy(one);
            live.delete(one);
          }
        }
        const numbers = new Set([...live].map((one) => room.recordNumber(one) >>> 0));
        expect(numbers.size).toBe(live.size);
        expect(Math.max(-1, ...numbers)).toBeLessThanOrEqual(records);
        expect(room.areasLive()).toBe(live.size + 1);
      }
      // none has been lost on the way: all of them can be taken
      for (let start = 1000n; live.size < records; start += AREA_PAGES) {
        room.insertBusy(start, AREA_PAGES);
        live.add(start);
      }
      const all = [...live].map((one) => room.recordNumber(one) >>> 0);
      expect(new Set(all).size).toBe(records);
      expect(Math.max(...all)).toBeLessThanOrEqual(records);
      expect(room.takeRecord(2000n)).toBe(0);
      room.audit();
    });
    fc.assert(property, propertyOptions(60));
  });
});

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
      const room = loadVmap(128);
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

  it("are never two areas' at once, also where more addresses than records have the same one", () => {
    const records = 12;
    const step = fc.record({ start: fc.nat(200), back: fc.boolean() });
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
          const [oldest] = live;
          room.removeBusy(oldest!);
          live.delete(oldest!);
        }
        const numbers = new Set([...live].map((one) => room.recordNumber(one)));
        expect(numbers.size).toBe(live.size);
        expect(Math.max(-1, ...numbers)).toBeLessThanOrEqual(records);
        expect(room.areasLive()).toBe(live.size + 1);
      }
      room.audit();
    });
    fc.assert(property, propertyOptions(60));
  });
});

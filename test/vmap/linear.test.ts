// The search of 2019 against a list of intervals: kernel-facts 7.1, 5.0.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions, TARGETS } from "../queue/load.ts";
import { loadVmap } from "./vmap-room.ts";

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      pages: fc.bigInt({ min: 1n, max: 9n }),
      shift: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ release: fc.nat(1000) }) },
);

describe.each(TARGETS)("the list of 2019 (%s)", (target) => {
  it("hands out nothing twice, aligned, and never beyond the end of all", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const room = loadVmap(1200, target);
        const taken: [bigint, bigint][] = [];
        for (const one of steps) {
          if ("release" in one) {
            if (taken.length === 0) continue;
            const [[start, end]] = taken.splice(one.release % taken.length, 1) as [
              [bigint, bigint],
            ];
            expect(room.giveLinear(start)).toBe(end - start);
            continue;
          }
          const align = 1n << BigInt(one.shift);
          const last = taken.map(([, end]) => end).sort((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
          const start = room.takeLinear(one.pages, align);
          expect(start % align).toBe(0n);
          expect(start).toBeLessThan(last + align); // at the latest behind the last area
          const end = start + one.pages;
          for (const [low, high] of taken) expect(end <= low || high <= start).toBe(true);
          taken.push([start, end]);
        }
        expect(room.busyAreas()).toBe(taken.length);
        room.audit();
      }),
      propertyOptions(100),
    );
  });

  it("keeps its hint where a request is no smaller than every hole passed, else starts anew", () => {
    const room = loadVmap(100, target);
    const starts = Array.from({ length: 4 }, () => room.takeLinear(3n, 1n));
    expect(starts).toEqual([0n, 3n, 6n, 9n]);
    room.giveLinear(3n); // a hole of three below the hint, which goes back to the area before it
    expect(room.takeLinear(4n, 1n)).toBe(12n); // passes the hole and notes its size
    expect(room.takeLinear(3n, 1n)).toBe(16n); // no smaller than it: from the hint on
    expect(room.takeLinear(2n, 1n)).toBe(3n); // smaller: from the lowest address
  });
});

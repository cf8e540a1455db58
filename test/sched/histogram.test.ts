// Log-linear histograms against sorted lists.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions } from "../queue/load.ts";
import { scheduler } from "./sched-room.ts";

describe("a histogram", () => {
  it("keeps small values exactly, and large ones to one part in 32", () => {
    const { room } = scheduler();
    for (const value of [0n, 1n, 31n, 63n])
      expect(room.bucketValue(room.bucketOf(value))).toBe(value);
    for (let value = 64n; value < 1n << 48n; value = value * 3n + 7n) {
      const low = room.bucketValue(room.bucketOf(value));
      expect(low).toBeLessThanOrEqual(value);
      expect(Number(value - low) / Number(value)).toBeLessThan(1 / 32);
    }
  });

  it("has its buckets in order, and each begins where it says", () => {
    const { room } = scheduler();
    const last = room.bucketOf((1n << 48n) - 1n);
    for (let bucket = 0; bucket <= last; bucket++) {
      expect(room.bucketOf(room.bucketValue(bucket))).toBe(bucket);
    }
    expect(room.bucketOf(1n << 60n)).toBe(last);
  });

  it("answers quantiles as a sorted list does, to the bucket's lower end", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 1n << 40n }), { minLength: 1 }), (values) => {
        const { room, spare } = scheduler();
        room.histogramInit(spare);
        for (const value of values) room.histogramRecord(spare, value);
        const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        expect(room.histogramCount(spare)).toBe(BigInt(values.length));
        expect(room.histogramSum(spare)).toBe(values.reduce((sum, value) => sum + value, 0n));
        expect(room.histogramMax(spare)).toBe(sorted.at(-1));
        for (const share of [1n, 500n, 900n, 990n, 1000n]) {
          const rank = Math.max(1, Math.ceil((values.length * Number(share)) / 1000));
          const exact = sorted[rank - 1]!;
          const answer = room.histogramQuantile(spare, share);
          expect(room.bucketOf(answer)).toBe(room.bucketOf(exact));
        }
      }),
      propertyOptions(60),
    );
  });

  it("without a value answers 0", () => {
    const { room, spare } = scheduler();
    room.histogramInit(spare);
    expect(room.histogramQuantile(spare, 990n)).toBe(0n);
  });
});

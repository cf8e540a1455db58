import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantile, summarize } from "../../src/stats/quantiles.ts";

describe("quantiles", () => {
  it("are figures that were really seen", () => {
    expect(summarize([5, 1, 4, 2, 3])).toEqual({ count: 5, median: 3, p90: 5, worst: 5 });
    expect(summarize([1, 2])).toMatchObject({ median: 1, worst: 2 });
    expect(summarize([])).toEqual({ count: 0, median: 0, p90: 0, worst: 0 });
  });

  it("have at least their share of samples at or below them, and no smaller one has", () => {
    const samples = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 100 }), (list, hundredths) => {
        const q = hundredths / 100;
        const value = quantile(list, q);
        const upTo = (limit: number) => list.filter((one) => one <= limit).length;
        expect(list).toContain(value);
        expect(upTo(value)).toBeGreaterThanOrEqual(q * list.length - 1e-9);
        expect(upTo(value - 1)).toBeLessThan(q * list.length);
      }),
    );
  });

  it("refuse nonsense", () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError);
    expect(() => quantile([1], 1.5)).toThrow(RangeError);
  });
});

// What an operation costs where address spaces are small, and where they have outgrown a cache.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Cost } from "../../src/api/types.ts";
import { effectivePs, levelFactor } from "../../src/profile/effective.ts";
import { parseProfile } from "../../src/profile/profile.ts";
import { ROOT } from "../api/built.ts";

const TEXT = readFileSync(join(ROOT, "profiles/icount-6.12.json"), "utf8");

/** The profile with two caches, for 1,000 VMAs and for 10,000, in which one cost changes with size. */
function profileWith(unmap_vma: Omit<Cost, "source">, reversed = false) {
  const parsed = JSON.parse(TEXT);
  const caches = [1_000, 10_000].map((vmas) => {
    return { bytes: vmas * 200, bytes_per_vma: 200, source: "a test" };
  });
  const costs = { ...parsed.costs, unmap_vma: { ...unmap_vma, source: "a test" } };
  const order = reversed ? caches.toReversed() : caches;
  return parseProfile(JSON.stringify({ ...parsed, caches: order, costs }), "own.json");
}

describe("a cost that changes with the size of the address space", () => {
  it("has changed by a half where a cache is full", () => {
    const profile = profileWith({ ps: 40_000, cold_ps: [20_000, -30_000] });
    const at = (vmas: number) => Number(effectivePs(profile, "unmap_vma", vmas));
    expect(at(1)).toBe(40_000);
    expect(at(1_000)).toBeCloseTo(40_000 + 10_000 - 30_000 / 101, -1);
    expect(at(10_000)).toBeCloseTo(40_000 + 20_000 * (100 / 101) - 15_000, -1);
    expect(at(10_000_000)).toBeCloseTo(30_000, -1);
    const cost = profile.costs.unmap_vma!;
    expect([0, 1].map((cache) => levelFactor(cost, cache))).toEqual([1.5, 0.5]);
  });

  it("never falls below zero: a profile that says so is refused, whatever the order of its caches", () => {
    expect(() => profileWith({ ps: 40_000, cold_ps: [-40_000, 0] })).not.toThrow();
    expect(() => profileWith({ ps: 40_000, cold_ps: [-41_000, 20_000] })).toThrow(
      /own\.json:1:\d+: unmap_vma falls below zero beyond a cache: found -1000 ps where .* cache 1/,
    );
    // The other way round the larger cache comes first, and the sum is never below zero.
    expect(() => profileWith({ ps: 40_000, cold_ps: [-41_000, 20_000] }, true)).not.toThrow();
    expect(() => profileWith({ ps: 40_000, cold_ps: [-1, -40_000] })).toThrow(/outgrown cache 2/);
  });
});

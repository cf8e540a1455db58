// Mistakes in cost profiles: one line each that says where, what, and what would do.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CostProfile } from "../../src/api/types.ts";
import { COST_NAMES, parseProfile, profileBase } from "../../src/profile/profile.ts";
import { ROOT } from "../api/built.ts";

type Draft = Record<string, unknown> & { costs: Record<string, unknown> };

const cost = { ps: 5, source: "a test" };
const range = { generations: ["6.12"], vma_count_min: 1, vma_count_max: 9, cpus_max: 1 };

/** A profile that is right, but for one change. */
function draft(change: (profile: Draft) => void = () => {}): string {
  const costs = Object.fromEntries(COST_NAMES.map((name) => [name, cost]));
  const facts = { name: "own", title: "t", machine: "m", date: "2026-01-31", valid: "v" };
  const profile: Draft = { ...facts, costs };
  change(profile);
  return JSON.stringify(profile, null, 1);
}

const messageOf = (text: string, base?: CostProfile): string => {
  try {
    parseProfile(text, "p.json", base);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("a profile", () => {
  it("without a mistake is accepted", () => {
    expect(messageOf(draft())).toBe("accepted");
    expect(messageOf(draft((profile) => Object.assign(profile, { range })))).toBe("accepted");
  });

  it.each<[string, (profile: Draft) => void, RegExp]>([
    [
      "without some of its costs",
      ({ costs }) => {
        for (const name of COST_NAMES.slice(0, 4)) delete costs[name];
      },
      new RegExp(
        `^p\\.json:\\d+:\\d+: missing cost ${COST_NAMES.slice(0, 3).join(", ")}, and 1 more`,
      ),
    ],
    [
      "with half a picosecond",
      ({ costs }) => Object.assign(costs, { tick: { ...cost, ps: 0.5 } }),
      /bad value of costs\.tick\.ps: found 0\.5, expected a whole number from 0 to/,
    ],
    [
      "of a day that is none",
      (profile) => Object.assign(profile, { date: "2026-02-30" }),
      /bad value of date: found "2026-02-30", expected a date such as 2026-01-31$/,
    ],
    [
      "whose range holds nothing",
      (profile) => Object.assign(profile, { range: { ...range, vma_count_min: 10 } }),
      /bad value of range\.vma_count_max: found 9, expected at least vma_count_min$/,
    ],
    [
      "based on a path, which might lead back to itself",
      (profile) => Object.assign(profile, { based_on: "../own" }),
      /bad value of based_on: found "\.\.\/own", expected the name of a profile of the package/,
    ],
    [
      "with more cache costs than caches",
      ({ costs }) => Object.assign(costs, { tick: { ...cost, cold_ps: [1] } }),
      /cold_ps of tick does not fit the profile's caches: found 1 figures, expected 0, one a cache$/,
    ],
    [
      "with cache costs of a workload that knows no caches",
      ({ costs }) => Object.assign(costs, { mm_vma_lock: { ...cost, cold_ps: [1] } }),
      /cold_ps of mm_vma_lock would count for nothing: found 1 figures, expected none/,
    ],
  ])("%s is refused", (_, change, message) => {
    expect(messageOf(draft(change))).toMatch(message);
  });
});

describe("what a profile is based on", () => {
  const own = draft((profile) => Object.assign(profile, { based_on: "icount-6.12", costs: {} }));

  it("is named by it, or nothing where that is no name", () => {
    expect(profileBase(own, "p.json")).toBe("icount-6.12");
    expect(profileBase(draft(), "p.json")).toBeUndefined();
    expect(profileBase('{"based_on": 7}', "p.json")).toBeUndefined();
    expect(profileBase('{"based_on": "../own"}', "p.json")).toBeUndefined();
  });

  it("lends the rows that its costs were derived from", () => {
    const base = parseProfile(
      draft((profile) => Object.assign(profile, { derived_from: ["exit row 1"] })),
      "base.json",
    );
    const more = draft((profile) =>
      Object.assign(profile, { based_on: "base", costs: {}, derived_from: ["fork row 2"] }),
    );
    expect(parseProfile(more, "p.json", base).derived_from).toEqual(["exit row 1", "fork row 2"]);
  });

  it("lends the costs that are left out, which say so", () => {
    const file = join(ROOT, "profiles/icount-6.12.json");
    const base = parseProfile(readFileSync(file, "utf8"), file);
    const { costs } = parseProfile(own, "p.json", base);
    expect(costs.tick!.ps).toBe(base.costs.tick!.ps);
    expect(costs.tick!.source).toBe(`as icount-6.12: ${base.costs.tick!.source}`);
    expect(messageOf(own)).toMatch(/missing cost/);
  });
});

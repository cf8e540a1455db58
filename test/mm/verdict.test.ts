// The verdict of a comparison: what the lifetime oracle says of a strategy.

import { describe, expect, it } from "vitest";
import type { Strategy } from "../../src/api/types.ts";
import { strategyVerdict } from "../../src/litmus/verdict.ts";
import { presetStrategy, STRATEGY_NAMES } from "../../src/scenario/strategies.ts";

const NEWER = ["typesafe", "rcu-sheaf"];

const preset = (name: string): Strategy => presetStrategy(name, 250);

describe("the verdict on a strategy", () => {
  it.each(STRATEGY_NAMES)("%s is safe", (name) => {
    const verdict = strategyVerdict(preset(name), NEWER.includes(name) ? "7.2" : "6.12");
    expect(verdict).toEqual({ runs: 300, violations: 0 });
  });

  it("names what a direct free in munmap breaks, and the first seed", () => {
    const exit = { collect: "none", drain: { when: "end" }, release: "direct" } as const;
    const verdict = strategyVerdict(
      { name: "all-direct", exit, munmap: exit, unsafe: true },
      "6.12",
    );
    expect(verdict.violations).toBeGreaterThan(0);
    expect(verdict.first!.what).toBe("use-after-free");
    // the same seed alone is the first violation again: it can be replayed
    const until = Number(verdict.first!.seed);
    const again = strategyVerdict(
      { name: "again", exit, munmap: exit, unsafe: true },
      "6.12",
      until,
    );
    expect(again).toMatchObject({ violations: 1, first: verdict.first });
  });
});

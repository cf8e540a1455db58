// The second process of measured rows: how many iterations it has made when it is ended.

import { describe, expect, it } from "vitest";
import { iterationsToEnd } from "../../src/validate/kinds/second-process.ts";
import type { RunsOfPhase } from "../../src/validate/rules.ts";

/** A run of which the wait took so long, in ms, and whose last VMA was free then, with 100 iterations. */
function runs(waits_ms: number, free_ms: number): RunsOfPhase {
  const metrics = { user_wait_latency_ns: waits_ms * 1e6, last_free_ns: free_ms * 1e6 };
  return [{ metrics, load: [{ rounds: 100 }] }] as unknown as RunsOfPhase;
}

describe("the second process", () => {
  it("is ended with the wait where all VMAs are free by then", () => {
    expect(iterationsToEnd(runs(211.5, 205.7))).toBe(100);
    expect(iterationsToEnd(runs(200, 200))).toBe(100);
  });

  it("is ended 20 ms after the wait, or 40, where they are free later", () => {
    // alone from 208.2 to 221.7 ms, 0.235 ms an iteration
    expect(iterationsToEnd(runs(201.7, 208.2))).toBe(100 + 57);
    expect(iterationsToEnd(runs(201.7, 231.7))).toBe(100 + 42);
  });
});

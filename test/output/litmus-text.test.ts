// Reports of the lifetime oracle in words.

import { describe, expect, it } from "vitest";
import { BREACHES, MISSING } from "../../src/litmus/words.ts";
import type { BreachReport } from "../../src/litmus/world.ts";
import { breachText } from "../../src/output/litmus-text.ts";

const BREACH: BreachReport = {
  kind: "use-after-free",
  access: "lock",
  missing: "rcu-deferral",
  reader: "faulter",
  operation: "fault",
  page: 17n,
  object: 2,
  life_seen: 1,
  life_now: 1,
  state: "free",
  freed_by: "unmapper",
  freed_by_callback: false,
  freed_at: 12,
  time: 30,
};

const lines = (parts: Partial<BreachReport> = {}): string[] =>
  breachText({ ...BREACH, ...parts }).split("\n");

describe("the report of a breach", () => {
  it("says who touched what, who freed it when, and what would have kept them apart", () => {
    expect(lines()).toEqual([
      "  use after free",
      "    reader   faulter, in fault of page 17, touches lock",
      "    object   VMA 2 (life 1, free)",
      "    free     step 12, directly, by unmapper",
      "    access   step 30",
      "    missing  the free does not wait for RCU readers (no call_rcu)",
    ]);
  });

  it.each<[string, Partial<BreachReport>]>([
    ["not freed", { freed_by: undefined, freed_at: undefined }],
    ["step 12, directly, by unmapper", { state: "detached" }],
    ["step 12, handed over, by unmapper", { state: "queued" }],
    ["step 12, handed over, by unmapper", { state: "waiting" }],
    ["step 12, by the callback that unmapper queued", { freed_by_callback: true }],
  ])("says of the free: %s", (said, parts) => {
    expect(lines(parts)[3]).toBe(`    free     ${said}`);
  });

  it("says which life was looked up where it is another by now, and no page where there is none", () => {
    const [, reader, object] = lines({ life_seen: 1, life_now: 3, page: 2n ** 64n - 1n });
    expect(object).toBe("    object   VMA 2 (life 1 when looked up, now life 3, free)");
    expect(reader).toBe("    reader   faulter, in fault, touches lock");
  });

  it("has words for every breach and everything that may be missing", () => {
    expect(Math.min(BREACHES.size, MISSING.size)).toBeGreaterThan(5);
    for (const kind of BREACHES.keys()) {
      expect(lines({ kind })[0], kind).toMatch(/^ {2}\S+( \S+)+$/);
    }
    for (const missing of MISSING.keys()) {
      expect(lines({ missing })[5], missing).not.toContain("a rule of the books");
    }
  });
});

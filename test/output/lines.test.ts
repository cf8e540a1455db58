// Lines that no picture of a whole text shows.

import { describe, expect, it } from "vitest";
import type { RunResult } from "../../src/api/types.ts";
import type { LitmusSummary } from "../../src/litmus/explore.ts";
import { EXIT_TEXT } from "../../src/output/exit-text.ts";
import { EXITS_TEXT } from "../../src/output/exits-text.ts";
import { legend } from "../../src/output/litmus-text.ts";
import { strategyTable } from "../../src/output/strategy-table.ts";

function rowsOf(metrics: Readonly<Record<string, number>>): string[] {
  const results = [{ metrics } as unknown as RunResult<"exit">];
  const lines = EXIT_TEXT.lines.filter(({ metric }) => metric in metrics);
  return strategyTable(lines, [{ name: "own", results }]).slice(1);
}

describe("the table of strategies", () => {
  it("has no time of the last free where VMAs stay in a sheaf for ever", () => {
    expect(rowsOf({ last_free_ns: 0, gp_at_last_free: 0, stranded_vmas: 40 })).toEqual([
      "last free, ms               -",
      "grace periods               -",
      "stranded VMAs              40",
    ]);
  });

  it("has one, and the grace periods up to it, where all came back", () => {
    expect(rowsOf({ last_free_ns: 1_500_000, gp_at_last_free: 0, stranded_vmas: 0 })).toEqual([
      "last free, ms           1.500",
      "grace periods               0",
    ]);
  });
});

describe("the sentence of exits", () => {
  const put = { type: "exits", put: "async" } as const;
  const space = { origin: "maps of x", vma_count: 1 };
  const said = (children: number) =>
    EXITS_TEXT.what(
      { ...put, children } as unknown as Parameters<typeof EXITS_TEXT.what>[0],
      space,
    );

  it("is grammatical for one process and for many", () => {
    expect(said(1)).toBe("A process exits, async put, 1 VMA: maps of x.");
    expect(said(64)).toBe("64 processes exit, async put, 1 VMA each: maps of x.");
  });
});

describe("the last line of many litmus tests", () => {
  const ended = (ok: boolean, runs = 1000) => ({ ok, runs, runs_wanted: 1000 }) as LitmusSummary;

  it("says of a test that found nothing in few schedules that it asks for more", () => {
    expect(legend([ended(true, 300), ended(false, 300), ended(false)])).toMatch(
      /^\n3 tests, 2 not as expected \(1 in fewer schedules than they ask for\)\. /,
    );
  });

  it("says how many ended as they should, and what the numbers are", () => {
    expect(legend([ended(true), ended(true)])).toMatch(/^\n2 tests, all as expected\. /);
    expect(legend([ended(true), ended(false)])).toMatch(/^\n2 tests, 1 not as expected\. /);
  });
});

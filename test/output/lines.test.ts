// Lines that no picture of a whole text shows.

import { describe, expect, it } from "vitest";
import type { LoadReport, RunResult } from "../../src/api/types.ts";
import type { LitmusSummary } from "../../src/litmus/explore.ts";
import { EXIT_TEXT } from "../../src/output/exit-text.ts";
import { EXITS_TEXT } from "../../src/output/exits-text.ts";
import { legend } from "../../src/output/litmus-text.ts";
import { loadTable } from "../../src/output/load-text.ts";
import { phaseTable, strategyTable } from "../../src/output/strategy-table.ts";
import { STRATEGY_NAMES } from "../../src/scenario/strategies.ts";

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

describe("the columns of strategies", () => {
  const lines = EXIT_TEXT.lines.filter(({ metric }) => metric === "ncall_rcu");
  const table = (names: readonly string[]) => {
    const results = [{ metrics: { ncall_rcu: 1 } } as unknown as RunResult<"exit">];
    return strategyTable(
      lines,
      names.map((name) => ({ name, results })),
    );
  };

  it("are as wide as the names of all presets, and go on below where the page ends", () => {
    const text = table([...STRATEGY_NAMES]);
    for (const name of STRATEGY_NAMES) expect(text.join("\n")).toContain(` ${name}`);
    for (const line of text) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("cut a name of one's own that is longer", () => {
    expect(table(["a-name-of-twenty-two-x"])[0]!.trim()).toBe("a-name-of-twenty~");
  });
});

describe("the table of tick phases", () => {
  const lines = EXIT_TEXT.lines.filter(({ metric }) => metric === "exit_total_ns");
  const table = (times_ns: readonly number[]) => {
    const results = times_ns.map(
      (exit_total_ns) => ({ metrics: { exit_total_ns } }) as unknown as RunResult<"exit">,
    );
    return phaseTable(lines, [{ name: "own", results }]);
  };

  it("tells from where to where a figure moves", () => {
    expect(table([4_000_000, 7_500_000])[1]).toMatch(/^exit total, ms +4-7\.5$/);
  });

  it("leaves out what moves by less than it would show", () => {
    expect(table([65_477_363, 65_481_563])).toEqual([]);
  });
});

describe("the table of bystanders", () => {
  it("says what is timed of those that there are", () => {
    const latency = {
      samples: 1,
      mean_ns: 1,
      p50_ns: 1,
      p90_ns: 1,
      p99_ns: 1,
      p999_ns: 1,
      max_ns: 1,
    };
    const report = (kind: LoadReport["kind"]) =>
      ({ name: kind, kind, cpu_share: 0.5, latency }) as unknown as LoadReport;
    const text = loadTable([{ label: "", load: [report("reader"), report("churn")] }]).join(" ");
    expect(text).toContain("latencies in us: a reader's how long a section lasted");
    expect(text).toContain("how long an allocation took");
    expect(text).not.toContain("busy loop");
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

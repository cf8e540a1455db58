// Lines that no picture of a whole text shows.

import { describe, expect, it } from "vitest";
import type { OomKill, ReclaimReport } from "../../src/api/reclaim.ts";
import type { RcuStall } from "../../src/api/stalls.ts";
import type { LoadReport, RunResult } from "../../src/api/types.ts";
import type { LitmusSummary } from "../../src/litmus/explore.ts";
import { EXIT_TEXT } from "../../src/output/exit-text.ts";
import { EXITS_TEXT } from "../../src/output/exits-text.ts";
import { legend } from "../../src/output/litmus-text.ts";
import { loadTable } from "../../src/output/load-text.ts";
import { MUNMAP_TEXT } from "../../src/output/munmap-text.ts";
import { reclaimTable } from "../../src/output/reclaim-text.ts";
import { stallText } from "../../src/output/stall-text.ts";
import { cell, phaseTable, strategyTable } from "../../src/output/strategy-table.ts";
import { validateText } from "../../src/output/validate-text.ts";
import { STRATEGY_NAMES } from "../../src/scenario/strategies.ts";
import type { ValidationReport } from "../../src/validate/validate.ts";

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
  const said = (name: string, kind: LoadReport["kind"] = "reader") => {
    const latency = { samples: 1, mean_ns: 1, p50_ns: 1, p90_ns: 1, p99_ns: 1, p999_ns: 1 };
    const report = { name, kind, cpu_share: 0.5, latency: { ...latency, max_ns: 1 } };
    return loadTable([{ label: "", load: [report as unknown as LoadReport] }]);
  };

  it("cuts a long name, and shows that it does", () => {
    expect(said("twelve-words")[1]).toMatch(/^twelve-words +50\.0 %/);
    expect(said("thirteen-wide")[1]).toMatch(/^thirteen-wi~ +50\.0 %/);
  });

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

describe("a cell", () => {
  it.each([
    [9_999_999_999, "ms", "10,000.000"],
    [10_000_000_000, "ms", "10,000.0"],
    [1_550, "us", "1.6"],
    [1_572_864, "MiB", "1.5"],
    [524_288, "MiB s", "0.50"],
    [1_234, "count", "1,234"],
  ] as const)("of %d %s keeps to its column: %s", (value, unit, said) => {
    expect(cell(value, unit)).toBe(said);
  });
});

describe("the table of memory", () => {
  const oom: OomKill = {
    at_ns: 5_000_000,
    victim: "process",
    victim_pages: 256,
    free_pages: 512,
    dead_vmas: 1_000,
    dead_bytes: 1_048_576,
    listed_vmas: 900,
  };
  const report = (parts: Partial<ReclaimReport>): ReclaimReport => ({
    free_min_pages: 256,
    alloc_stalls: 0,
    alloc_stall_ns_sum: 0,
    alloc_stall_ns_max: 0,
    reclaim_passes: 0,
    shrink_scans: 0,
    shrink_objects: 0,
    oom_kills: 0,
    ...parts,
  });
  const said = (parts: Partial<ReclaimReport>, label = "single") =>
    reclaimTable([{ label, reclaim: report(parts) }])
      .join(" ")
      .replace(/\s+/g, " ");

  it("tells of the first kill, and how many came after it", () => {
    const first =
      "single: out of memory at 5.0 ms: killed the process itself, 1.0 MiB resident; 2.0 MiB were free, 1.0 MiB in 1,000 dead VMAs, 900 of them on the list.";
    expect(said({ oom_kills: 1, oom })).toContain(first);
    expect(said({ oom_kills: 3, oom })).toContain("1.0 MiB resident, and 2 more later; 2.0 MiB");
    expect(said({ oom_kills: 1, oom: { ...oom, victim: "hog" } }, "")).toContain(
      ' out of memory at 5.0 ms: killed "hog", 1.0 MiB',
    );
    expect(said({})).not.toContain("killed");
  });

  it("tells what became of a victim with an address space of its own", () => {
    const victim = { ...oom, listed_vmas_of_victim: 40, victim_gone_ns: 7_500_000 };
    expect(said({ oom_kills: 1, oom: { ...victim, reaped_pages: 512 } })).toContain(
      "900 of them on lists (40 on the victim's own); it was gone 2.5 ms later, oom_reaper took 2.0 MiB.",
    );
    expect(said({ oom_kills: 1, oom: { ...victim, victim_gone_ns: 0 } })).toContain(
      "; it never got to its end.",
    );
    expect(said({ oom_kills: 2, oom, panic_ns: 9_000_000 })).toContain(
      "single: the machine stopped at 9.0 ms: out of memory and nobody left to kill.",
    );
  });

  it("is none where nobody takes memory", () => {
    expect(reclaimTable([{ label: "a", reclaim: undefined }])).toEqual([]);
  });
});

describe("a stall", () => {
  const stall: RcuStall = {
    time_ns: 21_004_000_000,
    kind: "self",
    detected_by: 0,
    jiffies: 5251,
    gp_seq: 9,
    queued: 77,
    fqs: 12,
    kthread_starved_jiffies: 0,
    cpu_count: 1,
    task_count: 0,
    cpus: [{ cpu: 0, gps_behind: 0, ticks: 5251, watching: 0x2f, softirqs: [3, 4] }],
    tasks: [],
  };
  const text = (parts: Partial<RcuStall>, preempt_rcu = true) =>
    stallText([{ label: "", stalls: { count: 9, reports: [{ ...stall, ...parts }] } }], {
      cpus: 2,
      preempt_rcu,
    });

  it("is told in the words of the kernel", () => {
    expect(text({})).toEqual([
      "RCU CPU stalls reported: 9, the first 1 of them:",
      "[   21.004000] INFO: rcu_preempt self-detected stall on CPU 0",
      "    0-....: (5251 ticks this GP) idle=002f softirq=3/4 fqs=12",
      "    (t=5251 jiffies g=9 q=77 ncpus=2)",
    ]);
  });

  it("has other words where another CPU finds it, none is preempted, or the kthread starves", () => {
    const starved = { kind: "other", detected_by: 1, kthread_starved_jiffies: 60 } as const;
    expect(text(starved, false).slice(1)).toEqual([
      "[   21.004000] INFO: rcu_sched detected stalls on CPUs/tasks:",
      "    0-....: (5251 ticks this GP) idle=002f softirq=3/4 fqs=12",
      "    (detected by 1, t=5251 jiffies, g=9, q=77 ncpus=2)",
      "    rcu_sched kthread starved for 60 jiffies!",
    ]);
  });
});

describe("rows that cannot be expressed", () => {
  it("are told by their names, or by the spans of lines that they stand in", () => {
    const row = (line: number, id = `row ${line}`) => {
      return { file: "r.csv", id, line, kind: "exit", reasons: ["no such kernel"] };
    };
    const rows = [row(2), row(3), row(4), row(6), row(7, "p1-odd"), row(9)];
    const nothing = { count: 0, misses: 0, median: 0, p90: 0, worst: 0 };
    const report = {
      ...{ phases: 1, tolerance: 0.05, rows: [], kinds: [], ok: false },
      ...{ overall: nothing, predictions: { ...nothing, rows: 0 }, inexpressible: rows },
    };
    expect(validateText(report as unknown as ValidationReport, ["r.csv"])).toContain(
      [
        "Not expressible yet: 6 rows",
        "  exit: no such kernel (6 rows)",
        "    lines 2-4, 6, 9",
        "    line 7: p1-odd",
        "",
      ].join("\n"),
    );
  });
});

describe("the sentence of munmap", () => {
  const all = { calls: 1, every: 0, first_vma: -1, vma_count: -1 };
  const said = (how: object) =>
    MUNMAP_TEXT.what({ ...all, ...how } as unknown as Parameters<typeof MUNMAP_TEXT.what>[0], {
      origin: "maps of x",
      vma_count: 9,
      area: { first_vma: 1, vma_count: 7 },
    });

  it.each([
    [{}, "in 1 call"],
    [{ calls: 3 }, "in 3 calls"],
    [{ calls: 5000 }, "in 7 calls"],
    [{ calls: 5000, first_vma: 0 }, "in 9 calls"],
    [{ every: 1 }, "every VMA by a call of its own"],
    [{ every: 2 }, "every 2. VMA by a call of its own"],
    [{ ranges: [{}, {}] }, "2 ranges"],
  ])("says which VMAs in how many calls: %j", (how, words) => {
    expect(said(how)).toBe(`munmap ${words}, 9 VMAs: maps of x.`);
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

// Kinds of rows: told apart by columns, merged where they are repeats, ranked where they compare.

import { describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import { runJobs } from "../../src/api/pool.ts";
import type { RowKind } from "../../src/validate/kind.ts";
import { exitKind } from "../../src/validate/kinds/exit.ts";
import { KINDS, kindsOf } from "../../src/validate/kinds/index.ts";
import { rankCells } from "../../src/validate/ranks.ts";
import { metricOf } from "../../src/validate/rules.ts";
import { parseTable } from "../../src/validate/table.ts";
import { judgeValidation, planValidation } from "../../src/validate/validate.ts";
import { fakeEngine } from "../api/fake-engine.ts";
import { csv, PROFILE } from "./rows.ts";

/** A noisy kind with columns of its own: two runs a row, of which it adds up the exits. */
const pairKind: RowKind = {
  name: "pair",
  title: "two exits one after the other",
  columns: ["pair_n"],
  claims: (record) => record.word("pair_n") !== "99",
  repeats: "typical",
  rules: [
    {
      name: "both_ns",
      comparison: "relative",
      fraction: true,
      tolerance: 0.01,
      simulated: ([first, second]) =>
        metricOf(first!, "exit_total_ns")! + metricOf(second!, "exit_total_ns")!,
    },
  ],
  plan: (record) => {
    const planned = exitKind.plan(
      parseTable(csv({ n: record.needed("pair_n") }), "x").records[0]!,
      {
        profile: () => PROFILE,
      },
    );
    if ("reasons" in planned) return planned;
    const jobs = [...planned.jobs, ...planned.jobs];
    return { ...planned, jobs, pasts: [], key: record.word("pair_n") };
  },
};

async function reportOf(texts: readonly string[], kinds: readonly RowKind[]) {
  const engine = fakeEngine(1);
  const tables = texts.map((text, i) => parseTable(text, `file${i}.csv`));
  const plan = planValidation(tables, {
    profile: () => PROFILE,
    phases: 3,
    tolerance: 0.1,
    plan: (job) => engine.plan(jobSpec(job)),
    kinds,
  });
  return { plan, report: judgeValidation(plan, await runJobs(plan.jobs, { engine })) };
}

describe("kinds of rows", () => {
  it("are told apart by the columns of their files", async () => {
    const pairs = "pair_n,both_ns,weather\n100,195000.5,rain\n";
    const { report } = await reportOf([csv({ id: "a" }), pairs], [pairKind, exitKind]);
    expect(report.rows.map(({ kind, file }) => [kind, file])).toEqual([
      ["exit", "file0.csv"],
      ["pair", "file1.csv"],
    ]);
    expect(report.kinds.map(({ kind, rows }) => [kind, rows])).toEqual([
      ["exit", 1],
      ["pair", 1],
    ]);
  });

  it("may need several runs a row, and give their metrics a tolerance of their own", async () => {
    const { plan, report } = await reportOf(["pair_n,both_ns\n100,195000.5\n"], [pairKind]);
    expect(plan.jobs).toHaveLength(6);
    expect(plan.jobs.map(({ machine }) => machine.tick_phase_ns)).toEqual([
      0, 0, 1_333_333, 1_333_333, 2_666_666, 2_666_666,
    ]);
    // Twice an exit of 111 VMAs: 2 * (540 + 200 + 85 + 40) * 111.
    expect(report.rows[0]!.verdicts).toMatchObject([
      { simulated: 192_030, measured: 195_000.5, tolerance: 0.01, ok: false },
    ]);
  });

  it("may not know what was drawn at random: then each tick phase draws anew", async () => {
    const seeds = async (kind: RowKind) => {
      const { plan } = await reportOf(["pair_n,both_ns\n100,195000.5\n"], [kind]);
      return plan.jobs.map(({ seed }) => seed);
    };
    const drawing = (draws_a_phase: number): RowKind => ({
      ...pairKind,
      plan: (record, context) => {
        const planned = pairKind.plan(record, context);
        return "reasons" in planned ? planned : { ...planned, draws_a_phase };
      },
    });
    expect(await seeds(pairKind)).toEqual([1n, 1n, 1n, 1n, 1n, 1n]);
    expect(await seeds(drawing(1))).toEqual([1n, 1n, 2n, 2n, 3n, 3n]);
    expect(await seeds(drawing(2))).toEqual(
      [1, 2, 3, 4, 5, 6].flatMap((n) => [BigInt(n), BigInt(n)]),
    );
  });

  it("may draw twice a phase: each draw has a tick phase, and the rows behind keep their own runs", async () => {
    const plan: RowKind["plan"] = (record, context) => {
      const planned = pairKind.plan(record, context);
      if ("reasons" in planned || record.needed("pair_n") !== 100) return planned;
      return { ...planned, draws_a_phase: 2 };
    };
    const text = "pair_n,both_ns\n100,195000.5\n200,1\n";
    const { plan: made, report } = await reportOf([text], [{ ...pairKind, plan }]);
    const phases = made.jobs.filter((_, at) => at < 12 && at % 2 === 0);
    expect(phases.map(({ machine }) => machine.tick_phase_ns)).toEqual([
      0, 666_666, 1_333_333, 2_000_000, 2_666_666, 3_333_333,
    ]);
    const [drawn, behind] = report.rows.map(({ verdicts }) => verdicts[0]!.simulated);
    expect(drawn).toBe(192_030);
    expect(behind).toBe(2 * (540 + 200 + 85 + 40) * 211);
  });

  it("may not know how the machine was when a row began: tick phases take turns", async () => {
    const plan: RowKind["plan"] = (record, context) => {
      const planned = pairKind.plan(record, context);
      const starts = [{ machine: { kworker_lag_ns: 7 } }, { machine: { kworker_lag_ns: 0 } }];
      return "reasons" in planned ? planned : { ...planned, starts };
    };
    const { plan: made } = await reportOf(["pair_n,both_ns\n100,1\n"], [{ ...pairKind, plan }]);
    const lags = made.jobs.map(({ machine }) => machine.kworker_lag_ns);
    expect(lags).toEqual([7, 7, 0, 0, 7, 7]);
  });

  it("may be repeats of one measurement, of which a quarter were no slower", async () => {
    const text = "pair_n,both_ns\n100,1\n100,192030\n100,9e9\n100,9e8\n100,9e7\n200,\n";
    const { report } = await reportOf([text], [pairKind]);
    expect(report.rows).toMatchObject([
      { repeats: 5, ok: true, verdicts: [{ measured: 192_030 }] },
      { repeats: 1, verdicts: [] },
    ]);
  });

  it("list a row that none of them claims", async () => {
    const { report } = await reportOf(["pair_n,both_ns\n99,1\n"], [pairKind]);
    expect(report.inexpressible).toMatchObject([{ line: 2, reasons: ["none of pair"] }]);
  });

  it("refuse a header that is nobody's, naming what the nearest lacks", () => {
    const refused = (header: string) => () =>
      kindsOf(parseTable(`${header}\n`, "f.csv"), [exitKind, pairKind]);
    expect(refused("pairn,both_ns")).toThrow(
      "f.csv:1:1: missing column pair_n of pair rows (is it `pairn`?)",
    );
    expect(refused("pair_n")).toThrow("f.csv:1:1: no column with a measured figure");
  });

  it("have names and columns of their own", () => {
    const names = KINDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, columns, rules } of KINDS) {
      expect(columns.length, name).toBeGreaterThan(0);
      expect(new Set(rules.map((rule) => rule.name)).size, name).toBe(rules.length);
    }
  });
});

describe("rows of two CPUs", () => {
  it("count with their fastest repeat, in counts and in the order of strategies alone", async () => {
    const noisy = { accel: "mttcg", cpus: 2, rcu_cbs_in_exit: "" };
    const text = csv(
      { ...noisy, id: "a", rep: 1, exit_total_ns: 9_000_000 },
      { ...noisy, id: "b", rep: 2, exit_total_ns: 5_000_000 },
      { ...noisy, id: "c", strategy: "single", ncall_rcu: 1, exit_total_ns: 6_000_000 },
      { ...noisy, id: "d", accel: "tcg", cpus: 4 },
      { ...noisy, id: "e", cpus: 9 },
      { ...noisy, id: "f", concurrent: 1 },
    );
    const { plan, report } = await reportOf([text], KINDS);
    expect(plan.jobs[0]!.machine).toMatchObject({ cpus: 2 });
    expect(plan.jobs.at(-1)!.machine).toMatchObject({ cpus: 4 });
    expect(report.rows.map(({ id, kind, repeats, ok }) => [id, kind, repeats, ok])).toEqual([
      ["a", "two-cpus", 2, true],
      ["c", "two-cpus", 1, true],
      ["d", "two-cpus", 1, true],
    ]);
    const total = report.rows[0]!.verdicts.find(({ metric }) => metric === "exit_total_ns");
    expect(total).toMatchObject({ comparison: "order", measured: 5_000_000, ok: true });
    // Only counts are figures: call_rcu() of the three cells.
    expect(report.overall.count).toBe(3);
    expect(report.kinds[0]!.ranks.find(({ metric }) => metric === "exit_total_ns")).toMatchObject({
      undecided: 1,
      wrong: [],
    });
    expect(report.inexpressible).toMatchObject([
      { id: "e", reasons: ["9 CPUs were measured, the cost profile knows 8"] },
      {
        id: "f",
        reasons: [
          "what a round of the second process costs is known on the instruction clock alone",
        ],
      },
    ]);
  });
});

describe("the order of strategies", () => {
  const cell = (label: string, measured: number, low: number, high: number) => ({
    label,
    group: "g",
    what: "row",
    verdicts: [
      {
        metric: "m",
        comparison: "range" as const,
        tolerance: 0.1,
        measured,
        simulated: (low + high) / 2,
        mean: low + (high - low) / 4,
        low,
        high,
        error: 0,
        ok: true,
      },
    ],
  });

  it("is right, undecided where phases overlap or figures tie, or wrong", () => {
    const ranks = rankCells(
      [
        cell("a", 100, 90, 95),
        cell("b", 200, 150, 300),
        cell("c", 201, 10, 20),
        cell("d", 250, 290, 400),
      ],
      ["m"],
    );
    expect(ranks).toMatchObject([
      {
        measured_order: ["a", "b", "c", "d"],
        simulated_order: ["c", "a", "b", "d"],
        // a before b, a before d, c before d
        agree: 3,
        // b and c tie; b and d overlap
        undecided: 2,
        wrong: ["a before c"],
      },
    ]);
  });

  it("is that of the means where each phase is a draw of its own, whose ranges overlap", () => {
    const cells = [cell("a", 100, 80, 120), cell("b", 150, 80, 200), cell("c", 300, 90, 160)];
    const [by_range] = rankCells(cells, ["m"]);
    expect(by_range).toMatchObject({ agree: 0, undecided: 3 });
    // means: a 90, b 110, c 107.5
    const [by_mean] = rankCells(cells, ["m"], { by: "mean" });
    expect(by_mean).toMatchObject({
      simulated_order: ["a", "c", "b"],
      agree: 2,
      undecided: 0,
      wrong: ["b before c"],
    });
    const [tied] = rankCells(cells, ["m"], { by: "mean", tie: 0.05 });
    expect(tied).toMatchObject({ agree: 2, undecided: 1, wrong: [] });
  });

  it("needs two cells of a group and a metric they share", () => {
    expect(rankCells([cell("a", 1, 1, 1)], ["m"])).toEqual([]);
    expect(rankCells([cell("a", 1, 1, 1), cell("b", 2, 2, 2)], ["other"])).toEqual([]);
    expect(rankCells([cell("a", 1, 1, 1), cell("a", 1, 1, 1)], ["m"])).toEqual([]);
  });
});

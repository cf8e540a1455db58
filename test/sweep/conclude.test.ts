// What a sweep comes to, on made-up results: who has least where, and between which points they change places.

import { describe, expect, it } from "vitest";
import { Cells } from "../../src/sweep/cells.ts";
import { concludeSweep, type RankedPoint } from "../../src/sweep/conclude.ts";
import { sweepConclusionText } from "../../src/sweep/conclusion-text.ts";
import { Grid } from "../../src/sweep/grid.ts";
import { chosenMetrics, parseLimit } from "../../src/sweep/metrics.ts";
import type { SweepPoint, SweepResult } from "../../src/sweep/sweep.ts";

const METRIC = "exit_total_ns";

/** Milliseconds of each strategy at each point; several a point are its tick phases, nothing is no run. */
type Table = Readonly<Record<string, readonly (number | readonly number[] | undefined)[]>>;

function pointsOf(grid: Grid, table: Table, unsafe: readonly string[] = []): SweepPoint[] {
  return Array.from({ length: grid.length }, (_, index) => {
    const strategies = Object.entries(table).flatMap(([name, figures]) => {
      const figure = figures[index];
      if (figure === undefined) return [];
      const phases = typeof figure === "number" ? [figure] : figure;
      const cells = new Cells(phases.length);
      for (const [run, ms] of phases.entries()) {
        cells.put(run, { digest: `${run}`, figures: { [METRIC]: ms * 1e6 } });
      }
      return [{ name, ...cells.at(0) }];
    });
    const values = grid.valuesAt(index).map(({ text }, axis) => [grid.axes[axis]!.key, text]);
    const point = { name: grid.nameAt(index), values: Object.fromEntries(values), vma_count: 1 };
    return { ...point, extrapolated: [], unsafe, strategies };
  });
}

const conclude = (grid: Grid, points: readonly RankedPoint[]) =>
  concludeSweep(grid, points, [{ metric: METRIC }]);

const SUBJECT = { workload: "exit", has_bystanders: false, metrics: [METRIC] } as const;

function resultOf(grid: Grid, points: readonly SweepPoint[]): SweepResult {
  const names = points.flatMap(({ strategies }) => strategies.map(({ name }) => name));
  return {
    workload: "exit",
    axes: grid.axes,
    strategies: [...new Set(names)],
    tick_phases: 1,
    runs: 0,
    points,
    conclusion: conclude(grid, points),
  };
}

function textOf(grid: Grid, table: Table, limits: readonly string[] = []): string[] {
  const result = resultOf(grid, pointsOf(grid, table));
  const over = limits.map((limit) => parseLimit(limit, SUBJECT));
  const metrics = chosenMetrics(METRIC, SUBJECT);
  return sweepConclusionText({ grid, result, metrics, limits: over });
}

const LINE = new Grid(["vmas=1_000..1_000_000x10"]);

describe("strategies change places", () => {
  it("between the last point where one is ahead and the first where the other one is", () => {
    const { crossovers } = conclude(
      LINE,
      pointsOf(LINE, { a: [10, 100, 1000, 9000], b: [20, 200, 800, 7000] }),
    );
    expect(crossovers).toEqual([
      { metric: METRIC, key: "vmas", from: 1, to: 2, passes: "b", passed: "a" },
    ]);
  });

  it("over points at which they are equal, and not where they only come close", () => {
    const table = { a: [10, 100, 1000, 9000], b: [20, 104, 1000, 7000], c: [11, 100, 999, 8900] };
    const { crossovers } = conclude(LINE, pointsOf(LINE, table));
    expect(crossovers).toEqual([
      { metric: METRIC, key: "vmas", from: 0, to: 3, passes: "b", passed: "a" },
      { metric: METRIC, key: "vmas", from: 0, to: 3, passes: "b", passed: "c" },
    ]);
  });

  it("back again as well", () => {
    const { crossovers } = conclude(LINE, pointsOf(LINE, { a: [1, 2, 1, 1], b: [2, 1, 2, 2] }));
    expect(crossovers.map(({ from, to, passes }) => [from, to, passes])).toEqual([
      [0, 1, "b"],
      [1, 2, "a"],
    ]);
  });

  it("not where their ranges over tick phases overlap", () => {
    const table = { a: [10, [10, 20], 10, 10], b: [20, [9, 15], 20, 20] };
    expect(conclude(LINE, pointsOf(LINE, table)).crossovers).toEqual([]);
  });

  it("along each key of a grid, the others staying", () => {
    const grid = new Grid(["vmas=1000,2000", "machine.hz=100,1000"]);
    const { crossovers } = conclude(grid, pointsOf(grid, { a: [1, 1, 1, 3], b: [2, 2, 2, 2] }));
    expect(crossovers.map(({ key, from, to }) => [key, from, to])).toEqual([
      ["vmas", 1, 3],
      ["machine.hz", 2, 3],
    ]);
  });

  it("only where both have runs", () => {
    const table = { a: [1, undefined, 3, 3], b: [2, 2, undefined, 2] };
    const { crossovers, rankings } = conclude(LINE, pointsOf(LINE, table));
    expect(crossovers.map(({ from, to }) => [from, to])).toEqual([[0, 3]]);
    expect(rankings[0]!.first).toEqual([["a"], ["b"], ["a"], ["b"]]);
  });
});

describe("the conclusion of a sweep", () => {
  it("says who is first where, and what changes", () => {
    const table = {
      direct: [10, 100, 1000, 9000],
      call_rcu: [10.1, 200, 1500, 20000],
      single: [20, 150, 800, 7000],
    };
    expect(textOf(LINE, table)).toEqual([
      "",
      "Conclusion (figures within 5 % of the least count as equal)",
      "",
      "exits first       direct and call_rcu at vmas 1,000; direct at vmas 10,000;",
      "                  single at vmas 100,000, 1,000,000",
      "                  between vmas 1,000 and 10,000 single passes call_rcu",
      "                  between vmas 10,000 and 100,000 single passes direct",
      "",
      "One tick phase: --tick-phases 16 tells what hangs on it.",
    ]);
  });

  it("says at which setting of the other keys places change", () => {
    const grid = new Grid(["vmas=1000,2000", "machine.rcu.blimit=10,100,1000"]);
    const lines = textOf(grid, { a: [1, 1, 1, 3, 1, 1], b: [2, 2, 2, 2, 2, 2] });
    expect(lines.slice(3, 7)).toEqual([
      "exits first       a at 5 of 6 points; b at 1 of 6 points",
      "                  between vmas 1,000 and 2,000 b passes a (at blimit 10)",
      "                  between blimit 10 and 100 a passes b (at vmas 2,000)",
      "",
    ]);
  });

  it("says where a strategy is above a limit, ranked or alone", () => {
    const table = { a: [1, 5, 30, 300], b: [1, 2, 3, 4] };
    expect(textOf(LINE, table, [`${METRIC}=10ms`])).toContain(
      "exit total above 10ms: a at vmas 100,000, 1,000,000 (30.000 ms and more); b",
    );
    expect(textOf(LINE, { a: [1, 5, 30, 300] }, [`${METRIC}=4ms`])).toEqual([
      "",
      "exit total above 4ms: a at vmas 10,000 to 1,000,000 (5.000 ms and more).",
    ]);
  });

  it("ranks nothing unsafe, and says so", () => {
    const points = pointsOf(LINE, { a: [1, 1, 1, 1], b: [2, 2, 2, 2] }, ["a"]);
    const { rankings, unsafe } = conclude(LINE, points);
    expect(rankings[0]!.first).toEqual([["b"], ["b"], ["b"], ["b"]]);
    expect(unsafe).toEqual([{ name: "a", points: 4 }]);
  });

  it("says for whom the OOM killer came, and who leaves VMAs that nothing frees", () => {
    const points = pointsOf(LINE, { a: [1, 1, 1, 1], b: [2, 2, 2, 2] }).map((point, index) => ({
      ...point,
      strategies: point.strategies.map((cell) => {
        const more = { oom_kills: index > 1 ? 1 : 0, stranded_vmas: index };
        return cell.name === "a" ? cell : { ...cell, values: { ...cell.values, ...more } };
      }),
    }));
    const conclusion = conclude(LINE, points);
    expect(conclusion.harm).toEqual([{ name: "b", oom_kills: [2, 3], stranded_vmas: [1, 2, 3] }]);
    const result = resultOf(LINE, points);
    const metrics = chosenMetrics(METRIC, SUBJECT);
    expect(sweepConclusionText({ grid: LINE, result, metrics, limits: [] })).toEqual(
      expect.arrayContaining([
        "harm              b: OOM kills at vmas 100,000, 1,000,000, VMAs never freed at",
        "                  vmas 10,000 to 1,000,000",
      ]),
    );
  });

  it("has nobody first where a figure of 0 is no merit", () => {
    const points = pointsOf(LINE, { a: [0, 1, 1, 1], b: [0, 0, 2, 2] });
    const [ranking] = concludeSweep(LINE, points, [
      { metric: METRIC, never_at_zero: true },
    ]).rankings;
    expect(ranking!.first).toEqual([[], ["a"], ["a"], ["a"]]);
  });
});

describe("figures over tick phases", () => {
  it("are the first one's, with the least and the most of all, in whatever order runs end", () => {
    const runs = [3, 1, 2].map((value, run) => ({
      digest: `${run}`,
      figures: { x: value, y: -value },
    }));
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ];
    for (const order of orders) {
      const cells = new Cells(3);
      for (const run of order) cells.put(run, runs[run]!);
      const cell = cells.at(0);
      expect(cell).toEqual({
        digest: "0",
        values: { x: 3, y: -3 },
        lowest: { x: 1, y: -3 },
        highest: { x: 3, y: -1 },
      });
      expect(Object.keys(cell.lowest!)).toEqual(["x", "y"]);
    }
  });
});

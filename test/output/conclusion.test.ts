// What a comparison comes to: never more than its figures say.

import { describe, expect, it } from "vitest";
import type { RunResult } from "../../src/api/types.ts";
import { type Conclusion, conclude } from "../../src/output/conclusion.ts";
import { conclusionText } from "../../src/output/conclusion-text.ts";
import { EXIT_TEXT } from "../../src/output/exit-text.ts";
import type { RankLines } from "../../src/output/ranking.ts";
import type { StrategyRuns } from "../../src/output/strategy-table.ts";
import { ranksOf } from "../../src/output/workload-texts.ts";

const RANKS: RankLines<"exit"> = EXIT_TEXT.ranks!;

interface Figures {
  readonly exit_total_ns: number;
  readonly dead_peak_bytes: number;
  readonly [metric: string]: number;
}

const NONE = { dead_byte_seconds: 0, memory_back_ns: 0, softirq_max_ns: 0 };

/** A strategy's figures, one set a tick phase. */
function runs(name: string, ...phases: Figures[]): StrategyRuns {
  const results = phases.map((metrics) => ({ metrics: { ...NONE, ...metrics } }));
  return { name, results: results as unknown as RunResult[] };
}

const MIB = 1_048_576;
const of = (exit_ms: number, dead_mib: number, rest: Record<string, number> = {}): Figures => ({
  exit_total_ns: exit_ms * 1e6,
  dead_peak_bytes: dead_mib * MIB,
  ...rest,
});

const concluded = (...strategies: StrategyRuns[]): Conclusion =>
  conclude(RANKS, strategies, []) as Conclusion;

const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

describe("the conclusion of a comparison", () => {
  it("is that nobody is first in both, what the faster one saves and what it pays", () => {
    const conclusion = concluded(
      runs("one by one", of(100, 1, { softirq_max_ns: 2_000 })),
      runs("all at once", of(60, 200, { softirq_max_ns: 300_000 })),
    );
    expect(conclusion.trade).toEqual({
      faster: "all at once",
      leaner: "one by one",
      paid: [
        { metric: "dead_peak_bytes", faster: 200 * MIB, leaner: MIB },
        { metric: "softirq_max_ns", faster: 300_000, leaner: 2_000 },
      ],
    });
    expect(conclusion.first_in_both).toEqual([]);
    expect(conclusionText(RANKS, conclusion)).toEqual([
      "Conclusion (figures within 5 % of the best count as equal)",
      "",
      "exits first       all at once, 60.000 ms; then one by one, 67 % more",
      "least dead        one by one, 1.0 MiB; then all at once, 200.0 MiB",
      "  over time       all equal: one by one and all at once, 0.00 MiB x s",
      "shortest softirq  one by one, 2.0 us; then all at once, 300.0 us",
      "trade             all at once saves 40.000 ms (40 %) over one by one, and pays",
      "                  with a dead peak of 200.0 MiB for 1.0 and a softirq of 300.0",
      "                  us for 2.0",
      "",
      "One tick phase: --tick-phases 16 tells what hangs on it.",
    ]);
  });

  it("is that one is first in both", () => {
    const conclusion = concluded(runs("a", of(100, 5)), runs("b", of(80, 1)));
    expect(conclusion).toMatchObject({ first_in_both: ["b"], trade: null });
    expect(conclusion.outdone).toEqual([{ name: "a", by: "b" }]);
    expect(conclusionText(RANKS, conclusion).join("\n")).toContain(
      "none: b first in time and in memory",
    );
  });

  it("holds figures within a twentieth to be equal, and no more", () => {
    const { rankings } = concluded(
      runs("best", of(100, 1)),
      runs("as good", of(105, 1)),
      runs("behind", of(105.1, 1)),
    );
    expect(names(rankings[0]!.first)).toEqual(["best", "as good"]);
    expect(names(rankings[0]!.others)).toEqual(["behind"]);
    expect(names(rankings[1]!.first)).toEqual(["best", "as good", "behind"]);
  });

  it("holds figures to be equal whose ranges over tick phases overlap", () => {
    const conclusion = concluded(
      runs("steady", of(100, 1), of(101, 1), of(99, 1)),
      runs("moving", of(140, 1), of(150, 1), of(100, 1)),
      runs("always behind", of(140, 1), of(150, 1), of(130, 1)),
    );
    expect(names(conclusion.rankings[0]!.first)).toEqual(["steady", "moving"]);
    expect(names(conclusion.rankings[0]!.others)).toEqual(["always behind"]);
    expect(conclusionText(RANKS, conclusion).at(-1)).toBe(
      "Equal is also what overlaps over the 3 tick phases.",
    );
  });

  it("names as faster one that nobody outdoes", () => {
    // b is as fast as a, but so is c beside b, with less memory; c is not as fast as a
    const conclusion = concluded(
      runs("a", of(100, 50)),
      runs("b", of(104, 50)),
      runs("c", of(108, 1)),
    );
    expect(conclusion.outdone).toEqual([{ name: "b", by: "c" }]);
    expect(conclusion.trade).toMatchObject({ faster: "a", leaner: "c" });
  });

  it("names the fastest of equally fast ones that are equally lean", () => {
    const conclusion = concluded(
      runs("b", of(104, 49)),
      runs("a", of(100, 50)),
      runs("heavy", of(99, 80)),
      runs("c", of(200, 1)),
    );
    expect(conclusion.trade).toMatchObject({ faster: "a", leaner: "c" });
  });

  it("names the very fastest where each one is outdone by the next", () => {
    const conclusion = concluded(
      runs("a", of(100, 60)),
      runs("b", of(104, 50)),
      runs("c", of(108, 1)),
    );
    expect(conclusion.trade).toMatchObject({ faster: "a", leaner: "c" });
    expect(conclusion.outdone).toEqual([{ name: "b", by: "c" }]);
  });

  it("says once what all others have", () => {
    const three = [runs("a", of(1, 1)), runs("b", of(2, 30)), runs("c", of(3, 30))];
    expect(conclusionText(RANKS, concluded(...three))[3]).toBe(
      "least dead        a, 1.0 MiB; all others 30.0 MiB",
    );
  });

  it("ranks nothing unsafe, and says so", () => {
    const reckless = { ...runs("reckless", of(1, 0)), unsafe: true };
    const caught = {
      ...runs("caught", of(2, 0)),
      verdict: { runs: 300, violations: 1, first: { seed: 7n, what: "vma-freed-access" } },
    };
    const conclusion = concluded(reckless, caught, runs("a", of(100, 5)), runs("b", of(200, 5)));
    expect(conclusion.unsafe).toEqual(["reckless", "caught"]);
    expect(names(conclusion.rankings[0]!.first)).toEqual(["a"]);
    expect(conclusion.first_in_both).toEqual(["a"]);
    const text = conclusionText(RANKS, conclusion).join("\n");
    expect(text).toContain("unsafe            reckless and caught: not ranked here");
  });

  it("ranks nothing where all are unsafe", () => {
    const conclusion = concluded(
      { ...runs("a", of(1, 0)), unsafe: true },
      { ...runs("b", of(2, 0)), unsafe: true },
    );
    expect(conclusion).toMatchObject({
      rankings: [],
      trade: null,
      outdone: [],
      unsafe: ["a", "b"],
    });
  });

  it("takes memory that never came back for no merit", () => {
    const { rankings } = concluded(
      runs("never", of(1, 1, { memory_back_ns: 0 })),
      runs("late", of(1, 1, { memory_back_ns: 5e6 })),
    );
    const back = rankings.find(({ metric }) => metric === "memory_back_ns")!;
    expect(names([...back.first, ...back.others])).toEqual(["late"]);
  });

  it("ranks what bystanders had to wait where there are some", () => {
    const waiting = (name: string, ...latencies_ns: number[]) => {
      const one = runs(name, of(1, 1));
      const load = latencies_ns.map((max_ns) => ({ latency: { max_ns } }));
      Object.assign(one.results[0]!, { load });
      return one;
    };
    const both = [waiting("gentle", 2_000, 4_000), waiting("rough", 1_000, 30_000_000)];
    const ranks = ranksOf("exit", true) as RankLines<"exit">;
    const conclusion = conclude(ranks, both, []) as Conclusion;
    expect(conclusion.rankings.at(-1)!.metric).toBe("bystander_latency_ns_max");
    expect(conclusionText(ranks, conclusion)).toContain(
      "bystanders wait   gentle, 4.0 us; then rough, 30,000.0 us",
    );
    expect(ranksOf("exit", false)).toBe(RANKS);
  });

  it("tells of kills and of what is never freed", () => {
    const strands = runs("strands", of(1, 1, { stranded_vmas: 59 }));
    const kills = runs("kills", of(1, 1));
    Object.assign(kills.results[0]!, { reclaim: { oom_kills: 2 } });
    const conclusion = concluded(strands, kills, runs("fine", of(1, 1)));
    expect(conclusion.harm).toEqual([
      { name: "strands", oom_kills: 0, stranded_vmas: 59 },
      { name: "kills", oom_kills: 2, stranded_vmas: 0 },
    ]);
    expect(conclusionText(RANKS, conclusion).join("\n")).toContain(
      "strands (59 VMAs never freed) and kills (2 OOM kills)",
    );
  });

  it("says that it is extrapolated", () => {
    const both = [runs("a", of(1, 1)), runs("b", of(2, 1))];
    const far = conclude(RANKS, both, ["2 CPUs (measured one)"]) as Conclusion;
    expect(far.extrapolated).toEqual(["2 CPUs (measured one)"]);
    expect(conclusionText(RANKS, far).join(" ")).toContain("Beyond the profile's range");
  });

  it("is not drawn from one strategy", () => {
    expect(conclude(RANKS, [runs("a", of(1, 1))], [])).toBeUndefined();
  });
});

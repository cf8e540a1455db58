// Whether the simulation puts strategies in the order in which they were measured.

import type { Verdict } from "./judge.ts";

export interface RankedCell {
  readonly label: string;
  readonly group: string;
  /** Where the group is shown: the row of its first cell. */
  readonly what: string;
  readonly verdicts: readonly Verdict[];
}

/** The order of one metric within one group of cells that differ in their label alone. */
export interface RankReport {
  readonly metric: string;
  /** First cell of the group, in a few words. */
  readonly group: string;
  /** Labels, smallest first. */
  readonly measured_order: readonly string[];
  readonly simulated_order: readonly string[];
  /** Pairs in the measured order. */
  readonly agree: number;
  /**
   * Pairs whose measured or mean figures differ by less than the tie, or whose order hangs on the tick
   * phase.
   */
  readonly undecided: number;
  /** Pairs the other way round, as "a before b". */
  readonly wrong: readonly string[];
}

/** Measured figures nearer to each other than this share have no order. */
const TIE = 0.01;

/**
 * What of a cell is ordered: its range over the tick phases, or, where each phase is a draw of its own,
 * the mean over them.
 */
export type RankedBy = "range" | "mean";

export interface RankRule {
  readonly by: RankedBy;
  /** Figures nearer to each other than this share have no order. */
  readonly tie: number;
}

type Figure = "measured" | "simulated" | "mean" | "low" | "high";
type Entry = { readonly label: string } & Pick<Verdict, Figure>;
type PairVerdict = "agree" | "undecided" | "wrong";

const near = (a: number, b: number, tie: number): boolean =>
  Math.abs(a - b) <= tie * Math.max(Math.abs(a), Math.abs(b));

function pairVerdict(a: Entry, b: Entry, { by, tie }: RankRule): PairVerdict {
  const [smaller, larger] = a.measured <= b.measured ? [a, b] : [b, a];
  if (near(smaller.measured, larger.measured, tie)) return "undecided";
  if (by === "mean") {
    if (near(smaller.mean, larger.mean, tie)) return "undecided";
    return smaller.mean < larger.mean ? "agree" : "wrong";
  }
  if (smaller.high < larger.low) return "agree";
  return smaller.low > larger.high ? "wrong" : "undecided";
}

const ordered = (entries: readonly Entry[], key: Figure): string[] =>
  entries.toSorted((a, b) => a[key] - b[key]).map(({ label }) => label);

function rank(
  metric: string,
  group: string,
  entries: readonly Entry[],
  rule: RankRule,
): RankReport {
  let agree = 0;
  let undecided = 0;
  const wrong: string[] = [];
  entries.forEach((a, i) => {
    for (const b of entries.slice(i + 1)) {
      const verdict = pairVerdict(a, b, rule);
      if (verdict === "agree") agree++;
      else if (verdict === "undecided") undecided++;
      else wrong.push(`${ordered([a, b], "measured").join(" before ")}`);
    }
  });
  const measured_order = ordered(entries, "measured");
  return {
    metric,
    group,
    measured_order,
    simulated_order: ordered(entries, rule.by === "mean" ? "mean" : "simulated"),
    agree,
    undecided,
    wrong,
  };
}

/** One report a group of at least two labels and a metric that all of them have. */
export function rankCells(
  cells: readonly RankedCell[],
  metrics: readonly string[],
  { by = "range", tie = TIE }: Partial<RankRule> = {},
): RankReport[] {
  const groups = new Map<string, RankedCell[]>();
  for (const cell of cells) {
    const members = groups.get(cell.group) ?? [];
    groups.set(cell.group, members);
    members.push(cell);
  }
  return [...groups.values()].flatMap((members) => {
    // A cell measured twice counts once.
    const unique = [...new Map(members.map((cell) => [cell.label, cell])).values()];
    return metrics.flatMap((metric) => {
      const entries = unique.flatMap(({ label, verdicts }) => {
        const verdict = verdicts.find((one) => one.metric === metric);
        return verdict === undefined ? [] : [{ ...verdict, label }];
      });
      return entries.length < 2 ? [] : [rank(metric, members[0]!.what, entries, { by, tie })];
    });
  });
}

// What is compared, and what counts as better: shared by the conclusion of a comparison and that of a sweep.

import type { RunResult, WorkloadType } from "../api/types.ts";
import type { Verdict } from "../litmus/verdict.ts";
import { type FigureName, figureOf, type Unit } from "./strategy-table.ts";

/**
 * Figures no further apart count as equal. Figures of one kernel miss its measured ones by a few percent
 * (docs/fidelity.md); strategies of one run share most of that error, not all.
 */
export const EQUAL_SHARE = 0.05;

/** The longest latency of any bystander, which is no metric of the workload. */
export const BYSTANDERS = "bystander_latency_ns_max";

/** A figure in which less is better. */
export interface RankLine<W extends WorkloadType> {
  readonly metric: FigureName<W> | typeof BYSTANDERS;
  readonly unit: Unit;
  /** What is said of the strategy that has least. */
  readonly best: string;
  /** What the figure is called where it is what is paid. */
  readonly cost: string;
  /** Where the figure is 0 it never came to that, which is no merit. */
  readonly never_at_zero?: true;
}

/** What a workload's strategies are ranked by; the first two are what is traded, time for memory. */
export type RankLines<W extends WorkloadType> = readonly [
  time: RankLine<W>,
  memory: RankLine<W>,
  ...others: RankLine<W>[],
];

export interface Standing {
  readonly name: string;
  /** At the scenario's own tick phase. */
  readonly value: number;
  /** Over all tick phases. */
  readonly low: number;
  readonly high: number;
}

export interface Ranking {
  readonly metric: string;
  /** Those that have least, all equal; the least of them first. */
  readonly first: readonly Standing[];
  /** All others by their figure. */
  readonly others: readonly Standing[];
}

/** Is `one` further behind `other` than what counts as equal, whatever the tick phase? */
export function isBehind(one: Standing, other: Standing): boolean {
  return one.low > other.high && one.value > other.value * (1 + EQUAL_SHARE);
}

export function valueOfRank<W extends WorkloadType>(
  result: RunResult<W>,
  metric: RankLine<W>["metric"],
): number {
  if (metric !== BYSTANDERS) return figureOf(result, metric);
  return Math.max(0, ...(result.load ?? []).map(({ latency }) => latency.max_ns));
}

/** Undefined where nobody has the figure. */
export function ranking(metric: string, sorted: readonly Standing[]): Ranking | undefined {
  const [best] = sorted;
  if (best === undefined) return undefined;
  const first = sorted.filter((one) => !isBehind(one, best));
  return { metric, first, others: sorted.filter((one) => isBehind(one, best)) };
}

/** Allowed though it can free what others hold, seen by the oracle to do so, or seen in the run itself. */
export function countsAsUnsafe(
  allowed: boolean | undefined,
  verdict: Pick<Verdict, "violations"> | undefined,
  breaches: number,
): boolean {
  return allowed === true || (verdict?.violations ?? 0) > 0 || breaches > 0;
}

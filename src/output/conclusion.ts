// What a comparison comes to, from the figures of its runs alone: which strategy is first in what its users
// ask about, which is unsafe, and what is paid for being first.

import type { WorkloadType } from "../api/types.ts";
import {
  countsAsUnsafe,
  EQUAL_SHARE,
  isBehind,
  type Ranking,
  type RankLine,
  type RankLines,
  ranking,
  type Standing,
  valueOfRank,
} from "./ranking.ts";
import type { StrategyRuns } from "./strategy-table.ts";

/** Nobody is first in both time and memory: the fastest, the one with least dead memory, and all they differ in. */
export interface Trade {
  readonly faster: string;
  readonly leaner: string;
  /** Metrics in which the faster one is behind, and both figures. */
  readonly paid: readonly {
    readonly metric: string;
    readonly faster: number;
    readonly leaner: number;
  }[];
}

export interface Conclusion {
  readonly equal_share: number;
  /** Of the safe strategies, in the order of the workload's rank lines. */
  readonly rankings: readonly Ranking[];
  readonly unsafe: readonly string[];
  /** Small mixed scenarios in which the oracle judged each strategy; 0 where it was not asked. */
  readonly judged_runs: number;
  /** For which strategies the OOM killer came, and VMAs that nothing frees any more. */
  readonly harm: readonly {
    readonly name: string;
    readonly oom_kills: number;
    readonly stranded_vmas: number;
  }[];
  /** First in both time and memory. */
  readonly first_in_both: readonly string[];
  readonly trade: Trade | null;
  /** Neither faster nor leaner than `by`, and behind it in one of both. */
  readonly outdone: readonly { readonly name: string; readonly by: string }[];
  readonly tick_phases: number;
  /** What of the run lies beyond the range that the profile was measured in. */
  readonly extrapolated: readonly string[];
}

function standings<W extends WorkloadType>(
  { metric, never_at_zero }: RankLine<W>,
  strategies: readonly StrategyRuns<W>[],
): Standing[] {
  return strategies
    .map(({ name, results }) => {
      const values = results.map((result) => valueOfRank(result, metric));
      return { name, value: values[0]!, low: Math.min(...values), high: Math.max(...values) };
    })
    .filter(({ low }) => never_at_zero !== true || low > 0)
    .sort((a, b) => a.value - b.value);
}

/** The two figures that are traded, of each strategy. */
type Pair = readonly [time: Standing, memory: Standing];

function outdoneOf(pairs: readonly Pair[]): Conclusion["outdone"] {
  return pairs.flatMap(([time, memory]) => {
    const by = pairs.find(([its_time, its_memory]) => {
      if (isBehind(its_time, time) || isBehind(its_memory, memory)) return false;
      return isBehind(time, its_time) || isBehind(memory, its_memory);
    });
    return by === undefined ? [] : [{ name: time.name, by: by[0].name }];
  });
}

function tradeOf<W extends WorkloadType>(
  lines: RankLines<W>,
  rankings: readonly (Ranking | undefined)[],
  strategies: readonly StrategyRuns<W>[],
  outdone: Conclusion["outdone"],
): Trade {
  // among equally fast ones the leanest, among equally lean ones the fastest, but nobody that another one outdoes:
  // where all are, as what is equal to the next need not be to the one after that, the very best
  const best = (of: number, then: number): string => {
    const { first } = rankings[of]!;
    const names = first.map(({ name }) => name);
    const kept = names.filter((name) => !outdone.some((one) => one.name === name));
    const second = [...rankings[then]!.first, ...rankings[then]!.others];
    const own = second.filter(({ name }) => kept.includes(name));
    const equal = own.filter((one) => !isBehind(one, own[0]!)).map(({ name }) => name);
    return names.find((name) => equal.includes(name)) ?? names[0]!;
  };
  const faster = best(0, 1);
  const leaner = best(1, 0);
  const paid = lines.slice(1).flatMap((line) => {
    const both = standings(line, strategies);
    const [mine, its] = [faster, leaner].map((name) => both.find((one) => one.name === name));
    if (mine === undefined || its === undefined || !isBehind(mine, its)) return [];
    return [{ metric: line.metric as string, faster: mine.value, leaner: its.value }];
  });
  return { faster, leaner, paid };
}

/** Figures that some workloads have. */
interface Harmed {
  readonly breaches?: number;
  readonly stranded_vmas?: number;
}

function harmOf<W extends WorkloadType>(
  strategies: readonly StrategyRuns<W>[],
): Conclusion["harm"] {
  return strategies
    .map(({ name, results: [result] }) => {
      const { stranded_vmas = 0 } = result!.metrics as Harmed;
      return { name, oom_kills: result!.reclaim?.oom_kills ?? 0, stranded_vmas };
    })
    .filter(({ oom_kills, stranded_vmas }) => oom_kills + stranded_vmas > 0);
}

function isUnsafe<W extends WorkloadType>({ unsafe, verdict, results }: StrategyRuns<W>): boolean {
  const breaches = results.map(({ metrics }) => (metrics as Harmed).breaches ?? 0);
  return countsAsUnsafe(unsafe, verdict, Math.max(...breaches));
}

/** Undefined where there is nothing to compare. */
export function conclude<W extends WorkloadType>(
  lines: RankLines<W>,
  strategies: readonly StrategyRuns<W>[],
  extrapolated: readonly string[],
): Conclusion | undefined {
  if (strategies.length < 2) return undefined;
  const safe = strategies.filter((one) => !isUnsafe(one));
  const unsafe = strategies.filter(isUnsafe).map(({ name }) => name);
  const ranked = lines.map((line) => ranking(line.metric as string, standings(line, safe)));
  const [time, memory] = ranked;
  const rankings = ranked.filter((one) => one !== undefined);
  const nothing = { first_in_both: [], trade: null, outdone: [] };
  const conclusion = {
    equal_share: EQUAL_SHARE,
    rankings,
    unsafe,
    judged_runs: strategies[0]!.verdict?.runs ?? 0,
    harm: harmOf(strategies),
    tick_phases: strategies[0]!.results.length,
    extrapolated,
  };
  if (time === undefined || memory === undefined) return { ...conclusion, ...nothing };
  const inMemory = new Set(memory.first.map(({ name }) => name));
  const first_in_both = time.first.map(({ name }) => name).filter((name) => inMemory.has(name));
  const times = [...time.first, ...time.others];
  const memories = [...memory.first, ...memory.others];
  const pairs = safe.map(({ name }): Pair => {
    const own = (list: readonly Standing[]) => list.find((one) => one.name === name)!;
    return [own(times), own(memories)];
  });
  const all_outdone = outdoneOf(pairs);
  const trade = first_in_both.length > 0 ? null : tradeOf(lines, ranked, safe, all_outdone);
  const ends = [trade?.faster, trade?.leaner, ...first_in_both];
  const outdone = all_outdone.filter(({ name }) => !ends.includes(name));
  return { ...conclusion, first_in_both, trade, outdone };
}

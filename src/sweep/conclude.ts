// What a sweep comes to: which strategy has least at which points, and between which two of them strategies
// change places. What counts as equal is what counts so in a comparison.

import {
  countsAsUnsafe,
  EQUAL_SHARE,
  isBehind,
  ranking,
  type Standing,
} from "../output/ranking.ts";
import { OOM_KILLS, type SweepCell, standingOf } from "./cells.ts";
import type { Grid } from "./grid.ts";

/** What is ranked, less being better. */
export interface SweepRank {
  readonly metric: string;
  /** Where the figure is 0 it never came to that, which is no merit. */
  readonly never_at_zero?: true;
}

/** A point as far as its conclusion goes. */
export interface RankedPoint {
  readonly name: string;
  readonly unsafe: readonly string[];
  readonly strategies: readonly (SweepCell & { readonly name: string })[];
}

/** Two strategies of which the one was ahead, and from a later point on the other one is. */
export interface Crossover {
  readonly metric: string;
  /** The key along which; all others stay. */
  readonly key: string;
  /** Numbers of the points, from 0: the last at which it was ahead, the first at which the other one is. */
  readonly from: number;
  readonly to: number;
  /** Who passes whom. */
  readonly passes: string;
  readonly passed: string;
}

export interface SweepConclusion {
  readonly equal_share: number;
  readonly rankings: readonly {
    readonly metric: string;
    /** For each point the strategies that have least, all equal, the least of them first. */
    readonly first: readonly (readonly string[])[];
  }[];
  readonly crossovers: readonly Crossover[];
  /** Strategies that are not ranked, and at how many points. */
  readonly unsafe: readonly { readonly name: string; readonly points: number }[];
  /** At which points the OOM killer came for a strategy, and at which it left VMAs that nothing frees any more. */
  readonly harm: readonly {
    readonly name: string;
    readonly oom_kills: readonly number[];
    readonly stranded_vmas: readonly number[];
  }[];
}

function isUnsafe(point: RankedPoint, cell: SweepCell & { readonly name: string }): boolean {
  const breaches = (cell.highest ?? cell.values).breaches ?? 0;
  return countsAsUnsafe(point.unsafe.includes(cell.name), undefined, breaches);
}

/** Of the strategies that are ranked at a point, the least first. */
function standings(point: RankedPoint, { metric, never_at_zero }: SweepRank): Standing[] {
  return point.strategies
    .filter((cell) => !isUnsafe(point, cell))
    .flatMap((cell) => standingOf(cell.name, cell, metric) ?? [])
    .filter(({ low }) => never_at_zero !== true || low > 0)
    .sort((a, b) => a.value - b.value);
}

/** Where two strategies stand to each other along a line of points: -1 the first is ahead, 1 the second. */
function order(one: Standing | undefined, other: Standing | undefined): -1 | 0 | 1 {
  if (one === undefined || other === undefined) return 0;
  if (isBehind(other, one)) return -1;
  return isBehind(one, other) ? 1 : 0;
}

function crossoversOf(
  names: readonly string[],
  line: readonly number[],
  standing: (point: number, name: string) => Standing | undefined,
): Pick<Crossover, "from" | "to" | "passes" | "passed">[] {
  return names.flatMap((one, at) =>
    names.slice(at + 1).flatMap((other) => {
      let last: { readonly point: number; readonly ahead: -1 | 1 } | undefined;
      return line.flatMap((point) => {
        const ahead = order(standing(point, one), standing(point, other));
        if (ahead === 0) return [];
        const before = last;
        last = { point, ahead };
        if (before === undefined || before.ahead === ahead) return [];
        const [passes, passed] = ahead === -1 ? [one, other] : [other, one];
        return [{ from: before.point, to: point, passes, passed }];
      });
    }),
  );
}

/** Numbers of the points at which a figure of a strategy is not 0 at the scenario's own tick phase. */
function pointsWith(points: readonly RankedPoint[], name: string, figure: string): number[] {
  return points.flatMap(({ strategies }, index) => {
    const cell = strategies.find((one) => one.name === name);
    return (cell?.values[figure] ?? 0) > 0 ? [index] : [];
  });
}

function harmOf(points: readonly RankedPoint[], names: readonly string[]): SweepConclusion["harm"] {
  return names
    .map((name) => ({
      name,
      oom_kills: pointsWith(points, name, OOM_KILLS),
      stranded_vmas: pointsWith(points, name, "stranded_vmas"),
    }))
    .filter(({ oom_kills, stranded_vmas }) => oom_kills.length + stranded_vmas.length > 0);
}

/** `points` in the order of the grid. */
export function concludeSweep(
  grid: Grid,
  points: readonly RankedPoint[],
  lines: readonly SweepRank[],
): SweepConclusion {
  const names = [...new Set(points.flatMap((point) => point.strategies.map(({ name }) => name)))];
  const crossovers: Crossover[] = [];
  const rankings = lines.map((line) => {
    const standing = points.map((point) => standings(point, line));
    const at = (point: number, name: string) => standing[point]!.find((one) => one.name === name);
    for (const [axis, { key }] of grid.axes.entries()) {
      for (const along of grid.lines(axis)) {
        const found = crossoversOf(names, along, at);
        crossovers.push(...found.map((one) => ({ metric: line.metric, key, ...one })));
      }
    }
    const first = standing.map((sorted) => {
      return ranking(line.metric, sorted)?.first.map(({ name }) => name) ?? [];
    });
    return { metric: line.metric, first };
  });
  const unsafe = names.flatMap((name) => {
    const times = points.filter((point) =>
      point.strategies.some((cell) => cell.name === name && isUnsafe(point, cell)),
    ).length;
    return times === 0 ? [] : [{ name, points: times }];
  });
  const harm = harmOf(points, names);
  return { equal_share: EQUAL_SHARE, rankings, crossovers, unsafe, harm };
}

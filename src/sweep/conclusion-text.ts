// What a sweep comes to, in a few lines at its end.

import { labelled, UNIT_WORDS } from "../output/conclusion-text.ts";
import { plural } from "../output/format.ts";
import { cell } from "../output/strategy-table.ts";
import { wrap } from "../output/table.ts";
import { standingOf } from "./cells.ts";
import type { Crossover } from "./conclude.ts";
import type { Grid } from "./grid.ts";
import type { SweepLimit, SweepMetric } from "./metrics.ts";
import type { SweepPoint, SweepResult } from "./sweep.ts";
import { listed, shortKeys, valueText, whereText } from "./where.ts";
import { hasMarks, type ToldSweep } from "./words.ts";

/** Lines on changes of place that a metric gets. */
const CHANGES_MAX = 6;

function groupedBy<T>(list: readonly T[], key: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return [...groups.values()];
}

/** "direct at vmas 1,000; direct and single at vmas 10,000 to 1,000,000" */
function firstText(
  grid: Grid,
  first: readonly (readonly string[])[],
  strategies: readonly string[],
): string {
  // in the order of the columns: who of equal ones has the very least says nothing
  const named = first.map((names, point) => {
    return { point, names: strategies.filter((name) => names.includes(name)) };
  });
  const groups = groupedBy(named, ({ names }) => names.join("\n"));
  const texts = groups.map((group) => {
    const { names } = group[0]!;
    const where = whereText(
      grid,
      group.map(({ point }) => point),
    );
    if (names.length === 0) return `nobody ${where}`;
    return `${names.length === strategies.length ? "all equal" : listed(names)} ${where}`;
  });
  return texts.join("; ");
}

/** "at hz 1,000": what a step along one axis has of the others. */
function besides(grid: Grid, axis: number, point: number): string {
  const labels = shortKeys(grid.axes.map(({ key }) => key));
  const values = grid.valuesAt(point);
  const others = labels.flatMap((label, at) =>
    at === axis || grid.axes[at]!.values.length === 1 ? [] : [`${label} ${valueText(values[at]!)}`],
  );
  return ` (at ${others.join(", ")})`;
}

interface Change {
  readonly step: string;
  readonly passes: string;
  readonly passed: string;
  readonly often: string;
}

/** The same change at one or more settings of what else varies. */
function changeOf(grid: Grid, same: readonly Crossover[]): Change {
  const { key, from, to, passes, passed } = same[0]!;
  const axis = grid.axes.findIndex((one) => one.key === key);
  const { values } = grid.axes[axis]!;
  const [first, last] = [from, to].map((point) => valueText(values[grid.position(point, axis)]!));
  const label = shortKeys(grid.axes.map((one) => one.key))[axis];
  const lines = grid.length / values.length;
  const some =
    same.length === 1 ? besides(grid, axis, from) : ` (in ${same.length} of ${lines} cases)`;
  const often = same.length === lines ? "" : some;
  return { step: `between ${label} ${first} and ${last}`, passes, passed, often };
}

/** "between vmas 10,000 and 100,000 single passes direct and call_rcu" */
function changeTexts(grid: Grid, crossovers: readonly Crossover[]): string[] {
  const stepOf = (one: Crossover): [number, number, number] => {
    const axis = grid.axes.findIndex(({ key }) => key === one.key);
    return [axis, grid.position(one.from, axis), grid.position(one.to, axis)];
  };
  const apart = (one: readonly number[], other: readonly number[]): number =>
    one.map((number, at) => number - other[at]!).find((difference) => difference !== 0) ?? 0;
  const sorted = [...crossovers].sort((a, b) => apart(stepOf(a), stepOf(b)));
  const same = groupedBy(sorted, (one) => [...stepOf(one), one.passes, one.passed].join("\n"));
  const changes = same.map((group) => changeOf(grid, group));
  const together = groupedBy(changes, ({ step, passes, often }) =>
    [step, passes, often].join("\n"),
  );
  return together.map((group) => {
    const { step, passes, often } = group[0]!;
    return `${step} ${passes} passes ${listed(group.map(({ passed }) => passed))}${often}`;
  });
}

/** Sentences on one subject; the first one says who has least. */
export interface SweepStatement {
  readonly label: string;
  readonly texts: readonly string[];
}

function rankStatements(
  grid: Grid,
  result: SweepResult,
  shown: readonly SweepMetric[],
): SweepStatement[] {
  const { rankings, crossovers } = result.conclusion;
  return rankings.map(({ metric, first }) => {
    const { best } = shown.find((one) => one.metric === metric)!;
    const changes = changeTexts(
      grid,
      crossovers.filter((one) => one.metric === metric),
    );
    const more = changes.length - CHANGES_MAX;
    const texts = [
      firstText(grid, first, result.strategies),
      ...changes.slice(0, CHANGES_MAX),
      ...(more > 0 ? [`and ${plural(more, "change")} more: --json has all`] : []),
    ];
    return { label: best, texts };
  });
}

const highest = (point: SweepPoint, name: string, metric: string): number | undefined => {
  const own = point.strategies.find((one) => one.name === name);
  return own && standingOf(name, own, metric)?.high;
};

/** Who is above a limit, where. */
function limitTexts(
  grid: Grid,
  { points, strategies }: SweepResult,
  limits: readonly SweepLimit[],
): string[] {
  return limits.map(({ metric, limit, text, unit, name: what }) => {
    const told = strategies.map((name) => {
      const over = points.flatMap((point, index) =>
        (highest(point, name, metric) ?? 0) > limit ? [index] : [],
      );
      if (over.length === 0) return { name, where: "nowhere" };
      const least = Math.min(...over.map((index) => highest(points[index]!, name, metric)!));
      return {
        name,
        where: `${whereText(grid, over)} (${cell(least, unit)}${UNIT_WORDS[unit]} and more)`,
      };
    });
    const parts = groupedBy(told, ({ where }) => where).map((group) => {
      return `${listed(group.map(({ name }) => name))} ${group[0]!.where}`;
    });
    return `${what} above ${text}: ${parts.join("; ")}.`;
  });
}

function caveats({ tick_phases, points }: SweepResult): string {
  const moving =
    tick_phases > 1
      ? `Equal is also what overlaps over the ${tick_phases} tick phases.`
      : "One tick phase: --tick-phases 16 tells what hangs on it.";
  const beyond = points.some(({ extrapolated }) => extrapolated.length > 0)
    ? " Beyond the profile's range: trust the order more than the figures."
    : "";
  return moving + beyond;
}

/** "throttle: OOM kills at vmas 1,000,000; single: VMAs never freed everywhere" */
function harmStatements(grid: Grid, { conclusion }: SweepResult): SweepStatement[] {
  const texts = conclusion.harm.map(({ name, oom_kills, stranded_vmas }) => {
    const kills = oom_kills.length === 0 ? [] : [`OOM kills ${whereText(grid, oom_kills)}`];
    const stranded =
      stranded_vmas.length === 0 ? [] : [`VMAs never freed ${whereText(grid, stranded_vmas)}`];
    return `${name}: ${[...kills, ...stranded].join(", ")}`;
  });
  return texts.length === 0 ? [] : [{ label: "harm", texts: [texts.join("; ")] }];
}

/** What a sweep comes to, in words that are still to be laid out. */
export interface SweepConclusionWords {
  /** What counts as equal, and what to make of it: where strategies are ranked. */
  readonly ranked?: { readonly note: string; readonly caveats: string };
  readonly statements: readonly SweepStatement[];
  /** One a limit. */
  readonly limits: readonly string[];
}

/** All of a sweep but what it was made of. */
type Concluded = Omit<ToldSweep, "subject">;

export function sweepConclusionWords({
  grid,
  result,
  metrics,
  limits,
}: Concluded): SweepConclusionWords {
  const { conclusion } = result;
  const over = limitTexts(grid, result, limits);
  const harm = harmStatements(grid, result);
  if (!hasMarks(result)) return { statements: harm, limits: over };
  const unsafe = conclusion.unsafe.map(({ name }) => name);
  const unranked = { label: "unsafe", texts: [`${listed(unsafe)}: not ranked here`] };
  const share = conclusion.equal_share * 100;
  return {
    ranked: {
      note: `figures within ${share} % of the least count as equal`,
      caveats: caveats(result),
    },
    statements: [
      ...rankStatements(grid, result, metrics),
      ...(unsafe.length > 0 ? [unranked] : []),
      ...harm,
    ],
    limits: over,
  };
}

const linesOf = ({ label, texts }: SweepStatement): string[] =>
  texts.flatMap((text, i) => labelled(i === 0 ? label : "", text));

/** Lines of at most 80 columns; none where there is nothing to conclude. */
export function sweepConclusionText(sweep: Concluded): string[] {
  const words = sweepConclusionWords(sweep);
  const { ranked } = words;
  const statements = words.statements.flatMap(linesOf);
  const over = words.limits.flatMap((text) => wrap(text));
  if (ranked === undefined) {
    const lines = [...statements, ...over];
    return lines.length === 0 ? [] : ["", ...lines];
  }
  return [
    "",
    `Conclusion (${ranked.note})`,
    "",
    ...statements,
    ...(over.length === 0 ? [] : ["", ...over]),
    "",
    ...wrap(ranked.caveats),
  ];
}

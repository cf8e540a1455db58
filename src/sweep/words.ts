// What a sweep says of itself whatever it is laid out as: what varied, what the first point is, the names of points
// and the figures of strategies at them.

import { grouped, plural } from "../output/format.ts";
import type { Subject } from "../output/heading.ts";
import { cell } from "../output/strategy-table.ts";
import { type Column, left, right } from "../output/table.ts";
import { type SweepCell, standingOf } from "./cells.ts";
import type { Grid } from "./grid.ts";
import type { SweepLimit, SweepMetric } from "./metrics.ts";
import type { SweepPoint, SweepResult } from "./sweep.ts";
import { shortKeys, valueText } from "./where.ts";

/** A sweep to be told of. */
export interface ToldSweep {
  readonly grid: Grid;
  readonly result: SweepResult;
  /** Of the first point. */
  readonly subject: Subject;
  readonly metrics: readonly SweepMetric[];
  readonly limits: readonly SweepLimit[];
}

const NEVER = "-";

/** "vmas 1,000, 10,000, 100,000" */
function axisText(grid: Grid): string {
  return grid.axes
    .map(({ key, values }) => {
      const [first, last] = [values[0]!, values.at(-1)!];
      const all = values.map(valueText).join(", ");
      const few = values.length <= 8 && all.length <= 60;
      const some = `${valueText(first)} to ${valueText(last)}, ${values.length} values`;
      return `${key} ${few ? all : some}`;
    })
    .join("; ");
}

/** What varied, and how many runs that made. */
export function sweptTexts({ grid, result }: ToldSweep): string[] {
  const { points, strategies, tick_phases, runs } = result;
  const sizes = [
    plural(points.length, "point"),
    strategies.length === 1 ? strategies[0]! : `${strategies.length} strategies`,
    plural(tick_phases, "tick phase"),
  ];
  return [
    `Sweep over ${axisText(grid)}.`,
    `${sizes.join(", ")}: ${plural(runs, "run")}. The first point:`,
  ];
}

/** What lies beyond the range of the profile, at how many points; undefined where all are within. */
export function beyondPointsText({ points }: SweepResult): string | undefined {
  const outside = points.filter(({ extrapolated }) => extrapolated.length > 0);
  if (outside.length === 0) return undefined;
  const where = `at ${grouped(outside.length)} of ${plural(points.length, "point")}`;
  const example = `${outside[0]!.name}: ${outside[0]!.extrapolated.join("; ")}`;
  return `Beyond the profile's range, hence extrapolated, ${where}; the first is ${example}.`;
}

/** Columns with a row for each point. */
export interface PointColumns {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** Axes that tell points apart; all of them where none does. */
export function tellingAxes({ axes }: Grid): number[] {
  const telling = axes.flatMap(({ values }, axis) => (values.length > 1 ? [axis] : []));
  return telling.length > 0 ? telling : axes.map((_, axis) => axis);
}

/** The points by their values, a column a key. */
export function pointsByKey(grid: Grid): PointColumns {
  const short = shortKeys(grid.axes.map(({ key }) => key));
  const telling = tellingAxes(grid);
  const columns = telling.map((axis) =>
    grid.axes[axis]!.scale === "list" ? left(short[axis]!) : right(short[axis]!),
  );
  const rows = Array.from({ length: grid.length }, (_, point) => {
    const values = grid.valuesAt(point);
    return telling.map((axis) => valueText(values[axis]!));
  });
  return { columns, rows };
}

/** A figure of one strategy at one point, and whether it is least there while others are not. */
export interface ToldFigure {
  readonly text: string;
  readonly least: boolean;
}

export function figureAt(own: SweepCell | undefined, { metric, unit }: SweepMetric): string {
  const value = own && standingOf("", own, metric)?.value;
  return value === undefined ? NEVER : cell(value, unit);
}

const ownOf = ({ strategies }: SweepPoint, name: string) =>
  strategies.find((one) => one.name === name);

/** Figures of a metric: for each point those of all strategies, in their order. */
export function figuresByPoint(result: SweepResult, metric: SweepMetric): ToldFigure[][] {
  const ranking = result.conclusion.rankings.find((one) => one.metric === metric.metric);
  return result.points.map((point, index) => {
    const best = ranking?.first[index] ?? [];
    return result.strategies.map((name) => ({
      text: figureAt(ownOf(point, name), metric),
      least: best.includes(name) && best.length < point.strategies.length,
    }));
  });
}

/** Has each line of a table its least marked? */
export const hasMarks = ({ strategies, conclusion }: SweepResult): boolean =>
  strategies.length > 1 && conclusion.rankings.length > 0;

// A sweep in plain text of at most 80 columns: for each metric a table of points and strategies, then what it
// comes to.

import { grouped, plural } from "../output/format.ts";
import { type Subject, settingLines } from "../output/heading.ts";
import { cell, columnTitle } from "../output/strategy-table.ts";
import { type Column, PAGE_COLUMNS, table, wrap } from "../output/table.ts";
import { type SweepCell, standingOf } from "./cells.ts";
import { sweepConclusionText } from "./conclusion-text.ts";
import type { Grid } from "./grid.ts";
import type { SweepLimit, SweepMetric } from "./metrics.ts";
import type { SweepResult } from "./sweep.ts";
import { shortKeys, valueText } from "./where.ts";

export interface SweepText {
  readonly grid: Grid;
  readonly result: SweepResult;
  /** Of the first point. */
  readonly subject: Subject;
  readonly metrics: readonly SweepMetric[];
  readonly limits: readonly SweepLimit[];
}

const VALUE_COLUMNS_MAX = 20;
/** What the names of points may take of a line; else they are numbers, with a list of them above. */
const POINT_COLUMNS_MAX = 40;
const CELL_COLUMNS_MIN = 9;
const GAP = 1;
const NEVER = "-";
const LEAST = "*";

interface Labels {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

const cut = (text: string): string => columnTitle(text, VALUE_COLUMNS_MAX);

const widthOf = ({ columns, rows }: Labels): number =>
  columns.reduce((sum, { title }, i) => {
    return sum + GAP + rows.reduce((max, row) => Math.max(max, row[i]!.length), title.length);
  }, 0);

/** Axes that tell points apart; all of them where none does. */
function tellingAxes({ axes }: Grid): number[] {
  const telling = axes.flatMap(({ values }, axis) => (values.length > 1 ? [axis] : []));
  return telling.length > 0 ? telling : axes.map((_, axis) => axis);
}

/** The points by their values, a column a key. */
function labelsByKey(grid: Grid): Labels {
  const short = shortKeys(grid.axes.map(({ key }) => key));
  const telling = tellingAxes(grid);
  const columns = telling.map((axis): Column => {
    const numbers = grid.axes[axis]!.scale !== "list";
    return { title: cut(short[axis]!), align: numbers ? "right" : "left" };
  });
  const rows = Array.from({ length: grid.length }, (_, point) => {
    const values = grid.valuesAt(point);
    return telling.map((axis) => cut(valueText(values[axis]!)));
  });
  return { columns, rows };
}

/** By number, and what each number stands for. */
function pointList(grid: Grid): { readonly labels: Labels; readonly lines: string[] } {
  const width = grouped(grid.length).length;
  const short = shortKeys(grid.axes.map(({ key }) => key));
  const telling = tellingAxes(grid);
  const lines = Array.from({ length: grid.length }, (_, point) => {
    const number = `${grouped(point + 1).padStart(width)}  `;
    const indent = " ".repeat(number.length);
    const values = grid.valuesAt(point);
    const name = telling.map((axis) => `${short[axis]} ${valueText(values[axis]!)}`).join(", ");
    const [first = "", ...rest] = wrap(name, PAGE_COLUMNS - number.length);
    return [number + first, ...rest.map((line) => indent + line)];
  });
  const rows = lines.map((_, point) => [grouped(point + 1)]);
  return { labels: { columns: [{ title: "point", align: "right" }], rows }, lines: lines.flat() };
}

interface Cells {
  readonly title: string;
  readonly cells: readonly string[];
}

/** Columns beside those of the points, continued below where they are more than fit. */
function sideBySide(labels: Labels, columns: readonly Cells[]): string[] {
  const room = PAGE_COLUMNS - widthOf(labels);
  const blocks: Cells[][] = [];
  let left = 0;
  for (const column of columns) {
    const longest = column.cells.reduce((max, { length }) => Math.max(max, length), 0);
    const wanted = GAP + Math.max(CELL_COLUMNS_MIN, column.title.length, longest);
    if (blocks.length === 0 || wanted > left) {
      blocks.push([]);
      left = room;
    }
    blocks.at(-1)!.push(column);
    left -= wanted;
  }
  return blocks.flatMap((block, at) => {
    const right = block.map(({ title }): Column => {
      return { title, align: "right", width: CELL_COLUMNS_MIN };
    });
    const rows = labels.rows.map((row, i) => [...row, ...block.map(({ cells }) => cells[i]!)]);
    const lines = table([...labels.columns, ...right], rows, GAP);
    return at === 0 ? lines : ["", ...lines];
  });
}

const figure = (own: SweepCell | undefined, { metric, unit }: SweepMetric): string => {
  const value = own && standingOf("", own, metric)?.value;
  return value === undefined ? NEVER : cell(value, unit);
};

/** Strategies side by side, those that have least marked where not all have. */
function strategyColumns(result: SweepResult, metric: SweepMetric): Cells[] {
  const ranking = result.conclusion.rankings.find((one) => one.metric === metric.metric);
  const first = ranking?.first ?? [];
  return result.strategies.map((name) => ({
    title: `${columnTitle(name)} `,
    cells: result.points.map((point, index) => {
      const own = point.strategies.find((one) => one.name === name);
      const best = first[index] ?? [];
      const least = best.includes(name) && best.length < point.strategies.length;
      return `${figure(own, metric)}${least ? LEAST : " "}`;
    }),
  }));
}

function tables(labels: Labels, { result, metrics }: SweepText): string[] {
  if (result.strategies.length === 1) {
    const columns = metrics.map((metric) => ({
      title: metric.label,
      cells: result.points.map(({ strategies: [only] }) => figure(only, metric)),
    }));
    return ["", ...sideBySide(labels, columns)];
  }
  return metrics.flatMap((metric) => [
    "",
    metric.label,
    ...sideBySide(labels, strategyColumns(result, metric)),
  ]);
}

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

/** What lies beyond the range of the profile, at how many points; nothing where all are within. */
function beyondLines({ points }: SweepResult): string[] {
  const outside = points.filter(({ extrapolated }) => extrapolated.length > 0);
  if (outside.length === 0) return [];
  const where = `at ${grouped(outside.length)} of ${plural(points.length, "point")}`;
  const example = `${outside[0]!.name}: ${outside[0]!.extrapolated.join("; ")}`;
  const text = `Beyond the profile's range, hence extrapolated, ${where}; the first is ${example}.`;
  return wrap(text);
}

function head({ grid, result, subject }: SweepText): string[] {
  const { points, strategies, tick_phases, runs } = result;
  const sizes = [
    plural(points.length, "point"),
    strategies.length === 1 ? strategies[0]! : `${strategies.length} strategies`,
    plural(tick_phases, "tick phase"),
  ];
  return [
    ...(subject.title === undefined ? [] : wrap(subject.title)),
    ...wrap(`Sweep over ${axisText(grid)}.`),
    ...wrap(`${sizes.join(", ")}: ${plural(runs, "run")}. The first point:`),
    ...settingLines(subject),
    ...beyondLines(result),
  ];
}

function legend({ tick_phases }: SweepResult, marks: boolean): string[] {
  const mark = marks ? [`${LEAST} least, or equal to it.`] : [];
  const phases = "Figures are those of the first tick phase; --csv and --json have the ranges.";
  const text = [...mark, ...(tick_phases > 1 ? [phases] : [])].join(" ");
  return text === "" ? [] : ["", ...wrap(text)];
}

/** The whole text, with a newline at its end. */
export function sweepText(sweep: SweepText): string {
  const { grid, result, metrics, limits } = sweep;
  const by_key = labelsByKey(grid);
  const fits = widthOf(by_key) <= POINT_COLUMNS_MAX;
  const list = fits ? undefined : pointList(grid);
  const marks = result.strategies.length > 1 && result.conclusion.rankings.length > 0;
  const lines = [
    ...head(sweep),
    ...(list === undefined ? [] : ["", ...list.lines]),
    ...tables(list?.labels ?? by_key, sweep),
    ...legend(result, marks),
    ...sweepConclusionText(grid, result, metrics, limits),
  ];
  return `${lines.join("\n")}\n`;
}

// A sweep in plain text of at most 80 columns: for each metric a table of points and strategies, then what it
// comes to.

import { grouped } from "../output/format.ts";
import { settingLines } from "../output/heading.ts";
import { columnTitle } from "../output/strategy-table.ts";
import { type Column, PAGE_COLUMNS, right, table, wrap } from "../output/table.ts";
import { sweepConclusionText } from "./conclusion-text.ts";
import type { Grid } from "./grid.ts";
import type { SweepMetric } from "./metrics.ts";
import type { SweepResult } from "./sweep.ts";
import { shortKeys, valueText } from "./where.ts";
import {
  beyondPointsText,
  figureAt,
  figuresByPoint,
  hasMarks,
  type PointColumns,
  pointsByKey,
  sweptTexts,
  type ToldSweep,
  tellingAxes,
} from "./words.ts";

const VALUE_COLUMNS_MAX = 20;
/** What the names of points may take of a line; else they are numbers, with a list of them above. */
const POINT_COLUMNS_MAX = 40;
const CELL_COLUMNS_MIN = 9;
const GAP = 1;
const LEAST = "*";

const cut = (text: string): string => columnTitle(text, VALUE_COLUMNS_MAX);

const widthOf = ({ columns, rows }: PointColumns): number =>
  columns.reduce((sum, { title }, i) => {
    return sum + GAP + rows.reduce((max, row) => Math.max(max, row[i]!.length), title.length);
  }, 0);

/** The points by their values, cut to what a page has room for. */
function cutPoints(grid: Grid): PointColumns {
  const { columns, rows } = pointsByKey(grid);
  return {
    columns: columns.map(({ title, ...column }): Column => ({ ...column, title: cut(title) })),
    rows: rows.map((row) => row.map(cut)),
  };
}

/** By number, and what each number stands for. */
function pointList(grid: Grid): { readonly labels: PointColumns; readonly lines: string[] } {
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
  return { labels: { columns: [right("point")], rows }, lines: lines.flat() };
}

interface Cells {
  readonly title: string;
  readonly cells: readonly string[];
}

/** Columns beside those of the points, continued below where they are more than fit. */
function sideBySide(labels: PointColumns, columns: readonly Cells[]): string[] {
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
    const figures = block.map(({ title }) => right(title, CELL_COLUMNS_MIN));
    const rows = labels.rows.map((row, i) => [...row, ...block.map(({ cells }) => cells[i]!)]);
    const lines = table([...labels.columns, ...figures], rows, GAP);
    return at === 0 ? lines : ["", ...lines];
  });
}

/** Strategies side by side, those that have least marked where not all have. */
function strategyColumns(result: SweepResult, metric: SweepMetric): Cells[] {
  const by_point = figuresByPoint(result, metric);
  return result.strategies.map((name, at) => ({
    title: `${columnTitle(name)} `,
    cells: by_point.map((figures) => {
      const { text, least } = figures[at]!;
      return `${text}${least ? LEAST : " "}`;
    }),
  }));
}

function tables(labels: PointColumns, { result, metrics }: ToldSweep): string[] {
  if (result.strategies.length === 1) {
    const columns = metrics.map((metric) => ({
      title: metric.label,
      cells: result.points.map(({ strategies: [only] }) => figureAt(only, metric)),
    }));
    return ["", ...sideBySide(labels, columns)];
  }
  return metrics.flatMap((metric) => [
    "",
    metric.label,
    ...sideBySide(labels, strategyColumns(result, metric)),
  ]);
}

function head(sweep: ToldSweep): string[] {
  const { result, subject } = sweep;
  return [
    ...(subject.title === undefined ? [] : wrap(subject.title)),
    ...sweptTexts(sweep).flatMap((text) => wrap(text)),
    ...settingLines(subject),
    ...wrap(beyondPointsText(result) ?? ""),
  ];
}

function legend(result: SweepResult): string[] {
  const mark = hasMarks(result) ? [`${LEAST} least, or equal to it.`] : [];
  const phases = "Figures are those of the first tick phase; --csv and --json have the ranges.";
  const text = [...mark, ...(result.tick_phases > 1 ? [phases] : [])].join(" ");
  return text === "" ? [] : ["", ...wrap(text)];
}

/** The whole text, with a newline at its end. */
export function sweepText(sweep: ToldSweep): string {
  const { grid, result } = sweep;
  const by_key = cutPoints(grid);
  const fits = widthOf(by_key) <= POINT_COLUMNS_MAX;
  const list = fits ? undefined : pointList(grid);
  const lines = [
    ...head(sweep),
    ...(list === undefined ? [] : ["", ...list.lines]),
    ...tables(list?.labels ?? by_key, sweep),
    ...legend(result),
    ...sweepConclusionText(sweep),
  ];
  return `${lines.join("\n")}\n`;
}

// What drawings of a sweep show: figures over one key that varies, a panel for each metric and each value of all
// other keys.

import { InputError, LimitError } from "../errors.ts";
import { cell, unitScale } from "../output/strategy-table.ts";
import { DURATION_UNITS, SIZE_UNITS } from "../scenario/units.ts";
import { standingOf } from "./cells.ts";
import type { Grid } from "./grid.ts";
import type { SweepMetric } from "./metrics.ts";
import type { SweepValue } from "./ranges.ts";
import type { SweepResult } from "./sweep.ts";
import { valueText } from "./where.ts";

const PANELS_MAX = 60;
/** Figures that lie further apart have a logarithmic axis. */
const LINEAR_RATIO_MAX = 30;

/** The axis with most values among some; undefined where none has two. */
function longestAxis({ axes }: Grid, numbers_only: boolean): number | undefined {
  let longest: number | undefined;
  for (const [axis, { scale, values }] of axes.entries()) {
    if (values.length < 2 || (numbers_only && scale === "list")) continue;
    if (longest === undefined || values.length > axes[longest]!.values.length) longest = axis;
  }
  return longest;
}

/** The axis along which figures are drawn: the numbers of which there are most, or else the words. */
const drawnAxis = (grid: Grid): number | undefined =>
  longestAxis(grid, true) ?? longestAxis(grid, false);

/** To be called before the runs: throws InputError where there are no numbers to draw lines over. */
export function checkNumbers(grid: Grid): void {
  if (longestAxis(grid, true) !== undefined) return;
  throw new InputError({
    problem: "nothing to draw lines over",
    found: grid.axes.map(({ key }) => `--vary ${key}`).join(", "),
    expected: "a key with at least two numbers",
  });
}

/** To be called before the runs: throws LimitError where a drawing would have too many panels. */
export function checkPanels(grid: Grid, metrics: number): void {
  const axis = drawnAxis(grid);
  if (axis === undefined) return;
  const needed = (grid.length / grid.axes[axis]!.values.length) * metrics;
  if (needed <= PANELS_MAX) return;
  const hint = "draw fewer --metrics, or vary less";
  const problem = "too many panels for a drawing";
  throw new LimitError({ problem, needed, available: PANELS_MAX, unit: "panels", hint });
}

/** A figure of one strategy, in the unit of its metric; low and high are its range over the tick phases. */
export interface Datum {
  readonly strategy: string;
  /** A number, or a word where the axis has words. */
  readonly x: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  /** x and y as tables have them. */
  readonly at: string;
  readonly text: string;
}

export interface XScale {
  readonly title: string;
  /** `point`: words side by side. */
  readonly type: "linear" | "log" | "point";
}

/** The same for all panels of a metric. */
export interface YScale {
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
}

export interface Panel {
  /** "exit total, ms" and, where other keys vary, " (machine.cpus=2)" */
  readonly title: string;
  readonly x: XScale;
  readonly y: YScale;
  readonly data: readonly Datum[];
}

/** Numbers of an axis are nanoseconds or bytes where their texts have units. */
function axisUnit(values: readonly SweepValue[]): string {
  const units = values.map(({ text }) => /[A-Za-z]+$/.exec(text)?.[0] ?? "");
  if (units.some((unit) => DURATION_UNITS.includes(unit))) return "ns";
  return units.some((unit) => SIZE_UNITS.includes(unit)) ? "bytes" : "";
}

/** What the panel of a point is called: the values of all keys but the one along the axis. */
function settingOf(grid: Grid, axis: number, point: number): string {
  const values = grid.valuesAt(point);
  const others = grid.axes.flatMap(({ key }, at) =>
    at === axis ? [] : [`${key}=${values[at]!.text}`],
  );
  return others.length === 0 ? "" : ` (${others.join(", ")})`;
}

function xScaleOf({ axes }: Grid, axis: number): XScale {
  const { key, scale, values } = axes[axis]!;
  if (scale === "list") return { title: key, type: "point" };
  const unit = axisUnit(values);
  const positive = values.every(({ number }) => number! > 0);
  return {
    title: unit === "" ? key : `${key}, ${unit}`,
    type: scale === "geometric" && positive ? "log" : "linear",
  };
}

/** Zero has no logarithm, and a factor of a few needs none. */
function yScaleOf(data: readonly Datum[]): YScale {
  const values = data.flatMap(({ low, high }) => [low, high]);
  const least = values.reduce((min, value) => Math.min(min, value), values[0] ?? 0);
  const most = values.reduce((max, value) => Math.max(max, value), least);
  const logarithmic = least > 0 && most / least > LINEAR_RATIO_MAX;
  return { type: logarithmic ? "log" : "linear", domain: [least, most] };
}

function dataAt(
  { strategies }: SweepResult["points"][number],
  value: SweepValue,
  { metric, unit }: SweepMetric,
): Datum[] {
  const scale = unitScale(unit);
  return strategies.flatMap((own): Datum[] => {
    const standing = standingOf(own.name, own, metric);
    if (standing === undefined) return [];
    const [y, low, high] = [standing.value, standing.low, standing.high].map(
      (one) => one / scale,
    ) as [number, number, number];
    const text = cell(standing.value, unit);
    const x = value.number ?? value.text;
    return [{ strategy: own.name, x, y, low, high, at: valueText(value), text }];
  });
}

function panelsOfMetric(grid: Grid, axis: number, result: SweepResult, shown: SweepMetric) {
  const by_title = new Map<string, Datum[]>();
  for (const [index, point] of result.points.entries()) {
    const title = shown.label + settingOf(grid, axis, index);
    const data = dataAt(point, grid.valuesAt(index)[axis]!, shown);
    by_title.set(title, [...(by_title.get(title) ?? []), ...data]);
  }
  const x = xScaleOf(grid, axis);
  const y = yScaleOf([...by_title.values()].flat());
  return [...by_title].map(([title, data]): Panel => ({ title, x, y, data }));
}

/** Every metric after the other; none where nothing varies. */
export function panelsOf(
  grid: Grid,
  result: SweepResult,
  metrics: readonly SweepMetric[],
): Panel[] {
  const axis = drawnAxis(grid);
  if (axis === undefined) return [];
  return metrics.flatMap((metric) => panelsOfMetric(grid, axis, result, metric));
}

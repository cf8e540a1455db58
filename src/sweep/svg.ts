// A sweep as a drawing: figures over one number that varies, a line a strategy, a panel for each metric and each
// value of all other keys.

import type { Spec } from "vega";
import { InputError, LimitError } from "../errors.ts";
import { unitScale } from "../output/strategy-table.ts";
import { shorterSvg } from "../output/svg-numbers.ts";
import { DURATION_UNITS, SIZE_UNITS } from "../scenario/units.ts";
import { standingOf } from "./cells.ts";
import type { Grid } from "./grid.ts";
import type { SweepMetric } from "./metrics.ts";
import type { SweepValue } from "./ranges.ts";
import type { SweepResult } from "./sweep.ts";

const WIDTH = 300;
const HEIGHT = 180;
const COLUMNS = 2;
const PANELS_MAX = 60;
/** Figures that lie further apart have a logarithmic axis. */
const LINEAR_RATIO_MAX = 30;

/** The axis along which lines are drawn: the numbers of which there are most. Throws InputError. */
function drawnAxis({ axes }: Grid): number {
  const numbers = axes.flatMap(({ scale, values }, axis) =>
    scale === "list" || values.length < 2 ? [] : [{ axis, length: values.length }],
  );
  const most = numbers.reduce((max, one) => (one.length > max.length ? one : max), {
    axis: -1,
    length: 0,
  });
  if (most.axis !== -1) return most.axis;
  throw new InputError({
    problem: "nothing to draw lines over",
    found: axes.map(({ key }) => `--vary ${key}`).join(", "),
    expected: "a key with at least two numbers",
  });
}

/** To be called before the runs: throws InputError or LimitError where there is no drawing of the sweep. */
export function checkDrawable(grid: Grid, metrics: number): void {
  const { values } = grid.axes[drawnAxis(grid)]!;
  const needed = (grid.length / values.length) * metrics;
  if (needed <= PANELS_MAX) return;
  const hint = "draw fewer --metrics, or vary less";
  const problem = "too many panels for a drawing";
  throw new LimitError({ problem, needed, available: PANELS_MAX, unit: "panels", hint });
}

interface Datum {
  readonly panel: string;
  readonly strategy: string;
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
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

function panelData(grid: Grid, axis: number, result: SweepResult, shown: SweepMetric): Datum[] {
  const { metric, unit, label } = shown;
  const scale = unitScale(unit);
  return result.points.flatMap((point, index) =>
    point.strategies.flatMap((own): Datum[] => {
      const standing = standingOf(own.name, own, metric);
      if (standing === undefined) return [];
      const [y, low, high] = [standing.value, standing.low, standing.high].map(
        (value) => value / scale,
      ) as [number, number, number];
      const x = grid.valuesAt(index)[axis]!.number!;
      return [{ panel: label + settingOf(grid, axis, index), strategy: own.name, x, y, low, high }];
    }),
  );
}

const AXIS = { format: ",~r", tickCount: 4, labelOverlap: true, grid: true, aria: false };

/** The scale of a metric, the same in all its panels. Zero has no logarithm, and a factor of a few needs none. */
function scaleOf(data: readonly Datum[]): Record<string, unknown> {
  const values = data.flatMap(({ low, high }) => [low, high]);
  const least = values.reduce((min, value) => Math.min(min, value), values[0] ?? 0);
  const most = values.reduce((max, value) => Math.max(max, value), least);
  const logarithmic = least > 0 && most / least > LINEAR_RATIO_MAX;
  const type = logarithmic ? { type: "log" } : { type: "linear", zero: true };
  return { ...type, domain: [least, most], nice: true };
}

interface XAxis {
  readonly title: string;
  readonly type: "linear" | "log";
}

function panel(data: readonly Datum[], at: number, x: XAxis, y: Record<string, unknown>) {
  const source = `panel${at}`;
  const place = { x: { scale: "x", field: "x" }, y: { scale: "y", field: "y" } };
  const stroke = { scale: "color", field: "strategy" };
  return {
    type: "group",
    title: { text: data[0]!.panel, fontSize: 11, anchor: "start" },
    encode: { enter: { width: { value: WIDTH }, height: { value: HEIGHT } } },
    data: [{ name: source, values: data }],
    scales: [
      {
        name: "x",
        type: x.type,
        domain: { data: source, field: "x" },
        range: [0, WIDTH],
        zero: false,
      },
      { name: "y", ...y, range: [HEIGHT, 0] },
    ],
    axes: [
      { orient: "bottom", scale: "x", title: x.title, gridScale: "y", ...AXIS },
      { orient: "left", scale: "y", gridScale: "x", ...AXIS },
    ],
    marks: [
      {
        type: "group",
        from: { facet: { name: `${source}lines`, data: source, groupby: "strategy" } },
        marks: [
          {
            type: "rule",
            aria: false,
            from: { data: `${source}lines` },
            encode: {
              enter: {
                x: place.x,
                y: { scale: "y", field: "low" },
                y2: { scale: "y", field: "high" },
                stroke,
                strokeOpacity: { value: 0.5 },
              },
            },
          },
          {
            type: "line",
            aria: false,
            from: { data: `${source}lines` },
            encode: {
              enter: { ...place, stroke, strokeWidth: { scale: "width", field: "strategy" } },
            },
          },
          {
            type: "symbol",
            aria: false,
            from: { data: `${source}lines` },
            encode: { enter: { ...place, fill: stroke, size: { value: 24 } } },
          },
        ],
      },
    ],
  };
}

/** An SVG document. Throws like `checkDrawable`. */
export async function sweepSvg(
  grid: Grid,
  result: SweepResult,
  metrics: readonly SweepMetric[],
  title: string,
): Promise<string> {
  const { View, parse } = await import("vega");
  const axis = drawnAxis(grid);
  const { key, scale, values } = grid.axes[axis]!;
  const positive = values.every(({ number }) => number! > 0);
  const unit = axisUnit(values);
  const x: XAxis = {
    title: unit === "" ? key : `${key}, ${unit}`,
    type: scale === "geometric" && positive ? "log" : "linear",
  };
  const panels = metrics.flatMap((metric) => {
    const data = panelData(grid, axis, result, metric);
    const y = scaleOf(data);
    const names = [...new Set(data.map((one) => one.panel))];
    return names.map((name) => ({ data: data.filter((one) => one.panel === name), y }));
  });
  const spec = {
    background: "white",
    padding: 8,
    title: { text: title, anchor: "start" },
    layout: { columns: COLUMNS, padding: 24, align: "each", bounds: "full" },
    scales: [
      {
        // a line on which another one lies is seen on both sides of that
        name: "width",
        type: "ordinal",
        domain: result.strategies,
        range: result.strategies.map((_, at, { length }) => 1.5 + (4 * (length - 1 - at)) / length),
      },
      {
        name: "color",
        type: "ordinal",
        domain: result.strategies,
        range: { scheme: result.strategies.length > 10 ? "category20" : "category10" },
      },
    ],
    legends: [
      {
        aria: false,
        stroke: "color",
        title: "strategy",
        symbolType: "stroke",
        symbolStrokeWidth: 2,
      },
    ],
    marks: panels.map(({ data, y }, at) => panel(data, at, x, y)),
  };
  const view = new View(parse(spec as unknown as Spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${shorterSvg(svg)}\n`;
}

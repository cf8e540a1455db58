// A sweep as a drawing of its own: lines over a number that varies, a line a strategy, a panel after the other.

import type { Spec } from "vega";
import { shorterSvg } from "../output/svg-numbers.ts";
import type { Grid } from "./grid.ts";
import type { SweepMetric } from "./metrics.ts";
import { type Panel, panelsOf } from "./panels.ts";
import type { SweepResult } from "./sweep.ts";

const WIDTH = 300;
const HEIGHT = 180;
const COLUMNS = 2;

const AXIS = { format: ",~r", tickCount: 4, labelOverlap: true, grid: true, aria: false };

function panelSpec({ title, x, y, data }: Panel, at: number) {
  const source = `panel${at}`;
  const place = { x: { scale: "x", field: "x" }, y: { scale: "y", field: "y" } };
  const stroke = { scale: "color", field: "strategy" };
  return {
    type: "group",
    title: { text: title, fontSize: 11, anchor: "start" },
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
      { name: "y", ...y, zero: y.type === "linear", nice: true, range: [HEIGHT, 0] },
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

/** An SVG document, of a grid with numbers. */
export async function sweepSvg(
  grid: Grid,
  result: SweepResult,
  metrics: readonly SweepMetric[],
  title: string,
): Promise<string> {
  const { View, parse } = await import("vega");
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
    marks: panelsOf(grid, result, metrics).map(panelSpec),
  };
  const view = new View(parse(spec as unknown as Spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${shorterSvg(svg)}\n`;
}

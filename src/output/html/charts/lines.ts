// A count over time: a line a strategy.

import { grouped } from "../../format.ts";
import { ABOVE, type Chart, EDGE, numberAxis, textWidth } from "./draw.ts";
import { strategyColour, strategyDash } from "./palette.ts";

export interface LinePoint {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly at: number;
  readonly points: readonly LinePoint[];
}

const HEIGHT = 200;

export function lineChart(lines: readonly Line[], x_title: string, y_title: string): Chart {
  const all = lines.flatMap(({ points }) => points);
  const most = all.reduce((max, { y }) => Math.max(max, y), 1);
  const last = all.reduce((max, { x }) => Math.max(max, x), 0);
  return {
    left: EDGE + 8 + textWidth(grouped(most)),
    right: EDGE + 12,
    top: ABOVE,
    bottom: 36,
    height: HEIGHT,
    data: lines.map(({ at, points }) => ({ name: `line${at}`, values: [...points] })),
    scales: [
      { name: "x", type: "linear", domain: [0, last || 1], range: "width", zero: true },
      { name: "y", type: "linear", domain: [0, most], range: "height", zero: true, nice: true },
    ],
    axes: [numberAxis("bottom", x_title), numberAxis("left", y_title)],
    marks: lines.map(({ at }) => ({
      type: "line",
      aria: false,
      from: { data: `line${at}` },
      encode: {
        enter: {
          x: { scale: "x", field: "x" },
          y: { scale: "y", field: "y" },
          stroke: { value: strategyColour(at) },
          strokeWidth: { value: 1.8 },
          strokeDash: { value: strategyDash(at) },
        },
      },
    })),
  };
}

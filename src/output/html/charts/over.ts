// Figures over what varies: a line a strategy with a dot at each value, and how far each moves with the tick phase.
// Words along the axis have dots alone.

import type { Axis, Mark, Scale } from "vega";
import { grouped } from "../../format.ts";
import { type Chart, EDGE, numberAxis, textWidth } from "./draw.ts";
import { strategyColour, strategyDash } from "./palette.ts";

export interface OverPoint {
  readonly x: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
}

export interface OverLine {
  /** Which strategy it is, from 0. */
  readonly at: number;
  readonly points: readonly OverPoint[];
}

/** What the figures are stands above the chart. */
export interface OverChart {
  readonly lines: readonly OverLine[];
  readonly x: { readonly title: string; readonly type: "linear" | "log" | "point" };
  readonly y: { readonly type: "linear" | "log"; readonly domain: readonly [number, number] };
}

const HEIGHT = 200;
/** Above the topmost number. */
const TOP = 10;
/** Decimals that numbers of a linear axis have at most. */
const DECIMALS = 2;
/** More values than these are not all told along the axis. */
const VALUES_TOLD_MAX = 10;

/** Powers of ten around a domain: an axis that ends within one has few numbers. */
function decades([least, most]: OverChart["y"]["domain"]): number[] {
  const first = Math.floor(Math.log10(least));
  const last = Math.max(first + 1, Math.ceil(Math.log10(most)));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
}

/** Pixels that the numbers of the axis at the left take. */
function numbersWidth({ type, domain }: OverChart["y"]): number {
  const [least, most] = domain;
  if (type === "linear") {
    return textWidth(most < 10 ? (0).toFixed(DECIMALS) : grouped(most * 1.2));
  }
  const smallest = (0).toFixed(Math.max(0, -Math.floor(Math.log10(least))));
  return Math.max(textWidth(smallest), textWidth(grouped(decades(domain).at(-1)!)));
}

const valuesAlong = ({ lines }: OverChart): (number | string)[] => [
  ...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x))),
];

/** Right of the last value, for half of its name. */
function rightOf(chart: OverChart): number {
  const last = valuesAlong(chart).at(-1) ?? "";
  return EDGE + Math.ceil(textWidth(typeof last === "number" ? grouped(last) : "") / 2);
}

function xScale(chart: OverChart): Scale {
  const { type } = chart.x;
  const values = valuesAlong(chart);
  const scale = { name: "x", range: "width" } as const;
  if (type === "point") {
    return { ...scale, type, domain: values.map(String), padding: 0.5 };
  }
  const numbers = values.map(Number);
  return { ...scale, type, domain: [Math.min(...numbers), Math.max(...numbers)], zero: false };
}

function yScale({ type, domain }: OverChart["y"]): Scale {
  const scale = { name: "y", range: "height" } as const;
  if (type === "linear") {
    return { ...scale, type, domain: [0, domain[1] || 1], nice: true, zero: true };
  }
  const powers = decades(domain);
  return { ...scale, type, domain: [powers[0]!, powers.at(-1)!] };
}

function xAxis(chart: OverChart): Axis {
  const { title, type } = chart.x;
  if (type === "point")
    return { orient: "bottom", scale: "x", title, labelOverlap: true, aria: false };
  const values = valuesAlong(chart).map(Number);
  const axis = numberAxis("bottom", title);
  return values.length > VALUES_TOLD_MAX ? axis : { ...axis, values };
}

function yAxis({ type, domain }: OverChart["y"]): Axis {
  const axis = numberAxis("left");
  if (type === "linear") return axis;
  const values = decades(domain);
  return { ...axis, values, tickCount: values.length, labelOverlap: false };
}

/** A line on which another one lies is seen on both sides of that. */
const lineWidth = (at: number, of: number): number => 1.5 + (4 * (of - 1 - at)) / of;

function lineMarks({ lines, x }: OverChart): Mark[] {
  return lines.flatMap(({ at }, i): Mark[] => {
    const from = { data: `line${at}` };
    const colour = { value: strategyColour(at) };
    const place = { x: { scale: "x", field: "x" }, y: { scale: "y", field: "y" } };
    const line: Mark = {
      type: "line",
      aria: false,
      from,
      encode: {
        enter: {
          ...place,
          stroke: colour,
          strokeWidth: { value: lineWidth(i, lines.length) },
          strokeDash: { value: strategyDash(at) },
        },
      },
    };
    const range: Mark = {
      type: "rule",
      aria: false,
      from,
      encode: {
        enter: {
          x: place.x,
          y: { scale: "y", field: "low" },
          y2: { scale: "y", field: "high" },
          stroke: colour,
        },
      },
    };
    const dots: Mark = {
      type: "symbol",
      aria: false,
      from,
      encode: { enter: { ...place, fill: colour, size: { value: 24 } } },
    };
    return x.type === "point" ? [range, dots] : [range, line, dots];
  });
}

export function overChart(chart: OverChart): Chart {
  return {
    left: EDGE + 8 + numbersWidth(chart.y),
    right: rightOf(chart),
    top: TOP,
    bottom: 36,
    height: HEIGHT,
    data: chart.lines.map(({ at, points }) => ({ name: `line${at}`, values: [...points] })),
    scales: [xScale(chart), yScale(chart.y)],
    axes: [xAxis(chart), yAxis(chart.y)],
    marks: lineMarks(chart),
  };
}

// Durations that lie decades apart: a dot each on a logarithmic axis, the kinds below each other in the row of a
// strategy. Zero has no place there: it has a word instead of a dot.

import type { Mark } from "vega";
import { type Chart, numberAxis } from "./draw.ts";
import { type NamedRow, namesWidth, rowNames, rowScale, textsWidth } from "./rows.ts";

export interface Duration extends NamedRow {
  /** Which kind, from 0. */
  readonly kind: number;
  readonly colour: string;
  readonly value: number;
  readonly text: string;
}

const LINE_HEIGHT = 13;

/** Full decades around what is drawn. */
function decades(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [1, 10];
  const least = 10 ** Math.floor(Math.log10(Math.min(...positive)));
  const most = 10 ** Math.ceil(Math.log10(Math.max(...positive)));
  return [least, Math.max(most, least * 10)];
}

function durationMarks(): Mark[] {
  const y = { scale: "y", field: "at", offset: { scale: "kind", field: "kind" } };
  return [
    {
      type: "rule",
      aria: false,
      from: { data: "told" },
      encode: {
        enter: {
          x: { value: 0 },
          x2: { scale: "x", field: "value" },
          y,
          stroke: { field: "colour" },
          strokeWidth: { value: 1.5 },
        },
      },
    },
    {
      type: "symbol",
      aria: false,
      from: { data: "told" },
      encode: {
        enter: {
          x: { scale: "x", field: "value" },
          y,
          fill: { field: "colour" },
          size: { value: 45 },
        },
      },
    },
    {
      type: "text",
      aria: false,
      from: { data: "all" },
      encode: {
        enter: {
          x: { field: "place", offset: 7 },
          y,
          text: { field: "text" },
          align: { value: "left" },
          baseline: { value: "middle" },
          fontSize: { value: 10 },
        },
      },
    },
  ];
}

export function longestChart(durations: readonly Duration[], axis_title: string): Chart {
  const kinds = [...new Set(durations.map(({ kind }) => kind))];
  const names = [...new Map(durations.map(({ at, name }) => [at, { at, name }])).values()];
  const [least, most] = decades(durations.map(({ value }) => value));
  const row_height = kinds.length * LINE_HEIGHT + 6;
  const frame = {
    left: namesWidth(names),
    right: textsWidth(durations.map(({ text }) => text)),
  };
  return {
    ...frame,
    top: 4,
    bottom: 36,
    height: names.length * row_height,
    data: [
      { name: "names", values: names },
      {
        name: "all",
        values: durations,
        transform: [
          {
            type: "formula",
            as: "place",
            expr: "datum.value > 0 ? scale('x', datum.value) : 0",
          },
        ],
      },
      { name: "told", source: "all", transform: [{ type: "filter", expr: "datum.value > 0" }] },
    ],
    scales: [
      rowScale(names),
      { name: "kind", type: "band", domain: kinds, range: { step: LINE_HEIGHT } },
      { name: "x", type: "log", domain: [least, most], range: "width" },
    ],
    axes: [{ ...numberAxis("bottom", axis_title), tickCount: Math.log10(most / least) }],
    marks: [...durationMarks(), rowNames("names")],
  };
}

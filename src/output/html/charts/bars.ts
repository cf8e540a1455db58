// One figure of every strategy: a bar each, with its value, and how far it moves with the tick phase.

import type { Chart } from "./draw.ts";
import { strategyColour } from "./palette.ts";
import { type NamedRow, rowBars } from "./rows.ts";

export interface Bar extends NamedRow {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The value as the table has it. */
  readonly text: string;
}

export function barChart(bars: readonly Bar[], axis_title: string): Chart {
  const values = bars.map((bar) => ({
    ...bar,
    end: Math.max(bar.value, bar.high),
    colour: strategyColour(bar.at),
  }));
  const y = { scale: "y", field: "at" };
  return rowBars({
    rows: bars,
    longest: Math.max(...values.map(({ end }) => end)),
    axis_title,
    labels: "bars",
    data: [{ name: "bars", values }],
    marks: [
      {
        type: "rect",
        aria: false,
        from: { data: "bars" },
        encode: {
          enter: {
            x: { scale: "x", value: 0 },
            x2: { scale: "x", field: "value" },
            y,
            height: { scale: "y", band: 1 },
            fill: { field: "colour" },
          },
        },
      },
      {
        type: "rule",
        aria: false,
        from: { data: "bars" },
        encode: {
          enter: {
            x: { scale: "x", field: "low" },
            x2: { scale: "x", field: "high" },
            y: { ...y, band: 0.5 },
            stroke: { value: "currentColor" },
            strokeWidth: { value: 2 },
          },
        },
      },
    ],
  });
}

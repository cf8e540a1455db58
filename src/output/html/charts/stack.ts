// What a figure of every strategy is made of: bars of parts that lie end to end.

import type { Chart } from "./draw.ts";
import { type NamedRow, rowBars } from "./rows.ts";

export interface StackRow extends NamedRow {
  /** One each of the parts, in their order. */
  readonly parts: readonly number[];
  /** The whole, as the table has it. */
  readonly text: string;
}

/** `colours`: one each of the parts. */
export function stackChart(
  rows: readonly StackRow[],
  colours: readonly string[],
  axis_title: string,
): Chart {
  const segments = rows.flatMap(({ at, parts }) => {
    let end = 0;
    return parts.map((part, i) => {
      const start = end;
      end += part;
      return { at, start, end, colour: colours[i]! };
    });
  });
  const ends = rows.map(({ parts, ...row }) => {
    return { ...row, end: parts.reduce((sum, part) => sum + part, 0) };
  });
  return rowBars({
    rows,
    longest: Math.max(...ends.map(({ end }) => end)),
    axis_title,
    labels: "rows",
    data: [
      { name: "segments", values: segments.filter(({ start, end }) => end > start) },
      { name: "rows", values: ends },
    ],
    marks: [
      {
        type: "rect",
        aria: false,
        from: { data: "segments" },
        encode: {
          enter: {
            x: { scale: "x", field: "start" },
            x2: { scale: "x", field: "end" },
            y: { scale: "y", field: "at" },
            height: { scale: "y", band: 1 },
            fill: { field: "colour" },
          },
        },
      },
    ],
  });
}

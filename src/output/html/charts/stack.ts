// What a figure of every strategy is made of: bars of parts that lie end to end.

import { type Chart, numberAxis } from "./draw.ts";
import {
  type NamedRow,
  namesWidth,
  rowNames,
  rowScale,
  rowsHeight,
  rowTexts,
  textsWidth,
} from "./rows.ts";

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
  return {
    left: namesWidth(rows),
    right: textsWidth(rows.map(({ text }) => text)),
    top: 4,
    bottom: 36,
    height: rowsHeight(rows.length),
    data: [
      { name: "segments", values: segments.filter(({ start, end }) => end > start) },
      { name: "rows", values: ends },
    ],
    scales: [
      rowScale(rows),
      {
        name: "x",
        type: "linear",
        domain: [0, Math.max(...ends.map(({ end }) => end)) || 1],
        range: "width",
        zero: true,
      },
    ],
    axes: [numberAxis("bottom", axis_title)],
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
      rowNames("rows"),
      rowTexts("rows", "end"),
    ],
  };
}

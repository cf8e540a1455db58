// Charts in which strategies are rows: their names at the left, and what is drawn for each beside them.

import type { Mark, Scale, Spec } from "vega";
import { columnTitle } from "../../strategy-table.ts";
import { type Chart, EDGE, numberAxis, textWidth } from "./draw.ts";

const ROW_HEIGHT = 20;
const NAME_COLUMNS_MAX = 20;
const GAP = 6;

export interface NamedRow {
  /** Which strategy it is, from 0. */
  readonly at: number;
  /** Cut to what there is room for. */
  readonly name: string;
}

export const rowName = (name: string): string => columnTitle(name, NAME_COLUMNS_MAX);

/** Left of the rows. */
export function namesWidth(rows: readonly NamedRow[]): number {
  return EDGE + GAP + Math.max(...rows.map(({ name }) => textWidth(name)));
}

/** Right of them, for the longest of some texts. */
export function textsWidth(texts: readonly string[]): number {
  return EDGE + GAP + Math.max(0, ...texts.map(textWidth));
}

export const rowsHeight = (rows: number, height = ROW_HEIGHT): number => rows * height;

/** By number: names may be equal once they are cut. */
export function rowScale(rows: readonly NamedRow[]): Scale {
  const domain = rows.map(({ at }) => at);
  return { name: "y", type: "band", domain, range: "height", padding: 0.25 };
}

/** The names, in the rows of a data set. */
export function rowNames(data: string): Mark {
  return {
    type: "text",
    aria: false,
    from: { data },
    encode: {
      enter: {
        x: { value: -GAP },
        y: { scale: "y", field: "at", band: 0.5 },
        text: { field: "name" },
        align: { value: "right" },
        baseline: { value: "middle" },
      },
    },
  };
}

/** A text behind the end of what is drawn in a row. */
export function rowTexts(data: string, end: string): Mark {
  return {
    type: "text",
    aria: false,
    from: { data },
    encode: {
      enter: {
        x: { scale: "x", field: end, offset: GAP },
        y: { scale: "y", field: "at", band: 0.5 },
        text: { field: "text" },
        align: { value: "left" },
        baseline: { value: "middle" },
      },
    },
  };
}

export interface RowBars {
  readonly rows: readonly (NamedRow & { readonly text: string })[];
  /** The axis ends there. */
  readonly longest: number;
  readonly axis_title: string;
  readonly data: Spec["data"];
  /** What is drawn in the rows, of the scales x and y. */
  readonly marks: readonly Mark[];
  /** A data set with a name, a text and the `end` of what is drawn for each row. */
  readonly labels: string;
}

/** Bars that begin at the names of their rows and have a text behind their ends. */
export function rowBars({ rows, longest, axis_title, data, marks, labels }: RowBars): Chart {
  const domain = [0, longest || 1];
  return {
    left: namesWidth(rows),
    right: textsWidth(rows.map(({ text }) => text)),
    top: 4,
    bottom: 36,
    height: rowsHeight(rows.length),
    data,
    scales: [rowScale(rows), { name: "x", type: "linear", domain, range: "width", zero: true }],
    axes: [numberAxis("bottom", axis_title)],
    marks: [...marks, rowNames(labels), rowTexts(labels, "end")],
  };
}

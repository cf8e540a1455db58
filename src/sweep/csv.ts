// A sweep as a table for other programs: a row a point and strategy, every figure by its name.

import type { SweepCell } from "./cells.ts";
import type { SweepResult } from "./sweep.ts";

/** As RFC 4180 has it: quotes where a reader would be misled without them. */
function field(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A whole number without underscores; anything else as it was written. */
const valueField = (text: string): string =>
  field(/^-?\d[\d_]*$/.test(text) ? text.replaceAll("_", "") : text);

/** All figures that a row may have, in the order of the first row that has them. */
function figureNames({ points }: SweepResult): string[] {
  const names = new Set<string>();
  for (const { strategies } of points) {
    for (const { values } of strategies) for (const name of Object.keys(values)) names.add(name);
  }
  return [...names];
}

/** Over tick phases each figure has its lowest and highest beside it; units stay last. */
function columnsOf(name: string, ranged: boolean): string[] {
  return ranged ? [name, `lowest_${name}`, `highest_${name}`] : [name];
}

function figures({ values, lowest, highest }: SweepCell, name: string, ranged: boolean): string[] {
  const all = ranged ? [values, lowest, highest] : [values];
  return all.map((one) => String(one?.[name] ?? ""));
}

/** Lines of text, each with its newline: the header, then points in their order. */
export function* sweepCsv(result: SweepResult): Generator<string> {
  const names = figureNames(result);
  const ranged = result.tick_phases > 1;
  const keys = result.axes.map(({ key }) => key);
  const own = names.flatMap((name) => columnsOf(name, ranged));
  yield `${[...keys.map(field), "vma_count", "strategy", ...own, "digest"].join(",")}\n`;
  for (const { values, vma_count, strategies } of result.points) {
    const point = keys.map((key) => valueField(values[key]!));
    for (const cell of strategies) {
      const row = names.flatMap((name) => figures(cell, name, ranged));
      yield `${[...point, vma_count, field(cell.name), ...row, cell.digest].join(",")}\n`;
    }
  }
}

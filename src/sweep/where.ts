// Where on a grid something holds, in a few words: everywhere, from which value to which, or at how many points.

import { grouped } from "../output/format.ts";
import type { Grid } from "./grid.ts";
import type { SweepValue } from "./ranges.ts";

/** A value as tables show it: whole numbers in groups of three digits. */
export function valueText({ text }: SweepValue): string {
  const plain = text.replaceAll("_", "");
  return /^-?\d+$/.test(plain) ? grouped(Number(plain)) : text;
}

/** The last parts of keys, as many as tell them apart: `blimit` of machine.rcu.blimit. */
export function shortKeys(keys: readonly string[]): string[] {
  const lastParts = (key: string, parts: number) => key.split(".").slice(-parts).join(".");
  return keys.map((key) => {
    for (let parts = 1; ; parts++) {
      const short = lastParts(key, parts);
      const same = keys.filter((other) => lastParts(other, parts) === short);
      // an entry of a list says nothing by its number alone
      if ((same.length === 1 && !/^\d/.test(short)) || short === key) return short;
    }
  });
}

export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** "1,000 to 10,000 and 1,000,000": positions that follow each other are one range. */
function rangesText(values: readonly SweepValue[], positions: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const position of positions) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === position - 1) last[1] = position;
    else ranges.push([position, position]);
  }
  const texts = ranges.map(([from, to]) => {
    const [first, last] = [valueText(values[from]!), valueText(values[to]!)];
    if (from === to) return first;
    return to === from + 1 ? `${first}, ${last}` : `${first} to ${last}`;
  });
  return listed(texts);
}

/** Positions on an axis at which all points are in the set, where it hangs on that axis alone. */
function alongAxis(grid: Grid, axis: number, points: ReadonlySet<number>): number[] | undefined {
  const { length } = grid.axes[axis]!.values;
  const count = Array.from({ length }, () => 0);
  for (const point of points) count[grid.position(point, axis)]!++;
  const all = grid.length / length;
  if (count.some((some) => some !== 0 && some !== all)) return undefined;
  return count.flatMap((some, position) => (some === 0 ? [] : [position]));
}

/** "everywhere", "at vmas 1,000 to 10,000", "at 3 of 12 points" */
export function whereText(grid: Grid, points: readonly number[]): string {
  if (points.length === grid.length) return "everywhere";
  const set = new Set(points);
  const labels = shortKeys(grid.axes.map(({ key }) => key));
  for (const [axis, { values }] of grid.axes.entries()) {
    const positions = alongAxis(grid, axis, set);
    if (positions !== undefined) return `at ${labels[axis]} ${rangesText(values, positions)}`;
  }
  return `at ${grouped(points.length)} of ${grouped(grid.length)} points`;
}

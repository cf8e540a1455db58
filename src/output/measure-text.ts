// A measurement in plain text: what was measured where, and what to raise for more.

import { defaultSizes, type Machine, raiseHint } from "../measure/machine.ts";
import { type Cell, cellsOf, type Measurement } from "../measure/measure.ts";
import { grouped, inUnit, plural } from "./format.ts";
import { table, wrap } from "./table.ts";

function cellLine({ n, min_ns, median_ns }: Cell): string[] {
  return [
    `  ${grouped(n)}`,
    inUnit(min_ns, "us", 1),
    inUnit(median_ns, "us", 1),
    grouped(min_ns / n, 1),
    grouped(median_ns / n, 1),
  ];
}

const TITLES: readonly (readonly [Cell["op"], number, string])[] = [
  ["exit", 0, "exit, nothing touched: from just before _exit() to wait4()'s return"],
  ["exit", 1, "exit, every page written"],
  ["munmap", 0, "munmap of all in one call, nothing touched"],
  ["munmap", 1, "munmap of all in one call, every page written"],
];

const COLUMNS = ["  VMAs", "min us", "median us", "min ns/VMA", "median ns/VMA"].map((title) => {
  return { title, align: "right" as const, width: 10 };
});

/** The whole text, with a newline at its end. */
export function measureText(measurement: Measurement, machine: Machine): string {
  const cells = cellsOf(measurement.samples);
  const sections = TITLES.flatMap(([op, populate, title]) => {
    const own = cells.filter((cell) => cell.op === op && cell.populate === populate);
    return own.length === 0 ? [] : [title, ...table(COLUMNS, own.map(cellLine)), ""];
  });
  const { name, kernel, date, max_map_count } = machine;
  const pinned = measurement.pinned ? "pinned to one CPU" : "not pinned to a CPU";
  const repeats = plural(Math.max(0, ...cells.map((cell) => cell.repeats)), "repeat");
  const largest = Math.max(0, ...defaultSizes(machine));
  const more = `vm.max_map_count is ${grouped(max_map_count)}. For 250,000 VMAs: ${raiseHint(250_000)}`;
  return `${[
    `Linux ${kernel}, ${name}, ${date}; ${repeats}, ${pinned}`,
    "",
    ...sections,
    ...(max_map_count < 250_064 && largest > 0 ? wrap(more, 80) : []),
  ]
    .join("\n")
    .trimEnd()}\n`;
}

// A measurement in plain text: what was measured where, and what to raise for more.

import { defaultSizes, type Machine, raiseHint } from "../measure/machine.ts";
import { type Cell, cellsOf, isSettled, type Measurement, NOISE_MAX } from "../measure/measure.ts";
import { quantile } from "../stats/quantiles.ts";
import { grouped, inUnit, percent, plural } from "./format.ts";
import { left, right, table, wrap } from "./table.ts";

const share = (ratio: number): string => percent(ratio).slice(1);

function cellLine(cell: Cell): string[] {
  const { n, min_ns, typical_ns, median_ns, repeats_used, noise } = cell;
  return [
    `  ${grouped(n)}`,
    inUnit(min_ns, "us", 1),
    inUnit(typical_ns, "us", 1),
    inUnit(median_ns, "us", 1),
    grouped(typical_ns / n, 1),
    share(noise),
    grouped(repeats_used),
    isSettled(cell) ? "" : "noisy",
  ];
}

const TITLES: readonly (readonly [Cell["op"], number, string])[] = [
  ["exit", 0, "exit, nothing touched: from just before _exit() to wait4()'s return"],
  ["exit", 1, "exit, every page written"],
  ["munmap", 0, "munmap of all in one call, nothing touched"],
  ["munmap", 1, "munmap of all in one call, every page written"],
];

const COLUMNS = [
  ...["  VMAs", "min us", "typical us", "median us"].map((title) => right(title, 10)),
  ...["ns/VMA", "noise", "used"].map((title) => right(title, 6)),
  left(""),
];

/** With so many cells that have not settled no figure here is worth much. */
const NOISY_SHARE = 0.25;

function noiseText(cells: readonly Cell[]): string[] {
  if (cells.length === 0) return [];
  const noisy = cells.filter((cell) => !isSettled(cell)).length;
  const middle = quantile(
    cells.map(({ noise }) => noise),
    0.5,
  );
  const above_min = quantile(
    cells.map(({ typical_ns, min_ns }) => typical_ns / min_ns),
    0.5,
  );
  const all = `Typical: the middle half, averaged, of the repeats at the pace that counts ("used"). Noise, its standard error: ${share(middle)} in the middle of ${plural(cells.length, "cell")}; it is ${above_min.toFixed(2)} times the fastest repeat.`;
  const few = `${plural(noisy, "cell")} above ${share(NOISE_MAX)}: more --seconds may settle ${noisy === 1 ? "it" : "them"}.`;
  const many = `TOO NOISY: ${plural(noisy, "cell")} above ${share(NOISE_MAX)}. Others are at work on this CPU; measure again when it is quiet, or with more --seconds.`;
  const flag = noisy > cells.length * NOISY_SHARE ? many : few;
  return [...wrap(noisy === 0 ? all : `${all} ${flag}`), ""];
}

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
    ...noiseText(cells),
    ...(max_map_count < 250_064 && largest > 0 ? wrap(more) : []),
  ]
    .join("\n")
    .trimEnd()}\n`;
}

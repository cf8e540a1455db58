// What bystanders have had, as a table: one row a group, or a strategy and group.

import type { LoadReport } from "../api/types.ts";
import { grouped, inUnit, percent } from "./format.ts";
import { columnTitle } from "./strategy-table.ts";
import { type Cells, left, right, table, wrap } from "./table.ts";

/** What is timed, by what the bystander does. */
const TIMED: Readonly<Record<LoadReport["kind"], string>> = {
  "busy-user": "a busy loop's is how long it was held up each time",
  "busy-kernel": "a busy loop's is how long it was held up each time",
  reader: "a reader's how long a section lasted",
  sleeper: "a sleeper's how late it ran after its timer",
  memory: "of one that takes memory how late it had the pages of a turn",
  mapper: "a mapper's how long an iteration took",
  churn: "of one that takes memory and gives it back how long an allocation took",
};

function legend(unit: string, kinds: ReadonlySet<LoadReport["kind"]>): string {
  const known = Object.keys(TIMED) as LoadReport["kind"][];
  const timed = new Set(known.filter((kind) => kinds.has(kind)).map((kind) => TIMED[kind]));
  return `Bystanders, latencies in ${unit}: ${[...timed].join(", ")}.`;
}

/** More would put the other columns off the page. */
const LABEL_COLUMNS = 12;
/** From here on microseconds would not fit their columns. */
const MS_FROM_NS = 1e10;

export interface LoadRow {
  /** What stands before the group: a strategy, or nothing. */
  readonly label: string;
  readonly load: readonly LoadReport[] | undefined;
}

export interface LoadCells extends Cells {
  readonly legend: string;
}

/** Undefined where nobody had bystanders. */
export function loadCells(rows: readonly LoadRow[]): LoadCells | undefined {
  const groups = rows.flatMap(({ label, load = [] }) => load.map((report) => ({ label, report })));
  if (groups.length === 0) return undefined;
  const longest_ns = Math.max(...groups.map(({ report }) => report.latency.max_ns));
  const unit = longest_ns < MS_FROM_NS ? "us" : "ms";
  const time = (ns: number): string => inUnit(ns, unit, 1);
  const labelled = groups.some(({ label }) => label !== "");
  const columns = [
    ...(labelled ? [left("", 9)] : []),
    left("bystander", 10),
    ...["CPU", "samples", "p50", "p99", "p99.9", "max"].map((title) => right(title, 7)),
  ];
  const cells = groups.map(({ label, report: { name, cpu_share, latency } }) => [
    ...(labelled ? [columnTitle(label, LABEL_COLUMNS)] : []),
    columnTitle(name, LABEL_COLUMNS),
    percent(cpu_share).slice(1),
    grouped(latency.samples),
    time(latency.p50_ns),
    time(latency.p99_ns),
    time(latency.p999_ns),
    time(latency.max_ns),
  ]);
  const kinds = new Set(groups.map(({ report }) => report.kind));
  return { columns, rows: cells, legend: legend(unit, kinds) };
}

/** Lines of at most 80 columns; none where nobody had bystanders. */
export function loadTable(rows: readonly LoadRow[]): string[] {
  const cells = loadCells(rows);
  if (cells === undefined) return [];
  return [...table(cells.columns, cells.rows), "", ...wrap(cells.legend)];
}

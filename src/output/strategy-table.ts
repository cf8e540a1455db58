// The comparison as one table: a row a metric, a column a strategy. Five strategies with short names fit
// 80 columns; more are continued below. Which metrics there are is the workload's: see workload-text.ts.

import type { RunResult, WorkloadMetrics, WorkloadType } from "../api/types.ts";
import type { Verdict } from "../litmus/verdict.ts";
import { grouped, inUnit, MIB, mib, short } from "./format.ts";
import { left, PAGE_COLUMNS, right, table } from "./table.ts";

export interface StrategyRuns<W extends WorkloadType = "exit"> {
  readonly name: string;
  /** It may free what others can still reach. */
  readonly unsafe?: boolean;
  /** What the lifetime oracle says of it; absent where it was not asked. */
  readonly verdict?: Verdict;
  /** One result a tick phase; the first is that of the scenario's own phase. */
  readonly results: readonly RunResult<W>[];
}

export type Unit = "ns" | "us" | "ms" | "count" | "bytes" | "MiB" | "MiB s";

/** Metrics that are one number. */
export type FigureName<W extends WorkloadType> = {
  [K in keyof WorkloadMetrics[W]]: WorkloadMetrics[W][K] extends number ? K : never;
}[keyof WorkloadMetrics[W]];

/** A row of the table. */
export interface MetricLine<W extends WorkloadType> {
  readonly label: string;
  readonly metric: FigureName<W>;
  readonly unit: Unit;
  /** The row is left out where no strategy has such a thing: all its figures are 0. */
  readonly where_any?: boolean;
  /** Where this figure is 0 it never came to what the row tells: a dash. */
  readonly once?: FigureName<W>;
}

const LABEL_COLUMNS = 17;
const CELL_COLUMNS = 11;
/** All presets have shorter names. */
const TITLE_COLUMNS_MAX = 17;

/** A strategy's name, cut to so many columns. */
export function columnTitle(name: string, columns = TITLE_COLUMNS_MAX): string {
  return name.length > columns ? `${name.slice(0, columns - 1)}~` : name;
}

/** A figure in its unit, which stands elsewhere. */
export function cell(value: number, unit: Unit): string {
  switch (unit) {
    case "ms":
      return inUnit(value, unit, value >= 1e10 ? 1 : 3);
    case "us":
      return inUnit(value, unit, 1);
    case "MiB":
      return mib(value);
    case "MiB s":
      return grouped(value / MIB, 2);
    default:
      return grouped(value);
  }
}

const SCALES: Readonly<Record<Unit, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  count: 1,
  bytes: 1,
  MiB: MIB,
  "MiB s": MIB,
};

/** What a figure is divided by to be in its unit. */
export function unitScale(unit: Unit): number {
  return SCALES[unit];
}

/** One figure of a result. */
export function figureOf<W extends WorkloadType>(
  { metrics }: RunResult<W>,
  metric: FigureName<W>,
): number {
  return metrics[metric] as number; // FigureName has no others
}

/** The names of all metrics that are one number. */
export function figureNames<W extends WorkloadType>({ metrics }: RunResult<W>): FigureName<W>[] {
  const names = Object.keys(metrics) as (keyof WorkloadMetrics[W])[];
  return names.filter((name) => typeof metrics[name] === "number") as FigureName<W>[];
}

/** Smallest and largest value of a metric over the tick phases. */
export function rangeOf<W extends WorkloadType>(
  results: readonly RunResult<W>[],
  metric: FigureName<W>,
) {
  const values = results.map((result) => figureOf(result, metric));
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** As many strategies side by side as the page has room for, and at least one. */
function blocks<W extends WorkloadType>(
  strategies: readonly StrategyRuns<W>[],
  lines: readonly MetricLine<W>[],
): StrategyRuns<W>[][] {
  const labels = Math.max(LABEL_COLUMNS, ...lines.map(({ label }) => label.length));
  const list: StrategyRuns<W>[][] = [];
  let room = 0;
  for (const runs of strategies) {
    const wanted = 1 + Math.max(CELL_COLUMNS, columnTitle(runs.name).length);
    if (list.length === 0 || wanted > room) {
      list.push([]);
      room = PAGE_COLUMNS - labels;
    }
    list.at(-1)!.push(runs);
    room -= wanted;
  }
  return list;
}

/** What stands in the cell of a row and a strategy. */
type CellText<W extends WorkloadType> = (line: MetricLine<W>, runs: StrategyRuns<W>) => string;

function block<W extends WorkloadType>(
  strategies: readonly StrategyRuns<W>[],
  lines: readonly MetricLine<W>[],
  text: CellText<W>,
  last: readonly (readonly string[])[] = [],
): string[] {
  const columns = [
    left("", LABEL_COLUMNS),
    ...strategies.map(({ name }) => right(columnTitle(name), CELL_COLUMNS)),
  ];
  const rows = lines.map((line) => [line.label, ...strategies.map((runs) => text(line, runs))]);
  return table(columns, [...rows, ...last], 1);
}

function joined(parts: string[][]): string[] {
  return parts.flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
}

const NEVER = "-";

/** A strategy's figure of a row, at the scenario's own tick phase. */
export function figureText<W extends WorkloadType>(
  { metric, unit, once }: MetricLine<W>,
  { results }: StrategyRuns<W>,
): string {
  if (once !== undefined && figureOf(results[0]!, once) === 0) return NEVER;
  return cell(figureOf(results[0]!, metric), unit);
}

/** Rows that some strategy has something in. */
export function toldLines<W extends WorkloadType>(
  lines: readonly MetricLine<W>[],
  strategies: readonly StrategyRuns<W>[],
): MetricLine<W>[] {
  return lines.filter(
    ({ where_any, metric }) =>
      where_any !== true || strategies.some(({ results }) => figureOf(results[0]!, metric) !== 0),
  );
}

/** The main table: figures of the scenario's own tick phase. */
export function strategyTable<W extends WorkloadType>(
  lines: readonly MetricLine<W>[],
  strategies: readonly StrategyRuns<W>[],
): string[] {
  const told = toldLines(lines, strategies);
  return joined(
    blocks(strategies, told).map((part) => {
      const words = verdictWords(part);
      return block(part, told, figureText, words === undefined ? [] : [["verdict", ...words]]);
    }),
  );
}

/** What the oracle says of each strategy, in a word; undefined where it was asked about none. */
export function verdictWords<W extends WorkloadType>(
  strategies: readonly StrategyRuns<W>[],
): string[] | undefined {
  if (strategies.every(({ verdict }) => verdict === undefined)) return undefined;
  return strategies.map(({ verdict }) =>
    verdict === undefined ? "" : verdict.violations === 0 ? "safe" : "VIOLATION",
  );
}

const STILL = "=";

/** How far a strategy's figure of a row moves with the tick phase. */
export function spreadText<W extends WorkloadType>(
  { metric, unit }: MetricLine<W>,
  { results }: StrategyRuns<W>,
): string {
  const { low, high } = rangeOf(results, metric);
  const [from, to] = [low, high].map((value) => short(value / unitScale(unit)));
  return from === to ? STILL : `${from}-${to}`;
}

/** Rows that move with the tick phase for some strategy. */
export function movingLines<W extends WorkloadType>(
  lines: readonly MetricLine<W>[],
  strategies: readonly StrategyRuns<W>[],
): MetricLine<W>[] {
  return lines.filter((line) => strategies.some((runs) => spreadText(line, runs) !== STILL));
}

/** How far figures move with the tick phase; lines that do not move are left out. */
export function phaseTable<W extends WorkloadType>(
  lines: readonly MetricLine<W>[],
  strategies: readonly StrategyRuns<W>[],
): string[] {
  const moving = movingLines(lines, strategies);
  if (moving.length === 0) return [];
  return joined(blocks(strategies, moving).map((part) => block(part, moving, spreadText)));
}

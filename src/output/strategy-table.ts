// The comparison as one table: a row a metric, a column a strategy. Five strategies fit 80 columns;
// more are continued below.

import type { RunMetrics, RunResult } from "../api/types.ts";
import { grouped, inUnit, mib, short } from "./format.ts";
import { table } from "./table.ts";

export interface StrategyRuns {
  readonly name: string;
  /** One result a tick phase; the first is that of the scenario's own phase. */
  readonly results: readonly RunResult[];
}

type Unit = "ns" | "us" | "ms" | "count" | "bytes" | "MiB" | "MiB s";

interface MetricLine {
  readonly label: string;
  readonly metric: keyof RunMetrics;
  readonly unit: Unit;
}

const LINES: readonly MetricLine[] = [
  { label: "exit total, ms", metric: "exit_total_ns", unit: "ms" },
  { label: "  unmap_vmas", metric: "unmap_vmas_ns", unit: "ms" },
  { label: "  free_pgtables", metric: "free_pgtables_ns", unit: "ms" },
  { label: "  removal loop", metric: "loop_ns", unit: "ms" },
  { label: "  final drain", metric: "final_drain_ns", unit: "ms" },
  { label: "  mt_destroy", metric: "mt_destroy_ns", unit: "ms" },
  { label: "parent waits, ms", metric: "user_wait_latency_ns", unit: "ms" },
  { label: "call_rcu calls", metric: "ncall_rcu", unit: "count" },
  { label: "call_rcu max, us", metric: "call_rcu_max_ns", unit: "us" },
  { label: "dead peak, VMAs", metric: "dead_peak", unit: "count" },
  { label: "dead peak, MiB", metric: "dead_peak_bytes", unit: "MiB" },
  { label: "dead MiB x s", metric: "dead_byte_seconds", unit: "MiB s" },
  { label: "last free, ms", metric: "last_free_ns", unit: "ms" },
  { label: "grace periods", metric: "gp_at_last_free", unit: "count" },
  { label: "RCU batches", metric: "rcu_batches", unit: "count" },
  { label: "callbacks in exit", metric: "rcu_cbs_in_exit", unit: "count" },
  { label: "callback max, us", metric: "callback_max_ns", unit: "us" },
  { label: "softirq max, us", metric: "softirq_max_ns", unit: "us" },
  { label: "slabs freed", metric: "vma_slabs_discarded", unit: "count" },
];

const STRATEGIES_A_BLOCK = 5;
const LABEL_COLUMNS = 17;
const CELL_COLUMNS = 11;

const MIB = 1_048_576;

function cell(value: number, unit: Unit): string {
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

function scaled(value: number, unit: Unit): number {
  const scale: Record<Unit, number> = {
    ns: 1,
    us: 1e3,
    ms: 1e6,
    count: 1,
    bytes: 1,
    MiB: MIB,
    "MiB s": MIB,
  };
  return value / scale[unit];
}

/** Smallest and largest value of a metric over the tick phases. */
export function rangeOf(results: readonly RunResult[], metric: keyof RunMetrics) {
  const values = results.map((result) => result.metrics[metric]);
  return { low: Math.min(...values), high: Math.max(...values) };
}

function blocks(strategies: readonly StrategyRuns[]): StrategyRuns[][] {
  const list: StrategyRuns[][] = [];
  for (let i = 0; i < strategies.length; i += STRATEGIES_A_BLOCK) {
    list.push(strategies.slice(i, i + STRATEGIES_A_BLOCK));
  }
  return list;
}

function block(
  strategies: readonly StrategyRuns[],
  lines: readonly MetricLine[],
  text: (line: MetricLine, runs: StrategyRuns) => string,
): string[] {
  const columns = [
    { title: "", align: "left" as const, width: LABEL_COLUMNS },
    ...strategies.map(({ name }) => ({
      title: name.length > CELL_COLUMNS ? `${name.slice(0, CELL_COLUMNS - 1)}~` : name,
      align: "right" as const,
      width: CELL_COLUMNS,
    })),
  ];
  const rows = lines.map((line) => [line.label, ...strategies.map((runs) => text(line, runs))]);
  return table(columns, rows, 1);
}

function joined(parts: string[][]): string[] {
  return parts.flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
}

/** The main table: figures of the scenario's own tick phase. */
export function strategyTable(strategies: readonly StrategyRuns[]): string[] {
  const text = (line: MetricLine, { results }: StrategyRuns): string =>
    cell(results[0]!.metrics[line.metric], line.unit);
  return joined(blocks(strategies).map((part) => block(part, LINES, text)));
}

/** How far figures move with the tick phase; lines that do not move are left out. */
export function phaseTable(strategies: readonly StrategyRuns[]): string[] {
  const moves = ({ metric, unit }: MetricLine, { results }: StrategyRuns): boolean => {
    const { low, high } = rangeOf(results, metric);
    return cell(low, unit) !== cell(high, unit);
  };
  const text = (line: MetricLine, runs: StrategyRuns): string => {
    if (!moves(line, runs)) return "=";
    const { low, high } = rangeOf(runs.results, line.metric);
    return `${short(scaled(low, line.unit))}-${short(scaled(high, line.unit))}`;
  };
  const lines = LINES.filter((line) => strategies.some((runs) => moves(line, runs)));
  if (lines.length === 0) return [];
  return joined(blocks(strategies).map((part) => block(part, lines, text)));
}

// Measured beside simulated, for the cells of a comparison's strategies: how far to trust it.

import { quantile } from "../stats/quantiles.ts";
import type { Verdict } from "../validate/judge.ts";
import type { RowReport, ValidationReport } from "../validate/validate.ts";
import { grouped, inUnit, percent } from "./format.ts";
import { type Cells, left, right, table, wrap } from "./table.ts";

interface Line {
  readonly label: string;
  readonly metric: string;
  readonly text: (value: number) => string;
}

const ms = (value: number): string => inUnit(value, "ms", 2);

const LINES: readonly Line[] = [
  { label: "exit total, ms", metric: "exit_total_ns", text: ms },
  { label: "removal loop, ms", metric: "loop_ns", text: ms },
  { label: "call_rcu calls", metric: "ncall_rcu", text: grouped },
  { label: "dead peak, VMAs", metric: "dead_peak", text: grouped },
  { label: "last free, ms", metric: "last_free_ns", text: ms },
  { label: "grace periods", metric: "gp_at_last_free", text: grouped },
  { label: "RCU batches", metric: "rcu_batches", text: grouped },
];

function simulatedText(verdict: Verdict, text: (value: number) => string): string {
  const [low, high] = [text(verdict.low), text(verdict.high)];
  if (verdict.comparison !== "range" || low === high) return text(verdict.simulated);
  return `${low} - ${high}`;
}

function errorText({ comparison, error, ok }: Verdict): string {
  const miss = ok ? "" : " MISS";
  if (comparison === "exact") return ok ? "equal" : `${percent(error)}${miss}`;
  if (comparison === "range" && error === 0) return "within";
  return percent(error) + miss;
}

const SHOWN = new Set(LINES.map(({ metric }) => metric));

// Figures that miss and have no line of their own in the table.
function otherMisses(rows: readonly RowReport[]): string[] {
  return rows.flatMap(({ label, verdicts }) => {
    const misses = verdicts.filter(({ ok, metric }) => !ok && !SHOWN.has(metric));
    return misses.map(({ metric, measured, simulated, low, high, comparison }) => {
      const range = comparison === "range" && low !== high;
      const found = range ? `${grouped(low)} - ${grouped(high)}` : grouped(simulated);
      return `  ${label} ${metric}: measured ${grouped(measured)}, simulated ${found}`;
    });
  });
}

function rowLines(row: RowReport): string[][] {
  const lines = LINES.flatMap(({ label, metric, text }) => {
    const verdict = row.verdicts.find((one) => one.metric === metric);
    if (verdict === undefined) return [];
    // Nothing was queued and nothing waited: a row of zeros says less than no row.
    if (verdict.measured === 0 && verdict.high === 0) return [];
    const cells = [label, text(verdict.measured), simulatedText(verdict, text), errorText(verdict)];
    return [cells];
  });
  return lines.map((cells, i) => [i === 0 ? row.label : "", ...cells]);
}

export interface CalibrationCells extends Cells {
  readonly intro: string;
  readonly verdict: string;
  /** Figures that miss and have no row. */
  readonly misses: readonly string[];
}

/** Undefined when there is no measured row. */
export function calibrationCells(
  report: ValidationReport,
  provenance: string,
): CalibrationCells | undefined {
  if (report.rows.length === 0) return undefined;
  const counts = [...new Set(report.rows.map(({ n_vma = 0 }) => grouped(n_vma)))].join(", ");
  const intro =
    `Measured beside simulated, exit of ${counts} VMAs (${provenance}). Figures that hang on where ` +
    `the tick falls are simulated at ${report.phases} tick phases and given as a range.`;
  const errors = report.rows.flatMap(({ verdicts }) =>
    verdicts.map(({ error }) => Math.abs(error)),
  );
  const worst = quantile(errors, 1);
  const verdict =
    report.overall.misses === 0
      ? `All ${report.overall.count} figures within ${percent(report.tolerance).slice(1)} (worst ${percent(worst).slice(1)}).`
      : `${report.overall.misses} of ${report.overall.count} figures miss ${percent(report.tolerance).slice(1)} (worst ${percent(worst).slice(1)}).`;
  return {
    intro,
    columns: [
      left("", 9),
      left("", 16),
      right("measured", 11),
      right("simulated", 19),
      right("error", 9),
    ],
    rows: report.rows.flatMap(rowLines),
    verdict,
    misses: otherMisses(report.rows),
  };
}

/** Lines of at most 80 columns; none when there is no measured row. */
export function calibrationText(report: ValidationReport, provenance: string): string[] {
  const cells = calibrationCells(report, provenance);
  if (cells === undefined) return [];
  const { intro, columns, rows, verdict, misses } = cells;
  return [...wrap(intro), "", ...table(columns, rows), "", verdict, ...misses];
}

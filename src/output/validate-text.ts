// A validation in plain text: every row with every figure, a summary, and what could not be run.

import type { Summary } from "../stats/quantiles.ts";
import type { Verdict } from "../validate/judge.ts";
import type { InexpressibleRow, RowReport, ValidationReport } from "../validate/validate.ts";
import { grouped, percent, plural } from "./format.ts";
import { type Column, table, wrap } from "./table.ts";

const FIGURES: readonly Column[] = [
  { title: "  metric", align: "left", width: 22 },
  { title: "measured", align: "right", width: 13 },
  { title: "simulated", align: "right", width: 28 },
  { title: "error", align: "right", width: 9 },
  { title: "", align: "left" },
];

function simulated({ comparison, simulated: median, low, high }: Verdict): string {
  if (comparison !== "range" || low === high) return grouped(median);
  return `${grouped(low)} - ${grouped(high)}`;
}

function rowText(row: RowReport): string[] {
  const misses = row.verdicts.filter(({ ok }) => !ok).length;
  const state = misses === 0 ? "ok" : `${plural(misses, "figure")} off`;
  const what = `${row.strategy}, ${grouped(row.n_vma)} VMAs, probes ${row.probe_flags}: ${state}`;
  const figures = row.verdicts.map((verdict) => [
    `  ${verdict.metric}`,
    grouped(verdict.measured),
    simulated(verdict),
    verdict.comparison === "exact" && verdict.ok ? "equal" : percent(verdict.error),
    verdict.ok ? "" : "MISS",
  ]);
  return [`line ${row.line}: ${row.id}`, `  ${what}`, ...table(FIGURES, figures), ""];
}

const share = (ratio: number): string => percent(ratio).slice(1);

function summaryText({ metrics, overall, rows, tolerance, phases }: ValidationReport): string[] {
  const line = (name: string, { count, median, p90, worst }: Summary, misses: number) => [
    `  ${name}`,
    grouped(count),
    share(median),
    share(p90),
    share(worst),
    grouped(misses),
  ];
  const columns: Column[] = [
    { title: "  absolute error of", align: "left", width: 22 },
    ...["figures", "median", "90 %", "worst", "misses"].map((title) => {
      return { title, align: "right" as const, width: 9 };
    }),
  ];
  return [
    `Summary: ${plural(rows.length, "row")} simulated at ${plural(phases, "tick phase")}, tolerance ${share(tolerance)}`,
    ...table(columns, [
      ...metrics.map((metric) => line(metric.metric, metric, metric.misses)),
      line("all", overall, overall.misses),
    ]),
    "",
  ];
}

function inexpressibleText(rows: readonly InexpressibleRow[]): string[] {
  if (rows.length === 0) return [];
  const by_reason = new Map<string, InexpressibleRow[]>();
  for (const row of rows) {
    const reason = row.reasons.join("; ");
    by_reason.set(reason, [...(by_reason.get(reason) ?? []), row]);
  }
  const lines = [`Not expressible yet: ${plural(rows.length, "row")}`];
  for (const [reason, list] of by_reason) {
    lines.push(...wrap(`${reason} (${plural(list.length, "row")})`, 78, "  "));
    lines.push(...list.map(({ line, id }) => `    line ${line}: ${id}`));
  }
  return [...lines, ""];
}

function verdictText({ rows, overall, ok }: ValidationReport): string {
  if (rows.length === 0) return "nothing judged: no row can be expressed yet";
  if (ok) return `ok: every figure of ${plural(rows.length, "row")} within its tolerance`;
  return `FAILED: ${plural(overall.misses, "figure")} of ${grouped(overall.count)} off`;
}

/** The whole text, with a newline at its end. */
export function validateText(report: ValidationReport, file: string): string {
  const count = report.rows.length + report.inexpressible.length;
  const verdict = verdictText(report);
  const lines = [
    `${file}: ${plural(count, "measured row")}`,
    "",
    ...report.rows.flatMap(rowText),
    ...inexpressibleText(report.inexpressible),
    ...summaryText(report),
    verdict,
  ];
  return `${lines.join("\n")}\n`;
}

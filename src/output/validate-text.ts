// A validation in plain text: every row with every figure, a summary, and what could not be run.

import type { Summary } from "../stats/quantiles.ts";
import type { Verdict } from "../validate/judge.ts";
import type { RankReport } from "../validate/ranks.ts";
import type {
  InexpressibleRow,
  KindReport,
  MetricReport,
  RowReport,
  ValidationReport,
} from "../validate/validate.ts";
import { grouped, percent, plural } from "./format.ts";
import { type Column, left, right, table, wrap } from "./table.ts";

const FIGURES: readonly Column[] = [
  left("  metric", 22),
  right("measured", 13),
  right("simulated", 28),
  right("error", 9),
  left(""),
];

/** Whole numbers as they are, others to three decimals. */
const figure = (value: number): string => grouped(value, Number.isInteger(value) ? 0 : 3);

function simulated({ comparison, simulated: median, low, high }: Verdict): string {
  if (comparison !== "range" || low === high) return figure(median);
  return `${figure(low)} - ${figure(high)}`;
}

function errorText({ comparison, ok, error }: Verdict): string {
  if (comparison === "order") return "order";
  return comparison === "exact" && ok ? "equal" : percent(error);
}

function rowText(row: RowReport): string[] {
  const misses = row.verdicts.filter(({ ok }) => !ok).length;
  const none = row.verdicts.length === 0;
  const state = none
    ? "no figure to compare"
    : misses === 0
      ? "ok"
      : `${plural(misses, "figure")} off`;
  const at_pace = row.repeats_used < row.repeats ? ` (${row.repeats_used} at the common pace)` : "";
  const repeats = row.repeats > 1 ? `, ${row.repeats} repeats${at_pace}` : "";
  const figures = row.verdicts.map((verdict) => [
    `  ${verdict.metric}`,
    figure(verdict.measured),
    simulated(verdict),
    errorText(verdict),
    verdict.ok ? "" : "MISS",
  ]);
  const what = `  ${row.what}${repeats}: ${state}`;
  return [`line ${row.line}: ${row.id}`, what, ...(none ? [] : table(FIGURES, figures)), ""];
}

const share = (ratio: number): string => percent(ratio).slice(1);

const SUMMARY: readonly Column[] = [
  left("  absolute error of", 22),
  ...["figures", "median", "90 %", "worst", "misses"].map((title) => right(title, 7)),
  left("compared"),
];

function summaryLine(name: string, summary: Summary, misses: number, compared = ""): string[] {
  const { count, median, p90, worst } = summary;
  const figures = [grouped(count), share(median), share(p90), share(worst), grouped(misses)];
  return [`  ${name}`, ...figures, compared];
}

function comparedText({ comparisons }: MetricReport): string {
  const ways = Object.keys(comparisons);
  return ways.length === 1 ? ways[0]! : "mixed";
}

/** How many figures of a metric were compared in which way, where it was more than one. */
function mixedText(metrics: readonly MetricReport[]): string[] {
  const mixed = metrics.flatMap(({ metric, comparisons }) => {
    const ways = Object.entries(comparisons).map(([way, count]) => `${way} ${count}`);
    return ways.length === 1 ? [] : [`${metric} ${ways.join(" and ")}`];
  });
  return mixed.length === 0 ? [] : wrap(`mixed: ${mixed.join("; ")}`, 80, "  ");
}

function rankText(ranks: readonly RankReport[]): string[] {
  if (ranks.length === 0) return [];
  const metrics = [...new Set(ranks.map(({ metric }) => metric))];
  const lines = metrics.map((metric) => {
    const own = ranks.filter((rank) => rank.metric === metric);
    const sum = (of: (rank: RankReport) => number) => own.reduce((all, rank) => all + of(rank), 0);
    const all_right = own.filter(({ wrong }) => wrong.length === 0).length;
    const pairs = [sum(({ agree }) => agree), sum(({ undecided }) => undecided)];
    const wrong = sum(({ wrong }) => wrong.length);
    return [`  ${metric}`, `${all_right} of ${own.length}`, ...[...pairs, wrong].map(String)];
  });
  const counts = ["cells right", "pairs right", "undecided", "wrong"].map((title) => right(title));
  const columns = [left("  order by", 22), ...counts];
  const wrong = ranks.flatMap(({ metric, group, wrong }) =>
    wrong.map((pair) => `  ${metric}, ${group}: measured ${pair}`),
  );
  return [...table(columns, lines), ...wrong, ""];
}

function kindText(report: KindReport): string[] {
  const { kind, title, rows, repeats, metrics, ranks } = report;
  const of_repeats = repeats === undefined ? "" : `; ${repeats} of repeats`;
  return [
    ...wrap(`${kind}: ${plural(rows, "cell")}; ${title}${of_repeats}`),
    ...table(
      SUMMARY,
      metrics.map((metric) =>
        summaryLine(metric.metric, metric, metric.misses, comparedText(metric)),
      ),
    ),
    ...mixedText(metrics),
    "",
    ...rankText(ranks),
  ];
}

/** How the rows did that no cost was derived from, where the profiles say which these are. */
function predictionText({ predictions, rows }: ValidationReport): string[] {
  if (rows.every(({ predicted }) => predicted === undefined)) return [];
  if (predictions.rows === 0) return ["Some cost was derived from every one of these cells.", ""];
  const { count, misses } = predictions;
  const [median, p90, worst] = [predictions.median, predictions.p90, predictions.worst].map(share);
  const which = `${grouped(predictions.rows)} of ${plural(rows.length, "cell")} are predictions, no cost was derived from them`;
  const how = `${plural(count, "figure")}, median error ${median}, 90 % below ${p90}, worst ${worst}, ${grouped(misses)} of them off.`;
  return [...wrap(`${which}: ${how}`), ""];
}

function summaryText(report: ValidationReport): string[] {
  const { kinds, overall, rows, tolerance, phases } = report;
  const counts = `${plural(rows.length, "cell")} simulated at ${plural(phases, "tick phase")}`;
  return [
    `Summary: ${counts}, tolerance ${share(tolerance)}`,
    "",
    ...kinds.flatMap(kindText),
    ...table(SUMMARY, [summaryLine("all", overall, overall.misses)]),
    "",
    ...predictionText(report),
  ];
}

/** Each row by its name, or where rows have none but their number, the lines that they stand in. */
function linesOf(rows: readonly InexpressibleRow[]): string[] {
  const spans: { from: number; to: number }[] = [];
  const named: string[] = [];
  for (const { line, id } of rows) {
    const last = spans.at(-1);
    if (!/^row \d+$/.test(id)) named.push(`    line ${line}: ${id}`);
    else if (last?.to === line - 1) last.to = line;
    else spans.push({ from: line, to: line });
  }
  const texts = spans.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  const word = rows.length === 1 ? "line" : "lines";
  return [...(texts.length === 0 ? [] : wrap(`${word} ${texts.join(", ")}`, 78, "    ")), ...named];
}

function inexpressibleText(rows: readonly InexpressibleRow[]): string[] {
  if (rows.length === 0) return [];
  const by_reason = new Map<string, InexpressibleRow[]>();
  for (const row of rows) {
    const reason = `${row.kind}: ${row.reasons.join("; ")}`;
    by_reason.set(reason, [...(by_reason.get(reason) ?? []), row]);
  }
  const lines = [`Not expressible yet: ${plural(rows.length, "row")}`];
  for (const [reason, list] of by_reason) {
    lines.push(...wrap(`${reason} (${plural(list.length, "row")})`, 78, "  "));
    lines.push(...linesOf(list));
  }
  return [...lines, ""];
}

function verdictText({ rows, overall, ok }: ValidationReport): string {
  if (overall.count === 0) return "FAILED: nothing judged, as no row can be expressed";
  if (ok) return `ok: every figure of ${plural(rows.length, "row")} within its tolerance`;
  return `FAILED: ${plural(overall.misses, "figure")} of ${grouped(overall.count)} off`;
}

function fileText(report: ValidationReport, file: string): string[] {
  const own = report.rows.filter((row) => row.file === file);
  const refused = report.inexpressible.filter((row) => row.file === file);
  const count = own.reduce((sum, { repeats }) => sum + repeats, 0) + refused.length;
  return [
    `${file}: ${plural(count, "measured row")}`,
    "",
    ...own.flatMap(rowText),
    ...inexpressibleText(refused),
  ];
}

/** The whole text, with a newline at its end. */
export function validateText(report: ValidationReport, files: readonly string[]): string {
  const lines = [
    ...files.flatMap((file) => fileText(report, file)),
    ...summaryText(report),
    verdictText(report),
  ];
  return `${lines.join("\n")}\n`;
}

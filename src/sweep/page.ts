// A sweep as one HTML page: what varied, what it comes to, charts and tables of it, and what it takes to run it again.

import { settingJson } from "../output/comparison-json.ts";
import { legendTexts, noteTexts } from "../output/comparison-notes.ts";
import { settingText } from "../output/heading.ts";
import { againSection } from "../output/html/again.ts";
import { html, type Markup } from "../output/html/markup.ts";
import { folded, list, page, paragraph, section } from "../output/html/page.ts";
import { type GridRow, gridTable } from "../output/html/table.ts";
import { subjectOf } from "../output/subject.ts";
import { sweepFigures } from "./charts.ts";
import { type SweepStatement, sweepConclusionWords } from "./conclusion-text.ts";
import type { SweepLimit, SweepMetric } from "./metrics.ts";
import type { SweepPlan } from "./plan.ts";
import type { SweepResult } from "./sweep.ts";
import {
  beyondPointsText,
  figureAt,
  figuresByPoint,
  hasMarks,
  pointsByKey,
  sweptTexts,
  type ToldSweep,
} from "./words.ts";

export interface SweepPageOptions {
  readonly metrics: readonly SweepMetric[];
  readonly limits: readonly SweepLimit[];
  /** A command line that gives the same figures, to be shown. */
  readonly command: string | undefined;
}

function headingOf(sweep: ToldSweep, title: string): Markup {
  const { result, subject } = sweep;
  const beyond = beyondPointsText(result);
  return html`<header>
<h1>${title}</h1>
${sweptTexts(sweep).map(paragraph)}${paragraph(subject.what)}${paragraph(settingText(subject))}${
  beyond === undefined ? undefined : html`<p class="beyond"><strong>${beyond}</strong></p>\n`
}</header>
`;
}

const entryOf = ({ label, texts }: SweepStatement): Markup =>
  html`<dt>${label.trim()}</dt><dd>${texts.map((text) => html`<p>${text}</p>`)}</dd>\n`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function conclusionOf(sweep: ToldSweep): Markup | undefined {
  const { ranked, statements, limits } = sweepConclusionWords(sweep);
  if (statements.length + limits.length === 0) return undefined;
  return section(
    "Conclusion",
    ranked && html`<p class="faint">${capital(ranked.note)}.</p>\n`,
    statements.length === 0 ? undefined : html`<dl>\n${statements.map(entryOf)}</dl>\n`,
    html`${limits.map(paragraph)}`,
    ranked && paragraph(ranked.caveats),
  );
}

async function chartsOf(sweep: ToldSweep): Promise<Markup | undefined> {
  const figures = await sweepFigures(sweep);
  if (figures.length === 0) return undefined;
  return section("Charts", html`<div class="charts">\n${figures}</div>\n`);
}

/** A row a point, named by the values that tell it from others. */
function tableOf(
  { grid }: ToldSweep,
  name: string,
  columns: readonly string[],
  cells: readonly GridRow["cells"][],
): Markup {
  const points = pointsByKey(grid);
  const rows = cells.map((own, point): GridRow => ({ names: points.rows[point]!, cells: own }));
  return gridTable(name, points.columns, columns, rows);
}

/** A table each metric; of one strategy they are columns of one table. */
function metricTables(sweep: ToldSweep): Markup[] {
  const { result, metrics } = sweep;
  if (result.strategies.length === 1) {
    const cells = result.points.map(({ strategies: [only] }) =>
      metrics.map((metric) => ({ text: figureAt(only, metric) })),
    );
    const labels = metrics.map(({ label }) => label);
    return [tableOf(sweep, "Figures", labels, cells)];
  }
  return metrics.map((metric) => {
    const cells = figuresByPoint(result, metric).map((figures) =>
      figures.map(({ text, least }) => ({ text, first: least })),
    );
    const table = tableOf(sweep, metric.label, result.strategies, cells);
    return html`<h3>${metric.label}</h3>\n${table}`;
  });
}

function figuresSection(sweep: ToldSweep, { strategies }: SweepPlan): Markup {
  const { result } = sweep;
  const notes = [
    ...(hasMarks(result) ? ["Bold: least, or equal to it by the conclusion."] : []),
    ...(result.tick_phases > 1 ? ["Figures are those of the first tick phase."] : []),
  ];
  const note = notes.length === 0 ? undefined : html`<p class="faint">${notes.join(" ")}</p>\n`;
  const legend = legendTexts(strategies);
  const below = legend.length === 0 ? undefined : list(legend);
  return section("Figures", html`${metricTables(sweep)}`, note, below);
}

/** What tells whether another sweep is the same one. */
function digestTable(sweep: ToldSweep): Markup {
  const { points, strategies } = sweep.result;
  const cells = points.map((point) =>
    strategies.map((name) => {
      return { text: point.strategies.find((one) => one.name === name)?.digest ?? "-" };
    }),
  );
  return folded("Digests", tableOf(sweep, "Digests", strategies, cells));
}

/** The whole page, with a newline at its end. */
export async function sweepPage(
  plan: SweepPlan,
  result: SweepResult,
  { metrics, limits, command }: SweepPageOptions,
): Promise<string> {
  const { grid, first } = plan;
  const subject = subjectOf(first);
  const sweep: ToldSweep = { grid, result, subject, metrics, limits };
  const title = subject.title ?? first.scenario.name;
  const asked = { ...settingJson(first), strategies: first.scenario.strategies };
  return page(title, [
    headingOf(sweep, title),
    conclusionOf(sweep),
    await chartsOf(sweep),
    figuresSection(sweep, plan),
    section("Notes", list(noteTexts(subject))),
    againSection({
      command,
      runs: [digestTable(sweep)],
      scenario: { title: "The scenario of the first point with every default", asked },
    }),
  ]);
}

// A comparison as one HTML page: what the text report says, charts of why the strategies differ, and what it takes to
// run it again.

import type { WorkloadType } from "../../api/types.ts";
import type { ResolvedScenario } from "../../scenario/resolve.ts";
import { calibrationCells } from "../calibration-text.ts";
import type { Comparison } from "../comparison.ts";
import { settingJson } from "../comparison-json.ts";
import { legendTexts, noteTexts, unmeasuredText, verdictTexts } from "../comparison-notes.ts";
import { conclusionWords } from "../conclusion-text.ts";
import { bytesText, grouped } from "../format.ts";
import { beyondText, settingText } from "../heading.ts";
import { loadCells } from "../load-text.ts";
import { reclaimCells } from "../reclaim-text.ts";
import { stallText } from "../stall-text.ts";
import {
  figureNames,
  figureOf,
  figureText,
  movingLines,
  type StrategyRuns,
  spreadText,
  toldLines,
  verdictWords,
} from "../strategy-table.ts";
import { ranksOf, textOfWorkload } from "../workload-texts.ts";
import { againSection } from "./again.ts";
import { figuresOf } from "./comparison-charts.ts";
import { html, type Markup } from "./markup.ts";
import { folded, lines, list, page, paragraph, section } from "./page.ts";
import { cellsTable, figureTable, type HtmlRow } from "./table.ts";

type Compared = Comparison<WorkloadType>;
type Runs = readonly StrategyRuns<WorkloadType>[];

export interface PageOptions {
  /** A command line that gives the same figures, to be shown. */
  readonly command?: string | undefined;
  /** With what each run reports that is no single number: histograms, console lines. */
  readonly details?: boolean | undefined;
}

interface PageParts extends PageOptions {
  readonly resolved: ResolvedScenario;
  readonly comparison: Compared;
}

const namesOf = (strategies: Runs): string[] => strategies.map(({ name }) => name);

function headingOf({ subject }: Compared, title: string): Markup {
  const beyond = beyondText(subject);
  return html`<header>
<h1>${title}</h1>
${paragraph(subject.what)}${paragraph(settingText(subject))}${
  beyond === undefined ? undefined : html`<p class="beyond"><strong>${beyond}</strong></p>\n`
}</header>
`;
}

function conclusionOf({ workload, strategies, conclusion }: Compared): Markup | undefined {
  const has_bystanders = strategies[0]!.results[0]!.load !== undefined;
  const ranks = ranksOf(workload, has_bystanders);
  if (ranks === undefined || conclusion === undefined) return undefined;
  const { note, statements, caveats } = conclusionWords(ranks, conclusion);
  const entries = statements.map(
    ({ label, text }) => html`<dt>${label.trim()}</dt><dd>${text}</dd>\n`,
  );
  return section(
    "Conclusion",
    html`<p class="faint">${note[0]!.toUpperCase() + note.slice(1)}.</p>\n`,
    html`<dl>\n${entries}</dl>\n`,
    paragraph(caveats),
  );
}

function mainTable({ workload, strategies, conclusion }: Compared): Markup {
  const { lines: all } = textOfWorkload<WorkloadType>(workload);
  const firstOf = (metric: string): ReadonlySet<string> => {
    const ranking = conclusion?.rankings.find((one) => one.metric === metric);
    return new Set(ranking?.others.length === 0 ? [] : ranking?.first.map(({ name }) => name));
  };
  const rows = toldLines(all, strategies).map((line): HtmlRow => {
    const first = firstOf(String(line.metric));
    const cells = strategies.map((runs) => {
      return { text: figureText(line, runs), first: first.has(runs.name) };
    });
    return { label: line.label, cells };
  });
  const words = verdictWords(strategies);
  const verdict: HtmlRow[] =
    words === undefined ? [] : [{ label: "verdict", cells: words.map((text) => ({ text })) }];
  return figureTable("Figures", namesOf(strategies), [...rows, ...verdict]);
}

function figuresSection(comparison: Compared): Markup {
  const { strategies } = comparison;
  const verdicts = verdictTexts(strategies);
  const below = [
    ...legendTexts(strategies),
    ...(verdicts === undefined ? [] : [verdicts.origin, ...verdicts.violated]),
  ];
  const bold =
    comparison.conclusion === undefined
      ? undefined
      : html`<p class="faint">Bold: least, or equal to it by the conclusion.</p>\n`;
  return section(
    "Figures",
    mainTable(comparison),
    bold,
    below.length === 0 ? undefined : list(below),
  );
}

function spreadSection({ workload, strategies }: Compared): Markup | undefined {
  const { lines: all } = textOfWorkload<WorkloadType>(workload);
  const phases = strategies[0]!.results.length;
  const moving = phases > 1 ? movingLines(all, strategies) : [];
  if (moving.length === 0) return undefined;
  const rows = moving.map((line): HtmlRow => {
    return {
      label: line.label,
      cells: strategies.map((runs) => ({ text: spreadText(line, runs) })),
    };
  });
  const title = `Range over ${phases} tick phases`;
  return section(
    title,
    html`<p class="faint">= is the figure above.</p>\n`,
    figureTable(title, namesOf(strategies), rows),
  );
}

async function chartsSection({
  workload,
  strategies,
  conclusion,
}: Compared): Promise<Markup | undefined> {
  const { lines: all, charts } = textOfWorkload<WorkloadType>(workload);
  const has_bystanders = strategies[0]!.results[0]!.load !== undefined;
  const ranks = ranksOf<WorkloadType>(workload, has_bystanders) ?? [];
  const figures = await figuresOf({
    lines: all,
    ranks,
    charts,
    strategies,
    unsafe: conclusion?.unsafe ?? [],
  });
  if (figures.length === 0) return undefined;
  const title = strategies.length > 1 ? "Why they differ" : "Charts";
  return section(title, html`<div class="charts">\n${figures}</div>\n`);
}

function loadSection(strategies: Runs): Markup | undefined {
  const cells = loadCells(
    strategies.map(({ name, results }) => ({ label: name, load: results[0]!.load })),
  );
  if (cells === undefined) return undefined;
  return section("Bystanders", cellsTable("Bystanders", cells), paragraph(cells.legend));
}

function memorySection(strategies: Runs): Markup | undefined {
  const cells = reclaimCells(
    strategies.map(({ name, results }) => ({ label: name, reclaim: results[0]!.reclaim })),
  );
  if (cells === undefined) return undefined;
  const kills = cells.kills.length === 0 ? undefined : lines(cells.kills);
  return section("Memory", cellsTable("Memory", cells), paragraph(cells.legend), kills);
}

function stallSection({ strategies, subject }: Compared): Markup | undefined {
  const rows = strategies.map(({ name, results }) => ({ label: name, stalls: results[0]!.stalls }));
  const text = stallText(rows, subject.machine);
  return text.length === 0 ? undefined : section("RCU CPU stalls", lines(text));
}

function measuredSection({
  calibration,
  provenance = "measured rows",
  strategies,
}: Compared): Markup | undefined {
  if (calibration === undefined) return undefined;
  const title = "Measured beside simulated";
  const cells = calibrationCells(calibration, provenance);
  const unmeasured = unmeasuredText(strategies, calibration);
  const last = unmeasured === undefined ? undefined : paragraph(unmeasured);
  if (cells === undefined) return last && section(title, last);
  const { intro, verdict, misses } = cells;
  return section(
    title,
    paragraph(intro),
    cellsTable(title, cells),
    paragraph(verdict),
    misses.length === 0 ? undefined : lines(misses),
    last,
  );
}

function detailSection({ workload, strategies }: Compared): Markup | undefined {
  const { details } = textOfWorkload<WorkloadType>(workload);
  const told = strategies.flatMap(({ results }) => details?.(results[0]!) ?? []);
  return told.length === 0 ? undefined : section("Details", lines(told));
}

/** Every metric that is one number, by its name in JSON. */
function metricsTable(strategies: Runs): Markup {
  const rows = figureNames(strategies[0]!.results[0]!).map((metric): HtmlRow => {
    const decimals = String(metric) === "dead_byte_seconds" ? 1 : 0;
    const cells = strategies.map(({ results }) => {
      return { text: grouped(figureOf(results[0]!, metric), decimals) };
    });
    return { label: String(metric), cells };
  });
  return folded("Every metric by its name", figureTable("Every metric", namesOf(strategies), rows));
}

/** What tells whether another run is the same one. */
function digestTable(strategies: Runs): Markup {
  const phases = strategies[0]!.results.length;
  const columns = ["engine memory", ...(phases === 1 ? ["digest"] : [])];
  const rows = strategies.map(({ name, results }): HtmlRow => {
    const { plan, digest } = results[0]!;
    const cells = [bytesText(plan.total_bytes), ...(phases === 1 ? [digest] : [])];
    return { label: name, cells: cells.map((text) => ({ text })) };
  });
  const table = figureTable("Runs", columns, rows);
  if (phases === 1) return table;
  const by_phase = strategies[0]!.results.map((_, phase): HtmlRow => {
    const cells = strategies.map(({ results }) => ({ text: results[phase]!.digest }));
    return { label: `tick phase ${phase + 1}`, cells };
  });
  return html`${table}${figureTable("Digests", namesOf(strategies), by_phase)}`;
}

function runsAgain({ resolved, comparison, command }: PageParts): Markup {
  const { strategies } = comparison;
  return againSection({
    command,
    runs: [digestTable(strategies), metricsTable(strategies)],
    scenario: {
      title: "The scenario with every default",
      asked: { ...settingJson(resolved), strategies: resolved.scenario.strategies },
    },
  });
}

/** The whole page, with a newline at its end. */
export async function comparisonPage(
  resolved: ResolvedScenario,
  comparison: Comparison<WorkloadType>,
  { command, details }: PageOptions = {},
): Promise<string> {
  const { strategies, subject } = comparison;
  const title = subject.title ?? resolved.scenario.name;
  return page(title, [
    headingOf(comparison, title),
    conclusionOf(comparison),
    await chartsSection(comparison),
    figuresSection(comparison),
    spreadSection(comparison),
    details === true ? detailSection(comparison) : undefined,
    loadSection(strategies),
    memorySection(strategies),
    stallSection(comparison),
    measuredSection(comparison),
    section("Notes", list(noteTexts(subject))),
    runsAgain({ resolved, comparison, command }),
  ]);
}

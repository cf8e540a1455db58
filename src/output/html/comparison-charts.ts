// Which charts a comparison has, and the figures in them. Words and units are those of the table.

import type { WorkloadType } from "../../api/types.ts";
import { UNIT_WORDS } from "../conclusion-text.ts";
import { BYSTANDERS, type RankLine, valueOfRank } from "../ranking.ts";
import {
  cell,
  type FigureName,
  figureOf,
  type MetricLine,
  type StrategyRuns,
  type Unit,
  unitScale,
} from "../strategy-table.ts";
import type { Stack, WorkloadCharts } from "../workload-text.ts";
import { type Bar, barChart } from "./charts/bars.ts";
import { draw } from "./charts/draw.ts";
import { type Duration, longestChart } from "./charts/longest.ts";
import { partColour } from "./charts/palette.ts";
import { rowName } from "./charts/rows.ts";
import { scatterChart } from "./charts/scatter.ts";
import { stackChart } from "./charts/stack.ts";
import { figure, type KeyEntry } from "./figure.ts";
import type { Markup } from "./markup.ts";
import { seriesFigures } from "./series-charts.ts";

const REST = { name: "rest", colour: "var(--faint)" };

/** What is drawn of a workload. */
export interface Drawn<W extends WorkloadType> {
  readonly lines: readonly MetricLine<W>[];
  readonly ranks: readonly RankLine<W>[];
  readonly charts: WorkloadCharts<W>;
  readonly strategies: readonly StrategyRuns<W>[];
  /** Names of those that the conclusion does not rank. */
  readonly unsafe: readonly string[];
}

const inUnit = (value: number, unit: Unit): number => value / unitScale(unit);

/** An unsafe one that comes out well is not to be taken for a winner. */
function rowsOf<W extends WorkloadType>({ strategies, unsafe }: Drawn<W>) {
  return strategies.map(({ name, results }, at) => {
    const mark = unsafe.includes(name) ? " (unsafe)" : "";
    return { at, name: rowName(name) + mark, results };
  });
}

/** What a picture shows, for who cannot see it: "call_rcu 1,197.226, direct 1,062.721". */
function told(title: string, rows: readonly { readonly name: string; readonly text: string }[]) {
  return `${title}: ${rows.map(({ name, text }) => `${name} ${text}`).join(", ")}`;
}

/** "exit total" and "ms", from the label of the table's row. */
function wordsOf<W extends WorkloadType>(
  lines: readonly MetricLine<W>[],
  metric: RankLine<W>["metric"],
  unit: Unit,
): { readonly name: string; readonly unit: string } {
  const words = UNIT_WORDS[unit].trim();
  if (metric === BYSTANDERS) return { name: "longest wait of a bystander", unit: words };
  const label = lines.find((line) => line.metric === metric)?.label.trim() ?? String(metric);
  const [name = label, after] = label.split(", ");
  // "dead MiB x s" has its unit in its name
  return { name, unit: after ?? (name.includes(words) ? "" : words) };
}

const titleOf = ({ name, unit }: { readonly name: string; readonly unit: string }): string =>
  unit === "" ? name : `${name}, ${unit}`;

async function bars<W extends WorkloadType>(
  drawn: Drawn<W>,
  { metric, unit }: Pick<RankLine<W>, "metric" | "unit">,
): Promise<Markup> {
  const list = rowsOf(drawn).map(({ at, name, results }): Bar => {
    const values = results.map((result) => inUnit(valueOfRank(result, metric), unit));
    const text = cell(valueOfRank(results[0]!, metric), unit);
    return {
      at,
      name,
      value: values[0]!,
      low: Math.min(...values),
      high: Math.max(...values),
      text,
    };
  });
  const title = titleOf(wordsOf(drawn.lines, metric, unit));
  const note =
    drawn.strategies[0]!.results.length > 1
      ? "The line is the range over the tick phases."
      : undefined;
  const picture = await draw(barChart(list, title), told(title, list));
  return figure({ title, note }, picture);
}

function partsOf<W extends WorkloadType>(
  { parts, total }: Stack<W>,
  { results: [result] }: Pick<StrategyRuns<W>, "results">,
): number[] {
  const values = parts.map(({ metric }) => figureOf(result!, metric));
  const sum = values.reduce((all, value) => all + value, 0);
  const rest = total === undefined ? 0 : Math.max(0, figureOf(result!, total) - sum);
  return [...values, rest];
}

async function stack<W extends WorkloadType>(drawn: Drawn<W>, one: Stack<W>): Promise<Markup> {
  const rows = rowsOf(drawn).map(({ at, name, results }) => {
    const parts = partsOf(one, { results });
    const sum = parts.reduce((all, part) => all + part, 0);
    return { at, name, parts: parts.map((part) => inUnit(part, "ms")), text: cell(sum, "ms") };
  });
  const entries: KeyEntry[] = [
    ...one.parts.map(({ name }, i) => ({ name, colour: partColour(i) })),
    REST,
  ];
  // a share too small to be seen needs no colour to be told by
  const longest = Math.max(...rows.map(({ parts }) => parts.reduce((all, part) => all + part, 0)));
  const seen = entries.filter((_, i) => rows.some(({ parts }) => parts[i]! > longest / 1000));
  const colours = entries.map(({ colour }) => colour);
  const picture = await draw(stackChart(rows, colours, "ms"), told(one.title, rows));
  return figure(one, picture, seen);
}

async function longest<W extends WorkloadType>(drawn: Drawn<W>): Promise<Markup | undefined> {
  const { charts, strategies } = drawn;
  const kinds = charts.longest.filter(({ metric }) =>
    strategies.some(({ results }) => figureOf(results[0]!, metric) > 0),
  );
  if (kinds.length === 0) return undefined;
  const durations = rowsOf(drawn).flatMap(({ at, name, results }) =>
    kinds.map(({ metric }, kind): Duration => {
      const ns = figureOf(results[0]!, metric);
      const text = ns === 0 ? "none" : cell(ns, "us");
      return { at, name, kind, colour: partColour(kind), value: inUnit(ns, "us"), text };
    }),
  );
  const title = "Longest at a time, us";
  const words = durations.map(({ name, kind, text }) => {
    return { name: `${name} ${kinds[kind]!.name}`, text };
  });
  const picture = await draw(longestChart(durations, "us, logarithmic"), told(title, words));
  const note = "Each step of the axis is ten times the one before.";
  const entries = kinds.map(({ name }, kind) => ({ name, colour: partColour(kind) }));
  return figure({ title, note }, picture, entries);
}

async function scatter<W extends WorkloadType>(
  drawn: Drawn<W>,
  time: RankLine<W>,
  memory: RankLine<W>,
): Promise<Markup> {
  const [x, y] = [time, memory].map(({ metric, unit }) => wordsOf(drawn.lines, metric, unit)) as [
    { name: string; unit: string },
    { name: string; unit: string },
  ];
  const figureIn = (runs: StrategyRuns<W>["results"], { metric, unit }: RankLine<W>): number =>
    inUnit(valueOfRank(runs[0]!, metric), unit);
  const points = rowsOf(drawn).map(({ at, name, results }) => {
    const [across, up] = [time, memory].map(({ metric, unit }) =>
      cell(valueOfRank(results[0]!, metric), unit),
    );
    return {
      at,
      name,
      x: figureIn(results, time),
      y: figureIn(results, memory),
      text: `${across} and ${up}`,
    };
  });
  const title = `Trade of ${x.name} for ${y.name}`;
  const picture = await draw(scatterChart(points, titleOf(x), titleOf(y)), told(title, points));
  return figure({ title, note: "Less is better in both: towards the lower left." }, picture);
}

/** Figures that another chart shows already. */
function shownElsewhere<W extends WorkloadType>({ charts }: Drawn<W>): Set<FigureName<W>> {
  const totals = charts.stacks.flatMap(({ total }) => (total === undefined ? [] : [total]));
  return new Set([...totals, ...charts.longest.map(({ metric }) => metric)]);
}

/** Bars of what strategies are ranked by, or else of what the workload is about. */
function barred<W extends WorkloadType>(drawn: Drawn<W>) {
  const { ranks, lines, charts } = drawn;
  if (ranks.length === 0) {
    return lines.filter(({ metric }) => charts.leading?.includes(metric) === true);
  }
  const shown = shownElsewhere(drawn);
  return ranks.filter(({ metric }) => metric === BYSTANDERS || !shown.has(metric));
}

/** All charts of a comparison, what explains first. */
export async function figuresOf<W extends WorkloadType>(drawn: Drawn<W>): Promise<Markup[]> {
  const { ranks, charts, strategies } = drawn;
  const [time, ...others] = ranks;
  const traded = others.filter(({ unit }, i) => i === 0 || unit === "MiB s");
  const figures: (Markup | undefined)[] = [];
  for (const one of charts.stacks) figures.push(await stack(drawn, one));
  figures.push(...(await seriesFigures(strategies)));
  if (time !== undefined && strategies.length > 1) {
    for (const memory of traded) figures.push(await scatter(drawn, time, memory));
  }
  for (const line of barred(drawn)) figures.push(await bars(drawn, line));
  figures.push(await longest(drawn));
  return figures.filter((one) => one !== undefined);
}

// Charts over time, of runs that kept a timeline.

import type { Timeline } from "../../api/timeline.ts";
import type { WorkloadType } from "../../api/types.ts";
import { grouped, inUnit } from "../format.ts";
import type { StrategyRuns } from "../strategy-table.ts";
import { draw } from "./charts/draw.ts";
import { lineChart } from "./charts/lines.ts";
import { strategyColour, strategyDash } from "./charts/palette.ts";
import { figure } from "./figure.ts";
import type { Markup } from "./markup.ts";
import { type Sample, samplesOf, settledAt, thinned } from "./series.ts";

/** Spans of time that a line is drawn in, with at most four points each. */
const SPANS = 150;

interface Series {
  readonly at: number;
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly events_lost: number;
}

interface Counter {
  readonly counter: "dead_vmas" | "callbacks_queued";
  readonly title: string;
  readonly axis: string;
  readonly note: string;
}

const COUNTERS: readonly Counter[] = [
  {
    counter: "dead_vmas",
    title: "Dead VMAs over time",
    axis: "dead VMAs",
    note: "Gone from their address space and not yet back in the slab. The area below a line is what dead memory over time counts.",
  },
  {
    counter: "callbacks_queued",
    title: "RCU callbacks queued over time",
    axis: "callbacks",
    note: "On the lists of all CPUs, for a grace period or for their turn.",
  },
];

function seriesOf<W extends WorkloadType>(strategies: readonly StrategyRuns<W>[]): Series[] {
  return strategies.flatMap(({ name, results }, at) => {
    const timeline: Timeline | undefined = results[0]!.trace?.timeline;
    if (timeline === undefined) return [];
    return [{ at, name, samples: samplesOf(timeline), events_lost: timeline.events_lost }];
  });
}

function lostText(series: readonly Series[]): string {
  const full = series.filter(({ events_lost }) => events_lost > 0);
  if (full.length === 0) return "";
  const until = full.map(({ name, samples }) => {
    return `${name} after ${inUnit(samples.at(-1)!.time_ns, "ms", 1)} ms`;
  });
  return ` Not recorded: ${until.join(", ")}.`;
}

async function overTime(
  series: readonly Series[],
  { counter, title, axis, note }: Counter,
): Promise<Markup | undefined> {
  const most = series.map(({ samples }) =>
    samples.reduce((max, sample) => Math.max(max, sample[counter]), 0),
  );
  if (most.every((value) => value === 0)) return undefined;
  const end_ns = Math.max(...series.map(({ samples }) => settledAt(samples, counter)));
  const lines = series.map(({ at, samples }) => {
    const points = thinned(samples, counter, end_ns, SPANS);
    return { at, points: points.map((one) => ({ x: one.time_ns / 1e6, y: one[counter] })) };
  });
  const peaks = series.map(({ name }, i) => `${name} up to ${grouped(most[i]!)}`);
  const label = `${title}: ${peaks.join(", ")}`;
  const picture = await draw(lineChart(lines, "ms", axis), label);
  const entries = series.map(({ at, name }) => {
    return { name, colour: strategyColour(at), dash: strategyDash(at) };
  });
  return figure({ title, note: note + lostText(series) }, picture, entries);
}

/** None where no run kept a timeline. */
export async function seriesFigures<W extends WorkloadType>(
  strategies: readonly StrategyRuns<W>[],
): Promise<Markup[]> {
  const series = seriesOf(strategies);
  const figures: Markup[] = [];
  for (const counter of COUNTERS) {
    const drawn = await overTime(series, counter);
    if (drawn !== undefined) figures.push(drawn);
  }
  return figures;
}

// The panels of a sweep as charts of its page.

import { draw } from "../output/html/charts/draw.ts";
import { overChart } from "../output/html/charts/over.ts";
import { strategyColour, strategyDash } from "../output/html/charts/palette.ts";
import { figure, type KeyEntry } from "../output/html/figure.ts";
import type { Markup } from "../output/html/markup.ts";
import { type Datum, type Panel, panelsOf } from "./panels.ts";
import type { ToldSweep } from "./words.ts";

/** Strategies with their data in a panel; `at` is their place among all. */
interface Drawn {
  readonly at: number;
  readonly name: string;
  readonly data: readonly Datum[];
}

function drawnOf({ data }: Panel, strategies: readonly string[]): Drawn[] {
  return strategies.flatMap((name, at) => {
    const own = data.filter(({ strategy }) => strategy === name);
    return own.length === 0 ? [] : [{ at, name, data: own }];
  });
}

/** For who cannot see it: "direct 1.164 at 1,000, 106.394 at 100,000; single ..." */
function told({ title, x }: Panel, drawn: readonly Drawn[]): string {
  const lines = drawn.map(({ name, data }) => {
    const figures = data.map(({ at, text }) => `${text} at ${at}`);
    return `${name} ${figures.join(", ")}`;
  });
  return `${title}, over ${x.title}: ${lines.join("; ")}`;
}

function notesOf({ y }: Panel, tick_phases: number): string | undefined {
  const notes = [
    ...(y.type === "log" ? ["Each step of the upright axis is ten times the one before."] : []),
    ...(tick_phases > 1 ? ["Upright lines are the range over the tick phases."] : []),
  ];
  return notes.length === 0 ? undefined : notes.join(" ");
}

/** An unsafe one that comes out well is not to be taken for a winner. */
function entriesOf(drawn: readonly Drawn[], unsafe: readonly string[]): KeyEntry[] {
  return drawn.map(({ at, name }) => {
    const mark = unsafe.includes(name) ? " (unsafe)" : "";
    return { name: name + mark, colour: strategyColour(at), dash: strategyDash(at) };
  });
}

async function figureOf(panel: Panel, { result }: ToldSweep): Promise<Markup> {
  const { title, x, y } = panel;
  const { strategies, tick_phases, conclusion } = result;
  const drawn = drawnOf(panel, strategies);
  const lines = drawn.map(({ at, data }) => ({ at, points: data }));
  const chart = overChart({ lines, x, y });
  const picture = await draw(chart, told(panel, drawn));
  const unsafe = conclusion.unsafe.map(({ name }) => name);
  const note = notesOf(panel, tick_phases);
  return figure({ title, note }, picture, entriesOf(drawn, unsafe));
}

/** None where nothing varies. */
export async function sweepFigures(sweep: ToldSweep): Promise<Markup[]> {
  const { grid, result, metrics } = sweep;
  const figures: Markup[] = [];
  for (const panel of panelsOf(grid, result, metrics)) {
    if (panel.data.length > 0) figures.push(await figureOf(panel, sweep));
  }
  return figures;
}

// The conclusion in a few lines at the end of a comparison.

import type { WorkloadType } from "../api/types.ts";
import type { Conclusion } from "./conclusion.ts";
import { grouped, plural } from "./format.ts";
import type { Ranking, RankLine, RankLines } from "./ranking.ts";
import { cell, type Unit } from "./strategy-table.ts";
import { PAGE_COLUMNS, wrap } from "./table.ts";

const LABEL_COLUMNS = 18;

/** What stands behind a figure. */
export const UNIT_WORDS: Readonly<Record<Unit, string>> = {
  ns: " ns",
  us: " us",
  ms: " ms",
  count: "",
  bytes: " B",
  MiB: " MiB",
  "MiB s": " MiB x s",
};

/** A label in the left column, a text in lines beside it. */
export function labelled(label: string, text: string): string[] {
  const [first = "", ...rest] = wrap(text, PAGE_COLUMNS - LABEL_COLUMNS);
  const indent = " ".repeat(LABEL_COLUMNS);
  return [`${label.padEnd(LABEL_COLUMNS)}${first}`, ...rest.map((line) => indent + line)];
}

const share = (ratio: number): string => `${grouped(ratio * 100, ratio < 0.1 ? 1 : 0)} %`;

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** "single, 764.877 ms; then throttle, 6.2 % more" */
function rankText(
  { unit }: { readonly unit: Unit },
  { first, others: [next, ...more] }: Ranking,
): string {
  const figure = (value: number): string => `${cell(value, unit)}${UNIT_WORDS[unit]}`;
  const [best, worst] = [first[0]!.value, first.at(-1)!.value];
  const equal = first.length > 1 && cell(best, unit) !== cell(worst, unit);
  const range = equal ? `${cell(best, unit)} to ${figure(worst)}` : figure(best);
  const names = listed(first.map(({ name }) => name));
  const who = next === undefined && first.length > 1 ? `all equal: ${names}` : names;
  if (next === undefined) return `${who}, ${range}`;
  const last = more.at(-1);
  if (last !== undefined && cell(last.value, unit) === cell(next.value, unit)) {
    return `${who}, ${range}; all others ${figure(next.value)}`;
  }
  const ratio = (next.value - best) / best;
  // beyond twice as much a share says less than the figure
  const behind = ratio <= 1 ? `${share(ratio)} more` : figure(next.value);
  const up_to = last === undefined ? "" : `; up to ${figure(last.value)} (${last.name})`;
  return `${who}, ${range}; then ${next.name}, ${behind}${up_to}`;
}

function tradeText<W extends WorkloadType>(
  lines: RankLines<W>,
  { rankings, trade }: Conclusion,
): string | undefined {
  if (trade === null) return undefined;
  const { faster, leaner, paid } = trade;
  const timeOf = (name: string): number => {
    const { first, others } = rankings[0]!;
    return [...first, ...others].find((one) => one.name === name)!.value;
  };
  const saved = timeOf(leaner) - timeOf(faster);
  const won = `${cell(saved, lines[0].unit)}${UNIT_WORDS[lines[0].unit]}`;
  const prices = paid.map(({ metric, ...figures }) => {
    const { cost, unit } = lines.find((line) => line.metric === metric) as RankLine<W>;
    const [mine, its] = [cell(figures.faster, unit), cell(figures.leaner, unit)];
    return `${cost} ${mine}${UNIT_WORDS[unit]} for ${its}`;
  });
  const gain = `${faster} saves ${won} (${share(saved / timeOf(leaner))}) over ${leaner}`;
  return `${gain}, and pays with ${listed(prices)}`;
}

function outdoneText(outdone: Conclusion["outdone"]): string {
  const by = new Map<string, string[]>();
  for (const one of outdone) by.set(one.by, [...(by.get(one.by) ?? []), one.name]);
  const parts = [...by].map(([better, names]) => `${listed(names)} by ${better}`);
  return `${parts.join("; ")}: neither faster nor leaner, and behind in one of both`;
}

function harmText(harm: Conclusion["harm"]): string {
  const parts = harm.map(({ name, oom_kills, stranded_vmas }) => {
    const kills = oom_kills === 0 ? [] : [plural(oom_kills, "OOM kill")];
    const stranded = stranded_vmas === 0 ? [] : [`${plural(stranded_vmas, "VMA")} never freed`];
    return `${name} (${[...kills, ...stranded].join(", ")})`;
  });
  return listed(parts);
}

function caveats({ tick_phases, extrapolated }: Conclusion): string {
  const moving =
    tick_phases > 1
      ? `Equal is also what overlaps over the ${tick_phases} tick phases.`
      : "One tick phase: --tick-phases 16 tells what hangs on it.";
  const beyond = " Beyond the profile's range: trust the order more than the figures.";
  return `${moving}${extrapolated.length > 0 ? beyond : ""}`;
}

/** What a conclusion says, before it is laid out as text or HTML. */
export interface ConclusionWords {
  /** Of what counts as equal. */
  readonly note: string;
  readonly statements: readonly { readonly label: string; readonly text: string }[];
  /** What the figures stand on, and what they do not say. */
  readonly caveats: string;
}

export function conclusionWords<W extends WorkloadType>(
  lines: RankLines<W>,
  conclusion: Conclusion,
): ConclusionWords {
  const { rankings, unsafe, judged_runs, harm, first_in_both, outdone, equal_share } = conclusion;
  const ranks = rankings.map((one) => {
    const line = lines.find(({ metric }) => metric === one.metric)!;
    return { label: line.best, text: rankText(line, one) };
  });
  const trade = tradeText(lines, conclusion);
  const none = judged_runs === 0 ? "" : `none, in ${judged_runs} small mixed scenarios each`;
  const safety = unsafe.length > 0 ? `${listed(unsafe)}: not ranked here` : none;
  const both = `none: ${listed(first_in_both)} first in time and in memory`;
  const others: readonly (readonly [label: string, text: string | undefined])[] = [
    ["unsafe", safety === "" ? undefined : safety],
    ["harm", harm.length === 0 ? undefined : harmText(harm)],
    ["trade", first_in_both.length === 0 ? trade : both],
    ["outdone", outdone.length === 0 ? undefined : outdoneText(outdone)],
  ];
  return {
    note: `figures within ${equal_share * 100} % of the best count as equal`,
    statements: [
      ...ranks,
      ...others.flatMap(([label, text]) => (text === undefined ? [] : [{ label, text }])),
    ],
    caveats: caveats(conclusion),
  };
}

/** Lines of at most 80 columns. */
export function conclusionText<W extends WorkloadType>(
  lines: RankLines<W>,
  conclusion: Conclusion,
): string[] {
  const { note, statements, caveats: below } = conclusionWords(lines, conclusion);
  return [
    `Conclusion (${note})`,
    "",
    ...statements.flatMap(({ label, text }) => labelled(label, text)),
    "",
    ...wrap(below),
  ];
}

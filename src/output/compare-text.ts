// The comparison in plain text of at most 80 columns, to be pasted into a mail.

import type { WorkloadType } from "../api/types.ts";
import { calibrationText } from "./calibration-text.ts";
import type { Comparison } from "./comparison.ts";
import { legendTexts, noteTexts, unmeasuredText, verdictTexts } from "./comparison-notes.ts";
import { conclusionText } from "./conclusion-text.ts";
import { heading, type Subject } from "./heading.ts";
import { loadTable } from "./load-text.ts";
import { reclaimTable } from "./reclaim-text.ts";
import { stallText } from "./stall-text.ts";
import { phaseTable, type StrategyRuns, strategyTable } from "./strategy-table.ts";
import { PAGE_COLUMNS, wrap } from "./table.ts";
import { ranksOf, textOfWorkload } from "./workload-texts.ts";

function legend<W extends WorkloadType>(strategies: readonly StrategyRuns<W>[]): string[] {
  const verdicts = verdictTexts(strategies);
  return [
    ...legendTexts(strategies).flatMap((text) => wrap(text, PAGE_COLUMNS, "  ")),
    ...(verdicts === undefined ? [] : wrap(verdicts.origin, PAGE_COLUMNS, "  ")),
    ...(verdicts?.violated ?? []).flatMap((text) => wrap(text, 76, "  ")),
  ];
}

function notes(subject: Subject): string[] {
  return noteTexts(subject).flatMap((note) => {
    const [first = "", ...rest] = wrap(note, PAGE_COLUMNS - 2);
    return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
  });
}

/** The whole text, with a newline at its end. */
export function comparisonText<W extends WorkloadType>(comparison: Comparison<W>): string {
  const { subject, workload, strategies, calibration, provenance, conclusion } = comparison;
  const rows = textOfWorkload(workload).lines;
  const table = strategyTable(rows, strategies);
  const lines = [...heading(subject), "", ...table];
  const below = legend(strategies);
  if (below.length > 0) lines.push("", ...below);
  const phases = strategies[0]?.results.length ?? 1;
  const moving = phases > 1 ? phaseTable(rows, strategies) : [];
  if (moving.length > 0) {
    lines.push("", `Range over ${phases} tick phases (= is the figure above):`, "", ...moving);
  }
  const load = loadTable(
    strategies.map(({ name, results }) => ({ label: name, load: results[0]!.load })),
  );
  if (load.length > 0) lines.push("", ...load);
  const reclaim = reclaimTable(
    strategies.map(({ name, results }) => ({ label: name, reclaim: results[0]!.reclaim })),
  );
  if (reclaim.length > 0) lines.push("", ...reclaim);
  const stalls = stallText(
    strategies.map(({ name, results }) => ({ label: name, stalls: results[0]!.stalls })),
    subject.machine,
  );
  if (stalls.length > 0) lines.push("", ...stalls);
  if (calibration !== undefined) {
    lines.push("", ...calibrationText(calibration, provenance ?? "measured rows"));
    lines.push(...wrap(unmeasuredText(strategies, calibration) ?? ""));
  }
  lines.push("", "Notes", ...notes(subject));
  const ranks = ranksOf(workload, load.length > 0);
  if (ranks !== undefined && conclusion !== undefined) {
    lines.push("", ...conclusionText(ranks, conclusion));
  }
  return `${lines.join("\n")}\n`;
}

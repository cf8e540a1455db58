// The comparison in plain text of at most 80 columns, to be pasted into a mail.

import type { WorkloadType } from "../api/types.ts";
import { strategySummary } from "../scenario/strategies.ts";
import type { ValidationReport } from "../validate/validate.ts";
import { calibrationText } from "./calibration-text.ts";
import type { Conclusion } from "./conclusion.ts";
import { conclusionText } from "./conclusion-text.ts";
import { heading, type Subject } from "./heading.ts";
import { loadTable } from "./load-text.ts";
import { reclaimTable } from "./reclaim-text.ts";
import { stallText } from "./stall-text.ts";
import { phaseTable, type StrategyRuns, strategyTable } from "./strategy-table.ts";
import { PAGE_COLUMNS, wrap } from "./table.ts";
import { ranksOf, textOfWorkload } from "./workload-texts.ts";

export interface ComparisonText<W extends WorkloadType> {
  readonly subject: Subject;
  readonly workload: W;
  readonly strategies: readonly StrategyRuns<W>[];
  /** Absent when no row of the profile's machine matches, or when not asked for. */
  readonly calibration?: ValidationReport | undefined;
  /** Where the measured rows come from, in a few words. */
  readonly provenance?: string | undefined;
  /** Absent where there is nothing to compare. */
  readonly conclusion?: Conclusion | undefined;
}

const UNSAFE = "UNSAFE, allowed by `unsafe: true`: a reader may still hold what munmap frees";
const BATCH_LEGEND = "batch-N: per-mm list, handed over as soon as it is longer than N";

function legend(
  strategies: readonly { readonly name: string; readonly unsafe?: boolean }[],
): string[] {
  const batches = strategies.filter(({ name }) => /^batch-\d+$/.test(name));
  const several = batches.length > 1 ? BATCH_LEGEND : undefined;
  return strategies.flatMap(({ name, unsafe }) => {
    if (several !== undefined && /^batch-\d+$/.test(name)) {
      return name === batches[0]!.name ? wrap(several, PAGE_COLUMNS, "  ") : [];
    }
    const summary = unsafe === true ? UNSAFE : strategySummary(name);
    return summary === undefined ? [] : wrap(`${name}: ${summary}`, PAGE_COLUMNS, "  ");
  });
}

/** Where the verdicts come from, and what each violation is. */
function verdictText<W extends WorkloadType>(strategies: readonly StrategyRuns<W>[]): string[] {
  const asked = strategies.flatMap(({ name, verdict }) => (verdict ? [{ name, verdict }] : []));
  if (asked.length === 0) return [];
  const violated = asked.flatMap(({ name, verdict: { first, violations, runs } }) => {
    if (first === undefined) return [];
    return wrap(
      `${name}: ${first.what} in ${violations} of ${runs}, first seed ${first.seed}`,
      76,
      "  ",
    );
  });
  const { runs } = asked[0]!.verdict;
  const text = `verdict: the lifetime oracle over ${runs} small mixed scenarios of munmap, faults, fork, exit`;
  return [...wrap(text, PAGE_COLUMNS, "  "), ...violated];
}

/** What a reader has to know before believing the figures. */
function notes(subject: Subject): string[] {
  const { profile, machine } = subject;
  const list = [
    `Costs hold for: ${profile.valid}`,
    `Measured on: ${profile.machine} (${profile.date}).`,
  ];
  if (machine.cpus > 1) {
    list.push(
      "The costs were measured on one CPU: nothing is charged for cache misses of another.",
    );
  }
  return list.flatMap((note) => {
    const [first = "", ...rest] = wrap(note, PAGE_COLUMNS - 2);
    return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
  });
}

/** The whole text, with a newline at its end. */
export function comparisonText<W extends WorkloadType>(comparison: ComparisonText<W>): string {
  const { subject, workload, strategies, calibration, provenance, conclusion } = comparison;
  const rows = textOfWorkload(workload).lines;
  const table = strategyTable(rows, strategies);
  const lines = [...heading(subject), "", ...table];
  const below = [...legend(strategies), ...verdictText(strategies)];
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
    const measured = new Set(calibration.rows.map(({ label }) => label));
    const unmeasured = strategies.map(({ name }) => name).filter((name) => !measured.has(name));
    if (unmeasured.length > 0) {
      lines.push(...wrap(`No measured row: ${unmeasured.join(", ")}.`));
    }
  }
  lines.push("", "Notes", ...notes(subject));
  const ranks = ranksOf(workload, load.length > 0);
  if (ranks !== undefined && conclusion !== undefined) {
    lines.push("", ...conclusionText(ranks, conclusion));
  }
  return `${lines.join("\n")}\n`;
}

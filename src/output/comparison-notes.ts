// What a reader of a comparison has to know besides its figures, in sentences that are still to be laid out.

import type { WorkloadType } from "../api/types.ts";
import { strategySummary } from "../scenario/strategies.ts";
import type { ValidationReport } from "../validate/validate.ts";
import type { Subject } from "./heading.ts";
import type { StrategyRuns } from "./strategy-table.ts";

const UNSAFE = "UNSAFE, allowed by `unsafe: true`: a reader may still hold what munmap frees";
const BATCH = /^batch-\d+$/;
const BATCHES = "batch-N: per-mm list, handed over as soon as it is longer than N";

/** What the strategies are. */
export function legendTexts(
  strategies: readonly { readonly name: string; readonly unsafe?: boolean }[],
): string[] {
  const batches = strategies.filter(({ name }) => BATCH.test(name));
  return strategies.flatMap(({ name, unsafe }) => {
    if (batches.length > 1 && BATCH.test(name)) return name === batches[0]!.name ? [BATCHES] : [];
    const summary = unsafe === true ? UNSAFE : strategySummary(name);
    return summary === undefined ? [] : [`${name}: ${summary}`];
  });
}

export interface VerdictTexts {
  /** Where the verdicts come from. */
  readonly origin: string;
  /** What each violation is. */
  readonly violated: readonly string[];
}

/** Undefined where the oracle was not asked. */
export function verdictTexts<W extends WorkloadType>(
  strategies: readonly StrategyRuns<W>[],
): VerdictTexts | undefined {
  const asked = strategies.flatMap(({ name, verdict }) => (verdict ? [{ name, verdict }] : []));
  if (asked.length === 0) return undefined;
  const violated = asked.flatMap(({ name, verdict: { first, violations, runs } }) =>
    first === undefined
      ? []
      : [`${name}: ${first.what} in ${violations} of ${runs}, first seed ${first.seed}`],
  );
  const { runs } = asked[0]!.verdict;
  const origin = `verdict: the lifetime oracle over ${runs} small mixed scenarios of munmap, faults, fork, exit`;
  return { origin, violated };
}

/** What a reader has to know before believing the figures. */
export function noteTexts({ profile, machine }: Subject): string[] {
  return [
    `Costs hold for: ${profile.valid}`,
    `Measured on: ${profile.machine} (${profile.date}).`,
    ...(machine.cpus > 1
      ? ["The costs were measured on one CPU: nothing is charged for cache misses of another."]
      : []),
  ];
}

/** Which strategies have no measured row; undefined where all have one. */
export function unmeasuredText(
  strategies: readonly { readonly name: string }[],
  { rows }: ValidationReport,
): string | undefined {
  const measured = new Set(rows.map(({ label }) => label));
  const unmeasured = strategies.map(({ name }) => name).filter((name) => !measured.has(name));
  return unmeasured.length === 0 ? undefined : `No measured row: ${unmeasured.join(", ")}.`;
}

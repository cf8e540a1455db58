// A comparison as all its reports have it: what was run, what came out, and what that comes to.

import type { RunResult, WorkloadType } from "../api/types.ts";
import { strategyVerdict } from "../litmus/verdict.ts";
import { outsideRange } from "../profile/range.ts";
import { isWorkload, type ResolvedScenario } from "../scenario/resolve.ts";
import type { ValidationReport } from "../validate/validate.ts";
import { type Conclusion, conclude } from "./conclusion.ts";
import type { Subject } from "./heading.ts";
import type { StrategyRuns } from "./strategy-table.ts";
import { subjectOf } from "./subject.ts";
import { ranksOf } from "./workload-texts.ts";

export interface Comparison<W extends WorkloadType> {
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

/** `results` are those of `strategyJobs` of each strategy, one strategy after the other. */
export function comparisonOf(
  resolved: ResolvedScenario,
  results: readonly RunResult<WorkloadType>[],
  calibration?: ValidationReport,
): Comparison<WorkloadType> {
  const { scenario, profile, vma_count } = resolved;
  const { machine, workload, load, tick_phases } = scenario;
  const judges = isWorkload(resolved, "exit") || isWorkload(resolved, "munmap");
  const strategies = scenario.strategies.map((strategy, i): StrategyRuns<WorkloadType> => {
    return {
      name: strategy.name,
      ...(judges && { verdict: strategyVerdict(strategy, machine.generation) }),
      ...(strategy.unsafe === true && { unsafe: true }),
      results: results.slice(i * tick_phases, (i + 1) * tick_phases),
    };
  });
  const ranks = ranksOf(workload.type, load.length > 0);
  const outside = outsideRange(profile, machine, vma_count);
  return {
    subject: subjectOf(resolved),
    workload: workload.type,
    strategies,
    calibration,
    provenance: `alternating layout, machine of ${profile.name}`,
    conclusion: ranks && conclude(ranks, strategies, outside),
  };
}

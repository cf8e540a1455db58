// A comparison as one JSON document.

import type { WorkloadType } from "../api/types.ts";
import type { ResolvedScenario } from "../scenario/resolve.ts";
import type { Comparison } from "./comparison.ts";
import { figureNames, rangeOf, type StrategyRuns } from "./strategy-table.ts";

function rangesOf({ results }: StrategyRuns<WorkloadType>) {
  return Object.fromEntries(figureNames(results[0]!).map((name) => [name, rangeOf(results, name)]));
}

/** What was asked for, every default filled in; costs are the profile's. */
export function settingJson({ scenario, profile, origin, vma_count }: ResolvedScenario) {
  const { name, title, machine, workload, load, seed, tick_phases } = scenario;
  const address_space = { origin, vma_count };
  return {
    scenario: { name, title, machine, workload, load, seed, tick_phases, address_space },
    profile: { ...profile, costs: undefined },
  };
}

export function comparisonJson(
  resolved: ResolvedScenario,
  comparison: Comparison<WorkloadType>,
): unknown {
  const { strategies, tick_phases } = resolved.scenario;
  const policies = new Map(strategies.map((strategy) => [strategy.name, strategy.exit]));
  return {
    format: "vma-teardown comparison",
    version: 1,
    ...settingJson(resolved),
    strategies: comparison.strategies.map((runs) => {
      const { digest, metrics, load, pages, reclaim, stalls, plan } = runs.results[0]!;
      const ranges = tick_phases > 1 ? { tick_phase_ranges: rangesOf(runs) } : {};
      return {
        name: runs.name,
        verdict: runs.verdict,
        exit: policies.get(runs.name),
        digest,
        metrics,
        load,
        pages,
        reclaim,
        stalls,
        ...ranges,
        plan,
      };
    }),
    calibration: comparison.calibration ?? null,
    conclusion: comparison.conclusion ?? null,
  };
}

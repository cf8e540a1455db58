// A sweep as one JSON document.

import type { ResolvedScenario } from "../scenario/resolve.ts";
import type { SweepLimit, SweepMetric } from "./metrics.ts";
import type { SweepResult } from "./sweep.ts";

/** What becomes the document; `first` is the scenario of the first point. */
export function sweepJson(
  first: ResolvedScenario,
  result: SweepResult,
  metrics: readonly SweepMetric[],
  limits: readonly SweepLimit[],
): unknown {
  const { scenario, profile, origin, vma_count } = first;
  const { name, title, machine, workload, load, seed, strategies } = scenario;
  const address_space = { origin, vma_count };
  const { axes, points, tick_phases, runs, conclusion } = result;
  return {
    format: "vma-teardown sweep",
    version: 1,
    axes,
    strategies: result.strategies,
    tick_phases,
    runs,
    metrics: metrics.map(({ metric }) => metric),
    first_point: {
      scenario: { name, title, machine, workload, load, seed, address_space, strategies },
      profile: { ...profile, costs: undefined },
    },
    points,
    conclusion: {
      ...conclusion,
      limits: limits.map(({ metric, limit }) => ({
        metric,
        limit,
        above: result.strategies.map((strategy) => ({
          strategy,
          points: above(result, strategy, metric, limit),
        })),
      })),
    },
  };
}

/** Numbers of the points at which a strategy is above a limit at some tick phase. */
function above({ points }: SweepResult, name: string, metric: string, limit: number): number[] {
  return points.flatMap(({ strategies }, index) => {
    const cell = strategies.find((one) => one.name === name);
    const figure = (cell?.highest ?? cell?.values)?.[metric] ?? 0;
    return figure > limit ? [index] : [];
  });
}

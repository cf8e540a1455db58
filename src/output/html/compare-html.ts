// The page of a comparison for programs: from a scenario and its results.

import type { RunResult, WorkloadType } from "../../api/types.ts";
import { InputError } from "../../errors.ts";
import type { ResolvedScenario } from "../../scenario/resolve.ts";
import { comparisonOf } from "../comparison.ts";
import { plural } from "../format.ts";
import { comparisonPage, type PageOptions } from "./comparison.ts";

export type { PageOptions as CompareHtmlOptions } from "./comparison.ts";

/**
 * A comparison as one HTML document that stands alone: no script, nothing from elsewhere. `results` are those of
 * `strategyJobs` of each strategy of the scenario, one strategy after the other; charts over time are of the runs
 * that kept a timeline (`trace.events_max`). The same results give the same bytes. Throws InputError where there are
 * more or fewer results. Node only.
 */
export async function compareHtml<W extends WorkloadType>(
  resolved: ResolvedScenario<W>,
  results: readonly RunResult<W>[],
  options: PageOptions = {},
): Promise<string> {
  const { strategies, tick_phases } = resolved.scenario;
  const expected = strategies.length * tick_phases;
  if (results.length !== expected) {
    throw new InputError({
      problem: "not the results of this scenario",
      found: plural(results.length, "result"),
      expected: `${expected}: one a strategy and tick phase`,
    });
  }
  return comparisonPage(resolved, comparisonOf(resolved, results), options);
}

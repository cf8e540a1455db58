// The page of a sweep for programs: from its plan and its result.

import { InputError } from "../errors.ts";
import { plural } from "../output/format.ts";
import { chosenMetrics, parseLimit } from "./metrics.ts";
import { sweepPage } from "./page.ts";
import { checkPanels } from "./panels.ts";
import type { SweepPlan } from "./plan.ts";
import type { SweepResult } from "./sweep.ts";

export interface SweepHtmlOptions {
  /** As `--limit` takes them: "softirq_max_ns=10ms". */
  readonly limits?: readonly string[] | undefined;
  /** A command line that gives the same figures, to be shown. */
  readonly command?: string | undefined;
}

/**
 * A sweep as one HTML document that stands alone: no script, nothing from elsewhere. `result` is that of `runSweep`
 * of this plan, and its metrics are those that it ranks. The same result gives the same bytes. Throws InputError where
 * it is another sweep's or a limit is none, LimitError where there would be too many charts. Node only.
 */
export async function sweepHtml(
  plan: SweepPlan,
  result: SweepResult,
  { limits = [], command }: SweepHtmlOptions = {},
): Promise<string> {
  const { points } = plan;
  const same = points.every(({ name }, index) => name === result.points[index]?.name);
  if (!same || points.length !== result.points.length) {
    throw new InputError({
      problem: "not the result of this sweep",
      found: plural(result.points.length, "point"),
      expected: `the ${plural(points.length, "point")} of the plan`,
    });
  }
  const ranked = result.conclusion.rankings.map(({ metric }) => metric);
  const metrics = chosenMetrics(ranked.length === 0 ? undefined : ranked.join(","), plan);
  checkPanels(plan.grid, metrics.length);
  const parsed = limits.map((limit) => parseLimit(limit, plan));
  return sweepPage(plan, result, { metrics, limits: parsed, command });
}

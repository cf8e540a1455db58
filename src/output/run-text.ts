// One run in full: every metric by its name.

import type { RunMetrics, RunResult } from "../api/types.ts";
import { bytesText, grouped } from "./format.ts";
import { heading, type Subject } from "./heading.ts";
import { rangeOf, type StrategyRuns } from "./strategy-table.ts";
import { table, wrap } from "./table.ts";

function value(metric: string, figure: number): string {
  return grouped(figure, metric === "dead_byte_seconds" ? 1 : 0);
}

/** The whole text, with a newline at its end. */
export function runText(subject: Subject, runs: StrategyRuns): string {
  const result = runs.results[0] as RunResult;
  const ranged = runs.results.length > 1;
  const rows = (Object.keys(result.metrics) as (keyof RunMetrics)[]).map((metric) => {
    const { low, high } = rangeOf(runs.results, metric);
    const cells = [metric, value(metric, result.metrics[metric])];
    return ranged ? [...cells, value(metric, low), value(metric, high)] : cells;
  });
  const columns = [
    { title: "metric", align: "left" as const, width: 24 },
    { title: runs.name, align: "right" as const, width: 18 },
    ...(ranged
      ? (["lowest", "highest"] as const).map((title) => {
          return { title, align: "right" as const, width: 16 };
        })
      : []),
  ];
  const after = ranged
    ? wrap(`Lowest and highest of ${runs.results.length} evenly spaced tick phases.`, 80)
    : [];
  const plan = result.plan;
  const lines = [
    ...heading(subject),
    "",
    ...table(columns, rows),
    "",
    ...after,
    `digest ${result.digest}; engine memory ${bytesText(plan.total_bytes)}`,
  ];
  return `${lines.join("\n")}\n`;
}

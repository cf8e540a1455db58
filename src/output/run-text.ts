// One run in full: every metric by its name.

import type { WorkloadType } from "../api/types.ts";
import { bytesText, grouped } from "./format.ts";
import { heading, type Subject } from "./heading.ts";
import { loadTable } from "./load-text.ts";
import { reclaimTable } from "./reclaim-text.ts";
import { stallText } from "./stall-text.ts";
import { figureNames, figureOf, rangeOf, type StrategyRuns } from "./strategy-table.ts";
import { left, right, table, wrap } from "./table.ts";
import { textOfWorkload } from "./workload-texts.ts";

function value(metric: string, figure: number): string {
  return grouped(figure, metric === "dead_byte_seconds" ? 1 : 0);
}

/** The whole text, with a newline at its end. */
export function runText<W extends WorkloadType>(subject: Subject, runs: StrategyRuns<W>): string {
  const result = runs.results[0]!;
  const ranged = runs.results.length > 1;
  const rows = figureNames(result).map((metric) => {
    const name = String(metric);
    const { low, high } = rangeOf(runs.results, metric);
    const cells = [name, value(name, figureOf(result, metric))];
    return ranged ? [...cells, value(name, low), value(name, high)] : cells;
  });
  const load = loadTable([{ label: "", load: result.load }]);
  const own = textOfWorkload(result.workload).details?.(result) ?? [];
  const stalls = stallText([{ label: "", stalls: result.stalls }], subject.machine);
  const reclaim = reclaimTable([{ label: "", reclaim: result.reclaim }]);
  const details = [own, load, reclaim, stalls]
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
  const columns = [
    left("metric", 24),
    right(runs.name, 18),
    ...(ranged ? [right("lowest", 16), right("highest", 16)] : []),
  ];
  const after = ranged
    ? wrap(`Lowest and highest of ${runs.results.length} evenly spaced tick phases.`)
    : [];
  const plan = result.plan;
  const lines = [
    ...heading(subject),
    "",
    ...table(columns, rows),
    "",
    ...(details.length === 0 ? [] : [...details, ""]),
    ...after,
    `digest ${result.digest}; engine memory ${bytesText(plan.total_bytes)}`,
  ];
  return `${lines.join("\n")}\n`;
}

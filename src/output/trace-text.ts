// A trace as text: its batches, beside those that were measured where there are such.

import type { Trace, TracedBatch } from "../api/trace.ts";
import { grouped, inUnit } from "./format.ts";
import { left, right, table } from "./table.ts";

const COLUMNS = [
  right("#", 4),
  right("start, ms", 11),
  right("took, ms", 9),
  right("invoked", 10),
  right("ready", 10),
  right("limit", 8),
  left("context", 12),
];

function row(batch: TracedBatch, number: number): string[] {
  return [
    String(number + 1),
    inUnit(batch.start_ns, "ms", 3),
    inUnit(batch.duration_ns, "ms", 3),
    grouped(batch.invoked),
    grouped(batch.ready),
    grouped(batch.limit),
    `${batch.softirq ? "softirq" : "kthread"} ${batch.cpu}`,
  ];
}

/** Lines of at most 80 columns. */
export function batchLines({ batches, batches_lost }: Trace): string[] {
  if (batches.length === 0) return ["No batch of callbacks."];
  const lost = batches_lost === 0 ? [] : [`${grouped(batches_lost)} more that were not kept.`];
  return [...table(COLUMNS, batches.map(row)), ...lost];
}

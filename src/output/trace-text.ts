// A trace as text: its batches, beside those that were measured where there are such.

import type { Trace, TracedBatch } from "../api/trace.ts";
import { grouped, inUnit } from "./format.ts";
import { table } from "./table.ts";

const COLUMNS = [
  { title: "#", align: "right" as const, width: 4 },
  { title: "start, ms", align: "right" as const, width: 11 },
  { title: "took, ms", align: "right" as const, width: 9 },
  { title: "invoked", align: "right" as const, width: 10 },
  { title: "ready", align: "right" as const, width: 10 },
  { title: "limit", align: "right" as const, width: 8 },
  { title: "context", align: "left" as const, width: 12 },
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

// The trace of a measured run: a CSV with one row a batch of callbacks, and one a sample of VMAs handed
// over and back. Columns by kind: `batch` start, duration, invoked, ready, limit, context (bit 0
// softirq, CPU above); `hand` time, handed over, back.

import type { Trace, TracedBatch, TracedHand } from "../api/trace.ts";
import type { MeasuredRecord, MeasuredTable } from "../validate/table.ts";

const TRACE_COLUMNS = ["kind", "t_ns", "a", "b", "c", "d", "e"] as const;

function number(record: MeasuredRecord, column: string): number {
  const text = record.word(column);
  const value = Number(text);
  if (text !== "" && Number.isFinite(value) && value >= 0) return value;
  const expected = "a number, 0 or more";
  throw record.error(column, { problem: `bad ${column} of a trace`, found: text, expected });
}

function batch(record: MeasuredRecord): TracedBatch {
  const context = number(record, "e");
  return {
    start_ns: number(record, "t_ns"),
    duration_ns: number(record, "a"),
    invoked: number(record, "b"),
    ready: number(record, "c"),
    limit: number(record, "d"),
    softirq: (context & 1) !== 0,
    cpu: context >> 1,
  };
}

function hand(record: MeasuredRecord): TracedHand {
  return {
    time_ns: number(record, "t_ns"),
    handed: number(record, "a"),
    back: number(record, "b"),
  };
}

/** Throws InputError with file, line and column of what is not a trace. */
export function readMeasuredTrace({ records }: MeasuredTable): Trace {
  const batches: TracedBatch[] = [];
  const hands: TracedHand[] = [];
  for (const record of records) {
    const kind = record.word("kind");
    if (kind === "batch") batches.push(batch(record));
    else if (kind === "hand") hands.push(hand(record));
    else {
      const expected = "batch or hand";
      throw record.error("kind", { problem: "bad kind of a trace's row", found: kind, expected });
    }
  }
  return { batches, hands, batches_lost: 0, hands_lost: 0 };
}

/** The same series as such a file. */
export function traceCsv({ batches, hands }: Trace): string {
  const rows = [
    ...hands.map(({ time_ns, handed, back }) => `hand,${time_ns},${handed},${back},,,`),
    ...batches.map((it) => {
      const context = (it.cpu << 1) | (it.softirq ? 1 : 0);
      const { start_ns, duration_ns, invoked, ready, limit } = it;
      return `batch,${start_ns},${duration_ns},${invoked},${ready},${limit},${context}`;
    }),
  ];
  return `${[TRACE_COLUMNS.join(","), ...rows].join("\n")}\n`;
}

// Measured rows as observations: those figures that do not hang on where the tick falls.

import type { RunJob } from "../../api/job.ts";
import type { WorkloadType } from "../../api/types.ts";
import { typicalError, typicalOf, type WeightedTime } from "../../stats/repeats.ts";
import { timesOf } from "../../validate/judge.ts";
import type { PlanContext, PlannedCase, RowKind } from "../../validate/kind.ts";
import { KINDS, kindsOf } from "../../validate/kinds/index.ts";
import { type MetricRule, simulatedFigure } from "../../validate/rules.ts";
import type { MeasuredRecord, MeasuredTable } from "../../validate/table.ts";
import { type RowWeights, weighRows } from "../../validate/weigh.ts";
import type { SimulatedObservation } from "../observation.ts";

/** Figures counted by instruction repeat exactly; what remains is what the model leaves out. */
const EXACT_SIGMA = 0.01;
/** No model of a real machine is better, however well it repeats. */
const REPEATS_SIGMA_MIN = 0.03;

export interface RowObservations {
  readonly observations: readonly SimulatedObservation[];
  /** Rows that say nothing: cannot be expressed, or hold no time that a cost decides. */
  readonly unused: readonly { readonly line: number; readonly reasons: readonly string[] }[];
}

/** A rule whose figure is a time that costs alone decide; callbacks bring the tick into it. */
function timed(rule: MetricRule, record: MeasuredRecord): boolean {
  if (!rule.name.endsWith("_ns")) return false;
  if (rule.comparison === "relative") return true;
  if (typeof rule.comparison === "string") return false;
  return (record.figure("rcu_cbs_in_exit") ?? 0) === 0;
}

function vmasOf({ space }: RunJob<WorkloadType>): number {
  return "vma_count" in space ? space.vma_count : 0;
}

/** How sure a figure is, as a share of it. */
function sigmaOf(times: readonly WeightedTime[], { repeats }: RowKind): number {
  if (repeats === undefined) return EXACT_SIGMA;
  return Math.max(REPEATS_SIGMA_MIN, typicalError(times));
}

interface Cell {
  readonly kind: RowKind;
  readonly key: string;
  readonly planned: PlannedCase;
  readonly records: MeasuredRecord[];
}

/** Times of a cell that costs alone decide, each with what simulates it. */
function cellObservations(
  { kind, key, planned, records }: Cell,
  weights: RowWeights,
): SimulatedObservation[] {
  const record = records[0]!;
  return kind.rules.flatMap((rule) => {
    if (!timed(rule, record)) return [];
    const times = timesOf({ records, weights }, rule);
    if (times.length === 0) return [];
    return [
      {
        source: `${record.file}:${record.line}`,
        metric: rule.name,
        measured_ns: typicalOf(times, kind.repeats ?? "minimum"),
        wall_clock: kind.wall_clock ?? false,
        sigma: sigmaOf(times, kind),
        key,
        n: vmasOf(planned.jobs[0]!),
        strategy: planned.jobs[0]!.strategy.name,
        jobs: planned.jobs,
        simulated: (runs) => simulatedFigure(rule, runs, record),
      },
    ];
  });
}

/** Rows of all kinds; repeats of one cell become one observation of the one that counts. */
export function rowObservations(table: MeasuredTable, context: PlanContext): RowObservations {
  const kinds = kindsOf(table, KINDS);
  const cells = new Map<string, Cell>();
  const unused: { line: number; reasons: readonly string[] }[] = [];
  for (const record of table.records) {
    const kind = kinds.find(({ claims }) => claims?.(record) ?? true);
    const planned = kind?.plan(record, context) ?? { reasons: ["no kind of rows claims it"] };
    if (kind === undefined || "reasons" in planned) {
      unused.push({ line: record.line, reasons: "reasons" in planned ? planned.reasons : [] });
      continue;
    }
    const key = `${kind.name} ${planned.key}`;
    const known = cells.get(key);
    if (known === undefined) cells.set(key, { kind, key, planned, records: [record] });
    else if (kind.repeats !== undefined) known.records.push(record);
  }
  const all = [...cells.values()];
  const weights = weighRows(all);
  return { observations: all.flatMap((cell) => cellObservations(cell, weights)), unused };
}

// Measured rows as observations: those figures that do not hang on where the tick falls.

import type { RunJob } from "../../api/job.ts";
import type { WorkloadType } from "../../api/types.ts";
import { quartileError, typicalOf } from "../../stats/repeats.ts";
import type { PlanContext } from "../../validate/kind.ts";
import { KINDS, kindsOf } from "../../validate/kinds/index.ts";
import { type MetricRule, measuredFigure, simulatedFigure } from "../../validate/rules.ts";
import type { MeasuredRecord, MeasuredTable } from "../../validate/table.ts";
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

/** Rows of all kinds; repeats of one cell become one observation of the one that counts. */
export function rowObservations(table: MeasuredTable, context: PlanContext): RowObservations {
  const kinds = kindsOf(table, KINDS);
  const cells = new Map<
    string,
    { records: MeasuredRecord[]; make: () => SimulatedObservation[] }
  >();
  const unused: { line: number; reasons: readonly string[] }[] = [];
  for (const record of table.records) {
    const kind = kinds.find(({ claims }) => claims?.(record) ?? true);
    const planned = kind?.plan(record, context) ?? { reasons: ["no kind of rows claims it"] };
    if ("reasons" in planned) {
      unused.push({ line: record.line, reasons: planned.reasons });
      continue;
    }
    const { repeats, rules, wall_clock = false } = kind!;
    const key = `${kind!.name} ${planned.key}`;
    const known = cells.get(key);
    if (known !== undefined) {
      if (repeats !== undefined) known.records.push(record);
      continue;
    }
    const records = [record];
    const make = () =>
      rules.flatMap((rule): SimulatedObservation[] => {
        if (!timed(rule, record)) return [];
        const values = records.flatMap((one) => measuredFigure(rule, one) ?? []);
        if (values.length === 0) return [];
        const measured_ns = typicalOf(values, repeats ?? "minimum");
        return [
          {
            source: `${table.file}:${record.line}`,
            metric: rule.name,
            measured_ns,
            wall_clock,
            sigma:
              repeats === undefined
                ? EXACT_SIGMA
                : Math.max(REPEATS_SIGMA_MIN, quartileError(values)),
            key,
            n: vmasOf(planned.jobs[0]!),
            strategy: planned.jobs[0]!.strategy.name,
            jobs: planned.jobs,
            simulated: (runs) => simulatedFigure(rule, runs, record),
          },
        ];
      });
    cells.set(key, { records, make });
  }
  const observations = [...cells.values()].flatMap(({ make }) => make());
  return { observations, unused };
}

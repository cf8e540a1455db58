// How much each of the rows that repeat one measurement counts.

import { paceWeights } from "../stats/pace.ts";
import type { RowKind } from "./kind.ts";
import type { MeasuredRecord } from "./table.ts";

/** Rows that are repeats of each other. */
export interface RepeatedRows {
  readonly kind: RowKind;
  readonly key: string;
  readonly records: readonly MeasuredRecord[];
}

/** 0 to 1; rows that are not in it count alike. */
export type RowWeights = ReadonlyMap<MeasuredRecord, number>;

/** Weighs the rows of each kind that says at what pace they were measured. */
export function weighRows(cells: readonly RepeatedRows[]): RowWeights {
  const weights = new Map<MeasuredRecord, number>();
  for (const kind of new Set(cells.map((cell) => cell.kind))) {
    const { pace } = kind;
    if (pace === undefined) continue;
    const rows = cells
      .filter((cell) => cell.kind === kind)
      .flatMap(({ key, records }) => records.map((record) => ({ key, record })));
    const found = paceWeights(rows.map(({ key, record }) => ({ cell: key, ...pace(record) })));
    found?.forEach((weight, i) => {
      weights.set(rows[i]!.record, weight);
    });
  }
  return weights;
}

// What a sweep keeps of its runs: the figures, a few hundred bytes a run; tick phases of one strategy at one
// point are one cell.

import type { RunResult, WorkloadType } from "../api/types.ts";
import { BYSTANDERS, type Standing, valueOfRank } from "../output/ranking.ts";
import { figureNames, figureOf } from "../output/strategy-table.ts";

export type Figures = Readonly<Record<string, number>>;

/** One run, as a journal keeps it. */
export interface RunFigures {
  readonly digest: string;
  /** All metrics that are one number; where there are bystanders or memory is short, what became of them. */
  readonly figures: Figures;
}

/** Of the OOM killer, which is no metric of the workload. */
export const OOM_KILLS = "oom_kills";

export function figuresOf(result: RunResult<WorkloadType>): RunFigures {
  const names = figureNames(result);
  const figures: Record<string, number> = {};
  for (const name of names) figures[name] = figureOf(result, name);
  if (result.load !== undefined) figures[BYSTANDERS] = valueOfRank(result, BYSTANDERS);
  if (result.reclaim !== undefined) figures[OOM_KILLS] = result.reclaim.oom_kills;
  return { digest: result.digest, figures };
}

/** One strategy at one point. */
export interface SweepCell {
  /** Of the run at the scenario's own tick phase, as are the values. */
  readonly digest: string;
  readonly values: Figures;
  /** Over all tick phases; absent where there is one. */
  readonly lowest?: Figures;
  readonly highest?: Figures;
}

/** Cells of a sweep, filled run by run in whatever order. */
export class Cells {
  readonly #tick_phases: number;
  readonly #own: (RunFigures | undefined)[] = [];
  readonly #lowest: Record<string, number>[] = [];
  readonly #highest: Record<string, number>[] = [];

  constructor(tick_phases: number) {
    this.#tick_phases = tick_phases;
  }

  /** Runs of a cell stand together, the scenario's own phase first. */
  put(run: number, result: RunFigures): void {
    const cell = Math.floor(run / this.#tick_phases);
    if (run % this.#tick_phases === 0) this.#own[cell] = result;
    if (this.#tick_phases === 1) return;
    this.#lowest[cell] ??= { ...result.figures };
    this.#highest[cell] ??= { ...result.figures };
    const [lowest, highest] = [this.#lowest[cell], this.#highest[cell]];
    for (const [name, value] of Object.entries(result.figures)) {
      if (!(lowest[name]! <= value)) lowest[name] = value;
      if (!(highest[name]! >= value)) highest[name] = value;
    }
  }

  at(cell: number): SweepCell {
    const own = this.#own[cell];
    if (own === undefined) throw new Error(`no run of cell ${cell}`);
    const { digest, figures: values } = own;
    const [lowest, highest] = [this.#lowest[cell], this.#highest[cell]];
    if (lowest === undefined || highest === undefined) return { digest, values };
    return {
      digest,
      values,
      lowest: inOrderOf(values, lowest),
      highest: inOrderOf(values, highest),
    };
  }
}

/** Which phase ended first is not to be seen. */
function inOrderOf(names: Figures, figures: Figures): Figures {
  return Object.fromEntries(Object.keys(names).map((name) => [name, figures[name]!]));
}

/** One figure of a cell; undefined where it has none of that name. */
export function standingOf(name: string, cell: SweepCell, metric: string): Standing | undefined {
  const value = cell.values[metric];
  if (value === undefined) return undefined;
  const [low, high] = [cell.lowest?.[metric] ?? value, cell.highest?.[metric] ?? value];
  return { name, value, low, high };
}

// How reports speak of a workload: one sentence, the rows of its table, and what is no single number.

import type { RunResult, WorkloadSpecs, WorkloadType } from "../api/types.ts";
import type { RankLines } from "./ranking.ts";
import type { MetricLine } from "./strategy-table.ts";

/** The address space, in words. */
export interface SpaceWords {
  readonly origin: string;
  readonly vma_count: number;
}

export interface WorkloadText<W extends WorkloadType> {
  /** The first sentence of every report. */
  what(workload: WorkloadSpecs[W], space: SpaceWords): string;
  /** Rows of the comparison. `run` prints every metric that is one number besides. */
  readonly lines: readonly MetricLine<W>[];
  /** What strategies are ranked by; absent where a run has none. */
  readonly ranks?: RankLines<W>;
  /** Lines of at most 80 columns below the metrics of `run`: histograms, reports, console lines. */
  details?(result: RunResult<W>): string[];
}

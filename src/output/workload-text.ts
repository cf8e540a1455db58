// How reports speak of a workload: one sentence, the rows of its table, and what is no single number.

import type { RunResult, WorkloadSpecs, WorkloadType } from "../api/types.ts";
import type { AddressSpace } from "../input/address-space.ts";
import type { RankLines } from "./ranking.ts";
import type { FigureName, MetricLine } from "./strategy-table.ts";

/** The address space, in words. */
export interface SpaceWords {
  readonly origin: string;
  readonly vma_count: number;
  readonly area?: NonNullable<AddressSpace["area"]>;
}

/** A metric with the name it has in a chart. */
export interface ChartMetric<W extends WorkloadType> {
  readonly metric: FigureName<W>;
  readonly name: string;
}

/** Milliseconds that add up. */
export interface Stack<W extends WorkloadType> {
  readonly title: string;
  readonly note?: string;
  readonly parts: readonly ChartMetric<W>[];
  /** What they are parts of; left out, their sum. */
  readonly total?: FigureName<W>;
}

/** What charts show besides the figures that strategies are ranked by. */
export interface WorkloadCharts<W extends WorkloadType> {
  readonly stacks: readonly Stack<W>[];
  /** Longest times of one kind each, which lie decades apart. */
  readonly longest: readonly ChartMetric<W>[];
  /** Rows of the table that are drawn where strategies are not ranked. */
  readonly leading?: readonly FigureName<W>[];
}

export interface WorkloadText<W extends WorkloadType> {
  /** The first sentence of every report. */
  what(workload: WorkloadSpecs[W], space: SpaceWords): string;
  /** Rows of the comparison. `run` prints every metric that is one number besides. */
  readonly lines: readonly MetricLine<W>[];
  /** What strategies are ranked by; absent where a run has none. */
  readonly ranks?: RankLines<W>;
  readonly charts: WorkloadCharts<W>;
  /** Lines of at most 80 columns below the metrics of `run`: histograms, reports, console lines. */
  details?(result: RunResult<W>): string[];
}

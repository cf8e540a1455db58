// A kind of measured rows: how they are recognised, which runs reproduce them, what is compared.

import type { RunJob } from "../api/job.ts";
import type { LoadSpec } from "../api/load.ts";
import type { CostProfile, MachineConfig, WorkloadType } from "../api/types.ts";
import type { Repeat } from "../stats/pace.ts";
import type { Repeats } from "../stats/repeats.ts";
import type { RankRule } from "./ranks.ts";
import type { MetricRule } from "./rules.ts";
import type { MeasuredRecord } from "./table.ts";

/** What a kind may use while it plans. */
export interface PlanContext {
  /**
   * The cost profile of this name, or the one the user gave instead; undefined when there is none,
   * which is then a reason why a row cannot be expressed.
   */
  profile(name: string): CostProfile | undefined;
}

/** How a measured machine may have been when the row began, which no row says: in turn by phase. */
export interface CaseStart {
  readonly machine?: Partial<MachineConfig>;
  /** Of each group of bystanders. */
  readonly load?: Partial<LoadSpec>;
}

/** The runs of a row. */
export interface PlannedCase {
  /** What the row is, in a few words, under its id: "call_rcu, 1,011 VMAs". */
  readonly what: string;
  /** Usually one. Their tick phase is replaced by each of the phases simulated. */
  readonly jobs: readonly RunJob<WorkloadType>[];
  /**
   * The same with other pasts of the machine, which no column says: what a kthread is owed when the
   * operation begins; as many runs each. What is compared with a range may lie in that of any of them.
   */
  readonly pasts?: readonly (readonly RunJob<WorkloadType>[])[];
  /**
   * What the measured machine drew at random (the order of its tests) is not known, and changes with
   * its command line as the tick phase does: each phase simulated draws anew, so often. Where a mean over
   * draws is judged and some of them are ten times the others, one a phase is too few.
   */
  readonly draws_a_phase?: number;
  readonly starts?: readonly CaseStart[];
  /** Rows with equal keys share their runs; with `repeats` they are one figure. */
  readonly key: string;
  /** Which of several cells of one `group` this is, when cells are to be ordered: the strategy. */
  readonly label?: string;
  readonly group?: string;
}

export type CaseOrReasons = PlannedCase | { readonly reasons: readonly string[] };

export interface RowKind {
  /** One word, such as `exit`. */
  readonly name: string;
  /** What was measured, in one line. */
  readonly title: string;
  /** A header with all of these is of this kind. Other columns are ignored. */
  readonly columns: readonly string[];
  /** Which rows of such a header are this kind's; all when absent. The first kind to claim has it. */
  readonly claims?: (record: MeasuredRecord) => boolean;
  /** Maps a row to runs, or to all the reasons why there are none. */
  readonly plan: (record: MeasuredRecord, context: PlanContext) => CaseOrReasons;
  readonly rules: readonly MetricRule[];
  /** Rows with equal keys are repeats of one noisy measurement, of which this is compared. */
  readonly repeats?: Repeats;
  /** In which round a repeat was measured, and what tells the pace of the machine then. */
  readonly pace?: (record: MeasuredRecord) => Omit<Repeat, "cell">;
  /** Figures are seconds of a real machine, not instructions. */
  readonly wall_clock?: true;
  /** Metrics by whose order the labels of a group are ranked, measured against simulated. */
  readonly ranked_by?: readonly string[];
  /** How they are: by their range over the tick phases, with a tie of 1 %, by default. */
  readonly ranking?: Partial<RankRule>;
}

// What a fit looks at: one measured figure, and how costs add up to it.

import type { RunJob } from "../api/job.ts";
import type { WorkloadType } from "../api/types.ts";
import type { RunsOfPhase } from "../validate/rules.ts";

interface ObservationBase {
  /** Where it was measured: file and line. */
  readonly source: string;
  readonly metric: string;
  readonly measured_ns: number;
  /** Seconds of a real machine, not instructions. */
  readonly wall_clock: boolean;
  /** Standard error of the measurement, a share: small errors count more. */
  readonly sigma: number;
}

/** A figure that a run predicts. */
export interface SimulatedObservation extends ObservationBase {
  readonly n: number;
  readonly strategy: string;
  /** Runs with equal keys are simulated once. */
  readonly key: string;
  readonly jobs: readonly RunJob<WorkloadType>[];
  /** Nothing where the run has no such figure. */
  readonly simulated: (runs: RunsOfPhase) => number | undefined;
}

/** A figure that is so many of some costs. */
export interface CountedObservation extends ObservationBase {
  readonly counts: Readonly<Record<string, number>>;
}

/** What of an observation may be left out, to be predicted from the others. */
export type LeaveOutKey = "n" | "strategy";

export type Observation = SimulatedObservation | CountedObservation;

/** Slab geometry read from /proc/slabinfo, under the names of a scenario. */
export interface SlabFacts {
  readonly cache: string;
  readonly object_bytes: number;
  readonly objects_per_slab: number;
  readonly pages_per_slab: number;
  /** Objects in use before and after. */
  readonly before: number;
  readonly after: number;
}

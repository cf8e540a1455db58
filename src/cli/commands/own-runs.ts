// The runs that a scenario asks for. Those of a page keep a timeline, of which its charts over time are made.

import type { EngineClass } from "../../api/engine-port.ts";
import { jobSpec, type RunJob } from "../../api/job.ts";
import type { RunResult, WorkloadType } from "../../api/types.ts";
import { type ResolvedScenario, strategyJobs } from "../../scenario/resolve.ts";

/** Of 40 bytes each. An exit of ten million VMAs by groups of 33 has some 32,000. */
const EVENTS_MAX = 1_000_000;
/** Looks at the counters while VMAs are handed over, besides those at ticks and batches. */
const HANDS = 1_000;

export interface OwnRuns {
  readonly jobs: readonly RunJob<WorkloadType>[];
  /** From the results of all jobs, of which these are the first. */
  results(all: readonly RunResult<WorkloadType>[]): RunResult<WorkloadType>[];
}

/** The first tick phase of each strategy keeps a timeline where they are wanted; it is the same run with it. */
export function ownRuns(
  resolved: ResolvedScenario,
  timelines: boolean,
  engine: EngineClass,
): OwnRuns {
  const { scenario, vma_count } = resolved;
  const plain = scenario.strategies.flatMap((strategy) => strategyJobs(resolved, strategy));
  if (!timelines) return { jobs: plain, results: (all) => all.slice(0, plain.length) };
  const hand_every = Math.max(1, Math.floor(vma_count / HANDS));
  const trace = { batches_max: 0, hands_max: 0, hand_every, events_max: EVENTS_MAX };
  const jobs = plain.map((job, i) => (i % scenario.tick_phases === 0 ? { ...job, trace } : job));
  // as if nothing had been kept beside: the memory that a run itself takes
  const own = (result: RunResult<WorkloadType>, i: number) => {
    return { ...result, plan: engine.plan(jobSpec(plain[i]!)) };
  };
  return { jobs, results: (all) => all.slice(0, plain.length).map(own) };
}

// What real kernels gave, beside the strategies of `compare`: measured exits of the profile's machine.

import { jobSpec, type RunJob } from "../../api/job.ts";
import type { RunResult, WorkloadType } from "../../api/types.ts";
import { Engine } from "../../engine/engine.ts";
import type { ResolvedScenario } from "../../scenario/resolve.ts";
import { calibrationRows, measuredRows } from "../../validate/measured.ts";
import type { MeasuredTable } from "../../validate/table.ts";
import { judgeValidation, planValidation, type ValidationReport } from "../../validate/validate.ts";
import type { CommandIo } from "../io.ts";

const PHASES = 16;
const TOLERANCE = 0.1;

export interface MeasuredBeside {
  readonly jobs: readonly RunJob<WorkloadType>[];
  /** From the results of all jobs. */
  judge(results: readonly RunResult<WorkloadType>[]): ValidationReport;
}

/** The largest measured exit of each of these strategies; no table where none of them has one. */
async function largestMeasured(
  profile: string,
  strategies: readonly string[],
): Promise<MeasuredTable[]> {
  const table = await measuredRows(profile);
  if (table === undefined) return [];
  const largest = calibrationRows(table, strategies);
  // planned, a table without rows is bad input: a user's file that holds a header alone
  return largest.records.length === 0 ? [] : [largest];
}

/** The largest measured exit of each strategy that has one. */
export async function measuredBeside(
  { profile, scenario }: ResolvedScenario,
  io: CommandIo,
): Promise<MeasuredBeside> {
  const names = scenario.strategies.map(({ name }) => name);
  const engine = io.engine ?? Engine;
  const plan = planValidation(await largestMeasured(profile.name, names), {
    profile: () => profile,
    phases: PHASES,
    tolerance: TOLERANCE,
    select: ({ claimed }) => claimed === true,
    plan: (job) => engine.plan(jobSpec(job)),
  });
  return { jobs: plan.jobs, judge: (results) => judgeValidation(plan, results) };
}

// What real kernels gave, beside the strategies of `compare`: measured exits of the profile's machine.

import { jobSpec, type RunJob } from "../../api/job.ts";
import type { RunResult, WorkloadType } from "../../api/types.ts";
import { Engine } from "../../engine/engine.ts";
import type { ResolvedScenario } from "../../scenario/resolve.ts";
import { calibrationRows, measuredRows } from "../../validate/measured.ts";
import { judgeValidation, planValidation, type ValidationReport } from "../../validate/validate.ts";
import type { CommandIo } from "../io.ts";

const PHASES = 16;
const TOLERANCE = 0.1;

export interface MeasuredBeside {
  readonly jobs: readonly RunJob<WorkloadType>[];
  /** From the results of all jobs. */
  judge(results: readonly RunResult<WorkloadType>[]): ValidationReport;
}

/** The largest measured exit of each strategy that has one. */
export async function measuredBeside(
  { profile, scenario }: ResolvedScenario,
  io: CommandIo,
): Promise<MeasuredBeside> {
  const names = scenario.strategies.map(({ name }) => name);
  const table = await measuredRows(profile.name);
  const engine = io.engine ?? Engine;
  const plan = planValidation(table === undefined ? [] : [calibrationRows(table, names)], {
    profile: () => profile,
    phases: PHASES,
    tolerance: TOLERANCE,
    select: ({ claimed }) => claimed === true,
    plan: (job) => engine.plan(jobSpec(job)),
  });
  return { jobs: plan.jobs, judge: (results) => judgeValidation(plan, results) };
}

// `describe`: what would be simulated, and the memory it takes.

import { jobSpec } from "../../api/job.ts";
import { pause } from "../../api/pause.ts";
import { planRun } from "../../api/plan-run.ts";
import { Engine } from "../../engine/engine.ts";
import { describeText } from "../../output/describe-text.ts";
import { jsonText } from "../../output/json.ts";
import { subjectOf } from "../../output/subject.ts";
import { strategyJobs } from "../../scenario/resolve.ts";
import { deliver } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import { scenarioFromOptions } from "../scenario.ts";
import type { DescribeOptions } from "../usage/describe.ts";

export async function describeCommand(
  name: string | undefined,
  options: DescribeOptions,
  io: CommandIo,
): Promise<void> {
  const resolved = await scenarioFromOptions(name, options, { "--out": options.out });
  const { scenario, profile, origin, vma_count } = resolved;
  const { strategies, tick_phases } = scenario;
  const spec = jobSpec(strategyJobs(resolved, strategies[0]!)[0]!);
  const plan = await planRun(io.engine ?? Engine, spec, io.signal);
  // a Ctrl-C during what was done without a pause is heard now
  await pause();
  io.signal.throwIfAborted();
  const text = options.json
    ? jsonText({
        format: "vma-teardown description",
        version: 1,
        scenario: { ...scenario, address_space: { origin, vma_count } },
        profile,
        plan,
      })
    : describeText({ subject: subjectOf(resolved), strategies, tick_phases, plan });
  await deliver(io, options, text);
}

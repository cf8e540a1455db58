// `describe`: what would be simulated, and the memory it takes.

import type { Command } from "commander";
import { jobSpec } from "../../api/job.ts";
import { Engine } from "../../engine/engine.ts";
import { describeText } from "../../output/describe-text.ts";
import { jsonText } from "../../output/json.ts";
import { strategyJobs } from "../../scenario/resolve.ts";
import { deliver, prepareDelivery } from "../deliver.ts";
import type { CommandIo } from "../io.ts";
import {
  addOutputOptions,
  addScenarioOptions,
  type OutputOptions,
  type ScenarioOptions,
  scenarioFromOptions,
} from "../options.ts";
import { subjectOf } from "../subject.ts";

type DescribeOptions = ScenarioOptions & OutputOptions;

async function describe(
  name: string | undefined,
  options: DescribeOptions,
  io: CommandIo,
): Promise<void> {
  await prepareDelivery(options);
  const resolved = await scenarioFromOptions(name, options);
  const { scenario, profile, origin, vma_count } = resolved;
  const { strategies, tick_phases } = scenario;
  const plan = (io.engine ?? Engine).plan(jobSpec(strategyJobs(resolved, strategies[0]!)[0]!));
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

export function addDescribe(program: Command, io: CommandIo): void {
  const command = program
    .command("describe")
    .description("print what would be simulated, with its memory plan, and simulate nothing");
  addOutputOptions(addScenarioOptions(command))
    .addHelpText(
      "after",
      `
Examples:
  vma-teardown describe node-server
  vma-teardown describe node-server --vmas 50_000_000`,
    )
    .action((name: string | undefined, options: DescribeOptions) => describe(name, options, io));
}

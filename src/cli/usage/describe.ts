// What `describe` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo } from "../io.ts";
import {
  addOutputOptions,
  addScenarioOptions,
  type OutputOptions,
  type ScenarioOptions,
} from "./options.ts";

export type DescribeOptions = ScenarioOptions & OutputOptions;

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
    .action(async (name: string | undefined, options: DescribeOptions) => {
      const { describeCommand } = await import("../commands/describe.ts");
      await describeCommand(name, options, io);
    });
}

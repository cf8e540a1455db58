// What `litmus` takes and says about itself.

import type { Command } from "commander";
import { SAFE_STRATEGIES } from "../../litmus/safe-strategies.ts";
import type { CommandIo, ExitCode } from "../io.ts";
import { addOutputOptions, type OutputOptions } from "./options.ts";

export interface LitmusOptions extends OutputOptions {
  readonly seeds?: string;
  readonly seed?: string;
  readonly strategy?: string;
}

export function addLitmus(program: Command, io: CommandIo, exit: (code: ExitCode) => void): void {
  const command = program
    .command("litmus")
    .description(
      "explore small races over VMAs under many schedules; an oracle judges every access",
    )
    .argument("[test...]", "litmus tests by name or file; `mixed` for random ones; default: all")
    .option("--seeds <count>", "schedules of each test (default: as the test says)")
    .option("--seed <number>", "replay one schedule of one test, step by step")
    .option(
      "--strategy <name>",
      `of \`mixed\`: only one of ${SAFE_STRATEGIES.map(({ name }) => name).join(", ")}`,
    );
  addOutputOptions(command)
    .addHelpText(
      "after",
      `
Exit code 1 when a test does not end as it expects.

Examples:
  vma-teardown litmus
  vma-teardown litmus L7-twin-no-rcu-6.12
  vma-teardown litmus L7-twin-no-rcu-6.12 --seed 53
  vma-teardown litmus mixed --seeds 10000`,
    )
    .action(async (names: string[], options: LitmusOptions) => {
      const { litmusCommand } = await import("../commands/litmus.ts");
      exit(await litmusCommand(names, options, io));
    });
}

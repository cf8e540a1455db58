// What `validate` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo, ExitCode } from "../io.ts";
import { addOutputOptions, addWorkersOption, type OutputOptions } from "./options.ts";

export interface ValidateOptions extends OutputOptions {
  readonly data: readonly string[];
  readonly phases: string;
  readonly tolerance: string;
  readonly profile?: string;
  readonly metrics: string;
  readonly workers?: string;
}

export function addValidate(program: Command, io: CommandIo, exit: (code: ExitCode) => void): void {
  const command = program
    .command("validate")
    .description("simulate measured rows and print measured, simulated and error per metric")
    .requiredOption("--data <file.csv...>", "measured rows, CSV files; - for stdin")
    .option("--phases <count>", "tick phases to simulate each row at", "16")
    .option("--tolerance <share>", "largest error, such as 10%", "10%")
    .option("--profile <name|file>", "cost profile instead of that of each row's kernel")
    .option("--metrics <names>", "all, claimed, or metrics separated by commas", "all");
  addWorkersOption(addOutputOptions(command))
    .addHelpText(
      "after",
      `
Exit code 1 when a figure misses its tolerance, or none could be judged. Rows that cannot be expressed
are listed with the reason and do not count.

Examples:
  vma-teardown validate --data results.csv rss.csv
  vma-teardown validate --data results.csv --metrics exit_total_ns,dead_peak --json`,
    )
    .action(async (options: ValidateOptions) => {
      const { validateCommand } = await import("../commands/validate.ts");
      exit(await validateCommand(options, io));
    });
}

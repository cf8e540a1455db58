// What `calibrate` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo } from "../io.ts";
import { addWorkersOption } from "./options.ts";

export interface CalibrateCommandOptions {
  readonly data: readonly string[];
  readonly base?: string;
  readonly kernel: string;
  readonly out?: string;
  readonly name?: string;
  readonly tracedVmas?: string;
  readonly hz: string;
  readonly leaveOut?: string;
  readonly leaveOneOut?: string;
  readonly workers?: string;
  readonly json?: true;
}

export function addCalibrate(program: Command, io: CommandIo): void {
  const command = program
    .command("calibrate")
    .description("fit the costs of a profile to measurements of your own")
    .requiredOption(
      "--data <file...>",
      "rows of measure or validate, a function_graph trace, rcutorture lines, two slabinfo",
    )
    .option("--base <name|file>", "profile whose costs are scaled or kept (default: the kernel's)")
    .option("--kernel <release>", "kernel of traces and of rows that name none", "6.18")
    .option("--out <profile.json>", "write the fitted profile")
    .option("--name <name>", "its name (default: that of the file)")
    .option("--traced-vmas <count>", "VMAs of the traced process")
    .option("--hz <count>", "ticks per second of the kernel that ran rcutorture", "250")
    .option("--leave-out <key=value>", "fit without these figures: n=32000 or strategy=single")
    .option("--leave-one-out <key>", "n or strategy: leave each out in turn and predict it")
    .option("--json", "print one JSON document");
  addWorkersOption(command)
    .addHelpText(
      "after",
      `
Costs that change all figures alike are scaled together; those that the data does not determine are
kept and listed. A profile of a real machine comes from the rows of measure.

Examples:
  vma-teardown measure --out here.csv
  vma-teardown calibrate --data here.csv --leave-out n=32000 --out here.json
  vma-teardown validate --data here.csv --profile here.json
  vma-teardown calibrate --data results.csv --leave-one-out strategy`,
    )
    .action(async (options: CalibrateCommandOptions) => {
      const { calibrateCommand } = await import("../commands/calibrate.ts");
      await calibrateCommand(options, io);
    });
}

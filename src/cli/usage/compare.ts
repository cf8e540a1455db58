// What `compare` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo } from "../io.ts";
import {
  addPageOption,
  addSimulationOptions,
  type PageOption,
  type SimulationOptions,
} from "./options.ts";

export interface CompareOptions extends SimulationOptions, PageOption {
  readonly calibration: boolean;
}

export function addCompare(program: Command, io: CommandIo): void {
  const command = program
    .command("compare")
    .description("simulate all strategies of a scenario and print them side by side");
  addPageOption(addSimulationOptions(command))
    .option("--no-calibration", "leave out the measured rows beside simulated ones")
    .addHelpText(
      "after",
      `
Examples:
  vma-teardown compare node-server
  vma-teardown compare node-server --vmas 100_000 --strategies direct,batch-8,batch-512
  vma-teardown compare --maps 1234 --vmas 1_000_000
  vma-teardown compare node-server --set machine.rcu.blimit=1000 --json --out result.json
  vma-teardown compare node-server --html report.html`,
    )
    .action(async (name: string | undefined, options: CompareOptions) => {
      const { compareCommand } = await import("../commands/compare.ts");
      await compareCommand(name, options, io);
    });
}

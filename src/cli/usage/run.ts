// What `run` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo } from "../io.ts";
import {
  addPageOption,
  addSimulationOptions,
  type PageOption,
  type SimulationOptions,
} from "./options.ts";

export type RunOptions = SimulationOptions & PageOption;

export function addRun(program: Command, io: CommandIo): void {
  const command = program
    .command("run")
    .description("simulate the first strategy of a scenario and print every metric");
  addPageOption(addSimulationOptions(command))
    .addHelpText(
      "after",
      `
Examples:
  vma-teardown run node-server --strategies call_rcu
  vma-teardown run scenarios/node-server.yaml --seed 7 --tick-phases 16
  cat /proc/self/maps | vma-teardown run --maps - --strategies direct`,
    )
    .action(async (name: string | undefined, options: RunOptions) => {
      const { runCommand } = await import("../commands/run.ts");
      await runCommand(name, options, io);
    });
}

// What `trace` takes and says about itself.

import type { Command } from "commander";
import type { CommandIo } from "../io.ts";
import { addSimulationOptions, type SimulationOptions } from "./options.ts";

export interface TraceOptions extends SimulationOptions {
  readonly measured?: string;
  readonly probes: string;
  readonly batches: string;
  readonly samples: string;
  readonly svg?: string;
  readonly csv?: string;
  readonly perfetto?: string;
  readonly events?: string;
}

export function addTrace(program: Command, io: CommandIo): void {
  const command = program
    .command("trace")
    .description("simulate the first strategy and show its batches of callbacks over time");
  addSimulationOptions(command)
    .option("--measured <file>", "a measured trace to lay beside it, at the tick phase that fits")
    .option("--probes <bits>", "measuring brackets that the measured kernel had", "0")
    .option("--batches <count>", "batches to keep", "100000")
    .option("--samples <count>", "samples of VMAs handed over and back", "1024")
    .option("--perfetto <file>", "write a timeline of all strategies for ui.perfetto.dev")
    .option("--events <count>", "events of each timeline to keep, 1,000,000 by default")
    .option("--svg <file>", "write a drawing of both")
    .option("--csv <file>", "write the simulated series in the format of measured traces")
    .addHelpText(
      "after",
      `
Examples:
  vma-teardown trace node-server --vmas 100_000 --perfetto exit.json
  vma-teardown trace offloaded --strategies call_rcu --svg exit.svg
  vma-teardown trace measured-machine --strategies call_rcu --measured trace.csv --probes 2`,
    )
    .action(async (name: string | undefined, options: TraceOptions) => {
      const { traceCommand } = await import("../commands/trace.ts");
      await traceCommand(name, options, io);
    });
}

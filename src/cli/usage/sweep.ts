// What `sweep` takes and says about itself.

import { type Command, Option } from "commander";
import type { CommandIo } from "../io.ts";
import {
  addPageOption,
  addSimulationOptions,
  collect,
  type PageOption,
  type SimulationOptions,
} from "./options.ts";

export interface SweepOptions extends SimulationOptions, PageOption {
  readonly vary: readonly string[];
  readonly metrics?: string;
  readonly limit: readonly string[];
  readonly journal?: string;
  readonly csv?: string;
  readonly svg?: string;
}

export function addSweep(program: Command, io: CommandIo): void {
  const command = program
    .command("sweep")
    .description("simulate a grid of points: every value of some keys, with every strategy");
  addPageOption(addSimulationOptions(command))
    .addOption(
      new Option("--vary <key=values>", "a key and its values; may be repeated, for a grid")
        .default([], "none")
        .argParser(collect),
    )
    .option("--metrics <names>", "metrics to show (default: those that compare ranks)")
    .addOption(
      new Option("--limit <metric=value>", "say where a metric is above it; may be repeated")
        .default([], "none")
        .argParser(collect),
    )
    .option("--journal <file>", "keep finished runs there, and skip those it has")
    .option("--csv <file>", "write every figure, a row a point and strategy")
    .option("--svg <file>", "write a drawing over the key with most numbers")
    .addHelpText(
      "after",
      `
A key is vmas or any key of a scenario, as for --set. Its values are a list of YAML values, of ranges of
whole numbers, durations and sizes, or of both:
  10,30,100              these
  10..100+10             from 10 to 100, each 10 more than the one before
  1_000..1_000_000x10    from 1,000 to 1,000,000, each 10 times the one before

Examples:
  vma-teardown sweep node-server --vary vmas=1_000..1_000_000x10
  vma-teardown sweep node-server --vary vmas=1_000..1_000_000x10 --strategies single \\
    --limit softirq_max_ns=10ms
  vma-teardown sweep node-server --vary machine.rcu.blimit=10,100,1000 --vary machine.hz=100,250,1000 \\
    --csv grid.csv --html grid.html --journal grid.journal`,
    )
    .action(async (name: string | undefined, options: SweepOptions) => {
      const { sweepCommand } = await import("../commands/sweep.ts");
      await sweepCommand(name, options, io);
    });
}

// Options that several commands share.

import { type Command, Option } from "commander";

export interface ScenarioOptions {
  readonly set: readonly string[];
  readonly seed?: string;
  readonly maps?: string;
  readonly vmas?: string;
  readonly strategies?: string;
  readonly tickPhases?: string;
}

export interface OutputOptions {
  readonly json?: true;
  readonly out?: string;
}

/** What commands take that simulate a scenario's strategies. */
export interface SimulationOptions extends ScenarioOptions, OutputOptions {
  readonly workers?: string;
}

/** Of an option that may be repeated. */
export const collect = (value: string, list: readonly string[]): string[] => [...list, value];

export function addScenarioOptions(command: Command): Command {
  return command
    .argument("[scenario]", "scenario file (YAML or JSON), - for stdin, or the name of a ready one")
    .addOption(
      new Option("--set <key=value>", "override a key of the scenario; may be repeated")
        .default([], "none")
        .argParser(collect),
    )
    .option("--seed <number>", "seed, 0 to 2^64 - 1")
    .option("--maps <file|pid|->", "take the VMAs of a maps or smaps file, a process, or stdin")
    .option("--vmas <count>", "number of VMAs to scale or generate")
    .option(
      "--strategies <names>",
      "strategies, separated by commas: presets, or the scenario's own",
    )
    .option("--tick-phases <count>", "repeat over so many tick phases, 1 to 64, and give ranges");
}

export function addOutputOptions(command: Command): Command {
  return command
    .option("--json", "print one JSON document")
    .option("--out <file>", "write to a file instead, in one step; - for stdout");
}

export interface PageOption {
  readonly html?: string;
}

export function addPageOption(command: Command): Command {
  const what = "write a page with charts besides, which needs nothing else";
  return command.option("--html <file>", what);
}

export function addWorkersOption(command: Command): Command {
  return command.option(
    "--workers <count>",
    "worker threads; 0 for none (default: one a CPU as memory allows, none for short work)",
  );
}

export function addSimulationOptions(command: Command): Command {
  return addWorkersOption(addOutputOptions(addScenarioOptions(command)));
}

// Options that several commands share, and what they mean for a scenario.

import { type Command, Option } from "commander";
import { formatCount, InputError, quoteFound } from "../errors.ts";
import { loadScenario } from "../scenario/files.ts";
import { type OverrideRule, parseOverride, vmasOverride } from "../scenario/overrides.ts";
import type { ResolvedScenario } from "../scenario/resolve.ts";
import { parseInteger } from "../scenario/units.ts";

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

const collect = (value: string, list: readonly string[]): string[] => [...list, value];

export function addScenarioOptions(command: Command): Command {
  return command
    .argument("[scenario]", "scenario file (YAML or JSON), or the name of a ready one")
    .addOption(
      new Option("--set <key=value>", "override a key of the scenario; may be repeated")
        .default([], "none")
        .argParser(collect),
    )
    .option("--seed <number>", "seed, 0 to 2^64 - 1")
    .option("--maps <file|pid|->", "take the VMAs of a maps or smaps file, a process, or stdin")
    .option("--vmas <count>", "number of VMAs to scale or generate")
    .option("--strategies <names>", "strategies, separated by commas")
    .option("--tick-phases <count>", "repeat over so many tick phases, 1 to 64, and give ranges");
}

export function addOutputOptions(command: Command): Command {
  return command
    .option("--json", "print one JSON document")
    .option("--out <file>", "write to a file instead, in one step");
}

export function addWorkersOption(command: Command): Command {
  return command.option(
    "--workers <count>",
    "worker threads; 0 for none (default: one a CPU, as memory allows)",
  );
}

/** A whole number given to an option. Throws InputError that names the option. */
export function numberOption(option: string, text: string, min: number, max: number): number {
  const parsed = parseInteger(text);
  if ("value" in parsed && parsed.value >= min && parsed.value <= max) return parsed.value;
  throw new InputError({
    problem: `bad value of ${option}`,
    found: quoteFound(text),
    expected: `a whole number from ${formatCount(min)} to ${formatCount(max)}`,
  });
}

/** Worker threads as asked for; undefined leaves it to the pool. */
export function workersOption(text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberOption("--workers", text, 0, 256);
}

/** Loads the scenario that the options describe: named options win over --set, --set over the file. */
export async function scenarioFromOptions(
  name: string | undefined,
  options: ScenarioOptions,
): Promise<ResolvedScenario> {
  const overrides: OverrideRule[] = options.set.map(parseOverride);
  const { seed, vmas, strategies, tickPhases } = options;
  if (vmas !== undefined) overrides.push(vmasOverride(vmas));
  if (seed !== undefined) overrides.push({ path: ["seed"], value: seed, option: `--seed ${seed}` });
  if (strategies !== undefined) {
    const value = strategies.split(",").map((part) => part.trim());
    overrides.push({ path: ["strategies"], value, option: `--strategies ${strategies}` });
  }
  if (tickPhases !== undefined) {
    const option = `--tick-phases ${tickPhases}`;
    overrides.push({ path: ["tick_phases"], value: tickPhases, option });
  }
  return loadScenario(name, { overrides, maps: options.maps });
}

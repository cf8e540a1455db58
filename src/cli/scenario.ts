// The scenario that a command line asks for, and what reports say about it.

import { loadScenario } from "../scenario/files.ts";
import {
  type OverrideRule,
  parseOverride,
  strategiesOverride,
  vmasOverride,
} from "../scenario/overrides.ts";
import type { ResolvedScenario } from "../scenario/resolve.ts";
import { prepareFiles, refuseInputs } from "./deliver.ts";
import type { ScenarioOptions } from "./usage/options.ts";

/**
 * Loads the scenario that the options describe: named options win over --set, --set over the file. Throws
 * InputError as well where what is to be written, by the options that name it, could not be or is read.
 */
export async function scenarioFromOptions(
  name: string | undefined,
  options: ScenarioOptions,
  outputs: Readonly<Record<string, string | undefined>>,
): Promise<ResolvedScenario> {
  await prepareFiles(outputs);
  const loaded = await loadScenario(name, { overrides: overridesOf(options), maps: options.maps });
  await refuseInputs(outputs, loaded.files ?? []);
  return loaded;
}

/** What the options put in place of what the file says, in the order in which they win. */
export function overridesOf(options: ScenarioOptions): OverrideRule[] {
  const overrides: OverrideRule[] = options.set.map(parseOverride);
  const { seed, vmas, strategies, tickPhases } = options;
  if (vmas !== undefined) overrides.push(vmasOverride(vmas));
  if (seed !== undefined) overrides.push({ path: ["seed"], value: seed, option: `--seed ${seed}` });
  if (strategies !== undefined) overrides.push(strategiesOverride(strategies));
  if (tickPhases !== undefined) {
    const option = `--tick-phases ${tickPhases}`;
    overrides.push({ path: ["tick_phases"], value: tickPhases, option });
  }
  return overrides;
}

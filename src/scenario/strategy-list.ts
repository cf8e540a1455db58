// The strategies of a scenario: presets by name, policies as they are written, or what is compared by
// default.

import type { FreePolicy, Generation, Strategy } from "../api/types.ts";
import type { ScenarioFile } from "./schema.ts";
import { presetStrategy } from "./strategies.ts";
import { usesStrategies } from "./workloads/workloads.ts";

/** What is compared when a scenario names nothing: the kernel's own way last or first. */
const DEFAULT_STRATEGIES: Record<Generation, readonly string[]> = {
  "6.12": ["direct", "call_rcu", "batch-32", "throttle", "single"],
  "7.2": ["typesafe", "call_rcu", "batch-32", "throttle", "single"],
};

/** A workload without strategies has one run, called by its type. */
export function strategyList(file: ScenarioFile): Strategy[] {
  if (!usesStrategies(file.workload)) {
    const exit = { collect: "none", drain: { when: "end" }, release: "direct" } as const;
    return [{ name: file.workload.type, exit }];
  }
  return strategyEntries(file).map((entry): Strategy => {
    if (typeof entry === "string") return presetStrategy(entry, file.machine.hz);
    const { name, exit, munmap, unsafe } = entry;
    return {
      name,
      exit: freePolicy(exit),
      ...(munmap !== undefined && { munmap: freePolicy(munmap) }),
      ...(unsafe && { unsafe }),
    };
  });
}

/** Whose VMAs are freed: those of the workload mm may be 6.12's on a machine of 7.2. */
function vmaGeneration({ workload, machine }: ScenarioFile): Generation {
  return workload.type === "mm" && workload.kernel === "6.12" ? "6.12" : machine.generation;
}

/** As the file has them, or by default. */
export function strategyEntries(file: ScenarioFile): NonNullable<ScenarioFile["strategies"]> {
  return file.strategies ?? [...DEFAULT_STRATEGIES[vmaGeneration(file)]];
}

type WrittenPolicy = Exclude<NonNullable<ScenarioFile["strategies"]>[number], string>["exit"];

function freePolicy({ collect, drain, release }: WrittenPolicy): FreePolicy {
  const { shrinker, ...rule } = drain ?? { when: "end" as const };
  const kept = shrinker === true ? { shrinker } : {};
  if (rule.when !== "interval") return { collect, release, drain: { ...rule, ...kept } };
  const { timer, ...interval } = rule;
  const timed = timer === true ? { timer } : {};
  return { collect, release, drain: { ...interval, ...timed, ...kept } };
}

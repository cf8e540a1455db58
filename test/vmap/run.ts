// Runs of the workload vmalloc from a few lines of a scenario.

import { simulate } from "../../src/api/simulate.ts";
import { openSpace } from "../../src/api/space.ts";
import type { CostProfile, LoadSpec, RunResult } from "../../src/api/types.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { PROFILE } from "../engine/spec.ts";

export interface Given {
  readonly machine?: Record<string, unknown>;
  readonly seed?: number;
  /** What alone costs anything, by name, in ns; the profile of 6.12 where this is not given. */
  readonly only_costs?: Record<string, number>;
  /** What costs 1 ns more than in that profile. */
  readonly dearer?: string;
  /** Bystanders. */
  readonly load?: readonly LoadSpec[];
  readonly [key: string]: unknown;
}

function profileOf(only: Given["only_costs"], dearer: string | undefined): CostProfile {
  const costs = Object.entries(PROFILE.costs).map(([name, { ps, source }]) => {
    const given = only === undefined ? ps : Math.round(1000 * (only[name] ?? 0));
    return [name, { ps: given + (name === dearer ? 1000 : 0), source }];
  });
  return { ...PROFILE, costs: Object.fromEntries(costs) };
}

/** Runs `workload: { type: vmalloc, ... }`. */
export async function runVmalloc({
  machine,
  seed,
  only_costs,
  dearer,
  load,
  ...keys
}: Given): Promise<RunResult<"vmalloc">> {
  const text = JSON.stringify({
    version: 1,
    ...(machine !== undefined && { machine }),
    ...(seed !== undefined && { seed }),
    workload: { type: "vmalloc", ...keys },
  });
  const scenario = parseScenario(text, "test.yaml");
  const { workload, strategies } = scenario;
  if (workload.type !== "vmalloc") throw new Error("another workload was read");
  return await simulate<"vmalloc">({
    workload,
    machine: scenario.machine,
    space: openSpace({ generate: "nothing" }),
    strategy: strategies[0]!,
    profile: profileOf(only_costs, dearer),
    seed: scenario.seed,
    probe_flags: 0,
    load,
  });
}

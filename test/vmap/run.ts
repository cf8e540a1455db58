// Runs of the workload vmalloc from a few lines of a scenario.

import { simulate } from "../../src/api/simulate.ts";
import { openSpace } from "../../src/api/space.ts";
import type { RunResult } from "../../src/api/types.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { PROFILE } from "../engine/spec.ts";

export interface Given {
  readonly machine?: Record<string, unknown>;
  readonly seed?: number;
  readonly [key: string]: unknown;
}

/** Runs `workload: { type: vmalloc, ... }`. */
export async function runVmalloc({ machine, seed, ...keys }: Given): Promise<RunResult<"vmalloc">> {
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
    profile: PROFILE,
    seed: scenario.seed,
    probe_flags: 0,
  });
}

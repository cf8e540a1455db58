// One run of a ready scenario with other settings.

import { jobSpec } from "../../src/api/job.ts";
import { simulate } from "../../src/api/simulate.ts";
import type { RunResult, WorkloadType } from "../../src/api/types.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { strategyJobs } from "../../src/scenario/resolve.ts";

export type Setting = readonly [path: string, value: unknown];

/** The first run of a scenario under one strategy; `W` is the scenario's workload. */
export async function runReady<W extends WorkloadType>(
  scenario: string,
  strategy: string,
  settings: readonly Setting[],
): Promise<RunResult<W>> {
  const option = "test";
  const overrides = [
    { path: ["strategies"], value: [strategy], option },
    ...settings.map(([path, value]) => ({ path: path.split("."), value, option })),
  ];
  const resolved = await loadScenario(scenario, { overrides });
  const job = strategyJobs(resolved, resolved.scenario.strategies[0]!)[0]!;
  return (await simulate(jobSpec(job))) as unknown as RunResult<W>;
}

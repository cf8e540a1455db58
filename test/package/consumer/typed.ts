// What a strict TypeScript program sees of the package.

import { Engine, InputError, type RunResult, simulate, type WorkloadType } from "vma-teardown";
import { loadScenario, runJobs, strategyJobs } from "vma-teardown/node";

export async function exitTimes(name: string): Promise<readonly number[]> {
  const resolved = await loadScenario(name);
  const jobs = resolved.scenario.strategies.flatMap((each) => strategyJobs(resolved, each));
  const results: RunResult<WorkloadType>[] = await runJobs(jobs, { workers: 1 });
  // a scenario read from a file may have any workload: its metrics tell
  return results.map(({ metrics }) => ("exit_total_ns" in metrics ? metrics.exit_total_ns : 0));
}

export const exported: readonly unknown[] = [Engine, InputError, simulate];

// @ts-expect-error: digests are text
export const wrong: number = (undefined as unknown as RunResult).digest;

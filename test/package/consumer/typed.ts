// What a strict TypeScript program sees of the package.

import { Engine, InputError, type RunMetrics, type RunResult, simulate } from "vma-teardown";
import { loadScenario, runJobs, strategyJobs } from "vma-teardown/node";

export async function exitTimes(name: string): Promise<readonly number[]> {
  const resolved = await loadScenario(name);
  const jobs = resolved.scenario.strategies.flatMap((each) => strategyJobs(resolved, each));
  const results: RunResult[] = await runJobs(jobs, { workers: 1 });
  return results.map(({ metrics }: { metrics: RunMetrics }) => metrics.exit_total_ns);
}

export const exported: readonly unknown[] = [Engine, InputError, simulate];

// @ts-expect-error: digests are text
export const wrong: number = (undefined as unknown as RunResult).digest;

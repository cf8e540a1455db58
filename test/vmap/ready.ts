// Ready scenarios of scenarios/vmalloc/, run.

import { join } from "node:path";
import { simulate } from "../../src/api/simulate.ts";
import { openSpace } from "../../src/api/space.ts";
import type { VmallocMetrics } from "../../src/api/vmalloc.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { isWorkload, strategyJobs } from "../../src/scenario/resolve.ts";
import { ROOT } from "../api/built.ts";

export async function ready(name: string): Promise<VmallocMetrics> {
  const resolved = await loadScenario(join(ROOT, `scenarios/vmalloc/${name}.yaml`));
  if (!isWorkload(resolved, "vmalloc")) throw new Error(`${name} has another workload`);
  const [job] = strategyJobs(resolved, resolved.scenario.strategies[0]!);
  return (await simulate<"vmalloc">({ ...job!, space: openSpace(job!.space) })).metrics;
}

import type { WorkloadType } from "../api/types.ts";
import type { Subject } from "../output/heading.ts";
import { textOfWorkload } from "../output/workload-texts.ts";
import type { ResolvedScenario } from "../scenario/resolve.ts";

/** What the head of every report says about a scenario. */
export function subjectOf(resolved: ResolvedScenario): Subject {
  const { scenario, profile, origin, vma_count } = resolved;
  const { title, machine, workload, seed } = scenario;
  const what = textOfWorkload<WorkloadType>(workload.type).what(workload, { origin, vma_count });
  return { title, machine, profile, what, vma_count, seed };
}

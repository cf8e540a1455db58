// What the head of every report says about a scenario.

import { openSpace } from "../api/space.ts";
import type { WorkloadType } from "../api/types.ts";
import type { ResolvedScenario } from "../scenario/resolve.ts";
import type { Subject } from "./heading.ts";
import { textOfWorkload } from "./workload-texts.ts";

export function subjectOf(resolved: ResolvedScenario): Subject {
  const { scenario, profile, origin, vma_count } = resolved;
  const { title, machine, workload, seed } = scenario;
  const { area } = openSpace(resolved.space);
  const space = { origin, vma_count, ...(area !== undefined && { area }) };
  const what = textOfWorkload<WorkloadType>(workload.type).what(workload, space);
  return { title, workload: workload.type, machine, profile, what, vma_count, seed };
}

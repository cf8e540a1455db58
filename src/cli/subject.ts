import type { Subject } from "../output/heading.ts";
import type { ResolvedScenario } from "../scenario/resolve.ts";

/** What the head of every report says about a scenario. */
export function subjectOf({ scenario, profile, origin, vma_count }: ResolvedScenario): Subject {
  const { title, machine, seed } = scenario;
  return { title, machine, profile, origin, vma_count, seed };
}

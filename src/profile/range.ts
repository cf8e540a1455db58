// Whether a run lies within what its cost profile was measured for.

import type { CostProfile, MachineConfig } from "../api/types.ts";
import { formatCount } from "../errors.ts";

/** What of a run lies outside, each in a few words; nothing for a profile that does not say. */
export function outsideRange(
  { range }: CostProfile,
  machine: MachineConfig,
  vma_count: number,
): string[] {
  if (range === undefined) return [];
  const outside: string[] = [];
  const { generations, vma_count_min, vma_count_max, cpus_max } = range;
  if (!generations.includes(machine.generation)) {
    outside.push(`Linux ${machine.generation} (measured ${generations.join(", ")})`);
  }
  if (vma_count > 0 && (vma_count < vma_count_min || vma_count > vma_count_max)) {
    const measured = `${formatCount(vma_count_min)} to ${formatCount(vma_count_max)}`;
    outside.push(
      `${formatCount(vma_count)} VMA${vma_count === 1 ? "" : "s"} (measured ${measured})`,
    );
  }
  if (machine.cpus > cpus_max) {
    const measured = `measured ${cpus_max === 1 ? "one" : `up to ${cpus_max}`}`;
    outside.push(`${machine.cpus} CPUs (${measured})`);
  }
  return outside;
}

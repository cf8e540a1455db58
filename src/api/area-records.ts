// Records of areas that a run of the workload vmalloc needs before it begins.

import type { VmallocWorkload } from "./vmalloc.ts";

type Before = Pick<
  VmallocWorkload,
  "boot_stacks" | "boot_lazy_areas" | "held_areas" | "held_every_second"
>;

/** Stacks, lazy and held areas, a free block beside each, and one more. */
export function firstAreaRecords(workload: Before): number {
  const { boot_stacks, boot_lazy_areas = 0, held_areas, held_every_second } = workload;
  return 2 * (boot_stacks + boot_lazy_areas + held_areas * (held_every_second ? 2 : 1)) + 2;
}

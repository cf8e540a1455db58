// Kernel generations as far as VMA locks go.

import { MmGeneration } from "../../assembly/abi/mm.ts";

export const GENERATIONS = ["6.1", "6.12", "7.2"] as const;
export type Generation = (typeof GENERATIONS)[number];

export const GENERATION_NUMBER: Readonly<Record<Generation, MmGeneration>> = {
  "6.1": MmGeneration.V6_1,
  "6.12": MmGeneration.V6_12,
  "7.2": MmGeneration.V7_2,
};

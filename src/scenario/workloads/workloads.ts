// All workloads a scenario can ask for. Another one is a file here, a line in READERS and in the union.

import { z } from "zod";
import type { MachineConfig, WorkloadSpec, WorkloadType } from "../../api/types.ts";
import type { AddressSpace } from "../../input/address-space.ts";
import type { Problem } from "../problems.ts";
import { EXIT_READER } from "./exit.ts";
import { EXITS_READER } from "./exits.ts";
import { MM_READER } from "./mm.ts";
import { MUNMAP_READER } from "./munmap.ts";
import { RCU_FLOOD_READER } from "./rcu-flood.ts";
import { RCU_POST_READER } from "./rcu-post.ts";
import type { WorkloadReader } from "./reader.ts";
import { VMALLOC_READER } from "./vmalloc.ts";

const READERS = {
  exit: EXIT_READER,
  munmap: MUNMAP_READER,
  exits: EXITS_READER,
  rcu_flood: RCU_FLOOD_READER,
  rcu_post: RCU_POST_READER,
  vmalloc: VMALLOC_READER,
  mm: MM_READER,
} as const;

const TYPES = Object.keys(READERS);

export const workloadSchema = z.union(
  [
    READERS.exit.schema,
    READERS.munmap.schema,
    READERS.exits.schema,
    READERS.rcu_flood.schema,
    READERS.rcu_post.schema,
    READERS.vmalloc.schema,
    READERS.mm.schema,
  ],
  {
    error: () => `a mapping with \`type:\` one of ${TYPES.join(", ")}`,
  },
);

export type WorkloadFile = z.infer<typeof workloadSchema>;

// Every reader takes the mapping that its own schema has checked.
function readerOf(file: {
  readonly type: WorkloadType;
}): WorkloadReader<WorkloadType, z.ZodObject> {
  return READERS[file.type] as unknown as WorkloadReader<WorkloadType, z.ZodObject>;
}

export function resolveWorkload(file: WorkloadFile, machine: MachineConfig): WorkloadSpec {
  return readerOf(file).resolve(file, machine);
}

export function workloadProblem(file: WorkloadFile, machine: MachineConfig): Problem | undefined {
  return readerOf(file).problem?.(file, machine);
}

/** Opens the address space only where the workload looks at it. */
export function spaceProblem(
  workload: WorkloadSpec,
  open: () => AddressSpace,
): Problem | undefined {
  return readerOf(workload).spaceProblem?.(workload, open());
}

export function usesSpace(file: WorkloadFile): boolean {
  return readerOf(file).uses_space;
}

/** Is it the type of a workload that takes no address space? */
export function takesNoSpace(type: unknown): boolean {
  return TYPES.includes(type as string) && !READERS[type as WorkloadType].uses_space;
}

export function usesStrategies(file: WorkloadFile): boolean {
  return readerOf(file).uses_strategies;
}

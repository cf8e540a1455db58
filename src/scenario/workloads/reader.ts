// What the scenario reader must know of a workload: its schema, and what becomes of it.

import type { z } from "zod";
import type { MachineConfig, WorkloadSpecs, WorkloadType } from "../../api/types.ts";
import type { AddressSpace } from "../../input/address-space.ts";
import type { Problem } from "../problems.ts";

export interface WorkloadReader<W extends WorkloadType, S extends z.ZodObject> {
  /** A strict object whose `type` is the workload's name; every other key has a default. */
  readonly schema: S;
  /** From the checked mapping to whole numbers, with what follows from the machine filled in. */
  resolve(file: z.infer<S>, machine: MachineConfig): WorkloadSpecs[W];
  /** What a schema of single values cannot say; paths begin with "workload". */
  problem?(file: z.infer<S>, machine: MachineConfig): Problem | undefined;
  /** What only the address space tells, once it is open; paths as above. */
  spaceProblem?(file: WorkloadSpecs[W], space: AddressSpace): Problem | undefined;
  /** Does it take the scenario's `address_space`? */
  readonly uses_space: boolean;
  /** Is there a run for each of the scenario's `strategies`, or one run without any? */
  readonly uses_strategies: boolean;
}

// A run as data: a `RunSpec` whose address space is still a recipe.

import type { AddressSpace } from "../input/address-space.ts";
import { openSpace, type SpaceRecipe } from "./space.ts";
import type { RunSpec, WorkloadType } from "./types.ts";

export interface RunJob<W extends WorkloadType = "exit"> extends Omit<RunSpec<W>, "space"> {
  readonly space: SpaceRecipe;
}

// Many jobs share one recipe object; preparing a resampled address space is not free.
const opened = new WeakMap<SpaceRecipe, AddressSpace>();

/** The specification of a job, its address space made (but not yet read). */
export function jobSpec<W extends WorkloadType>(job: RunJob<W>): RunSpec<W> {
  let space = opened.get(job.space);
  if (space === undefined) {
    space = openSpace(job.space);
    opened.set(job.space, space);
  }
  return { ...job, space };
}

/** The same job at other tick phases. */
export function jobsAtTickPhases<W extends WorkloadType>(
  job: RunJob<W>,
  phases_ns: readonly number[],
): RunJob<W>[] {
  return phases_ns.map((tick_phase_ns) => ({ ...job, machine: { ...job.machine, tick_phase_ns } }));
}

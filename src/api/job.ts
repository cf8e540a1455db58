// A run as data: a `RunSpec` whose address space is still a recipe.

import type { AddressSpace } from "../input/address-space.ts";
import { openSpace, type SpaceRecipe } from "./space.ts";
import type { RunSpec } from "./types.ts";

export interface RunJob extends Omit<RunSpec, "space"> {
  readonly space: SpaceRecipe;
}

// Many jobs share one recipe object; preparing a resampled address space is not free.
const opened = new WeakMap<SpaceRecipe, AddressSpace>();

/** The specification of a job, its address space made (but not yet read). */
export function jobSpec(job: RunJob): RunSpec {
  let space = opened.get(job.space);
  if (space === undefined) {
    space = openSpace(job.space);
    opened.set(job.space, space);
  }
  return { ...job, space };
}

/** The same job at other tick phases. */
export function jobsAtTickPhases(job: RunJob, phases_ns: readonly number[]): RunJob[] {
  return phases_ns.map((tick_phase_ns) => ({ ...job, machine: { ...job.machine, tick_phase_ns } }));
}

// From a checked scenario to the runs it asks for. Where maps and profiles come from is the
// caller's: files in Node, whatever a browser has there.

import { jobsAtTickPhases, type RunJob } from "../api/job.ts";
import { columnsOf, openSpace, type SpaceRecipe } from "../api/space.ts";
import type { CostProfile, Strategy, WorkloadSpec, WorkloadType } from "../api/types.ts";
import { InputError } from "../errors.ts";
import type { AddressSpace, VmaColumns } from "../input/address-space.ts";
import { type Scenario, tickPhasesNs } from "./scenario.ts";

export interface ResolveContext {
  /** Reads what `address_space.maps` names. */
  readonly readMaps: (target: string) => Promise<AddressSpace>;
  /** Finds a cost profile by name or path. */
  readonly readProfile: (name: string) => Promise<CostProfile>;
  /** Put VMAs into shared memory, for workers. */
  readonly shared?: boolean;
}

export interface ResolvedScenario<W extends WorkloadType = WorkloadType> {
  readonly scenario: Scenario & { readonly workload: WorkloadSpec<W> };
  readonly profile: CostProfile;
  readonly space: SpaceRecipe;
  /** What the address space is, in words. */
  readonly origin: string;
  readonly vma_count: number;
  /** What `loadScenario` read it from: the scenario itself, maps, the cost profile. */
  readonly files?: readonly string[];
}

/** The VMAs with what smaps found resident. Throws InputError where the source was no smaps. */
function asFound({ found, origin }: AddressSpace): AddressSpace {
  if (found !== undefined) return found;
  throw new InputError({
    problem: "nothing says which pages are resident",
    found: origin,
    expected: "smaps for populated: found",
  });
}

// Scenarios that are resolved from one source share what they read.
const shared_columns = new WeakMap<AddressSpace, VmaColumns>();

function columnsToShare(space: AddressSpace): VmaColumns {
  const columns = shared_columns.get(space) ?? columnsOf(space, true);
  shared_columns.set(space, columns);
  return columns;
}

async function spaceRecipe(scenario: Scenario, context: ResolveContext): Promise<SpaceRecipe> {
  const { address_space, seed } = scenario;
  if (address_space === undefined) return { generate: "nothing" };
  if ("generate" in address_space) {
    const { generation } = scenario.machine;
    if (address_space.generate === "alternating") return { ...address_space, generation };
    return { ...address_space, seed };
  }
  const space = await context.readMaps(address_space.maps);
  if (space.vma_count === 0) {
    throw new InputError({
      problem: `nothing to exit from: ${space.origin}`,
      found: "no VMAs",
      expected: "at least one",
      hint: "maps are empty for kernel threads and for processes that have ended",
    });
  }
  const { scale_to, populated } = address_space;
  const found = populated === "found" ? asFound(space) : space;
  const columns = context.shared === true ? columnsToShare(found) : columnsOf(found);
  return { columns, origin: found.origin, scale_to, populated, seed };
}

/** Reads maps and profile. Throws InputError or LimitError. */
export async function resolveScenario(
  scenario: Scenario,
  context: ResolveContext,
): Promise<ResolvedScenario> {
  const profile = await context.readProfile(scenario.profile);
  const space = await spaceRecipe(scenario, context);
  const { origin, vma_count } = openSpace(space);
  return { scenario, profile, space, origin, vma_count };
}

/** The runs of one strategy, one a tick phase, the scenario's own phase first. */
export function strategyJobs<W extends WorkloadType>(
  resolved: ResolvedScenario<W>,
  strategy: Strategy,
): RunJob<W>[] {
  const { scenario, profile, space } = resolved;
  const { machine, workload, seed, tick_phases } = scenario;
  const load = scenario.load.length === 0 ? {} : { load: scenario.load };
  const run = { workload, machine, space, strategy, profile, seed, probe_flags: 0 };
  const job: RunJob<W> = { ...run, ...load };
  return jobsAtTickPhases(job, tickPhasesNs(tick_phases, machine.hz, machine.tick_phase_ns));
}

/** Is it a scenario of this workload? */
export function isWorkload<W extends WorkloadType>(
  resolved: ResolvedScenario,
  type: W,
): resolved is ResolvedScenario<W> {
  return resolved.scenario.workload.type === type;
}

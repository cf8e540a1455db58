// The plan of a run without a long silence: what is resident is counted in turns.

import { countResident, isCounted, withoutPages } from "../input/resident.ts";
import type { EngineClass } from "./engine-port.ts";
import { Turns } from "./pause.ts";
import type { MemoryPlan, RunSpec, WorkloadType } from "./types.ts";

/** As EngineClass.plan; rejects with the signal's reason when it is aborted meanwhile. */
export async function planRun(
  engine: EngineClass,
  spec: RunSpec<WorkloadType>,
  signal: AbortSignal | undefined,
): Promise<MemoryPlan> {
  const { space } = spec;
  if (!isCounted(space)) {
    // who cannot fit even without pages is told so before they are counted
    engine.plan({ ...spec, space: withoutPages(space) });
    const turns = new Turns(signal);
    for (const _ of countResident(space)) if (turns.due()) await turns.give();
  }
  return engine.plan(spec);
}

// Runs that needed more records of a kind than their plan has.

import { Region } from "../../assembly/abi/metric.ts";
import type { MemoryPlan } from "../api/types.ts";
import { LimitError } from "../errors.ts";
import type { EngineMemory } from "./abi.ts";

const WHAT: Readonly<Partial<Record<Region, string>>> = {
  [Region.NODE_CALLBACKS]: "callbacks of index nodes wait for a grace period",
  [Region.NODE_SHEAVES]: "sheaves of index nodes wait for a grace period",
  [Region.INDEX]: "index nodes are in use or wait for a grace period",
  [Region.PAGES]: "runs of free and used pages exist",
};
const HINT = "make fewer calls, or shorten what holds grace periods up";

/** What a run that trapped has to say of the region it outgrew; undefined where it trapped for another reason. */
export function outgrownError(memory: EngineMemory, plan: MemoryPlan): LimitError | undefined {
  const region: Region = memory.outgrownRegion();
  if (region < 0) return undefined;
  const available = plan.regions[region]!.bytes;
  return new LimitError({
    problem: `more ${WHAT[region]} at once than the run has memory for`,
    needed: available + 1,
    available,
    unit: "bytes",
    hint: region === Region.PAGES ? "simulate less memory" : HINT,
  });
}

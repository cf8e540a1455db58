// Where a task that takes step after step of vmap lets the event loop have its turn.

import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";

/** Another CPU comes first, or this one waits for a lock or is wanted by another task. */
@inline
export function turnEnds(cpu: Cpu): bool {
  return cpu.now > horizon || cpu.spinsOn != 0 || cpu.needResched != 0;
}

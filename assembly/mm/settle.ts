// The end of a world: nobody can go on. Who still waits, waits for ever; and counts must agree.

import { Access, Breach, Happened, Missing, MmCount } from "../abi/mm";
import { treeEntries } from "../index/tree";
import { report } from "../oracle/lifetime";
import { cacheObjectsLive } from "../slab/slab";
import { Actor, ActorState, MmFlag, mmTree, mmVma } from "./records";
import { count, happened, oracleOn } from "./settings";
import { actorAt, actorCount, mmAt, mmCount, vmaCache } from "./world";

/** Nothing can happen any more: all are done, or some wait for each other. */
export function settle(): void {
  let stuck = false;
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.state != <u8>ActorState.BLOCKED) continue;
    stuck = true;
    if (waitsForItself(actor)) happened(Happened.SELF_DEADLOCK);
  }
  if (stuck) happened(Happened.DEADLOCK);
  else if (oracleOn) checkConservation();
}

function waitsForItself(actor: Actor): bool {
  return actor.waitsFor != 0 && actor.holdsVma != 0 && actor.vma == actor.waitsFor;
}

/** What was allocated is in an index, on a list, or back in the slab; indexes count right. */
function checkConservation(): void {
  let attached: u64 = 0;
  let listed: u64 = 0;
  for (let id: u32 = 0; id < mmCount; id++) {
    const mm = mmAt(id);
    if (mm.alive == 0) continue;
    if (mm.mapCount != treeEntries(mmTree(mm))) conservation();
    attached += mm.mapCount;
    for (let at = mm.listHead; at != 0; at = mmVma(at).group) listed++;
    // its last user tore it down, so the last reference is gone as well, whoever had it
    if ((mm.flags & MmFlag.EXITING) != 0) conservation();
    assert(mm.readers == 0 && mm.writer == 0); // nobody is inside any more
  }
  const live = count(MmCount.ALLOCATED) - count(MmCount.FREED);
  if (live != attached + listed || <u64>cacheObjectsLive(vmaCache) != live) conservation();
}

function conservation(): void {
  report(actorAt(0), 0, Breach.CONSERVATION, Access.NONE, Missing.NONE);
}

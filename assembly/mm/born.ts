// Threads that sleep until a fork or an exec makes their mm.

import { Actor, ActorState, MmStruct } from "./records";
import { wakeBorn } from "./wake";
import { actorAt, actorCount, addressOf } from "./world";

/** Does it sleep until this mm is made? */
@inline
export function waitsFor(actor: Actor, mm: MmStruct): bool {
  return actor.state == <u8>ActorState.NEW && actor.startsWith == addressOf(mm);
}

/** The mm is there: its threads begin, of the process that a fork made with the mm `process`. */
export function startBorn(mm: MmStruct, process: u32): void {
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (!waitsFor(actor, mm)) continue;
    actor.startsWith = process;
    mm.users++;
    wakeBorn(actor, process == addressOf(mm));
  }
}

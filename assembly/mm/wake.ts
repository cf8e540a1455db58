// Threads that are made runnable by a step, in order: whoever drives the world reads the list.

import { Actor, ActorState } from "./records";

const LIST_MAX: u32 = 1024;
const LIST: usize = memory.data(4096, 4);
let woken: u32 = 0;

export function wake(actor: Actor): void {
  if (actor.state != <u8>ActorState.BLOCKED && actor.state != <u8>ActorState.NEW) return;
  actor.state = <u8>ActorState.RUNNABLE;
  assert(woken < LIST_MAX); // no more threads than that
  store<u32>(LIST + (<usize>woken << 2), actor.id);
  woken++;
}

/** Takes the list of those woken since the last call: how many. */
export function takeWoken(): u32 {
  const taken = woken;
  woken = 0;
  return taken;
}

export function wokenAt(index: u32): u32 {
  return load<u32>(LIST + (<usize>index << 2));
}

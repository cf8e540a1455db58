// Threads that are made runnable by a step, in order: whoever drives the world reads the list.

import { Actor, ActorState } from "./records";

const LIST_MAX: u32 = 1024;
const LIST: usize = memory.data(4096, 4);
/** An entry: the number of the thread, and whether a fork has just made it. */
const FORKED: u32 = 1 << 31;
let woken: u32 = 0;

export function wake(actor: Actor): void {
  if (actor.state != <u8>ActorState.BLOCKED) return;
  list(actor, actor.id);
}

/** A thread whose mm is there now begins: that of a fork is a new task. */
export function wakeBorn(actor: Actor, byFork: bool): void {
  assert(actor.state == <u8>ActorState.NEW);
  list(actor, byFork ? actor.id | FORKED : actor.id);
}

function list(actor: Actor, entry: u32): void {
  actor.state = <u8>ActorState.RUNNABLE;
  assert(woken < LIST_MAX); // no more threads than that
  store<u32>(LIST + (<usize>woken << 2), entry);
  woken++;
}

/** Takes the list of those woken since the last call: how many. */
export function takeWoken(): u32 {
  const taken = woken;
  woken = 0;
  return taken;
}

export function wokenAt(index: u32): u32 {
  return load<u32>(LIST + (<usize>index << 2)) & ~FORKED;
}

/** Has a fork just made it? */
export function isForked(index: u32): bool {
  return (load<u32>(LIST + (<usize>index << 2)) & FORKED) != 0;
}

// RCU as the world's operations use it. Whoever drives the world watches `rcuNest` and takes the
// callbacks: the explorer has a grace-period machine of its own (explore-rcu.ts), a machine gives
// them to the modelled RCU.

import { MmCount } from "../abi/mm";
import { Actor, MmVma, mmVma } from "./records";
import { add } from "./settings";
import { nextEvent } from "./world";

let firstQueued: u32 = 0;
let lastQueued: u32 = 0;

export function rcuInit(): void {
  firstQueued = 0;
  lastQueued = 0;
}

export function rcuReadLock(actor: Actor): void {
  if (actor.rcuNest == 0) actor.rcuSince = nextEvent();
  actor.rcuNest++;
}

export function rcuReadUnlock(actor: Actor): void {
  assert(actor.rcuNest != 0); // unlocked more often than locked
  actor.rcuNest--;
}

/** call_rcu of one VMA, or of a group that hangs on it. */
export function defer(address: u32, func: u8): void {
  const vma = mmVma(address);
  vma.func = func;
  vma.queued = nextEvent();
  vma.next = 0;
  if (lastQueued == 0) firstQueued = address;
  else mmVma(lastQueued).next = address;
  lastQueued = address;
  add(MmCount.CALL_RCU, 1);
}

/** The oldest callback that nobody has taken yet; 0 for none. */
export function firstDeferred(): MmVma {
  return mmVma(firstQueued);
}

export function takeDeferred(): u32 {
  const taken = firstQueued;
  if (taken == 0) return 0;
  firstQueued = mmVma(taken).next;
  if (firstQueued == 0) lastQueued = 0;
  return taken;
}

export function hasDeferred(): bool {
  return firstQueued != 0;
}

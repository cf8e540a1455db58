// RCU for the explorer: what it promises and nothing more. A grace period may begin when callbacks
// wait, and may end when every section that was open at its beginning is closed. Everything that
// real RCU does in between is a delay, and the explorer has all delays.

import { MmCount, Twin } from "../abi/mm";
import { slabPageReturn, slabPendingTake } from "../slab/slab";
import { invokeCallback } from "./free";
import { Actor, FUNC_GROUP, mmVma } from "./records";
import { firstDeferred, hasDeferred, takeDeferred } from "./rcu";
import { add, without } from "./settings";
import { actorAt, actorCount, nextEvent, vmaCache } from "./world";

/** Event number at which the running grace period began; 0 while none runs. */
let gpSince: u32 = 0;
/** Callbacks queued before this event number are ready. */
let readyBefore: u32 = 0;
/** Discarded slabs of the typesafe cache that the running grace period covers. */
const PENDING_MAX: u32 = 64;
const PENDING: usize = memory.data(256, 4);
let pending: u32 = 0;

export function exploreRcuInit(): void {
  gpSince = 0;
  readyBefore = 0;
  pending = 0;
}

function sectionsClosed(): bool {
  for (let id: u32 = 0; id < actorCount; id++) {
    const actor = actorAt(id);
    if (actor.rcuNest != 0 && actor.rcuSince < gpSince) return false;
  }
  return true;
}

function readyCallback(): bool {
  if (!hasDeferred()) return false;
  return firstDeferred().queued < readyBefore;
}

/** Can RCU do something now? */
export function rcuCanStep(): bool {
  if (readyCallback()) return true;
  return gpSince != 0 ? sectionsClosed() : hasDeferred();
}

/** It does: invokes one callback, ends the grace period, or begins one. */
export function stepRcu(invoker: Actor): void {
  if (readyCallback()) {
    const address = takeDeferred();
    const group = mmVma(address).func == FUNC_GROUP;
    invokeCallback(invoker, invoker.cpu, address);
    if (group) mmVma(address).group = 0;
    return;
  }
  if (gpSince != 0) {
    endGracePeriod();
    return;
  }
  gpSince = nextEvent();
  takePending();
}

function endGracePeriod(): void {
  // a twin takes what came while the grace period ran along with it
  readyBefore = without(Twin.FREE_EARLY) ? nextEvent() : gpSince;
  gpSince = 0;
  add(MmCount.GRACE_PERIODS, 1);
  for (let i: u32 = 0; i < pending; i++) {
    slabPageReturn(vmaCache, load<u32>(PENDING + (<usize>i << 2)));
  }
  pending = 0;
}

function takePending(): void {
  while (pending < PENDING_MAX) {
    const slab = slabPendingTake(vmaCache);
    if (slab == 0) return;
    store<u32>(PENDING + (<usize>pending << 2), slab);
    pending++;
  }
}

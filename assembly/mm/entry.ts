// Address spaces under load on bare memory: worlds built by hand, explored by seed. Tests, the
// command `litmus` and other programs use this module; the simulator has its own way in.

import { FreeWay, MmSetting } from "../abi/mm";
import { breachAt, breachesKept } from "../oracle/log";
import { memoryInit } from "./attach";
import { chargingInit } from "./charge";
import { demandInit } from "./demand";
import { explore, exploreInit } from "./explore";
import { vmAreaFree } from "./free";
import { Actor, ActorState, Life, MmStruct, mmVma } from "./records";
import { COUNTS, setting, SETTINGS } from "./settings";
import { interruptWaiter } from "./rwsem";
import { wake } from "./wake";
import { actorAt, addressOf, mmAt, worldBytes, worldInit } from "./world";

export { breachAt, breachesKept };
export { addActor, addMm, addOp, addVma } from "./build";
export { traceAddress, tracedSteps } from "./explore";
export { treeEntries, treeLoad } from "../index/tree";
export {
  mmapDowngrade,
  mmapReadLock,
  mmapReadTrylock,
  mmapReadUnlock,
  mmapWriteLock,
  mmapWriteUnlock,
} from "./rwsem";
export { stepActor } from "./step";
export { endRead, markDetached, startWrite } from "./vma-lock";
export { lockUnderRcu } from "./lookup";

/** Worlds begin here: below lie settings, counters and other static data. */
const BASE: usize = 65536;

export function settingsAddress(): usize {
  return SETTINGS;
}

export function countsAddress(): usize {
  return COUNTS;
}

/** Bytes of memory that a world with the settings as they are wants. */
export function bytesWanted(): u64 {
  return <u64>BASE + worldBytes();
}

/** An empty world; false when the host has no such memory. */
export function build(): bool {
  assert(__heap_base <= BASE); // static data ends below worlds
  const pages = <i32>((bytesWanted() + 0xffff) >> 16);
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return false;
  worldInit(BASE);
  memoryInit();
  chargingInit(false);
  demandInit(false);
  exploreInit(setting(MmSetting.SEED));
  return true;
}

/** Runs the world to its end under the schedule of its seed. */
export function run(): void {
  explore();
}

// Looking in, for tests.

export function mmAddress(id: u32): u32 {
  return addressOf(mmAt(id));
}

export function actorState(id: u32): u32 {
  return <u32>actorAt(id).state;
}

export function vmaRef(address: u32): u32 {
  return mmVma(address).ref;
}

export function vmaSeq(address: u32): u32 {
  return mmVma(address).seq;
}

export function mmSeq(id: u32): u32 {
  return mmAt(id).seq;
}

export function mapCount(id: u32): u32 {
  return mmAt(id).mapCount;
}

export function mmUsers(id: u32): u32 {
  return <u32>mmAt(id).users;
}

export function mmAlive(id: u32): bool {
  return mmAt(id).alive != 0;
}

export function mmReaders(id: u32): u32 {
  return mmAt(id).readers;
}

/** The writer inside, + 1; 0 for none. */
export function mmWriter(id: u32): u32 {
  return mmAt(id).writer;
}

export function actorAddress(id: u32): u32 {
  return <u32>changetype<usize>(actorAt(id));
}

/** The thread works on this mm from now on. */
export function aim(actor: u32, mm: u32): void {
  changetype<Actor>(<usize>actor).target = mm;
  changetype<Actor>(<usize>actor).mm = mm;
}

/** Frees a detached VMA at once; false: a breach. */
export function freeDetached(actor: u32, mm: u32, vma: u32): bool {
  const whose = changetype<MmStruct>(<usize>mm);
  return vmAreaFree(changetype<Actor>(<usize>actor), whose, vma, FreeWay.DIRECT, Life.DETACHED);
}

/** A fatal signal to one thread. */
export function killActor(id: u32): void {
  const actor = actorAt(id);
  actor.killed = 1;
  if (actor.state != <u8>ActorState.BLOCKED) return;
  if (actor.waitsFor != 0) wake(actor);
  else if (actor.waitKillable != 0) {
    interruptWaiter(actor, changetype<MmStruct>(<usize>actor.target));
  }
}

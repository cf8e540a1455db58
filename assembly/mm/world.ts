// The world: threads, mm_structs, programs, VMA cache and index nodes in one piece of memory.
//
//   base ─▶ ╒════════╤═════╤══════════╤═══════╤═══════════╤════════════╤═══════╕
//           │ actors │ mms │ programs │ log   │ VMA cache │ lock cache │ index │
//           ╘════════╧═════╧══════════╧═══════╧═══════════╧════════════╧═══════╛

import { MmCount, MmGeneration, MmSetting } from "../abi/mm";
import { poolBytes, poolInit } from "../index/tree";
import { LOG_BYTES, logInit } from "../oracle/log";
import { cpuPartialSlabsMax } from "../slab/layout";
import { cacheBytes, cacheInit, cacheSetTypesafe } from "../slab/slab";
import { sheafCacheBytes, sheafCacheInit } from "../slab/slab";
import {
  Actor,
  ACTOR_BYTES,
  ActorState,
  MM_STRUCT_BYTES,
  MM_VMA_BYTES,
  MmStruct,
  OP_BYTES,
  recordsFit,
} from "./records";
import { add, generation, setting, settingsInit, worldCpus } from "./settings";

/** Objects of a sheaf of the VMA cache: mm/vma_init.c asks for 32, the size rule makes it 60. */
const SHEAF_OBJECTS: u32 = 60;
const LOCK_OBJECT_BYTES: u32 = 8;
const LOCKS_PER_SLAB: u32 = 102;
const ALIGN: u64 = 64;

let actorsBase: usize = 0;
let mmsBase: usize = 0;
let programsBase: usize = 0;
let opsUsed: u32 = 0;
export let actorCount: u32 = 0;
export let mmCount: u32 = 0;
export let vmaCache: usize = 0;
export let lockCache: usize = 0;
export let nodePool: usize = 0;

/** Time of the step under way: steps in the explorer, picoseconds on a machine. */
export let now: u64 = 0;
/** Jiffies at that time, for lists that are drained by time; 0 in the explorer. */
export let jiffies: u64 = 0;
/** Numbers events that RCU has to order. */
export let eventNumber: u32 = 0;
/** The run ends here: what follows a breach means nothing. */
export let broken: bool = false;

export function setNow(time: u64): void {
  now = time;
}

/** The same on a machine, whose clock ticks. */
export function setTime(time: u64, ticks: u64): void {
  now = time;
  jiffies = ticks;
}

export function nextEvent(): u32 {
  return ++eventNumber;
}

export function breakWorld(): void {
  broken = true;
}

function round(bytes: u64): u64 {
  return (bytes + ALIGN - 1) & ~(ALIGN - 1);
}

function nodesFor(vmas: u32, mms: u32): u32 {
  // 6.12 copies a leaf per store in RCU mode; they come back at once (see attach.ts)
  return vmas / 2 + mms * 8 + 64;
}

function vmaCacheBytes(): u64 {
  const vmas = <u32>setting(MmSetting.VMAS);
  const per_slab = <u32>setting(MmSetting.OBJECTS_PER_SLAB);
  const cpus = <u32>setting(MmSetting.CPUS);
  if (setting(MmSetting.GENERATION) == <u64>MmGeneration.V7_2) {
    return sheafCacheBytes(vmas, MM_VMA_BYTES, per_slab, cpus, SHEAF_OBJECTS, 0);
  }
  return cacheBytes(vmas, MM_VMA_BYTES, per_slab, cpus);
}

function lockCacheBytes(): u64 {
  const vmas = <u32>setting(MmSetting.VMAS);
  return cacheBytes(vmas, LOCK_OBJECT_BYTES, LOCKS_PER_SLAB, <u32>setting(MmSetting.CPUS));
}

/** Bytes of a world with the settings as they are. */
export function worldBytes(): u64 {
  const mms = <u32>setting(MmSetting.MMS);
  return (
    round(setting(MmSetting.ACTORS) * ACTOR_BYTES) +
    round(<u64>mms * MM_STRUCT_BYTES) +
    round(setting(MmSetting.OPS) * OP_BYTES) +
    round(LOG_BYTES) +
    round(vmaCacheBytes()) +
    round(lockCacheBytes()) +
    round(poolBytes(nodesFor(<u32>setting(MmSetting.VMAS), mms)))
  );
}

/** Lays out an empty world at `base`, which is 64-byte aligned and has `worldBytes` behind it. */
export function worldInit(base: usize): void {
  assert(recordsFit()); // the drawn sizes are the true ones
  assert((base & 63) == 0); // caches want it so
  settingsInit();
  actorCount = 0;
  mmCount = 0;
  opsUsed = 0;
  now = 0;
  jiffies = 0;
  eventNumber = 0;
  broken = false;
  const vmas = <u32>setting(MmSetting.VMAS);
  const mms = <u32>setting(MmSetting.MMS);
  memory.fill(base, 0, <usize>worldBytes());
  let at: u64 = <u64>base;
  actorsBase = <usize>at;
  at += round(setting(MmSetting.ACTORS) * ACTOR_BYTES);
  mmsBase = <usize>at;
  at += round(<u64>mms * MM_STRUCT_BYTES);
  programsBase = <usize>at;
  at += round(setting(MmSetting.OPS) * OP_BYTES);
  logInit(<usize>at);
  at += round(LOG_BYTES);
  vmaCache = <usize>at;
  initVmaCache(vmas);
  at += round(vmaCacheBytes());
  lockCache = <usize>at;
  const cpus = worldCpus;
  cacheInit(lockCache, vmas, LOCK_OBJECT_BYTES, LOCKS_PER_SLAB, 0, cpus, 2, 5);
  at += round(lockCacheBytes());
  nodePool = <usize>at;
  poolInit(nodePool, nodesFor(vmas, mms));
}

function initVmaCache(vmas: u32): void {
  const per_slab = <u32>setting(MmSetting.OBJECTS_PER_SLAB);
  if (generation == <u32>MmGeneration.V7_2) {
    const sheaf = SHEAF_OBJECTS;
    sheafCacheInit(vmaCache, vmas, MM_VMA_BYTES, per_slab, 0, worldCpus, 5, sheaf, 0);
    cacheSetTypesafe(vmaCache);
    return;
  }
  const partial = min<u32>(2, cpuPartialSlabsMax(per_slab));
  cacheInit(vmaCache, vmas, MM_VMA_BYTES, per_slab, 0, worldCpus, partial, 5);
}

@inline
export function actorAt(id: u32): Actor {
  return changetype<Actor>(actorsBase + <usize>id * <usize>ACTOR_BYTES);
}

@inline
export function mmAt(id: u32): MmStruct {
  return changetype<MmStruct>(mmsBase + <usize>id * <usize>MM_STRUCT_BYTES);
}

@inline
export function mmOf(address: u32): MmStruct {
  return changetype<MmStruct>(<usize>address);
}

@inline
export function addressOf(mm: MmStruct): u32 {
  return <u32>changetype<usize>(mm);
}

/** A new mm_struct; its tree is empty and nobody uses it yet. */
export function newMm(): MmStruct {
  assert(<u64>mmCount < setting(MmSetting.MMS)); // the host counted them
  const mm = mmAt(mmCount);
  mm.id = mmCount++;
  return mm;
}

/** A new thread; its program follows by `newOp`. */
export function newActor(mm: u32): Actor {
  assert(<u64>actorCount < setting(MmSetting.ACTORS)); // the host counted them
  const actor = actorAt(actorCount);
  actor.id = actorCount++;
  actor.mm = mm;
  actor.cpu = <u16>(actor.id % worldCpus);
  actor.state = <u8>ActorState.RUNNABLE;
  actor.program = <u32>(programsBase + <usize>opsUsed * <usize>OP_BYTES);
  actor.programEnd = actor.program;
  return actor;
}

/** Adds an operation to the program of the newest thread. */
export function newOp(actor: Actor, op: u32, x: u64, y: u64, z: u64): void {
  assert(<u64>opsUsed < setting(MmSetting.OPS)); // the host counted them
  assert(actor.id == actorCount - 1); // programs lie one behind the other
  const at = <usize>actor.programEnd;
  store<u64>(at, op);
  store<u64>(at, x, 8);
  store<u64>(at, y, 16);
  store<u64>(at, z, 24);
  actor.programEnd += OP_BYTES;
  opsUsed++;
}

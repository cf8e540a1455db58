// Objects that must wait for a grace period, 7.2: mm/slub.c:__kfree_rcu_sheaf, rcu_free_sheaf.
// Each CPU fills one sheaf; a full one waits with a single call_rcu. A sheaf that does not fill up
// has no timer: its objects stay until more come or somebody takes it (a barrier, a flush).

import { barnGetEmpty, barnIsFull, barnPutEmpty, barnPutFull } from "./barn";
import { SHEAF_FREE_RCU } from "./path";
import { slabIndexOf } from "./locate";
import { Cache } from "./records";
import { flushSheaf } from "./sheaf-flush";
import { allocSheaf, freeSheaf } from "./sheaf-pool";
import {
  barnOf,
  CpuSheaves,
  cpuSheaves,
  MAX_EMPTY_SHEAVES,
  NO_SHEAF,
  sheafAt,
  sheafSlot,
} from "./sheaf-records";

/** rcuSheafPush: the object waits in the CPU's sheaf; nothing to do. */
export const RCU_SHEAF_QUEUED: u32 = 0;
/** rcuSheafPush: there is no sheaf; the caller must defer the object in another way. */
export const RCU_SHEAF_NONE: u32 = u32.MAX_VALUE;

/**
 * Frees one object after a grace period. Returns RCU_SHEAF_QUEUED, RCU_SHEAF_NONE, or the sheaf
 * that has just become full: the caller issues one call_rcu for it, and rcuSheafReturn after.
 */
export function rcuSheafPush(cache: usize, cpu: u32, object: u32): u32 {
  const c = changetype<Cache>(cache);
  assert(cpu < c.cpus); // a CPU of this machine
  assert(slabIndexOf(cache, object) < c.slabs_touched); // an object of this cache
  const barn = barnOf(cache);
  const per_cpu = cpuSheaves(cache, cpu);
  if (per_cpu.rcu_free == NO_SHEAF) {
    per_cpu.rcu_free = emptySheafFor(cache, per_cpu);
    if (per_cpu.rcu_free == NO_SHEAF) {
      barn.rcu_failures++;
      return RCU_SHEAF_NONE;
    }
  }
  const sheaf = per_cpu.rcu_free;
  const size = sheafAt(sheaf).size;
  store<u32>(sheafSlot(sheaf, size), object);
  sheafAt(sheaf).size = size + 1;
  c.objects_live--;
  barn.objects_waiting++;
  if (size + 1 < barn.capacity) return RCU_SHEAF_QUEUED;
  per_cpu.rcu_free = NO_SHEAF;
  return sheaf;
}

/** An empty sheaf: the spare if it is empty, one of the barn, or a new one. */
function emptySheafFor(cache: usize, per_cpu: CpuSheaves): u32 {
  const spare = per_cpu.spare;
  if (spare != NO_SHEAF && sheafAt(spare).size == 0) {
    per_cpu.spare = NO_SHEAF;
    return spare;
  }
  const empty = barnGetEmpty(cache);
  return empty != NO_SHEAF ? empty : allocSheaf(cache);
}

/** Objects in a sheaf that waits. */
export function rcuSheafSize(sheaf: u32): u32 {
  return sheafAt(sheaf).size;
}

/** One of them. */
export function rcuSheafObject(sheaf: u32, index: u32): u32 {
  return load<u32>(sheafSlot(sheaf, index));
}

/** Takes this CPU's partly filled sheaf for a call_rcu (flush, barrier); NO_SHEAF if none. */
export function rcuSheafTake(cache: usize, cpu: u32): u32 {
  const per_cpu = cpuSheaves(cache, cpu);
  const sheaf = per_cpu.rcu_free;
  per_cpu.rcu_free = NO_SHEAF;
  return sheaf;
}

/** The grace period of a full sheaf is over: to the barn, or to the slabs. Returns the path. */
export function rcuSheafReturn(cache: usize, sheaf: u32): u32 {
  const barn = barnOf(cache);
  barn.objects_waiting -= sheafAt(sheaf).size;
  if (!barnIsFull(cache)) {
    barnPutFull(cache, sheaf);
    return SHEAF_FREE_RCU;
  }
  const path = flushSheaf(cache, sheaf);
  if (barn.nr_empty < MAX_EMPTY_SHEAVES) barnPutEmpty(cache, sheaf);
  else freeSheaf(cache, sheaf);
  return path;
}

/** The grace period of a sheaf from rcuSheafTake is over: to the slabs. Returns the path. */
export function rcuSheafDiscard(cache: usize, sheaf: u32): u32 {
  barnOf(cache).objects_waiting -= sheafAt(sheaf).size;
  const path = flushSheaf(cache, sheaf);
  freeSheaf(cache, sheaf);
  return path;
}

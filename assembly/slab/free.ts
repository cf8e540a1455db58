// Freeing in 6.12: mm/slub.c:do_slab_free, __slab_free.

import { putCpuPartial } from "./cpu-partial";
import { slabOf } from "./locate";
import { holdListLock, removePartial } from "./node";
import { discardSlab } from "./pages";
import {
  FREE_EMPTIED,
  FREE_FAST,
  FREE_FROZEN,
  FREE_LIST_LOCK,
  FREE_SLOW,
  FREE_TO_PARTIAL,
  ONE_DISCARDED,
} from "./path";
import {
  Cache,
  CpuSlab,
  cpuSlab,
  setFreeLink,
  Slab,
  SLAB_ACTIVE,
  SLAB_CPU_PARTIAL,
} from "./records";
import { putShared } from "./shared-list";

/** Frees one object on this CPU; returns the path. */
export function slabFree(cache: usize, cpu: u32, object: u32): u32 {
  assert(cpu < changetype<Cache>(cache).cpus); // a CPU of this machine
  const slab = slabOf(cache, object);
  return freeChain(cache, cpuSlab(cache, cpu), slab, object, object, 1);
}

/** Frees `count` objects of one slab that are linked from `head` to `tail`; returns the path. */
@inline
export function freeChain(
  cache: usize,
  per_cpu: CpuSlab,
  slab: Slab,
  head: u32,
  tail: u32,
  count: u32,
): u32 {
  changetype<Cache>(cache).objects_live -= count;
  if (per_cpu.slab != changetype<usize>(slab)) {
    return freeSlow(cache, per_cpu, slab, head, tail, count);
  }
  assert(head != per_cpu.freelist); // freed twice in a row
  setFreeLink(tail, per_cpu.freelist);
  per_cpu.freelist = head;
  return FREE_FAST;
}

/** __slab_free: to the shared freelist; the slab may change lists. */
function freeSlow(
  cache: usize,
  per_cpu: CpuSlab,
  slab: Slab,
  head: u32,
  tail: u32,
  count: u32,
): u32 {
  const prior = putShared(slab, head, tail, count);
  return freedToShared(cache, per_cpu, slab, prior);
}

/** What follows when a shared freelist on which `prior` was first has got more. */
export function freedToShared(cache: usize, per_cpu: CpuSlab, slab: Slab, prior: u32): u32 {
  changetype<Cache>(cache).slow_frees++;
  if (slab.state == SLAB_ACTIVE) return FREE_SLOW | FREE_FROZEN;
  const emptied: u32 = slab.inuse == 0 ? FREE_EMPTIED : 0;
  if (prior == 0) {
    const spilled = putCpuPartial(cache, per_cpu, slab, true);
    const locked: u32 = spilled == 0 ? 0 : FREE_LIST_LOCK;
    return FREE_SLOW | FREE_TO_PARTIAL | emptied | locked | spilled;
  }
  return emptied != 0 ? becomeEmpty(cache, slab) : FREE_SLOW;
}

/**
 * The last object of a partial slab came back. list_lock is taken before it is known whether the
 * slab is on the node's list; on a CPU's list it stays as it is.
 */
function becomeEmpty(cache: usize, slab: Slab): u32 {
  const c = changetype<Cache>(cache);
  const path = FREE_SLOW | FREE_EMPTIED | FREE_LIST_LOCK;
  holdListLock(cache);
  if (slab.state == SLAB_CPU_PARTIAL || c.nr_partial < c.min_partial) return path;
  removePartial(cache, slab);
  discardSlab(cache, slab);
  return path | ONE_DISCARDED;
}

// What a cache holds, in objects, slabs and pages of the modelled kernel. Its bytes have nothing to
// do with the bytes of the simulator's records.

import { PAGE_BYTES } from "./geometry";
import { Cache } from "./records";
import { barnOf } from "./sheaf-records";

/** The first of its objects; all lie in one row, slab by slab. */
export function cacheFirstObject(cache: usize): u32 {
  return changetype<Cache>(cache).objects;
}

/** Objects handed out and not freed. */
export function cacheObjectsLive(cache: usize): u32 {
  return changetype<Cache>(cache).objects_live;
}

/** Objects in rcu sheaves: freed, but not reusable before their grace period is over. */
export function cacheObjectsWaiting(cache: usize): u32 {
  return changetype<Cache>(cache).barn == 0 ? 0 : barnOf(cache).objects_waiting;
}

/** Free objects in slabs that have pages: in freelists and sheaves. */
export function cacheObjectsCached(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  return c.slabs_live * c.objs_per_slab - c.objects_live - cacheObjectsWaiting(cache);
}

/** Slabs in use: not discarded. */
export function cacheSlabsLive(cache: usize): u32 {
  return changetype<Cache>(cache).slabs_live;
}

/** Discarded slabs of a typesafe cache whose pages have not been given back yet. */
export function cacheSlabsWaiting(cache: usize): u32 {
  return changetype<Cache>(cache).slabs_waiting;
}

/** Times a slab was discarded so far. */
export function cacheSlabsDiscarded(cache: usize): u32 {
  return <u32>changetype<Cache>(cache).slabs_discarded;
}

/** Slabs discarded up to now count no longer: they were those of others. */
export function cacheForgetDiscards(cache: usize): void {
  changetype<Cache>(cache).slabs_discarded = 0;
}

/** Times pages were taken for a slab so far. */
export function cacheSlabsMade(cache: usize): u32 {
  return <u32>changetype<Cache>(cache).slabs_made;
}

/** Pages that the cache keeps from the page allocator, waiting ones too. */
export function cachePagesLive(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  return (c.slabs_live + c.slabs_waiting) << c.slab_order;
}

/** The same in bytes. */
export function cacheKernelBytes(cache: usize): u64 {
  return (<u64>cachePagesLive(cache)) * PAGE_BYTES;
}

/** Bytes of kept pages that no live object uses: free and waiting objects, tails of slabs. */
export function cacheSlackBytes(cache: usize, object_bytes: u32): u64 {
  return cacheKernelBytes(cache) - (<u64>cacheObjectsLive(cache)) * object_bytes;
}

/** How the last allocation went (path.ts). */
@inline
export function cacheLastPath(cache: usize): u32 {
  return changetype<Cache>(cache).last_path;
}

/** Holds of the node's list_lock so far. */
export function cacheListLocks(cache: usize): u32 {
  return <u32>changetype<Cache>(cache).list_locks;
}

/** Runs of __slab_free so far: one for each object or bulk group. */
export function cacheSlowFrees(cache: usize): u32 {
  return <u32>changetype<Cache>(cache).slow_frees;
}

/** Slabs on the node's partial list. */
export function cacheNrPartial(cache: usize): u32 {
  return changetype<Cache>(cache).nr_partial;
}

// Slabs come and go: pages from the page allocator become a slab whose objects are all free, in
// ascending order; a discarded slab's pages go back, and the page given back last is taken first
// (mm/slub.c:new_slab, free_slab). In a typesafe cache (SLAB_TYPESAFE_BY_RCU) somebody may still
// look at the objects: the pages of a discarded slab wait for a grace period, one call_rcu a slab.

import { firstObject, slabAt } from "./locate";
import { Cache, setFreeLink, Slab, SLAB_PENDING, SLAB_POOL } from "./records";

/** A slab without pages; 0 when the planned capacity is used up. */
function takeFromPool(cache: usize): usize {
  const c = changetype<Cache>(cache);
  const top = c.pool;
  if (top != 0) {
    c.pool = changetype<Slab>(<usize>top).next;
    return top;
  }
  if (c.slabs_touched == c.slab_capacity) return 0;
  return changetype<usize>(slabAt(cache, c.slabs_touched++));
}

/** A new slab with all its objects on the shared freelist, on no list; 0 when there is none. */
export function newSlab(cache: usize): usize {
  const address = takeFromPool(cache);
  if (address == 0) return 0;
  const c = changetype<Cache>(cache);
  const slab = changetype<Slab>(address);
  slab.freelist = c.objects == 0 ? c.objs_per_slab : linkAll(cache, slab);
  slab.inuse = 0;
  c.slabs_live++;
  c.slabs_made++;
  return address;
}

/** Links all objects of a slab; returns the first. */
function linkAll(cache: usize, slab: Slab): u32 {
  const c = changetype<Cache>(cache);
  const first = firstObject(cache, slab);
  const last = first + (c.objs_per_slab - 1) * c.record_bytes;
  for (let object = first; object < last; object += c.record_bytes) {
    setFreeLink(object, object + c.record_bytes);
  }
  setFreeLink(last, 0);
  return first;
}

/** Gives an empty slab that is on no list back to the page allocator, or to the waiting list. */
export function discardSlab(cache: usize, slab: Slab): void {
  assert(slab.inuse == 0); // somebody still has an object of it
  const c = changetype<Cache>(cache);
  c.slabs_live--;
  c.slabs_discarded++;
  if (c.typesafe == 0) {
    pushPool(cache, slab);
    return;
  }
  slab.state = SLAB_PENDING;
  slab.next = 0;
  const address = <u32>changetype<usize>(slab);
  if (c.pending_first == 0) c.pending_first = address;
  else changetype<Slab>(<usize>c.pending_last).next = address;
  c.pending_last = address;
  c.slabs_waiting++;
}

@inline
function pushPool(cache: usize, slab: Slab): void {
  const c = changetype<Cache>(cache);
  slab.state = SLAB_POOL;
  slab.next = c.pool;
  c.pool = <u32>changetype<usize>(slab);
}

/**
 * Takes the oldest discarded slab whose call_rcu has not been issued yet; 0 when there is none.
 * The caller issues one call_rcu for it and calls slabPageReturn when it is invoked.
 */
export function slabPendingTake(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  const address = c.pending_first;
  if (address == 0) return 0;
  const slab = changetype<Slab>(<usize>address);
  c.pending_first = slab.next;
  slab.next = 0;
  return address;
}

/** The grace period of a typesafe slab is over: its pages go back to the page allocator. */
export function slabPageReturn(cache: usize, slab: u32): void {
  const c = changetype<Cache>(cache);
  const record = changetype<Slab>(<usize>slab);
  assert(record.state == SLAB_PENDING); // returned twice, or never discarded
  c.slabs_waiting--;
  pushPool(cache, record);
}

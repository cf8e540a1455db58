// Taking objects out of slabs in 7.2: mm/slub.c:refill_objects, get_partial_node_bulk,
// alloc_from_new_slab, and ___slab_alloc for a single object.

import { WORD } from "./detached";
import { addPartialHead, holdListLock, removePartial } from "./node";
import { nodeFree } from "./node-free";
import { newSlab } from "./pages";
import { Cache, freeLink, Slab, SLAB_FULL } from "./records";

/** Stores up to `count` objects at `array`; returns how many there were. */
export function refillObjects(cache: usize, array: usize, count: u32): u32 {
  let filled = refillFromPartial(cache, array, count);
  while (filled < count) {
    const fresh = newSlab(cache);
    if (fresh == 0) break;
    filled += takeFromNew(
      cache,
      changetype<Slab>(fresh),
      array + filled * WORD,
      count - filled,
    );
  }
  return filled;
}

/** One object without a sheaf; 0 when there is none. */
export function allocSingle(cache: usize): u32 {
  const c = changetype<Cache>(cache);
  if (c.nr_partial == 0) return allocSingleFromNew(cache);
  holdListLock(cache);
  const slab = changetype<Slab>(<usize>c.node_first);
  const object = slab.freelist;
  slab.freelist = freeLink(object);
  slab.inuse++;
  if (slab.freelist == 0) {
    removePartial(cache, slab);
    slab.state = SLAB_FULL;
  }
  return object;
}

function allocSingleFromNew(cache: usize): u32 {
  const fresh = newSlab(cache);
  if (fresh == 0) return 0;
  const slab = changetype<Slab>(fresh);
  const object = slab.freelist;
  slab.freelist = freeLink(object);
  keepNew(cache, slab, 1);
  return object;
}

/** alloc_from_new_slab: up to `count` objects of a new slab; the rest goes to the list's head. */
function takeFromNew(cache: usize, slab: Slab, array: usize, count: u32): u32 {
  let object = slab.freelist;
  let taken: u32 = 0;
  for (; object != 0 && taken < count; taken++) {
    store<u32>(array + taken * WORD, object);
    object = freeLink(object);
  }
  slab.freelist = object;
  keepNew(cache, slab, taken);
  return taken;
}

/** Puts a new slab where it belongs after `taken` of its objects were taken. */
function keepNew(cache: usize, slab: Slab, taken: u32): void {
  slab.inuse = <u16>taken;
  if (slab.freelist == 0) {
    slab.state = SLAB_FULL;
    return;
  }
  holdListLock(cache);
  addPartialHead(cache, slab);
}

/** __refill_objects_node: whole freelists of partial slabs. */
function refillFromPartial(cache: usize, array: usize, count: u32): u32 {
  if (changetype<Cache>(cache).nr_partial == 0) return 0;
  let rest = takePartials(cache, count);
  let filled: u32 = 0;
  while (rest != 0 && filled < count) {
    const slab = changetype<Slab>(<usize>rest);
    rest = slab.next;
    filled += emptyFreelist(cache, slab, array + filled * WORD, count - filled);
  }
  if (rest != 0) putPartialsBack(cache, rest);
  return filled;
}

/**
 * get_partial_node_bulk: takes slabs off the node's list, first to last, until they have `count`
 * free objects. Returns them as a stack, so that the last one taken is used first.
 */
function takePartials(cache: usize, count: u32): u32 {
  const c = changetype<Cache>(cache);
  let taken: u32 = 0;
  let free: u32 = 0;
  holdListLock(cache);
  while (c.node_first != 0 && free < count) {
    const address = c.node_first;
    const slab = changetype<Slab>(<usize>address);
    removePartial(cache, slab);
    slab.state = SLAB_FULL; // on no list for now
    slab.next = taken;
    taken = address;
    free += c.objs_per_slab - slab.inuse;
  }
  return taken;
}

/** Takes the whole freelist of a slab, keeps up to `count` objects and frees the rest again. */
function emptyFreelist(cache: usize, slab: Slab, array: usize, count: u32): u32 {
  let object = slab.freelist;
  slab.freelist = 0;
  slab.inuse = <u16>changetype<Cache>(cache).objs_per_slab;
  let kept: u32 = 0;
  for (; object != 0 && kept < count; kept++) {
    store<u32>(array + kept * WORD, object);
    object = freeLink(object);
  }
  if (object == 0) return kept;
  const head = object;
  let tail = object;
  let surplus: u32 = 0;
  for (; object != 0; surplus++) {
    tail = object;
    object = freeLink(object);
  }
  nodeFree(cache, slab, head, tail, surplus);
  return kept;
}

/**
 * Slabs that were taken but not needed go to the head of the list. The kernel discards empty ones
 * here, which only frees that happen meanwhile can leave: an empty slab has as many free objects
 * as any that was taken after it, so those would not have been taken.
 */
function putPartialsBack(cache: usize, stack: u32): void {
  holdListLock(cache);
  for (let address = stack; address != 0; ) {
    const slab = changetype<Slab>(<usize>address);
    address = slab.next;
    assert(slab.inuse > 0); // see above
    addPartialHead(cache, slab);
  }
}

// Freeing into slabs in 7.2: mm/slub.c:__slab_free, __kmem_cache_free_bulk. There are no active
// slabs and no CPU lists any more: a slab is full and on no list, or on the node's list.

import { detachLast, WORD } from "./detached";
import { slabOf } from "./locate";
import { addPartialTail, holdListLock, removePartial } from "./node";
import { discardSlab } from "./pages";
import {
  FREE_EMPTIED,
  FREE_LIST_LOCK,
  FREE_SLOW,
  FREE_TO_PARTIAL,
  joinPaths,
  ONE_DISCARDED,
} from "./path";
import { Cache, Slab } from "./records";
import { putShared } from "./shared-list";

/** Frees `count` objects of one slab that are linked from `head` to `tail`; returns the path. */
export function nodeFree(cache: usize, slab: Slab, head: u32, tail: u32, count: u32): u32 {
  const c = changetype<Cache>(cache);
  c.slow_frees++;
  const prior = putShared(slab, head, tail, count);
  const empty = slab.inuse == 0;
  if (prior != 0 && !empty) return FREE_SLOW;
  holdListLock(cache);
  let path = FREE_SLOW | FREE_LIST_LOCK;
  if (prior == 0) path |= FREE_TO_PARTIAL;
  if (empty) path |= FREE_EMPTIED;
  if (empty && c.nr_partial >= c.min_partial) {
    if (prior != 0) removePartial(cache, slab);
    discardSlab(cache, slab);
    return path | ONE_DISCARDED;
  }
  if (prior == 0) addPartialTail(cache, slab);
  return path;
}

/** Frees `count` objects into their slabs, grouped by slab as far as they lie close together. */
export function nodeFreeBulk(cache: usize, array: usize, count: u32): u32 {
  let path: u32 = 0;
  let rest = count;
  while (rest > 0) {
    const left = detachLast(cache, array, rest);
    const tail = load<u32>(array + (rest - 1) * WORD);
    const head = load<u32>(array + left * WORD);
    path = joinPaths(path, nodeFree(cache, slabOf(cache, head), head, tail, rest - left));
    rest = left;
  }
  return path;
}

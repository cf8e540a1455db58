// The shared freelist of a slab: objects land there that do not go back to the CPU that allocates
// from the slab.

import { setFreeLink, Slab } from "./records";

/**
 * Puts `count` objects that are linked from `head` to `tail` on it: the exchange of
 * mm/slub.c:__slab_free. Returns the object that was first before, 0 when the slab was full.
 */
@inline
export function putShared(slab: Slab, head: u32, tail: u32, count: u32): u32 {
  const prior = slab.freelist;
  assert(head != prior); // freed twice in a row
  assert(<u32>slab.inuse >= count); // freed although it was not in use
  setFreeLink(tail, prior);
  slab.freelist = head;
  slab.inuse -= <u16>count;
  return prior;
}

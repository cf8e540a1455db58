// The node's list of partial slabs (kmem_cache_node->partial), doubly linked: a slab that becomes
// empty leaves from the middle. New ones go to the end, allocations take from the beginning.
// Whoever calls these holds list_lock; holds are counted with holdListLock.

import { Cache, Slab, SLAB_NODE_PARTIAL } from "./records";

/** One hold of the node's list_lock begins. */
@inline
export function holdListLock(cache: usize): void {
  changetype<Cache>(cache).list_locks++;
}

/** add_partial(DEACTIVATE_TO_TAIL). */
export function addPartialTail(cache: usize, slab: Slab): void {
  const c = changetype<Cache>(cache);
  const address = <u32>changetype<usize>(slab);
  slab.state = SLAB_NODE_PARTIAL;
  slab.next = 0;
  slab.prev = c.node_last;
  if (c.node_last == 0) c.node_first = address;
  else changetype<Slab>(<usize>c.node_last).next = address;
  c.node_last = address;
  c.nr_partial++;
}

/** add_partial(ADD_TO_HEAD). */
export function addPartialHead(cache: usize, slab: Slab): void {
  const c = changetype<Cache>(cache);
  const address = <u32>changetype<usize>(slab);
  slab.state = SLAB_NODE_PARTIAL;
  slab.prev = 0;
  slab.next = c.node_first;
  if (c.node_first == 0) c.node_last = address;
  else changetype<Slab>(<usize>c.node_first).prev = address;
  c.node_first = address;
  c.nr_partial++;
}

/** remove_partial. The caller gives the slab its next state. */
export function removePartial(cache: usize, slab: Slab): void {
  assert(slab.state == SLAB_NODE_PARTIAL); // it is on the node's list
  const c = changetype<Cache>(cache);
  if (slab.prev == 0) c.node_first = slab.next;
  else changetype<Slab>(<usize>slab.prev).next = slab.next;
  if (slab.next == 0) c.node_last = slab.prev;
  else changetype<Slab>(<usize>slab.next).prev = slab.prev;
  c.nr_partial--;
}

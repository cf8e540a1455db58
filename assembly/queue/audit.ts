// What must hold of a queue at any time; O(n), for tests and the engine's audits.

import {
  entryAt,
  entryTie,
  entryTime,
  heapCapacity,
  isStale,
  NO_SEQUENCE,
  NO_SLOT,
  Queue,
  ROOT,
  slotAt,
} from "./records";

/** Traps when a law is broken; returns the number of stale entries. */
export function queueAudit(queue: usize): u32 {
  const q = changetype<Queue>(queue);
  assert(q.length <= heapCapacity(q.capacity)); // planned
  let live: u32 = 0;
  for (let index: u32 = 0; index < q.length; index++) {
    const entry = entryAt(queue, index);
    if (!isStale(queue, entryTie(entry))) live++;
    if (index == 0) continue;
    const parent = entryAt(queue, (index - 1) >> 2);
    const earlier =
      entryTime(parent) < entryTime(entry) ||
      (entryTime(parent) == entryTime(entry) && entryTie(parent) < entryTie(entry));
    assert(earlier); // the heap is in order
  }
  assert(live == q.live); // one entry an event
  if (live > 0) assert(!isStale(queue, entryTie(queue + ROOT))); // the root is an event
  else assert(entryTime(queue + ROOT) == u64.MAX_VALUE); // an empty queue says "never"
  auditFreeSlots(queue);
  return q.length - live;
}

function auditFreeSlots(queue: usize): void {
  const q = changetype<Queue>(queue);
  let free: u32 = 0;
  for (let index = q.free_first; index != NO_SLOT; index = slotAt(queue, index).next_free) {
    assert(slotAt(queue, index).sequence == NO_SEQUENCE); // a free slot holds no event
    free++;
    assert(free <= q.capacity); // the list has an end
  }
  assert(free + q.live == q.capacity); // every slot is free or holds an event
}

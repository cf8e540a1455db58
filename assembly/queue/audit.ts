// What must hold of a queue at any time; O(n), for tests and the engine's audits.

import { frontLength } from "./front";
import {
  ENTRY_BYTES,
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
    assert(isBefore(entryAt(queue, (index - 1) >> 2), entry)); // the heap is in order
  }
  for (let at: usize = q.first; at != <usize>q.end; at += ENTRY_BYTES) {
    if (!isStale(queue, entryTie(at))) live++;
    const last = at + ENTRY_BYTES == <usize>q.end;
    if (!last) assert(isBefore(at, at + ENTRY_BYTES)); // the front is sorted
    else if (q.length != 0) assert(isBefore(at, queue + ROOT)); // and all of it before the heap
  }
  assert(live == q.live); // one entry an event
  if (live > 0) assert(q.first != q.end && !isStale(queue, entryTie(q.first))); // first: an event
  else assert(entryTime(q.first) == u64.MAX_VALUE); // an empty queue says "never"
  auditFreeSlots(queue);
  return q.length + frontLength(q) - live;
}

function isBefore(a: usize, b: usize): bool {
  if (entryTime(a) != entryTime(b)) return entryTime(a) < entryTime(b);
  return entryTie(a) < entryTie(b);
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

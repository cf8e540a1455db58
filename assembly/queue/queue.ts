// The event queue: a total order of (time, priority, sequence). Events of one time and priority
// come out in the order they were pushed or re-armed; nothing depends on addresses or on luck.
//
// The first entry of the front is always an event that is still wanted, so looking at the next time
// is two loads; every function that ends an event restores that before it returns.

import { emptyFront, isEarly, putInFront } from "./front";
import { siftUp } from "./heap";
import { renumber } from "./renumber";
import {
  ENTRY_BYTES,
  entryAt,
  entryTie,
  entryTime,
  frontBytes,
  heapCapacity,
  NO_SEQUENCE,
  NO_SLOT,
  PRIORITY_MAX,
  Queue,
  queueBytes,
  SLOT_BITS,
  slotAt,
  tieOf,
  tiePriority,
  tieSlot,
} from "./records";
import { freeSlot, handleOf, initSlots, slotOfHandle, takeSlot } from "./slots";
import { compact, exposeFirst } from "./stale";

export { queueBytes };

/** Lays out an empty queue of `capacity` events at `queue` (64-byte aligned). */
export function queueInit(queue: usize, capacity: u32): void {
  assert((queue & 63) == 0); // four siblings share a cache line only if the queue is aligned
  assert(capacity >= 1 && capacity <= 1 << SLOT_BITS); // a slot index has 24 bits
  const q = changetype<Queue>(queue);
  q.live = 0;
  q.length = 0;
  q.capacity = capacity;
  q.sequence = 0;
  q.slots = <u32>entryAt(queue, heapCapacity(capacity)) + frontBytes(capacity);
  q.slot_shift = capacity == 1 ? 1 : 32 - clz<u32>(capacity - 1);
  q.compactions = 0;
  q.renumberings = 0;
  initSlots(queue, capacity);
  emptyFront(queue);
}

/** Adds an event; returns its handle, or 0 when the queue is full. Time must be below 2^64 - 1. */
export function queuePush(queue: usize, time: u64, priority: u32, payload: u32): u32 {
  makeRoom(queue);
  const index = takeSlot(queue);
  if (index == NO_SLOT) return 0;
  const slot = slotAt(queue, index);
  slot.payload = payload;
  changetype<Queue>(queue).live++;
  enter(queue, time, priority, index);
  return handleOf(queue, index, slot);
}

/** Takes an event back; false when it was popped or cancelled before. */
export function queueCancel(queue: usize, handle: u32): bool {
  const index = slotOfHandle(queue, handle);
  if (index == NO_SLOT) return false;
  freeSlot(queue, index);
  changetype<Queue>(queue).live--;
  exposeFirst(queue);
  return true;
}

/**
 * Moves an event to another time and priority, behind those that are there already. The handle
 * stays good; false when the event was popped or cancelled before.
 */
export function queueRearm(queue: usize, handle: u32, time: u64, priority: u32): bool {
  const index = slotOfHandle(queue, handle);
  if (index == NO_SLOT) return false;
  makeRoom(queue);
  const q = changetype<Queue>(queue);
  // The usual case, a periodic timer that has just come due: it leaves no stale entry behind.
  if (tieSlot(entryTie(q.first)) == index) q.first += ENTRY_BYTES;
  enter(queue, time, priority, index);
  exposeFirst(queue);
  return true;
}

/** Takes the first event out and returns its payload. The queue must not be empty. */
export function queuePop(queue: usize): u32 {
  const q = changetype<Queue>(queue);
  assert(q.live > 0); // look at queueSize or queueTopTime first
  const index = tieSlot(entryTie(q.first));
  const payload = slotAt(queue, index).payload;
  q.live--;
  freeSlot(queue, index);
  q.first += ENTRY_BYTES;
  exposeFirst(queue);
  return payload;
}

/** Events in the queue. */
@inline
export function queueSize(queue: usize): u32 {
  return changetype<Queue>(queue).live;
}

/** Time of the first event; 2^64 - 1 when there is none. */
@inline
export function queueTopTime(queue: usize): u64 {
  return entryTime(changetype<Queue>(queue).first);
}

/** Priority of the first event; 255 when there is none. */
@inline
export function queueTopPriority(queue: usize): u32 {
  return tiePriority(entryTie(changetype<Queue>(queue).first));
}

/** Payload of the first event, which stays where it is. The queue must not be empty. */
export function queueTopPayload(queue: usize): u32 {
  assert(queueSize(queue) > 0); // there must be a first event
  return slotAt(queue, tieSlot(entryTie(changetype<Queue>(queue).first))).payload;
}

/** Whether the event of this handle is still to come. */
export function queueHolds(queue: usize, handle: u32): bool {
  return slotOfHandle(queue, handle) != NO_SLOT;
}

/** Makes sure that there are a sequence number and a heap entry to be had. */
@inline
function makeRoom(queue: usize): void {
  const q = changetype<Queue>(queue);
  if (q.sequence == NO_SEQUENCE) renumber(queue);
  if (q.length == heapCapacity(q.capacity)) compact(queue);
}

/** Gives the event in `index` the next sequence number and returns its tie word. */
@inline
function stamp(queue: usize, time: u64, priority: u32, index: u32): u64 {
  assert(time != u64.MAX_VALUE); // means "no event"
  assert(priority <= PRIORITY_MAX); // has 8 bits
  const q = changetype<Queue>(queue);
  const sequence = q.sequence++;
  slotAt(queue, index).sequence = sequence;
  return tieOf(priority, sequence, index);
}

/** Puts an entry for the event in `index` where it belongs. */
@inline
function enter(queue: usize, time: u64, priority: u32, index: u32): void {
  const q = changetype<Queue>(queue);
  const tie = stamp(queue, time, priority, index);
  if (isEarly(queue, time, tie)) {
    putInFront(queue, time, tie);
    return;
  }
  const length = q.length;
  q.length = length + 1;
  siftUp(queue, length, 0, time, tie);
}

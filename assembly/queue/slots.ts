// Slots hold what an event carries while heap entries move. A slot's index and the count of its
// lives make the handle the caller keeps.
//
//   handle = generation << slot_shift | slot         generation is never 0, so no handle is 0
//
// slot_shift is as small as the capacity allows, the rest of the 32 bits count lives, and free
// slots are reused oldest first: a stale handle can be mistaken for a live one only after its slot
// lived 2^(32 - slot_shift) - 1 times (4 million for up to 1,024 events).

import { NO_SEQUENCE, NO_SLOT, Queue, Slot, slotAt } from "./records";

@inline
export function handleOf(queue: usize, index: u32, slot: Slot): u32 {
  return (slot.generation << changetype<Queue>(queue).slot_shift) | index;
}

/** The slot of a live handle, or NO_SLOT when its event is over. */
export function slotOfHandle(queue: usize, handle: u32): u32 {
  const q = changetype<Queue>(queue);
  const index = handle & ((1 << q.slot_shift) - 1);
  if (index >= q.capacity) return NO_SLOT;
  const slot = slotAt(queue, index);
  const live = slot.sequence != NO_SEQUENCE && slot.generation == handle >> q.slot_shift;
  return live ? index : NO_SLOT;
}

/** Takes the oldest free slot; NO_SLOT when all hold events. */
@inline
export function takeSlot(queue: usize): u32 {
  const q = changetype<Queue>(queue);
  const index = q.free_first;
  if (index != NO_SLOT) q.free_first = slotAt(queue, index).next_free;
  return index;
}

/** Ends the life of a slot: every entry and handle made for it is stale from now on. */
@inline
export function freeSlot(queue: usize, index: u32): void {
  const q = changetype<Queue>(queue);
  const slot = slotAt(queue, index);
  slot.sequence = NO_SEQUENCE;
  slot.next_free = NO_SLOT;
  const next = (slot.generation + 1) & (u32.MAX_VALUE >> q.slot_shift);
  slot.generation = next == 0 ? 1 : next;
  if (q.free_first == NO_SLOT) q.free_first = index;
  else slotAt(queue, q.free_last).next_free = index;
  q.free_last = index;
}

/** Makes every slot free, slot 0 first. */
export function initSlots(queue: usize, capacity: u32): void {
  const q = changetype<Queue>(queue);
  for (let index: u32 = 0; index < capacity; index++) {
    const slot = slotAt(queue, index);
    slot.sequence = NO_SEQUENCE;
    slot.generation = 1;
    slot.payload = 0;
    slot.next_free = index + 1 == capacity ? NO_SLOT : index + 1;
  }
  q.free_first = 0;
  q.free_last = capacity - 1;
}

// The linear-memory records of the event queue, and how they are laid out one after the other.
//
//   queue (64-byte aligned)
//   ╒════════╤════════════════════╤═══════════════════╤═══════════════════╤═════════════════════╕
//   │ header │ heap entry 0: root │ heap entries 1 .. │ front: 1 to 32 .. │ slots 0..capacity-1 │
//   └────────┴────────────────────┴───────────────────┴───────────────────┴─────────────────────┘
//   0        48                   64
//
// The header is 48 bytes long so that the four children of any entry (4i + 1 .. 4i + 4) fill one
// cache line exactly, and the root lies at a fixed offset.

/** Bits of a slot index inside a heap entry: the largest capacity is 2^24 events. */
export const SLOT_BITS: u32 = 24;
/** Bits of the sequence number inside a heap entry; see renumber.ts for what happens at the end. */
export const SEQUENCE_BITS: u32 = 32;
/** Sequence of a slot that holds no event; never given to an event. */
export const NO_SEQUENCE: u32 = u32.MAX_VALUE;
/** End of the list of free slots. */
export const NO_SLOT: u32 = u32.MAX_VALUE;
/** Largest priority: it has the 8 top bits of an entry's tie word. */
export const PRIORITY_MAX: u32 = 255;

// ╒═══════════════════ Queue (u32 words) ═══════════════════╕
// │ live                 │ events that will still be popped │  0
// │ length               │ heap entries, stale ones too     │  4
// │ capacity             │ events at most, = slots          │  8
// │ sequence             │ next sequence number             │ 12
// │ slots                │ address of slot 0                │ 16
// │ slot_shift           │ bits of the slot in a handle     │ 20
// │ free_first           │ oldest free slot, NO_SLOT: none  │ 24
// │ free_last            │ newest free slot                 │ 28
// │ compactions          │ times stale entries were removed │ 32
// │ renumberings         │ times sequences were restarted   │ 36
// │ first                │ address of the front's first     │ 40
// │ end                  │ address behind the front's last  │ 44
// └──────────────────────┴──────────────────────────────────┘ 48
@unmanaged
export class Queue {
  live: u32;
  length: u32;
  capacity: u32;
  sequence: u32;
  slots: u32;
  slot_shift: u32;
  free_first: u32;
  free_last: u32;
  compactions: u32;
  renumberings: u32;
  first: u32;
  end: u32;
}

// ╒════════════════════════ Entry (16 bytes) ═══════════════════════╕
// │ time                                                       u64  │  0
// │ tie = priority (8 bits) | sequence (32 bits) | slot (24 bits)   │  8
// └─────────────────────────────────────────────────────────────────┘ 16
// (time, tie) is the total order. The slot never decides: no two entries share a sequence.
export const ENTRY_BYTES: u32 = 16;
/** Offset of heap entry 0 in the queue. */
export const ROOT: u32 = 48;

// ╒═══════════════════ Slot (u32 words) ════════════════════╕
// │ sequence   │ of the event it holds, NO_SEQUENCE: free   │  0
// │ generation │ counts lives, never 0; part of the handle  │  4
// │ payload    │ what the caller gave                       │  8
// │ next_free  │ next slot on the free list                 │ 12
// └────────────┴────────────────────────────────────────────┘ 16
@unmanaged
export class Slot {
  sequence: u32;
  generation: u32;
  payload: u32;
  next_free: u32;
}

/** Stale entries stay for a while; twice the capacity bounds all that there are. */
@inline
function entriesFor(capacity: u32): u32 {
  return capacity << 1;
}

/** Entries of the front at most: as many as are moved along faster than a heap is put in order. */
const FRONT_ENTRIES: u32 = 32;

@inline
function frontCapacity(capacity: u32): u32 {
  return capacity == 1 ? 1 : min(FRONT_ENTRIES, capacity >> 1);
}

@inline
export function frontBytes(capacity: u32): u32 {
  return frontCapacity(capacity) * ENTRY_BYTES;
}

@inline
export function heapCapacity(capacity: u32): u32 {
  return entriesFor(capacity) - frontCapacity(capacity);
}

/** Bytes of a queue for `capacity` events. */
export function queueBytes(capacity: u32): u64 {
  const entries = (<u64>entriesFor(capacity)) * ENTRY_BYTES;
  const bytes = (<u64>ROOT) + entries + (<u64>capacity) * offsetof<Slot>();
  return (bytes + 63) & ~63;
}

@inline
export function entryAt(queue: usize, index: u32): usize {
  return queue + ROOT + index * ENTRY_BYTES;
}

@inline
export function entryTime(entry: usize): u64 {
  return load<u64>(entry);
}

@inline
export function entryTie(entry: usize): u64 {
  return load<u64>(entry, 8);
}

@inline
export function setEntry(entry: usize, time: u64, tie: u64): void {
  store<u64>(entry, time);
  store<u64>(entry, tie, 8);
}

@inline
export function tieOf(priority: u32, sequence: u32, slot: u32): u64 {
  return ((<u64>priority) << (SEQUENCE_BITS + SLOT_BITS)) | ((<u64>sequence) << SLOT_BITS) | slot;
}

@inline
export function tiePriority(tie: u64): u32 {
  return <u32>(tie >> (SEQUENCE_BITS + SLOT_BITS));
}

@inline
export function tieSequence(tie: u64): u32 {
  return <u32>(tie >> SLOT_BITS);
}

@inline
export function tieSlot(tie: u64): u32 {
  return (<u32>tie) & ((1 << SLOT_BITS) - 1);
}

@inline
export function slotAt(queue: usize, index: u32): Slot {
  return changetype<Slot>(<usize>changetype<Queue>(queue).slots + index * offsetof<Slot>());
}

/** Whether the event of this entry was cancelled, re-armed or popped since the entry was made. */
@inline
export function isStale(queue: usize, tie: u64): bool {
  return slotAt(queue, tieSlot(tie)).sequence != tieSequence(tie);
}

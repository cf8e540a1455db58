// The front of the queue: the earliest entries, sorted, in one run of memory before the rest, which
// is the heap. CPUs that work side by side each have an event a microsecond or two away, and far
// behind them lie the ticks: such events come and go in the front by a few moves of neighbours, and
// the heap is not touched at all.
//
//   ╒══════════╤═══════════════════════╤═══════╕
//   │ popped   │ first       ..    end │ room  │  every entry of the front comes before every
//   └──────────┴───────────────────────┴───────┘  entry of the heap
//   front base                                 slots
//
// A queue that holds events has one in its front, and the first one there is not stale.

import { lessKey, siftUp } from "./heap";
import {
  ENTRY_BYTES,
  entryAt,
  entryTie,
  entryTime,
  frontBytes,
  isStale,
  Queue,
  ROOT,
  setEntry,
} from "./records";

@inline
function frontBase(q: Queue): usize {
  return q.slots - frontBytes(q.capacity);
}

@inline
export function frontLength(q: Queue): u32 {
  return (q.end - q.first) / ENTRY_BYTES;
}

/** An empty front answers "never" to queueTopTime. */
export function emptyFront(queue: usize): void {
  const q = changetype<Queue>(queue);
  q.first = <u32>frontBase(q);
  q.end = q.first;
  setEntry(q.first, u64.MAX_VALUE, u64.MAX_VALUE);
}

@inline
function moveEntry(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
}

/** Adds an entry that comes before all of the heap, behind those of the front that are earlier. */
export function putInFront(queue: usize, time: u64, tie: u64): void {
  const q = changetype<Queue>(queue);
  let end: usize = q.end;
  if (end == <usize>q.slots) end = makeRoomInFront(queue);
  q.end = <u32>end + ENTRY_BYTES;
  const first: usize = q.first;
  while (end != first) {
    const before = end - ENTRY_BYTES;
    if (lessKey(entryTime(before), entryTie(before), time, tie) != 0) break;
    moveEntry(before, end);
    end = before;
  }
  setEntry(end, time, tie);
}

/** The front moves to the beginning of its room, or its last entry into the heap. */
function makeRoomInFront(queue: usize): usize {
  const q = changetype<Queue>(queue);
  const base = frontBase(q);
  const first: usize = q.first;
  if (first != base) {
    // a few entries: memory.copy would leave the module for them
    let to = base;
    for (let at = first; at != <usize>q.end; at += ENTRY_BYTES) {
      moveEntry(at, to);
      to += ENTRY_BYTES;
    }
    q.first = <u32>base;
    q.end = <u32>to;
  } else {
    q.end -= ENTRY_BYTES;
    const last: usize = q.end;
    const length = q.length;
    q.length = length + 1;
    siftUp(queue, length, 0, entryTime(last), entryTie(last));
  }
  return q.end;
}

/** Does an entry belong to the front? */
@inline
export function isEarly(queue: usize, time: u64, tie: u64): bool {
  const q = changetype<Queue>(queue);
  const last: usize = q.end - ENTRY_BYTES;
  if (q.first != q.end && lessKey(time, tie, entryTime(last), entryTie(last)) != 0) return true;
  if (q.end == q.slots && <usize>q.first == frontBase(q)) return false;
  const root = queue + ROOT;
  return q.length == 0 || lessKey(time, tie, entryTime(root), entryTie(root)) != 0;
}

/** Drops the stale entries of the front. */
export function compactFront(queue: usize): void {
  const q = changetype<Queue>(queue);
  let kept: usize = q.first;
  for (let at: usize = q.first; at != <usize>q.end; at += ENTRY_BYTES) {
    if (isStale(queue, entryTie(at))) continue;
    if (kept != at) moveEntry(at, kept);
    kept += ENTRY_BYTES;
  }
  q.end = <u32>kept;
}

// A cancelled or re-armed event leaves its heap entry behind: taking it out would need to know
// where it is, and keeping that known would write one cold word for every entry that moves. Stale
// entries are dropped when they come first, and all at once when they outnumber the live ones,
// which costs O(1) a cancellation on average.

import { compactFront, emptyFront, frontLength } from "./front";
import { heapify, siftDown } from "./heap";
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

/** Fewer stale entries than this are not worth a pass. */
const STALE_MIN: u32 = 32;

/** Entries that go from the heap to the front when that is empty. */
const REFILL: u32 = 16;

/** Takes the root entry out of the heap. */
@inline
function removeRoot(queue: usize): void {
  const q = changetype<Queue>(queue);
  const length = q.length - 1;
  q.length = length;
  if (length == 0) return;
  const last = entryAt(queue, length);
  siftDown(queue, 0, length, entryTime(last), entryTie(last));
}

/** Keeps the promise that the first entry is an event, if there is any. */
@inline
export function exposeFirst(queue: usize): void {
  const q = changetype<Queue>(queue);
  const entries = q.length + frontLength(q);
  if (entries == q.live && q.first != q.end) return;
  if (entries > 2 * q.live + STALE_MIN) compact(queue);
  while (q.first != q.end && isStale(queue, entryTie(q.first))) q.first += ENTRY_BYTES;
  if (q.first == q.end) refill(queue);
}

/** The front is empty: the earliest events of the heap go there. */
function refill(queue: usize): void {
  const q = changetype<Queue>(queue);
  emptyFront(queue);
  const most = min(frontBytes(q.capacity), REFILL * ENTRY_BYTES);
  const limit = q.first + most;
  while (q.length != 0 && q.end != limit) {
    const root = queue + ROOT;
    const time = entryTime(root);
    const tie = entryTie(root);
    removeRoot(queue);
    if (isStale(queue, tie)) continue;
    setEntry(q.end, time, tie);
    q.end += ENTRY_BYTES;
  }
}

/** Drops every stale entry and orders the rest. */
export function compact(queue: usize): void {
  const q = changetype<Queue>(queue);
  let kept: u32 = 0;
  for (let index: u32 = 0; index < q.length; index++) {
    const entry = entryAt(queue, index);
    const time = entryTime(entry);
    const tie = entryTie(entry);
    if (isStale(queue, tie)) continue;
    setEntry(entryAt(queue, kept), time, tie);
    kept++;
  }
  q.length = kept;
  heapify(queue, kept);
  compactFront(queue);
  q.compactions++;
  assert(kept + frontLength(q) == q.live); // every event has exactly one entry that is not stale
}

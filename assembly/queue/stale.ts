// A cancelled or re-armed event leaves its heap entry behind: taking it out would need to know
// where it is, and keeping that known would write one cold word for every entry that moves. Stale
// entries are dropped when they reach the root, and all at once when they outnumber the live ones,
// which costs O(1) a cancellation on average.

import { heapify, siftDown } from "./heap";
import {
  entryAt,
  entryTie,
  entryTime,
  isStale,
  Queue,
  ROOT,
  setEntry,
} from "./records";

/** Fewer stale entries than this are not worth a pass. */
const STALE_MIN: u32 = 32;

/** An empty heap answers "never" to queueTopTime. */
@inline
export function markEmpty(queue: usize): void {
  setEntry(queue + ROOT, u64.MAX_VALUE, u64.MAX_VALUE);
}

/** Takes the root entry out of the heap. */
@inline
export function removeRoot(queue: usize): void {
  const q = changetype<Queue>(queue);
  const length = q.length - 1;
  q.length = length;
  if (length == 0) {
    markEmpty(queue);
    return;
  }
  const last = entryAt(queue, length);
  siftDown(queue, 0, length, entryTime(last), entryTie(last));
}

/** Keeps the promise that the root is an event: drops stale entries from the top. */
@inline
export function exposeRoot(queue: usize): void {
  const q = changetype<Queue>(queue);
  if (q.length == q.live) return;
  dropStaleRoots(queue);
}

function dropStaleRoots(queue: usize): void {
  const q = changetype<Queue>(queue);
  if (q.length > 2 * q.live + STALE_MIN) compact(queue);
  while (q.length > 0 && isStale(queue, entryTie(queue + ROOT))) removeRoot(queue);
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
  assert(kept == q.live); // every event has exactly one entry that is not stale
  q.length = kept;
  q.compactions++;
  if (kept == 0) markEmpty(queue);
  else heapify(queue, kept);
}

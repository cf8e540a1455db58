// Sequence numbers have 32 bits in a heap entry. Nothing wraps: before the last one is given away
// all events are numbered anew.

import { heapify, sortDescending } from "./heap";
import {
  entryAt,
  entryTie,
  entryTime,
  NO_SEQUENCE,
  Queue,
  setEntry,
  slotAt,
  tieOf,
  tiePriority,
  tieSlot,
} from "./records";
import { compact } from "./stale";

/**
 * Restarts the sequence after 2^32 - 1 events: sorts the entries and numbers them in that order,
 * which keeps every tie as it was.
 */
export function renumber(queue: usize): void {
  const q = changetype<Queue>(queue);
  compact(queue);
  const length = q.length;
  sortDescending(queue, length);
  for (let index: u32 = 0; index < length; index++) {
    const entry = entryAt(queue, index);
    const tie = entryTie(entry);
    const sequence = length - 1 - index;
    slotAt(queue, tieSlot(tie)).sequence = sequence;
    setEntry(entry, entryTime(entry), tieOf(tiePriority(tie), sequence, tieSlot(tie)));
  }
  heapify(queue, length);
  q.sequence = length;
  q.renumberings++;
  assert(q.sequence < NO_SEQUENCE); // there are at most 2^24 events
}

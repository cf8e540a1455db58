// Sequence numbers have 32 bits in a heap entry. Nothing wraps: before the last one is given away
// all events are numbered anew.

import { heapify, sortDescending } from "./heap";
import {
  ENTRY_BYTES,
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
  let sequence: u32 = 0;
  for (let at: usize = q.first; at != <usize>q.end; at += ENTRY_BYTES) {
    number(queue, at, sequence++);
  }
  const length = q.length;
  sortDescending(queue, length);
  for (let index = length; index > 0; index--) {
    number(queue, entryAt(queue, index - 1), sequence++);
  }
  heapify(queue, length);
  q.sequence = sequence;
  q.renumberings++;
  assert(q.sequence < NO_SEQUENCE); // there are at most 2^24 events
}

function number(queue: usize, entry: usize, sequence: u32): void {
  const tie = entryTie(entry);
  slotAt(queue, tieSlot(tie)).sequence = sequence;
  setEntry(entry, entryTime(entry), tieOf(tiePriority(tie), sequence, tieSlot(tie)));
}

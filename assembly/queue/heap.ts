// A 4-ary heap of 16-byte entries ordered by (time, tie). It knows nothing of events: entries move
// without telling anybody, which is what keeps a move one cache line.

import { ENTRY_BYTES, entryAt, entryTie, entryTime, setEntry } from "./records";

@inline
export function lessKey(time_a: u64, tie_a: u64, time_b: u64, tie_b: u64): u32 {
  // No branch: which child is smaller is a coin toss, and a mispredicted one costs 15 cycles.
  return u32(time_a < time_b) | (u32(time_a == time_b) & u32(tie_a < tie_b));
}

/** The earlier one of two entries. */
@inline
function lesser(a: usize, b: usize): usize {
  return lessKey(entryTime(b), entryTie(b), entryTime(a), entryTie(a)) ? b : a;
}

/**
 * Which of four siblings is the earliest, from their times alone: that is a coin toss that no
 * branch predictor wins, so times and numbers are selected. Ties decide only where times meet.
 */
@inline
function leastOfFour(first: usize): u32 {
  const time_0 = entryTime(first);
  const time_1 = entryTime(first + ENTRY_BYTES);
  const time_2 = entryTime(first + 2 * ENTRY_BYTES);
  const time_3 = entryTime(first + 3 * ENTRY_BYTES);
  const odd_left = time_1 < time_0;
  const odd_right = time_3 < time_2;
  const left = select<u64>(time_1, time_0, odd_left);
  const right = select<u64>(time_3, time_2, odd_right);
  const in_right = right < left;
  const index = select<u32>(2 + u32(odd_right), u32(odd_left), in_right);
  const tie = u32(time_0 == time_1) | u32(time_2 == time_3) | u32(left == right);
  return tie == 0 ? index : leastByTie(first);
}

/** Which of four siblings is the earliest when some have the same time. */
function leastByTie(first: usize): u32 {
  const left = lesser(first, first + ENTRY_BYTES);
  const right = lesser(first + 2 * ENTRY_BYTES, first + 3 * ENTRY_BYTES);
  return <u32>(lesser(left, right) - first) / ENTRY_BYTES;
}

@inline
function move(from: usize, to: usize): void {
  setEntry(to, entryTime(from), entryTie(from));
}

/**
 * Puts (time, tie) at `index` or above it, moving larger parents down. It stops at `top`, the root
 * of the part of the heap that is in order.
 */
@inline
export function siftUp(queue: usize, index: u32, top: u32, time: u64, tie: u64): void {
  while (index > top) {
    const parent = (index - 1) >> 2;
    const above = entryAt(queue, parent);
    if (!lessKey(time, tie, entryTime(above), entryTie(above))) break;
    move(above, entryAt(queue, index));
    index = parent;
  }
  setEntry(entryAt(queue, index), time, tie);
}

/**
 * Fills the hole at `index` of a heap of `length` entries (the hole is one of them): the smallest
 * children move up until the hole is a leaf, then (time, tie) climbs from there. What fills a hole
 * is usually late, so that asking at each level whether it may stay would be wasted.
 */
export function siftDown(queue: usize, index: u32, length: u32, time: u64, tie: u64): void {
  const top = index;
  let child = (index << 2) + 1;
  while (child + 3 < length) {
    const first = entryAt(queue, child);
    const least = leastOfFour(first);
    move(first + least * ENTRY_BYTES, entryAt(queue, index));
    index = child + least;
    child = (index << 2) + 1;
  }
  if (child < length) {
    let least = entryAt(queue, child);
    const last = entryAt(queue, length - 1);
    for (let other = least + ENTRY_BYTES; other <= last; other += ENTRY_BYTES) {
      least = lesser(least, other);
    }
    move(least, entryAt(queue, index));
    index = child + <u32>(least - entryAt(queue, child)) / ENTRY_BYTES;
  }
  siftUp(queue, index, top, time, tie);
}

/** Orders `length` entries that lie in any order: from the last parent to the root. */
export function heapify(queue: usize, length: u32): void {
  if (length < 2) return;
  for (let index: u32 = ((length - 2) >> 2) + 1; index > 0; index--) {
    const entry = entryAt(queue, index - 1);
    siftDown(queue, index - 1, length, entryTime(entry), entryTie(entry));
  }
}

/** Sorts the heap by the largest first (heap sort leaves it so). */
export function sortDescending(queue: usize, length: u32): void {
  for (let rest = length; rest > 1; rest--) {
    const last = entryAt(queue, rest - 1);
    const time = entryTime(last);
    const tie = entryTie(last);
    move(entryAt(queue, 0), last);
    siftDown(queue, 0, rest - 1, time, tie);
  }
}

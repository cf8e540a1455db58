// The segmented callback list: one FIFO cut into DONE | WAIT | NEXT_READY | NEXT.
// [same: kernel/rcu/rcu_segcblist.c, 6.12 and 7.2]
//
//   head ─▶ a ─▶ b ─▶ c ─▶ d ─▶ e ─▶ 0
//                ▲    ▲         ▲
//          tails[DONE]│    tails[NEXT]      each tail is the address of the `next` word that ends
//                tails[WAIT]                its segment; an empty one shares its predecessor's tail
//
// A callback is any record whose first word is its `next` link.
//
//  0      4                20                 36                    68    72
//  ┌──────┬────────────────┬──────────────────┬─────────────────────┬─────┐
//  │ head │ tails u32 x 4  │ lengths u32 x 4  │ (pad) gpSeq u64 x 4 │ len │
//  └──────┴────────────────┴──────────────────┴─────────────────────┴─────┘

export const DONE: u32 = 0;
export const WAIT: u32 = 1;
export const NEXT_READY: u32 = 2;
export const NEXT: u32 = 3;

const TAILS: usize = 4;
const LENGTHS: usize = 20;
const GP_SEQS: usize = 40;
const LEN: usize = 72;
export const SEGCBLIST_BYTES: usize = 80;

@inline
function tail(list: usize, segment: u32): usize {
  return <usize>load<u32>(list + TAILS + (<usize>segment << 2));
}

@inline
function setTail(list: usize, segment: u32, link: usize): void {
  store<u32>(list + TAILS + (<usize>segment << 2), <u32>link);
}

@inline
export function segmentLength(list: usize, segment: u32): u32 {
  return load<u32>(list + LENGTHS + (<usize>segment << 2));
}

@inline
function setSegmentLength(list: usize, segment: u32, length: u32): void {
  store<u32>(list + LENGTHS + (<usize>segment << 2), length);
}

@inline
export function segmentSeq(list: usize, segment: u32): u64 {
  return load<u64>(list + GP_SEQS + (<usize>segment << 3));
}

@inline
function setSegmentSeq(list: usize, segment: u32, seq: u64): void {
  store<u64>(list + GP_SEQS + (<usize>segment << 3), seq);
}

/** Everything queued, callbacks being invoked included (they leave after their batch). */
@inline
export function listLength(list: usize): u32 {
  return load<u32>(list + LEN);
}

export function listInit(list: usize): void {
  memory.fill(list, 0, SEGCBLIST_BYTES);
  for (let segment = DONE; segment <= NEXT; segment++) setTail(list, segment, list);
}

@inline
export function firstCallback(list: usize): u32 {
  return load<u32>(list);
}

/** First callback beyond DONE; 0 when none is pending. */
@inline
export function firstPending(list: usize): u32 {
  return load<u32>(tail(list, DONE));
}

@inline
export function readyCallbacks(list: usize): bool {
  return tail(list, DONE) != list;
}

@inline
export function pendingCallbacks(list: usize): bool {
  return load<u32>(tail(list, DONE)) != 0;
}

/** Is everything beyond this segment empty? */
@inline
export function restEmpty(list: usize, segment: u32): bool {
  return load<u32>(tail(list, segment)) == 0;
}

/** Adds a callback at the end of NEXT. */
export function enqueue(list: usize, callback: u32): void {
  store<u32>(<usize>callback, 0);
  store<u32>(tail(list, NEXT), callback);
  setTail(list, NEXT, <usize>callback);
  setSegmentLength(list, NEXT, segmentLength(list, NEXT) + 1);
  store<u32>(list + LEN, listLength(list) + 1);
}

/** Moves what waited for grace periods up to `seq` into DONE and closes the gap. */
export function advance(list: usize, seq: u64): void {
  if (restEmpty(list, DONE)) return;
  let segment = WAIT;
  for (; segment < NEXT; segment++) {
    if (<i64>(seq - segmentSeq(list, segment)) < 0) break;
    setTail(list, DONE, tail(list, segment));
    setSegmentLength(list, DONE, segmentLength(list, DONE) + segmentLength(list, segment));
    setSegmentLength(list, segment, 0);
  }
  if (segment == WAIT) return;
  for (let emptied = WAIT; emptied < segment; emptied++) setTail(list, emptied, tail(list, DONE));
  for (let to = WAIT; segment < NEXT; segment++, to++) {
    if (tail(list, to) == tail(list, NEXT)) break; // nothing beyond: the rest is empty already
    setTail(list, to, tail(list, segment));
    setSegmentLength(list, to, segmentLength(list, to) + segmentLength(list, segment));
    setSegmentLength(list, segment, 0);
    setSegmentSeq(list, to, segmentSeq(list, segment));
  }
}

/**
 * Gives callbacks without a number the grace period `seq`, merging them with later ones that may
 * share it. Answers whether a grace period of that number is needed.
 */
export function accelerate(list: usize, seq: u64): bool {
  if (restEmpty(list, DONE)) return false;
  let segment = NEXT_READY;
  for (; segment > DONE; segment--) {
    const empty = tail(list, segment) == tail(list, segment - 1);
    if (!empty && <i64>(segmentSeq(list, segment) - seq) < 0) break;
  }
  if (restEmpty(list, segment) || segment >= NEXT_READY) return false;
  const target = segment + 1;
  for (let from = target + 1; from <= NEXT; from++) {
    setSegmentLength(list, target, segmentLength(list, target) + segmentLength(list, from));
    setSegmentLength(list, from, 0);
  }
  for (let at = target; at < NEXT; at++) {
    setTail(list, at, tail(list, NEXT));
    setSegmentSeq(list, at, seq);
  }
  return true;
}

/** Takes all of DONE: answers its first callback; `extractedTail` is its last. The length stays. */
export function extractDone(list: usize): u32 {
  if (!readyCallbacks(list)) return 0;
  const first = load<u32>(list);
  const end = tail(list, DONE);
  extractedTail = <u32>end;
  store<u32>(list, load<u32>(end));
  store<u32>(end, 0);
  setTail(list, DONE, list);
  for (let segment = WAIT; segment <= NEXT; segment++) {
    if (tail(list, segment) == end) setTail(list, segment, list);
  }
  setSegmentLength(list, DONE, 0);
  return first;
}

/** Last callback that `extractDone` took. */
export let extractedTail: u32 = 0;

/** Puts what a batch left over back at the front of DONE. */
export function insertDone(list: usize, first: u32, last: u32, count: u32): void {
  const wasEmpty = !readyCallbacks(list);
  store<u32>(<usize>last, load<u32>(list));
  store<u32>(list, first);
  if (wasEmpty) {
    for (let segment = DONE; segment <= NEXT; segment++) {
      if (tail(list, segment) == list) setTail(list, segment, <usize>last);
      else break;
    }
  }
  setSegmentLength(list, DONE, segmentLength(list, DONE) + count);
}

/** Takes invoked callbacks off the length. */
export function subtractLength(list: usize, count: u32): void {
  assert(count <= listLength(list)); // no more can have run than were queued
  store<u32>(list + LEN, listLength(list) - count);
}

/**
 * Adds a barrier callback behind everything that is queued, without a segment of its own.
 * Refused when nothing is queued.
 */
export function entrain(list: usize, callback: u32): bool {
  if (listLength(list) == 0) return false;
  store<u32>(list + LEN, listLength(list) + 1);
  store<u32>(<usize>callback, 0);
  let segment = NEXT;
  while (segment > DONE && tail(list, segment) == tail(list, segment - 1)) segment--;
  setSegmentLength(list, segment, segmentLength(list, segment) + 1);
  const end = tail(list, segment);
  store<u32>(end, callback);
  for (let at = segment; at <= NEXT; at++) setTail(list, at, <usize>callback);
  return true;
}

/** Counts callbacks that are queued elsewhere for now (the bypass list). */
export function addLength(list: usize, count: u32): void {
  store<u32>(list + LEN, listLength(list) + count);
}

/** Moves callbacks that were already counted from elsewhere to the end of NEXT. */
export function insertPending(list: usize, first: u32, last: u32, count: u32): void {
  store<u32>(tail(list, NEXT), first);
  setTail(list, NEXT, <usize>last);
  setSegmentLength(list, NEXT, segmentLength(list, NEXT) + count);
}

/** Grace period that the oldest pending callbacks wait for; only where some are pending. */
@inline
export function nextGp(list: usize): u64 {
  return segmentSeq(list, WAIT);
}

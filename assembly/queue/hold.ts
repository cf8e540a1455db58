// The hold model, the usual yardstick of event queues: take the first event, push one a random
// time later, at constant size. It runs inside the module so that only the queue is measured.

import { queueInit, queuePop, queuePush, queueRearm, queueTopTime } from "./queue";

/** Times lie below this after the current one. */
const SPAN_MASK: u32 = (1 << 20) - 1;

@inline
function xorshift(state: u32): u32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/** Fills a queue with `size` events; returns the state of the random numbers. */
export function holdFill(queue: usize, size: u32, seed: u32): u32 {
  queueInit(queue, size);
  let state = seed;
  for (let i: u32 = 0; i < size; i++) {
    state = xorshift(state);
    queuePush(queue, state & SPAN_MASK, 0, i);
  }
  return state;
}

/** `events` times pop and push; returns the state of the random numbers. */
export function holdRun(queue: usize, events: u32, seed: u32): u32 {
  let state = seed;
  for (let i: u32 = 0; i < events; i++) {
    const now = queueTopTime(queue);
    const payload = queuePop(queue);
    state = xorshift(state);
    queuePush(queue, now + (state & SPAN_MASK), 0, payload);
  }
  return state;
}

/**
 * `events` times a re-arm of an event that need not be the first one. `handles` holds the handles
 * of all `size` events.
 */
export function rearmRun(queue: usize, handles: usize, size: u32, events: u32, seed: u32): u32 {
  let state = seed;
  for (let i: u32 = 0; i < events; i++) {
    state = xorshift(state);
    const handle = load<u32>(handles + (state % size) * 4);
    state = xorshift(state);
    queueRearm(queue, handle, queueTopTime(queue) + (state & SPAN_MASK), 0);
  }
  return state;
}

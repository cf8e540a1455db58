// How far the CPU that runs right now may go: to the earliest event of anybody else. Programs look
// at it between two steps and return when their CPU's clock has passed it.
//
// The event queue draws it nearer when an event is set before it: a CPU that wakes another one at
// 10 µs does not run on to its own next tick, but lets the other one begin at 10 µs.

import { nextTickAfter } from "./clock";

export let horizon: u64 = 0;

/** The event loop gives a CPU its turn, up to `time`. */
export function openHorizon(time: u64): void {
  horizon = time;
}

/** What another CPU does within this time of a CPU's own clock reaches it a little late: 2 µs. */
const AHEAD_PS: u64 = 2_000_000;

/**
 * How far work goes that touches only its own CPU, such as posting and invoking callbacks. Where
 * several CPUs are busy, each would otherwise go one step and then make way for the next; so it may
 * run ahead of the others, but not past its own tick.
 * [simplified: an interrupt to another CPU takes a microsecond or two to be sent, delivered and
 *  entered (kernel/smp.c); an idle CPU that is woken by it, longer]
 */
@inline
export function ownHorizon(now: u64, cpus: u32): u64 {
  return cpus == 1 ? horizon : max(horizon, min(now + AHEAD_PS, nextTickAfter(now)));
}

/** Something will happen at `time`. */
@inline
export function drawHorizon(time: u64): void {
  if (time < horizon) horizon = time;
}

// How far the CPU that runs right now may go: to the earliest event of anybody else. Programs look
// at it between two steps and return when their CPU's clock has passed it.
//
// The event queue draws it nearer when an event is set before it: a CPU that wakes another one at
// 10 µs does not run on to its own next tick, but lets the other one begin at 10 µs.

export let horizon: u64 = 0;

/** The event loop gives a CPU its turn, up to `time`. */
export function openHorizon(time: u64): void {
  horizon = time;
}

/** Something will happen at `time`. */
@inline
export function drawHorizon(time: u64): void {
  if (time < horizon) horizon = time;
}

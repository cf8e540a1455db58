// Simulated time: picoseconds since the entry of exit_mmap's task, and the jiffies grid over it.
//
// The first tick falls at the configured phase, later ones a period apart, on every CPU alike
// (skew_tick=0). jiffies is read off the grid; the kernel's counter does the same while any CPU
// ticks, and catches up at the first interrupt when none did.
// [same: kernel/time/timekeeping.c, 6.12]

import { Config } from "../abi/config";
import { config } from "../memory/slots";

const NS_PER_SECOND: u64 = 1_000_000_000;
const PS_PER_NS: u64 = 1000;
/**
 * jiffies_64 at time 0. The kernel starts at 2^32 - 300*HZ (include/linux/jiffies.h:
 * INITIAL_JIFFIES), so an exit five minutes after boot sees about this. It is far above HZ, which
 * the interval rule with its `last_drain` of 0 can see.
 */
const JIFFIES_AT_START: u64 = 1 << 32;

let tickPeriodPs: u64 = 0;
let tickPhasePs: u64 = 0;

/**
 * A second shared out, to the nearest nanosecond.
 * [same: include/vdso/jiffies.h:TICK_NSEC, 6.12]
 */
function tickNs(hz: u64): u64 {
  return (NS_PER_SECOND + hz / 2) / hz;
}

export function clockInit(): void {
  tickPeriodPs = tickNs(config(Config.HZ)) * PS_PER_NS;
  tickPhasePs = config(Config.TICK_PHASE_PS);
  assert(tickPhasePs < tickPeriodPs); // the host reduces it to one period
}

@inline
export function tickPeriod(): u64 {
  return tickPeriodPs;
}

/** jiffies at `now`. */
export function jiffiesAt(now: u64): u64 {
  if (now < tickPhasePs) return JIFFIES_AT_START;
  return JIFFIES_AT_START + (now - tickPhasePs) / tickPeriodPs + 1;
}

/** Time at which jiffies becomes `jiffies` (later than the start). */
export function timeOfJiffies(jiffies: u64): u64 {
  return tickPhasePs + (jiffies - JIFFIES_AT_START - 1) * tickPeriodPs;
}

/** The first tick strictly after `now`. */
export function nextTickAfter(now: u64): u64 {
  return timeOfJiffies(jiffiesAt(now) + 1);
}

/** Is it a moment at which jiffies moves on? Timers of the wheel are due at no other. */
export function isTickTime(time: u64): bool {
  return time >= tickPhasePs && (time - tickPhasePs) % tickPeriodPs == 0;
}

/** Timeouts below this many jiffies are kept to the jiffy, those below 8 times as many to 8, ... */
const LEVEL_1_START: u64 = 63;
const LEVEL_SHIFT: u64 = 3;
/** Levels above the first: 8 where HZ is more than 100, else 7. */
const COARSEST: u64 = 7;

/**
 * When a timer armed now for `timeout` jiffies fires: the wheel rounds up by one step of its level
 * so that it never fires early.
 * [same: kernel/time/timer.c:calc_index, calc_wheel_index, 6.12 and 7.2]
 */
export function timeoutExpiry(now: u64, timeout: u64): u64 {
  let shift: u64 = 0;
  let start = LEVEL_1_START;
  while (timeout >= start && shift < COARSEST * LEVEL_SHIFT) {
    shift += LEVEL_SHIFT;
    start <<= LEVEL_SHIFT;
  }
  const expires = jiffiesAt(now) + timeout;
  return timeOfJiffies(((expires >> shift) + 1) << shift);
}

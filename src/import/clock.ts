// Times of a trace as nanoseconds since its first one, whatever their form.

import type { WrittenTime } from "./strace-line.ts";

const NS = 1_000_000_000;
const DAY_S = 86_400;
/** A plain time from here on is of -ttt, seconds since 1970; below it, of -r, since the last line. */
const EPOCH_FROM_S = 100_000_000;
/** Longest time there is: what goes beyond is not taken for one (100 days). */
const LONGEST_NS = 100 * DAY_S * NS;

export class TraceClock {
  /** Nanoseconds since the first time; never goes back. */
  now_ns = 0;
  /** Lines that had a time. */
  timed = 0;
  #first: WrittenTime | undefined;
  #days = 0;
  #last_s = 0;

  /** Moves to the time of a line. */
  see(time: WrittenTime | undefined): void {
    if (time === undefined) return;
    this.timed++;
    this.#first ??= time;
    const first = this.#first;
    const relative = time.kind === "plain" && first.s < EPOCH_FROM_S;
    const to = relative
      ? this.now_ns + (this.timed === 1 ? 0 : time.s * NS + time.ns)
      : (this.#seconds(time) - first.s) * NS + time.ns - first.ns;
    if (to > this.now_ns) this.now_ns = Math.min(to, LONGEST_NS);
  }

  /** Times of day begin anew at midnight. */
  #seconds({ kind, s }: WrittenTime): number {
    if (kind === "clock") {
      if (s < this.#last_s - DAY_S / 2) this.#days++;
      this.#last_s = s;
    }
    return s + this.#days * DAY_S;
  }
}

// Console lines of rcutorture's forward-progress test of callbacks, as an upper estimate of what a
// call_rcu() and its callback take together.
//
// rcu_torture_fwd_prog_cr (kernel/rcu/rcutorture.c, 6.12) queues callbacks from one kthread as fast as
// it can for some seconds, then reports how long that was and how many it queued: those launched again
// (n_launders) and those newly allocated (n_max_cbs).
// [simplified: the loop's own work and the allocations count as part of the call]

import { InputError } from "../../errors.ts";
import type { CountedObservation } from "../observation.ts";

const LINE =
  /rcu_torture_fwd_prog_cr:?\s+Duration (\d+) barrier: (\d+) pending (-?\d+) n_launders: (\d+) n_launders_sa: (\d+) n_max_gps: (\d+) n_max_cbs: (\d+)/;

/** The estimate holds the loop besides: it counts little beside other figures. */
const SIGMA = 0.2;

export function isTorture(text: string): boolean {
  return text.includes("rcu_torture_fwd_prog_cr");
}

/** One observation a line; other lines of the console are skipped. Throws InputError. */
export function tortureObservations(text: string, file: string, hz: number): CountedObservation[] {
  return text.split("\n").flatMap((line, at): CountedObservation[] => {
    const column = line.indexOf("rcu_torture_fwd_prog_cr") + 1;
    // Other lines of the test name the function as well: "Starting", "Waiting for CBs".
    if (column === 0 || !line.includes("Duration")) return [];
    const match = LINE.exec(line);
    if (match === null) {
      throw new InputError({
        file,
        line: at + 1,
        column,
        problem: "rcutorture line is cut off or of another kernel",
        expected: "Duration, barrier, pending, n_launders, n_launders_sa, n_max_gps, n_max_cbs",
      });
    }
    const duration_jiffies = Number(match[1]);
    const calls = Number(match[4]) + Number(match[7]);
    if (duration_jiffies === 0 || calls === 0) {
      throw new InputError({
        file,
        line: at + 1,
        column,
        problem: "rcutorture line without work",
        found: `Duration ${duration_jiffies}, ${calls} calls`,
        expected: "a test that ran: both above 0",
      });
    }
    return [
      {
        source: `${file}:${at + 1}`,
        metric: "call_rcu and its callback",
        measured_ns: (duration_jiffies * 1e9) / hz / calls,
        wall_clock: true,
        sigma: SIGMA,
        counts: { call_rcu: 1, rcu_callback: 1, rcu_foreign_callback: 1 },
      },
    ];
  });
}

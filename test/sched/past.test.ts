// What a kthread is owed when the run begins decides whether it preempts at its first wake.

import { describe, expect, it } from "vitest";
import { contiguous } from "../../src/input/generate.ts";
import { CALL_RCU, simulateNow, spec } from "../engine/spec.ts";

/** An exit of 4 ms whose first tick, in its removal loop, wakes the grace-period kthread. */
function switches(gp_kthread_lag_ns?: number): number {
  const past = gp_kthread_lag_ns === undefined ? {} : { gp_kthread_lag_ns };
  const machine = { tick_phase_ns: 3_000_000, ...past };
  const space = contiguous(5000);
  return simulateNow(spec({ space, exit: CALL_RCU, machine })).metrics.ctx_switches;
}

describe("a grace-period kthread that a tick wakes beside an exit", () => {
  it("preempts it where it is owed something, and waits where it is owed nothing", () => {
    expect(switches(10_000) - switches(0)).toBe(1);
  });

  it("is owed something by default, as measured", () => {
    expect(switches()).toBe(switches(10_000));
  });
});

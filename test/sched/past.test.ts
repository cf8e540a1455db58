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

describe("a rcuog that the first call of an exit wakes", () => {
  const switched = (rcuog_lag_ns?: number): number => {
    const past = rcuog_lag_ns === undefined ? {} : { rcuog_lag_ns };
    const machine = { rcu_nocbs: [0], tick_phase_ns: 3_900_000, ...past }; // no tick in it
    return simulateNow(spec({ exit: CALL_RCU, machine })).metrics.ctx_switches;
  };

  it("takes the CPU at once where it is owed something, and by default is not", () => {
    expect(switched(2_000_000)).toBe(1);
    expect(switched()).toBe(0);
  });
});

describe("a rcuop", () => {
  /** The removal loop of 40,000 VMAs, in which callbacks of many grace periods become ready. */
  const freed = (rcuop_lag_ns: number): number => {
    const machine = { rcu_nocbs: [0], hz: 1000, rcuop_lag_ns };
    return simulateNow(spec({ space: contiguous(40_000), exit: CALL_RCU, machine })).metrics
      .freed_at_loop_end;
  };

  it("that is owed time has freed more when the removal is over", () => {
    expect(freed(3_000_000)).toBeGreaterThan(freed(0));
  });
});

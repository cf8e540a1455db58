// Softirqs: passes and their limits, and what is left to ksoftirqd.

import { describe, expect, it } from "vitest";
import { type SpecParts, spec, withCosts } from "../engine/spec.ts";
import { EXIT, NO_TASK, type SchedRoom, scheduler } from "./sched-room.ts";

/** CPU 0 runs the exiting task; callbacks cost `callback_us` each and nothing else costs anything. */
function busy(callback_us: number, parts: SpecParts = {}): { room: SchedRoom; spare: number } {
  const profile = withCosts({
    rcu_core: 0,
    rcu_batch: 0,
    rcu_callback: callback_us * 1e6,
    rcu_foreign_callback: 0,
    wake_up: 0,
    context_switch: 0,
  });
  const machine = scheduler(spec({ ...parts, profile }));
  machine.room.place(0, EXIT);
  machine.room.reschedule(0);
  return machine;
}

describe("a softirq on a busy CPU", () => {
  it("ends when nothing is left, without ksoftirqd", () => {
    const { room, spare } = busy(1);
    room.readyUp(0, spare, 35); // four passes of ten
    expect(room.softirq(0)).toBe(0);
    expect(room.ksoftirqdAwake(0)).toBe(0);
  });

  it("makes ten passes of blimit callbacks, then wakes ksoftirqd", () => {
    const { room, spare } = busy(1);
    room.readyUp(0, spare, 300);
    expect(room.softirq(0)).toBe(200);
    expect(room.ksoftirqdAwake(0)).toBe(1);
    expect(room.softirqPending(0)).toBe(1);
  });

  it("makes exactly ten: the hundredth callback is the last that needs no ksoftirqd", () => {
    const { room, spare } = busy(1);
    room.readyUp(0, spare, 100);
    expect(room.softirq(0)).toBe(0);
    expect(room.ksoftirqdAwake(0)).toBe(0);
    const more = busy(1);
    more.room.readyUp(0, more.spare, 101);
    expect(more.room.softirq(0)).toBe(1);
    expect(more.room.ksoftirqdAwake(0)).toBe(1);
  });

  it("starts no pass once a reschedule is wanted", () => {
    const { room, spare } = busy(1);
    room.readyUp(0, spare, 300);
    room.wantResched(0);
    expect(room.softirq(0)).toBe(290);
    expect(room.ksoftirqdAwake(0)).toBe(1);
  });

  it.each([
    // HZ, jiffies of 2 ms, first tick, passes of 1 ms begun before jiffies has moved on that far
    [250, 1, 1_500_000, 2],
    [250, 1, 3_500_000, 4],
    [100, 1, 9_500_000, 10],
    [300, 1, 2_500_000, 3],
    [1000, 2, 500_000, 2],
  ])(
    "at HZ=%i starts no pass after %i jiffies: first tick at %i ns",
    (hz, _jiffies, phase, passes) => {
      const { room, spare } = busy(100, { machine: { hz, tick_phase_ns: phase } });
      room.readyUp(0, spare, 300);
      expect(room.softirq(0)).toBe(300 - 10 * passes);
    },
  );

  it("runs in ksoftirqd by the same limits", () => {
    const { room, spare } = busy(1);
    room.readyUp(0, spare, 300);
    expect(room.softirq(0)).toBe(200);
    expect(room.softirq(0)).toBe(100);
    expect(room.softirq(0)).toBe(0);
  });
});

describe("a softirq on an idle CPU", () => {
  it("has no limit on its callbacks while nothing wants to run", () => {
    const { room, spare } = busy(1);
    room.sleepNow(0);
    expect(room.reschedule(0)).toBe(NO_TASK);
    room.readyUp(0, spare, 300);
    expect(room.softirq(0)).toBe(0);
    expect(room.ksoftirqdAwake(0)).toBe(0);
  });
});

// Softirqs: passes and their limits, and what is left to ksoftirqd.

import { describe, expect, it } from "vitest";
import { type SpecParts, spec, withCosts } from "../engine/spec.ts";
import { EXIT, MS, NO_TASK, RCU_GP, type SchedRoom, scheduler } from "./sched-room.ts";

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
    expect(room.softirqOfThread(0)).toBe(200);
    expect(room.softirqOfThread(0)).toBe(100);
    expect(room.softirqOfThread(0)).toBe(0);
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

describe("ksoftirqd", () => {
  it("passes through a quiescent state after each pass, as no softirq on an interrupt does", () => {
    const { room, spare } = busy(1);
    room.readyUp(0, spare, 300);
    room.askForQs(0);
    room.softirq(0);
    expect(room.owesQs(0)).toBe(1);
    room.softirqOfThread(0);
    expect(room.owesQs(0)).toBe(0);
  });
});

describe("a sleep of some jiffies that ends during a softirq", () => {
  /** The grace-period kthread sleeps until 8 ms; callbacks of 5 ms each begin at `begun`. */
  function asleep(begun = 0n): SchedRoom {
    const { room, spare } = busy(5000, { machine: { tick_phase_ns: 0 } });
    room.sleepNow(0);
    room.place(0, RCU_GP);
    room.reschedule(0);
    room.sleepUntil(0, room.timeoutExpiry(0n, 1n));
    room.place(0, EXIT);
    room.reschedule(0);
    room.readyUp(0, spare, 15);
    if (begun > 0n) room.setNow(0, begun);
    room.softirqBegins(0);
    room.setNow(0, 10n * MS);
    room.run(1); // the timer, at 8 ms
    return room;
  }

  it("is over in a softirq too: after the batch, in ksoftirqd if that was long", () => {
    const room = asleep();
    expect(room.isSleeping(RCU_GP)).toBe(1);
    expect(room.softirqGoesOn(0)).toBe(5);
    expect(room.isSleeping(RCU_GP)).toBe(1);
    expect(room.ksoftirqdAwake(0)).toBe(1);
    room.softirqOfThread(0);
    expect(room.isSleeping(RCU_GP)).toBe(0);
  });

  it("is over at once where the softirq began no earlier", () => {
    expect(asleep(8n * MS - 1n).isSleeping(RCU_GP)).toBe(1);
    expect(asleep(8n * MS).isSleeping(RCU_GP)).toBe(0);
  });

  it("is over at once if somebody wakes the sleeper", () => {
    const room = asleep();
    room.wake(0, RCU_GP);
    expect(room.isSleeping(RCU_GP)).toBe(0);
    room.softirqGoesOn(0);
    room.softirqOfThread(0); // nothing is left of the timer
    expect(room.softirqPending(0)).toBe(0);
  });
});

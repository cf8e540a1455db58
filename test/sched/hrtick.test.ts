// The timer that ends slices in 7.2, and what else its fair class does otherwise than that of 6.12.

import { describe, expect, it } from "vitest";
import { spec, withCosts } from "../engine/spec.ts";
import {
  EXIT as A,
  PARENT as B,
  RCU_GP as C,
  indebted,
  MS,
  type SchedRoom,
  scheduler,
  US,
} from "./sched-room.ts";

const SLICE = 700n * US;

function cpu(hrtick = true): SchedRoom {
  const { room } = scheduler(spec({ machine: { preempt: "lazy", hrtick } }));
  for (const task of [A, B, C]) room.setLag(task, 0n);
  return room;
}

/** A runs, and has done so for 100 us when B joins. */
function joined(hrtick = true): SchedRoom {
  const room = cpu(hrtick);
  room.place(0, A);
  room.reschedule(0);
  room.elapse(0, 100n * US);
  room.place(0, B);
  return room;
}

/** A has fallen asleep 100 us ahead of the average of itself and B; no switch costs anything. */
function asleepInDebt(preempt: "lazy" | "voluntary"): SchedRoom {
  const profile = withCosts({ context_switch: 0 });
  const { room } = scheduler(spec({ machine: { preempt }, profile }));
  room.setLag(A, 0n);
  room.setLag(B, 0n);
  indebted(room);
  return room;
}

/** Setting the timer costs time, which the running task is not charged for yet. */
const near = (time: bigint, wanted: bigint): boolean => time >= wanted && time - wanted < 2n * US;

describe("the timer of a slice", () => {
  it("is not set while a task is alone, nor where the kernel has none", () => {
    const room = cpu();
    room.place(0, A);
    room.reschedule(0);
    room.elapse(0, 5n * MS);
    expect(room.sliceTimer(0)).toBe(0n);
    expect(joined(false).sliceTimer(0)).toBe(0n);
  });

  it("is set for the rest of the slice when a second task joins, and by a third no more", () => {
    const room = joined();
    const begun = room.cpuNow(0) - 100n * US;
    const set = room.sliceTimer(0);
    expect(near(set, begun + SLICE - 2n * US)).toBe(true);
    room.elapse(0, 300n * US);
    room.place(0, C);
    expect(room.sliceTimer(0)).toBe(set);
  });

  it("asks urgently when it goes off, where a wake under lazy does not", () => {
    const room = joined();
    room.setLag(C, MS);
    room.wake(0, C);
    expect([room.needResched(0), room.lazyResched(0)]).toEqual([0, 1]);
    room.sliceEnds(0);
    expect(room.needResched(0)).toBe(1);
  });

  it("gives the next task a slice of its own", () => {
    const room = joined();
    room.sliceEnds(0);
    expect(room.reschedule(0)).toBe(B);
    expect(near(room.sliceTimer(0), room.cpuNow(0) + SLICE - 2n * US)).toBe(true);
  });

  it("stays where a new time is within 5 us of it", () => {
    for (const [left, stays] of [
      [SLICE - 103n * US, true],
      [SLICE - 98n * US, true],
      [SLICE - 120n * US, false],
      [SLICE, false],
    ] as const) {
      const room = joined();
      const set = room.sliceTimer(0);
      room.setVruntime(A, room.vruntimeOf(B) + US); // not eligible
      room.setDeadline(B, room.vruntimeOf(B) + left);
      expect(room.reschedule(0)).toBe(B);
      expect(room.sliceTimer(0) === set, `${left}`).toBe(stays);
    }
  });

  it("is never shorter than 10 us", () => {
    const room = cpu();
    room.place(0, A);
    room.reschedule(0);
    room.elapse(0, SLICE - US);
    room.place(0, B);
    expect(near(room.sliceTimer(0), room.cpuNow(0) + 10n * US - 2n * US)).toBe(true);
  });

  it("stays set when the other one has gone, until the CPU is idle", () => {
    const room = joined();
    room.remove(0, B);
    expect(room.sliceTimer(0)).not.toBe(0n);
    room.sleepNow(0);
    room.reschedule(0);
    expect(room.sliceTimer(0)).toBe(0n);
  });

  it("is not set again for a task that is picked again", () => {
    const room = joined();
    room.sliceEnds(0);
    room.setVruntime(B, room.vruntimeOf(A) + US); // A is behind: it goes on
    expect(room.reschedule(0)).toBe(A);
    expect(room.sliceTimer(0)).toBe(0n);
  });
});

describe("the fair class of 7.2", () => {
  it("limits lag to a slice and a tick", () => {
    const room = cpu();
    room.place(0, A);
    room.place(0, B);
    room.setVruntime(B, 100n * MS);
    room.remove(0, A);
    expect(room.lagOf(A)).toBe(4n * MS + SLICE);
  });

  it("asks at every charge once the slice is over, where 6.12 does so for who is ahead", () => {
    const asked = (preempt: "lazy" | "voluntary", ahead: boolean): boolean => {
      const { room } = scheduler(spec({ machine: { preempt } }));
      room.place(0, A);
      room.reschedule(0);
      room.elapse(0, MS); // alone, beyond its slice
      room.place(0, B);
      room.setVruntime(B, room.vruntimeOf(A) + (ahead ? -50n : 50n) * US);
      room.elapse(0, US);
      return room.needResched(0) !== 0 || room.lazyResched(0) !== 0;
    };
    expect([asked("lazy", true), asked("lazy", false)]).toEqual([true, true]);
    expect([asked("voluntary", true), asked("voluntary", false)]).toEqual([true, false]);
  });

  it("lets a woken task owe no more than when it fell asleep; in 6.12 it stays where it was", () => {
    const debtAtWake = (preempt: "lazy" | "voluntary"): bigint => {
      const room = asleepInDebt(preempt);
      room.setVruntime(B, 0n);
      room.wake(0, A);
      const average = (room.vruntimeOf(A) + room.vruntimeOf(B)) / 2n;
      return room.vruntimeOf(A) - average;
    };
    expect(debtAtWake("lazy")).toBe(100n * US);
    expect(debtAtWake("voluntary")).toBe(150n * US);
  });

  it("charges who runs before it looks at what a woken task owes", () => {
    const room = asleepInDebt("lazy");
    expect(room.reschedule(0)).toBe(B);
    room.setVruntime(B, 0n);
    room.setNow(0, room.cpuNow(0) + 100n * US); // B runs up to where it was
    room.wake(0, A);
    expect(room.vruntimeOf(A)).toBe(300n * US); // as far ahead as when it fell asleep: it stays
  });
});

// The fair class: who is eligible, who has the earliest deadline, what a sleep keeps, who preempts.
// Two tasks A and B, and C, share CPU 0; all have the same weight, so virtual time is time.

import { describe, expect, it } from "vitest";
import { spec, withCosts } from "../engine/spec.ts";
import {
  EXIT as A,
  PARENT as B,
  RCU_GP as C,
  indebted,
  MS,
  NO_TASK,
  type SchedRoom,
  scheduler,
  US,
} from "./sched-room.ts";

/** 0.7 ms on one CPU. */
const SLICE = 700n * US;

/** Switches and wake-ups take `cost_ns`, by default no time. */
function cpu(cost_ns = 0) {
  const costs = { context_switch: cost_ns * 1000, wake_up: cost_ns * 1000 };
  const { room } = scheduler(spec({ profile: withCosts(costs) }));
  for (const task of [A, B, C]) room.setLag(task, 0n);
  return room;
}

/** The task is the one that a CPU runs. */
function atWork(room: SchedRoom, cpu: number, task: number): void {
  room.place(cpu, task);
  room.reschedule(cpu);
}

describe("a slice", () => {
  it.each([
    [1, 1n],
    [2, 2n],
    [3, 2n],
    [4, 3n],
    [8, 4n],
    [40, 4n], // no more than eight CPUs count
  ])("on %i CPUs is 0.7 ms times %s", (cpus, factor) => {
    const { room } = scheduler(spec({ machine: { cpus } }));
    room.place(0, A);
    expect(room.deadlineOf(A) - room.vruntimeOf(A)).toBe(SLICE * factor);
  });
});

describe("one task", () => {
  it("runs on, slice after slice, and is never asked to reschedule", () => {
    const room = cpu();
    room.place(0, A);
    expect(room.reschedule(0)).toBe(A);
    for (let ms = 0; ms < 10; ms++) room.elapse(0, MS);
    expect(room.needResched(0)).toBe(0);
    expect(room.vruntimeOf(A)).toBe(10n * MS);
    expect(room.switchesOf(A)).toBe(0);
  });

  it("is charged for the switch to it", () => {
    const room = cpu(900);
    atWork(room, 0, A);
    room.elapse(0, MS);
    expect(room.vruntimeOf(A)).toBe(MS + 900_000n);
  });

  it("leaves the CPU to nobody when it sleeps", () => {
    const room = cpu();
    atWork(room, 0, A);
    room.elapse(0, MS);
    room.sleepNow(0);
    expect(room.reschedule(0)).toBe(NO_TASK);
    expect(room.switchesOf(A)).toBe(1);
  });
});

describe("two tasks", () => {
  it("change places at the very end of a slice, and not before", () => {
    const room = cpu();
    room.place(0, A);
    room.place(0, B);
    room.reschedule(0);
    room.elapse(0, SLICE - 1n);
    expect(room.needResched(0)).toBe(0);
    room.elapse(0, 1n);
    expect(room.needResched(0)).toBe(1);
    expect(room.deadlineOf(A)).toBe(2n * SLICE);
    expect(room.reschedule(0)).toBe(B);
  });

  it("take turns of one slice each, and end with equal shares", () => {
    const room = cpu();
    room.place(0, A);
    room.place(0, B);
    const order: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      order.push(room.reschedule(0));
      while (room.needResched(0) === 0) room.elapse(0, 100n * US);
    }
    expect(new Set(order)).toEqual(new Set([A, B]));
    for (let turn = 1; turn < order.length; turn++) {
      expect(order[turn], order.join("")).not.toBe(order[turn - 1]);
    }
    expect(room.vruntimeOf(A)).toBe(room.vruntimeOf(B));
  });

  it("begin with half a slice when they have been forked, and with a whole one after their first sleep", () => {
    const room = cpu();
    atWork(room, 0, A);
    const left = (): bigint => room.deadlineOf(B) - room.vruntimeOf(B);
    room.wakeNew(0, B);
    expect(left()).toBe(SLICE / 2n);
    room.remove(0, B);
    room.place(0, B);
    expect(left()).toBe(SLICE);
  });

  it("do not preempt each other within a slice: it runs to parity", () => {
    const room = cpu();
    atWork(room, 0, A);
    room.elapse(0, 100n * US);
    room.place(0, B);
    room.setDeadline(B, room.deadlineOf(A) - 1n);
    room.setVruntime(A, room.vruntimeOf(B)); // as far as the other: eligible
    expect(room.pick(0)).toBe(A);
  });

  it("do when the running one is no longer eligible: it is ahead of the average", () => {
    const room = cpu();
    atWork(room, 0, A);
    room.place(0, B);
    room.elapse(0, 100n * US);
    expect(room.pick(0)).toBe(B);
  });
});

describe("among those that are not ahead of the average", () => {
  it("the earliest deadline runs, not the one furthest behind", () => {
    const room = cpu();
    for (const task of [A, B, C]) room.place(0, task);
    room.setVruntime(A, 0n);
    room.setDeadline(A, 900n * US);
    room.setVruntime(B, 100n * US);
    room.setDeadline(B, 800n * US);
    room.setVruntime(C, 200n * US);
    room.setDeadline(C, 300n * US); // ahead of the average of 100 us: not eligible
    expect(room.pick(0)).toBe(B);
    room.setVruntime(C, 50n * US);
    room.setVruntime(B, 150n * US); // the average is now 66 us
    expect(room.pick(0)).toBe(C);
    room.setDeadline(C, 2n * MS);
    expect(room.pick(0)).toBe(A);
  });

  it("of equals the one that has made way comes last", () => {
    const room = cpu();
    for (const task of [A, B, C]) room.place(0, task);
    expect(room.reschedule(0)).toBe(A);
    room.elapse(0, SLICE);
    expect(room.reschedule(0)).toBe(B);
    room.elapse(0, SLICE);
    for (const task of [A, C]) {
      room.setVruntime(task, 0n);
      room.setDeadline(task, SLICE);
    }
    expect(room.reschedule(0)).toBe(C);
  });

  it("there is always one, also where virtual time is negative", () => {
    const room = cpu();
    for (const task of [A, B, C]) room.place(0, task);
    for (let seed = 0; seed < 200; seed++) {
      [A, B, C].forEach((task, i) => {
        room.setVruntime(task, BigInt(((seed * 7919 + i * 104_729) % 2001) - 1000));
        room.setDeadline(task, BigInt((seed * 31 + i * 17) % 50));
      });
      const picked = room.pick(0);
      expect(picked).not.toBe(NO_TASK);
      const sum = [A, B, C].reduce((total, task) => total + room.vruntimeOf(task), 0n);
      const eligible = [A, B, C].filter((task) => 3n * room.vruntimeOf(task) <= sum + 3n);
      expect(eligible).toContain(picked);
    }
  });
});

describe("over a sleep", () => {
  it("a task keeps what it is owed, up to the larger of two slices and a tick", () => {
    const room = cpu();
    room.place(0, A);
    room.place(0, B);
    room.setVruntime(A, 0n);
    room.setVruntime(B, 100n * US); // A is 50 us behind the average
    room.remove(0, A);
    expect(room.lagOf(A)).toBe(50n * US);
    room.setVruntime(B, 5n * MS);
    room.place(0, A);
    // it is placed so that it is 50 us behind the average it then belongs to
    const average = (room.vruntimeOf(A) + room.vruntimeOf(B)) / 2n;
    expect(average - room.vruntimeOf(A)).toBe(50n * US);
    expect(room.lagOf(A)).toBe(0n);
  });

  it("but not more than that limit", () => {
    const room = cpu();
    room.place(0, A);
    room.place(0, B);
    room.setVruntime(A, 0n);
    room.setVruntime(B, 100n * MS);
    room.remove(0, A);
    expect(room.lagOf(A)).toBe(4n * MS); // a tick; two slices are 1.4 ms
  });

  it("a task that has had more than its share stays queued, and counts, until it is picked", () => {
    const room = cpu();
    indebted(room);
    expect(room.isSleeping(A)).toBe(1);
    expect(room.isQueued(A)).toBe(1);
    room.setVruntime(B, 250n * US); // still behind the average: B alone is eligible
    expect(room.pick(0)).toBe(B);
    expect(room.isQueued(A)).toBe(1);
    room.setVruntime(B, 301n * US); // A is eligible now, would be picked, and is let go
    room.setDeadline(B, 9n * MS);
    expect(room.pick(0)).toBe(B);
    expect(room.isQueued(A)).toBe(0);
    expect(room.lagOf(A)).toBe(0n); // what it might be owed by then, it has slept through
  });

  it("woken while it still owes time, it goes on where it was; later, it is owed nothing", () => {
    const room = cpu();
    indebted(room);
    room.wake(0, A);
    expect([room.isQueued(A), room.isSleeping(A), room.vruntimeOf(A)]).toEqual([1, 0, 300n * US]);
    const other = cpu();
    indebted(other);
    other.setVruntime(B, 900n * US);
    other.wake(0, A);
    expect(other.vruntimeOf(A)).toBe(900n * US);
  });
});

describe("a wake", () => {
  it("preempts a task that is ahead of one that is owed time", () => {
    const room = cpu();
    room.setLag(C, 100n * US);
    atWork(room, 0, A);
    room.elapse(0, MS);
    room.wake(0, C);
    expect(room.needResched(0)).toBe(1);
    expect(room.reschedule(0)).toBe(C);
    expect(room.switchesOf(A)).toBe(1);
  });

  it("is judged as of its begin, and charged to who wakes afterwards", () => {
    const room = cpu(50_000);
    atWork(room, 0, A);
    room.setLag(C, 10n * US);
    room.wake(0, C); // placed so far before A that the average of both is 10 us ahead of C
    expect(room.vruntimeOf(A) - room.vruntimeOf(C)).toBe(20n * US);
    room.elapse(0, 0n);
    expect(room.vruntimeOf(A) - room.vruntimeOf(C)).toBe(70n * US);
  });

  it("that preempts leaves what runs until the switch to the task that is switched to", () => {
    const room = cpu();
    room.setLag(C, 100n * US);
    atWork(room, 0, A);
    room.elapse(0, MS);
    room.wake(0, C);
    const placed = room.vruntimeOf(C);
    room.setNow(0, room.cpuNow(0) + 30n * US); // A comes to a point where it may be preempted
    expect(room.reschedule(0)).toBe(C);
    expect(room.vruntimeOf(A)).toBe(MS);
    room.elapse(0, 20n * US);
    expect(room.vruntimeOf(C) - placed).toBe(50n * US);
    room.setNow(0, room.cpuNow(0) + 40n * US);
    room.sleepNow(0); // nobody has woken since: C pays for all that it ran
    expect(room.vruntimeOf(C) - placed).toBe(90n * US);
  });

  it("that preempts leaves less to it where a tick comes before the switch", () => {
    const room = cpu();
    room.setLag(C, 100n * US);
    atWork(room, 0, A);
    room.elapse(0, MS);
    room.wake(0, C);
    const placed = room.vruntimeOf(C);
    room.elapse(0, 10n * US);
    room.setNow(0, room.cpuNow(0) + 30n * US);
    room.reschedule(0);
    expect(room.vruntimeOf(A)).toBe(MS + 10n * US);
    room.elapse(0, 0n);
    expect(room.vruntimeOf(C) - placed).toBe(30n * US);
  });

  it("that does not preempt leaves the clock to the next switch", () => {
    const room = cpu();
    atWork(room, 0, A);
    room.elapse(0, 100n * US);
    room.wake(0, B);
    room.setNow(0, room.cpuNow(0) + 30n * US);
    room.reschedule(0);
    expect(room.vruntimeOf(A)).toBe(130n * US);
  });

  it("does not preempt for one that is owed nothing", () => {
    const room = cpu();
    atWork(room, 0, A);
    room.elapse(0, 100n * US);
    room.wake(0, B);
    expect(room.needResched(0)).toBe(0);
    expect(room.pick(0)).toBe(A);
  });

  it("of a task that is awake changes nothing", () => {
    const room = cpu();
    room.place(0, A);
    room.place(0, B);
    const before = [room.vruntimeOf(B), room.cpuNow(0)];
    room.wake(0, B);
    expect([room.vruntimeOf(B), room.cpuNow(0)]).toEqual(before);
  });

  it("goes back to the CPU it ran on when that is idle", () => {
    const { room } = scheduler(spec({ machine: { cpus: 4 } }));
    atWork(room, 0, A);
    room.setCpuOf(B, 2);
    room.wake(0, B);
    expect(room.cpuOf(B)).toBe(2);
    expect(room.watched(2)).toBe(1);
    expect(room.ticks(2)).toBe(1);
  });

  it("goes to an idle CPU when its own is at work, and not where another one is on its way", () => {
    const { room } = scheduler(spec({ machine: { cpus: 4 } }));
    atWork(room, 0, A);
    room.wake(0, B);
    expect(room.cpuOf(B)).toBe(1);
    room.wake(0, C); // CPU 1 has not switched to B yet, but it is spoken for
    expect(room.cpuOf(C)).toBe(2);
  });

  it("looks for an idle CPU from its own one on", () => {
    const { room } = scheduler(spec({ machine: { cpus: 4 } }));
    atWork(room, 0, A);
    atWork(room, 2, B);
    room.setCpuOf(C, 2);
    room.wake(0, C); // 1 and 3 are idle
    expect(room.cpuOf(C)).toBe(3);
  });

  it("by an interrupt of an idle CPU takes that one", () => {
    const { room } = scheduler(spec({ machine: { cpus: 4 } }));
    atWork(room, 0, A);
    room.wake(2, B); // it last ran on CPU 0, and 1 is idle as well
    expect(room.cpuOf(B)).toBe(2);
  });

  it("goes back to the CPU before the last one, if that is idle and the last one is not", () => {
    const { room } = scheduler(spec({ machine: { cpus: 4 } }));
    atWork(room, 3, A);
    atWork(room, 0, B);
    room.setCpuOf(C, 3);
    room.wake(0, C); // from CPU 3, at work, to the one after it: 0 is, 1 is not
    expect(room.cpuOf(C)).toBe(1);
    room.reschedule(1);
    room.sleepNow(1);
    room.reschedule(1);
    room.place(1, 4); // an rcuop takes CPU 1; A sleeps, and 3 is idle like 2
    room.reschedule(1);
    room.sleepNow(3);
    room.reschedule(3);
    room.wake(0, C);
    expect(room.cpuOf(C)).toBe(3);
  });

  it("stays on its own CPU when all are at work", () => {
    const { room } = scheduler(spec({ machine: { cpus: 2 } }));
    atWork(room, 0, A);
    atWork(room, 1, B);
    room.wake(1, C);
    expect(room.cpuOf(C)).toBe(0);
  });

  it("takes effect on an idle CPU after it was sent, never before", () => {
    const { room } = scheduler(spec({ machine: { cpus: 2 } }));
    atWork(room, 0, A);
    room.elapse(0, 3n * MS);
    const sent = room.cpuNow(0);
    room.wake(0, B);
    expect(room.cpuOf(B)).toBe(1);
    expect(room.cpuNow(1)).toBeGreaterThan(sent);
  });
});

describe("the load balance of a busy CPU", () => {
  it("lets the task that it takes preempt, as a wake does", () => {
    const { room } = scheduler(spec({ machine: { cpus: 2 } }));
    const rcuop = 4;
    room.setLag(C, 0n);
    room.place(1, rcuop);
    room.reschedule(1);
    for (const task of [A, B, C]) room.place(0, task);
    room.reschedule(0);
    room.elapse(0, MS); // B and C are owed time
    room.elapse(1, MS);
    expect(room.needResched(1)).toBe(0);
    room.setNow(1, room.timeOfJiffies((1n << 32n) + 9n)); // its turn
    room.balanceNow(1);
    expect(room.queuedOn(1)).toBe(2);
    expect(room.needResched(1)).toBe(1);
    expect([B, C]).toContain(room.reschedule(1));
  });

  it("takes one from where two more wait, and not where that would only turn the difference", () => {
    const taken = (waiting: readonly number[]): boolean => {
      const { room } = scheduler(spec({ machine: { cpus: 2 } }));
      atWork(room, 1, 4);
      for (const task of waiting) room.place(0, task);
      room.reschedule(0);
      room.setNow(1, room.timeOfJiffies((1n << 32n) + 9n));
      room.balanceNow(1);
      return room.queuedOn(1) === 2;
    };
    expect([taken([A, B]), taken([A, B, C])]).toEqual([false, true]);
  });
});

describe("a task that a CPU without work takes over", () => {
  it("has left of its slice what it had before", () => {
    const { room } = scheduler(spec({ machine: { cpus: 2 } }));
    room.setLag(B, 0n);
    atWork(room, 0, A);
    room.place(0, B);
    room.setDeadline(B, room.vruntimeOf(B) + 200n * US);
    expect(room.reschedule(1)).toBe(B);
    expect(room.deadlineOf(B) - room.vruntimeOf(B)).toBe(200n * US);
  });
});

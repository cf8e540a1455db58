// Mutexes: waiters sleep and get it in the order of their arrival.

import { describe, expect, it } from "vitest";
import { CONTENDED, HOLD_MAX, HOLD_SUM, lockRoom, WAIT_SUM } from "./lock-room.ts";

const [A, B, C] = [0, 1, 2] as const;

function scene() {
  const { room, lock } = lockRoom(3);
  for (const task of [A, B, C]) room.place(task, task);
  return { room, mutex: lock };
}

describe("a mutex", () => {
  it("goes to its waiters in order, and wakes each as its owner", () => {
    const { room, mutex } = scene();
    expect(room.takeMutex(0, A, mutex)).toBe(1);
    room.setNow(1, 10n);
    expect(room.takeMutex(1, B, mutex)).toBe(0);
    room.sleeps(1, B);
    room.setNow(2, 20n);
    expect(room.takeMutex(2, C, mutex)).toBe(0);
    room.sleeps(2, C);
    room.setNow(0, 100n);
    room.releaseMutex(0, A, mutex);
    expect(room.asleep(B)).toBe(0);
    expect(room.asleep(C)).toBe(1);
    expect(room.tryMutex(0, A, mutex)).toBe(0);
    room.setNow(1, 110n);
    expect(room.takeMutex(1, B, mutex)).toBe(1);
    expect(room.mutexFigure(mutex, CONTENDED)).toBe(1n);
    expect(room.mutexFigure(mutex, WAIT_SUM)).toBe(100n);
    room.releaseMutex(1, B, mutex);
    expect(room.asleep(C)).toBe(0);
    expect(room.takeMutex(2, C, mutex)).toBe(1);
    room.releaseMutex(2, C, mutex);
    expect(room.tryMutex(0, A, mutex)).toBe(1);
  });

  it("is held from when its owner runs, not from when it was handed over", () => {
    const { room, mutex } = scene();
    room.takeMutex(0, A, mutex);
    room.setNow(1, 10n);
    room.takeMutex(1, B, mutex);
    room.sleeps(1, B);
    room.setNow(0, 100n);
    room.releaseMutex(0, A, mutex);
    room.setNow(1, 130n); // woken, and on its CPU at last
    room.takeMutex(1, B, mutex);
    room.setNow(1, 150n);
    room.releaseMutex(1, B, mutex);
    expect(room.mutexFigure(mutex, HOLD_SUM)).toBe(100n + 20n);
    expect(room.mutexFigure(mutex, HOLD_MAX)).toBe(100n);
  });

  it("is waited for anew: who was last in one queue may be first in the next", () => {
    const { room, mutex } = scene();
    room.takeMutex(0, A, mutex);
    for (const task of [B, C]) {
      expect(room.takeMutex(task, task, mutex)).toBe(0);
      room.sleeps(task, task);
    }
    room.releaseMutex(0, A, mutex);
    expect(room.takeMutex(1, B, mutex)).toBe(1);
    expect(room.takeMutex(0, A, mutex)).toBe(0); // behind C
    room.sleeps(0, A);
    room.releaseMutex(1, B, mutex);
    expect([room.asleep(C), room.asleep(A)]).toEqual([0, 1]);
    expect(room.takeMutex(2, C, mutex)).toBe(1);
    expect(room.takeMutex(1, B, mutex)).toBe(0); // once more, now behind A
    room.sleeps(1, B);
    room.releaseMutex(2, C, mutex);
    expect([room.asleep(A), room.asleep(B)]).toEqual([0, 1]);
    expect(room.takeMutex(0, A, mutex)).toBe(1);
    room.releaseMutex(0, A, mutex);
    expect(room.takeMutex(1, B, mutex)).toBe(1);
    expect(room.takeMutex(2, C, mutex)).toBe(0); // the queue was empty, and begins again
    room.sleeps(2, C);
    room.releaseMutex(1, B, mutex);
    expect(room.asleep(C)).toBe(0);
    expect(room.takeMutex(2, C, mutex)).toBe(1);
    room.releaseMutex(2, C, mutex);
    expect(room.tryMutex(0, A, mutex)).toBe(1); // nobody is left
  });

  it("traps who unlocks another task's", () => {
    const { room, mutex } = scene();
    room.takeMutex(0, A, mutex);
    expect(() => room.releaseMutex(1, B, mutex)).toThrow(/mutex/);
  });
});

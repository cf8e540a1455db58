// Mutexes: waiters sleep and get it in the order of their arrival.

import { describe, expect, it } from "vitest";
import { CONTENDED, lockRoom, WAIT_SUM } from "./lock-room.ts";

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

  it("traps who unlocks another task's", () => {
    const { room, mutex } = scene();
    room.takeMutex(0, A, mutex);
    expect(() => room.releaseMutex(1, B, mutex)).toThrow(/mutex/);
  });
});

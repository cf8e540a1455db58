// What must never pass: each misuse of a VMA traps in the very step that commits it, in the release
// build too.

import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { stage } from "../engine/rooms.ts";
import { batch, spec } from "../engine/spec.ts";
import { TARGETS, type Target } from "../queue/load.ts";
import { RcuMachine } from "../rcu/rcu-room.ts";

/** VmaState */
const [FREE, ATTACHED, LISTED, QUEUED] = [0, 1, 2, 3] as const;
const RW = VmaFlag.READ | VmaFlag.WRITE;

/** A machine with one VMA. */
function attached(target: Target): { it: RcuMachine; vma: number } {
  const it = new RcuMachine(spec({ exit: batch(32) }), target);
  stage(it.room, [[0x400, 1, RW]]);
  const vma = it.room.attachOne();
  expect(it.room.stateOf(vma)).toBe(ATTACHED);
  return { it, vma };
}

/** Steps grace periods until nothing is queued. */
function settle(it: RcuMachine): void {
  for (let step = 0; step < 20 && it.queued(0) > 0; step++) {
    it.tick(0);
    it.room.kthreadOn(0);
  }
}

describe.each(TARGETS)("the %s build lets pass", (target) => {
  it("a VMA that is freed once", () => {
    const { it: machine, vma } = attached(target);
    machine.room.freeNow(vma);
    expect(machine.room.stateOf(vma)).toBe(FREE);
  });

  it("a VMA that is queued and then freed by its callback", () => {
    const { it: machine, vma } = attached(target);
    machine.room.queueVma(vma);
    expect(machine.room.stateOf(vma)).toBe(QUEUED);
    expect(machine.room.deadCount()).toBe(1n);
    settle(machine);
    expect(machine.room.stateOf(vma)).toBe(FREE);
    expect(machine.room.deadCount()).toBe(0n);
    expect(machine.room.freedCount()).toBe(1n);
  });
});

describe.each(TARGETS)("the %s build traps on", (target) => {
  const WRONG_STATE = /vma\/record\.ts/;

  it("a double free", () => {
    const { it: machine, vma } = attached(target);
    machine.room.freeNow(vma);
    expect(() => machine.room.freeNow(vma)).toThrow(WRONG_STATE);
  });

  it("a double call_rcu", () => {
    const { it: machine, vma } = attached(target);
    machine.room.queueVma(vma);
    expect(() => machine.room.queueVma(vma)).toThrow(WRONG_STATE);
  });

  it("call_rcu of a VMA that is free", () => {
    const { it: machine, vma } = attached(target);
    machine.room.freeNow(vma);
    expect(() => machine.room.queueVma(vma)).toThrow(WRONG_STATE);
  });

  it("a free while a callback owns the VMA", () => {
    const { it: machine, vma } = attached(target);
    machine.room.queueVma(vma);
    expect(() => machine.room.freeNow(vma)).toThrow(WRONG_STATE);
  });

  it("a VMA that is listed twice, or freed while it is listed", () => {
    const { it: machine, vma } = attached(target);
    machine.room.listVma(vma);
    expect(machine.room.stateOf(vma)).toBe(LISTED);
    expect(() => machine.room.listVma(vma)).toThrow(WRONG_STATE);
    expect(() => machine.room.freeNow(vma)).toThrow(WRONG_STATE);
  });

  it("a callback that finds its VMA free already", () => {
    const { it: machine, vma } = attached(target);
    machine.room.queueVma(vma);
    // somebody frees the object behind RCU's back: only the state says so
    new Uint8Array(machine.room.memory.buffer)[vma + 5] = FREE;
    expect(() => settle(machine)).toThrow(WRONG_STATE);
  });
});

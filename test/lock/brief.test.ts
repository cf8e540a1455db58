// Locks that are never held beyond one step. Times in nanoseconds; a CPU's clock may be ahead of another's.

import { describe, expect, it } from "vitest";
import { machineRoom } from "../engine/rooms.ts";
import { spec } from "../engine/spec.ts";
import { ACQUISITIONS, CONTENDED, type LockRoom, WAIT_SUM } from "./lock-room.ts";

const PS = 1000n;
const TRANSFER_NS = 70n;
const HOLD_NS = 100n;

function twoCpus() {
  const wanted = spec({ machine: { cpus: 2 } });
  const lock_transfer = { ps: Number(TRANSFER_NS * PS), source: "a test" };
  const profile = { ...wanted.profile, costs: { ...wanted.profile.costs, lock_transfer } };
  const { room, spare } = machineRoom<LockRoom>("lock", { ...wanted, profile });
  return {
    /** A CPU asks at `at_ns`; when has it let go again? */
    hold(cpu: number, at_ns: bigint): bigint {
      room.setNow(cpu, at_ns * PS);
      room.holdBriefly(cpu, spare, HOLD_NS * PS);
      return room.cpuNow(cpu) / PS;
    },
    figure: (which: number): bigint => room.briefFigure(spare, which),
  };
}

describe("a brief lock", () => {
  it("costs its first taker, and the same CPU again, nothing", () => {
    const lock = twoCpus();
    expect(lock.hold(0, 1000n)).toBe(1100n);
    expect(lock.hold(0, 1100n)).toBe(1200n);
    expect(lock.figure(ACQUISITIONS)).toBe(2n);
    expect(lock.figure(CONTENDED)).toBe(0n);
  });

  it("costs another CPU the way of its cache line", () => {
    const lock = twoCpus();
    lock.hold(0, 1000n);
    expect(lock.hold(1, 5000n)).toBe(5000n + TRANSFER_NS + HOLD_NS);
    expect(lock.figure(CONTENDED)).toBe(0n);
  });

  it("makes who asks during the hold wait for its end", () => {
    const lock = twoCpus();
    lock.hold(0, 1000n); // until 1100
    expect(lock.hold(1, 1040n)).toBe(1100n + TRANSFER_NS + HOLD_NS);
    expect(lock.figure(CONTENDED)).toBe(1n);
    expect(lock.figure(WAIT_SUM)).toBe((60n + TRANSFER_NS) * PS);
  });

  it("is had by one of two that ask at the same moment: the other waits for all of the hold", () => {
    const lock = twoCpus();
    lock.hold(0, 1000n); // until 1100
    expect(lock.hold(1, 1000n)).toBe(1100n + TRANSFER_NS + HOLD_NS);
    expect(lock.figure(CONTENDED)).toBe(1n);
  });

  it("makes nobody wait for a hold that begins later: its taker ran ahead", () => {
    const lock = twoCpus();
    lock.hold(0, 1000n); // until 1100
    expect(lock.hold(1, 850n)).toBe(850n + HOLD_NS);
    expect(lock.figure(CONTENDED)).toBe(0n);
    expect(lock.hold(1, 1050n)).toBe(1100n + TRANSFER_NS + HOLD_NS); // but the next call does
  });
});

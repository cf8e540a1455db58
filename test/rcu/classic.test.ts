// RCU without PREEMPT_RCU: a section disables preemption, and what counts as a quiescent state is
// what lies outside anything that disables it, as far as the kernel counts that at all.

import { describe, expect, it } from "vitest";
import type { MachineConfig } from "../../src/api/types.ts";
import { CALL_RCU, simulateNow, spec } from "../engine/spec.ts";
import { FIRST_READER, RcuMachine } from "./rcu-room.ts";

const A = FIRST_READER;
const B = A + 1;
const C = A + 2;

interface Wanted {
  readonly preempt?: MachineConfig["preempt"];
  readonly preempt_rcu?: boolean;
  readonly generation?: MachineConfig["generation"];
  readonly cpus?: number;
  readonly rcu?: Record<string, number>;
}

function machine({
  preempt = "voluntary",
  preempt_rcu = false,
  generation = "6.12",
  cpus = 1,
  rcu = {},
}: Wanted = {}): RcuMachine {
  const it = new RcuMachine(
    spec({ machine: { cpus, hz: 250, preempt, preempt_rcu, generation }, rcu }),
  );
  for (let cpu = 0; cpu < cpus; cpu++) {
    it.room.setIdle(cpu, 0);
    it.room.runTask(cpu, A + cpu);
  }
  for (let task = 0; task < 4 + 4 * cpus; task++) it.room.holdTask(task);
  return it;
}

/** CPUs 0 and 1 run A and B; a grace period has begun from CPU 0, and CPU 1 has yet to report. */
function onTwo(wanted: Wanted = {}): RcuMachine {
  const it = machine({ ...wanted, cpus: 2 });
  it.call(0);
  it.tick(0);
  it.kthread(0, A);
  expect(it.room.leafMask(0)).toBe(3n);
  return it;
}

describe("a section without PREEMPT_RCU", () => {
  it.each([
    ["lazy", false, [1, 0, 0, 1]],
    ["lazy", true, [1, 1, 1, 1]],
    ["voluntary", false, [0, 0, 0, 0]],
  ] as const)("under %s, PREEMPT_RCU %s: preempted before, in, in, after it: %j", (...row) => {
    const [preempt, preempt_rcu, expected] = row;
    const { room } = machine({ preempt, preempt_rcu });
    const seen = [room.isPreempted(0)];
    room.readLockOn(0, A);
    seen.push(room.isPreempted(0));
    room.readLockOn(0, A); // they nest
    room.readUnlockOn(0, A);
    seen.push(room.isPreempted(0));
    room.readUnlockOn(0, A);
    seen.push(room.isPreempted(0));
    expect(seen).toEqual(expected);
  });

  it("cannot be switched away from", () => {
    const it = machine({ preempt: "lazy" });
    it.room.lockBy(A); // and nothing disables preemption
    expect(() => it.room.switchTo(0, B)).toThrow();
  });

  it("lets no tick in it be a quiescent state; the first one after it is, where that is counted", () => {
    for (const preempt of ["none", "voluntary", "lazy"] as const) {
      const it = onTwo({ preempt });
      it.room.readLockOn(1, B);
      for (let tick = 0; tick < 3; tick++) it.tick(1);
      expect(it.room.leafMask(0) & 2n, preempt).toBe(2n);
      it.room.readUnlockOn(1, B);
      for (let tick = 0; tick < 3; tick++) it.tick(1);
      expect(it.room.leafMask(0) & 2n, preempt).toBe(preempt === "lazy" ? 0n : 2n);
      it.room.switchTo(1, C); // a switch is one under every model
      it.tick(1);
      expect(it.room.leafMask(0) & 2n, preempt).toBe(0n);
    }
  });
});

describe("cond_resched without PREEMPT_RCU", () => {
  it("is a quiescent state once the CPU is pushed, for expedited grace periods too", () => {
    const it = onTwo({ rcu: { jiffies_till_sched_qs: 0 } });
    it.tick(1);
    it.room.condResched(1); // nobody has asked yet
    it.tick(1);
    expect(it.room.leafMask(0) & 2n).toBe(2n);
    it.room.setNow(0, 20_000_000_000n);
    for (let scan = 0; scan < 2; scan++) it.kthread(0, A);
    expect(it.room.urgentOf(1)).toBe(1);
    it.room.condResched(1);
    it.tick(1);
    expect(it.room.leafMask(0) & 2n).toBe(0n);
  });

  it("is seen by the scans of a grace period that has waited long: no tick is needed", () => {
    const pushed = (rcu: Record<string, number>, ms: number) => {
      const it = onTwo({ rcu });
      it.room.setNow(0, BigInt(ms) * 1_000_000_000n);
      for (let scan = 0; scan < 2; scan++) it.kthread(0, A);
      expect(it.room.urgentOf(1)).toBe(1);
      it.room.condResched(1);
      it.kthread(0, A);
      return it.room.leafMask(0) & 2n;
    };
    // five jiffies of 4 ms: more than twice two of them, or more than four once
    expect(pushed({ jiffies_till_sched_qs: 2 }, 24)).toBe(0n);
    expect(pushed({ jiffies_till_sched_qs: 4 }, 24)).toBe(2n);
  });

  it("answers an expedited one that has asked by an interrupt", () => {
    const it = machine({ cpus: 2 });
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    it.room.ipiArrives(1); // in the kernel, which counts no disabled preemption: not now
    expect(it.room.expMaskOf(0)).toBe(2n);
    expect([it.room.urgentOf(1), it.room.needResched(1)]).toEqual([1, 1]);
    it.room.condResched(1);
    expect(it.room.expMaskOf(0)).toBe(0n);
  });

  it("need not, where the interrupt sees that nothing is disabled", () => {
    const it = machine({ cpus: 2, preempt: "lazy" });
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    it.room.ipiArrives(1);
    expect(it.room.expMaskOf(0)).toBe(0n);
  });
});

describe("an expedited grace period that meets a softirq", () => {
  it.each([
    ["6.12", 0],
    ["7.2", 1],
  ] as const)("with PREEMPT_RCU of %s makes the CPU urgent: %i", (generation, urgent) => {
    const it = machine({ cpus: 2, preempt_rcu: true, generation });
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    it.room.setInSoftirq(1, 1);
    it.room.ipiArrives(1);
    expect(it.room.urgentOf(1)).toBe(urgent);
    expect(it.room.needResched(1)).toBe(1);
  });
});

describe("a long reader beside an exit", () => {
  it("is not preempted without PREEMPT_RCU, however urgent another task is", () => {
    const load = [
      { ...READER, name: "reader", kind: "reader" as const, work_ns: 3e7, period_ns: 0 },
      { ...READER, name: "urgent", kind: "sleeper" as const, priority: 50, work_ns: 1e6 },
    ];
    const longest = (preempt_rcu: boolean): number => {
      const machine = { preempt: "lazy", preempt_rcu } as const;
      const result = simulateNow({ ...spec({ machine, exit: CALL_RCU }), load });
      return result.load!.find(({ name }) => name === "urgent")!.latency.max_ns;
    };
    expect(longest(true)).toBeLessThan(1e6);
    expect(longest(false)).toBeGreaterThan(1e7);
  });
});

const READER = { tasks: 1, bound: true, cpus: [0], priority: 0, period_ns: 5e6 };

// Who preempts whom, and when, under each preemption model and with fixed priorities.

import { describe, expect, it } from "vitest";
import type { MachineConfig } from "../../src/api/types.ts";
import { contiguous } from "../../src/input/generate.ts";
import { CALL_RCU, simulateNow, spec } from "../engine/spec.ts";
import {
  EXIT as A,
  PARENT as B,
  RCU_GP as C,
  MS,
  type SchedRoom,
  scheduler,
} from "./sched-room.ts";

const MODELS = ["none", "voluntary", "full", "lazy"] as const;

function cpu(preempt: MachineConfig["preempt"], cpus = 1): SchedRoom {
  const { room } = scheduler(spec({ machine: { preempt, cpus } }));
  for (const task of [A, B, C]) room.setLag(task, 0n);
  return room;
}

/** A runs and has run for a millisecond; C, which is owed time, is woken. */
function fairWake(preempt: MachineConfig["preempt"]): SchedRoom {
  const room = cpu(preempt);
  room.setLag(C, MS);
  room.place(0, A);
  room.reschedule(0);
  room.elapse(0, MS);
  room.wake(0, C);
  return room;
}

describe("a fair task that should preempt", () => {
  it.each(["none", "voluntary", "full"] as const)("asks for it at once: %s", (preempt) => {
    expect(fairWake(preempt).needResched(0)).toBe(1);
  });

  it("waits for the tick, or the way to user mode, under lazy", () => {
    const room = fairWake("lazy");
    expect([room.needResched(0), room.lazyResched(0)]).toEqual([0, 1]);
    room.hurry(0);
    expect([room.needResched(0), room.lazyResched(0)]).toEqual([1, 0]);
    const user = fairWake("lazy");
    user.setUserMode(A, 1);
    user.toUser(0);
    expect(user.needResched(0)).toBe(1);
  });

  it("is not asked for a task that has just been forked, 7.2", () => {
    // A's slice was renewed while it ran: a child with half a slice ends before it
    const fork = (preempt: MachineConfig["preempt"], wake: "wake" | "wakeNew") => {
      const room = cpu(preempt);
      room.place(0, A);
      room.reschedule(0);
      room.elapse(0, MS);
      room[wake](0, C);
      return [room.needResched(0), room.lazyResched(0)];
    };
    expect(fork("lazy", "wakeNew")).toEqual([0, 0]);
    expect(fork("lazy", "wake")).toEqual([0, 1]);
    expect(fork("full", "wakeNew")).toEqual([1, 0]);
  });

  it("leaves no lazy request behind to whom is switched to", () => {
    const room = fairWake("lazy");
    room.wantResched(0);
    expect(room.reschedule(0)).toBe(C);
    expect(room.lazyResched(0)).toBe(0);
    room.hurry(0); // the next tick
    expect(room.needResched(0)).toBe(0);
  });

  it("asks for nothing where a switch is due already", () => {
    const room = cpu("lazy");
    room.setLag(C, MS);
    room.place(0, A);
    room.reschedule(0);
    room.elapse(0, MS);
    room.wantResched(0);
    room.wake(0, C);
    expect([room.needResched(0), room.lazyResched(0)]).toEqual([1, 0]);
  });

  it("takes an idle CPU at once under every model", () => {
    for (const preempt of MODELS) {
      const room = cpu(preempt);
      room.wake(0, C);
      expect(room.needResched(0), preempt).toBe(1);
    }
  });
});

describe("kernel code without a point where it reschedules", () => {
  it.each([
    ["none", 0],
    ["voluntary", 0],
    ["full", 1],
    ["lazy", 1],
  ] as const)("is preempted there: %s %i", (preempt, makes_way) => {
    const room = cpu(preempt);
    room.place(0, A);
    room.reschedule(0);
    room.wantResched(0);
    room.setMidStep(A, 1);
    expect(room.makesWay(0)).toBe(makes_way);
    room.setMidStep(A, 0);
    expect(room.makesWay(0)).toBe(1);
  });

  it("is never preempted where preemption is disabled", () => {
    for (const preempt of MODELS) {
      const room = cpu(preempt);
      room.place(0, A);
      room.reschedule(0);
      room.wantResched(0);
      room.setMidStep(A, 2);
      expect(room.makesWay(0), preempt).toBe(0);
    }
  });
});

describe("fixed priorities", () => {
  it("run before the fair class, however much that is owed", () => {
    for (const preempt of MODELS) {
      const room = cpu(preempt);
      room.setPriority(C, 1);
      room.setLag(B, 4n * MS);
      room.place(0, A);
      room.reschedule(0);
      room.elapse(0, MS);
      room.wake(0, B);
      room.wake(0, C);
      expect(room.needResched(0), preempt).toBe(1);
      expect(room.reschedule(0)).toBe(C);
      room.elapse(0, 100n * MS); // no slice ends its turn
      expect(room.needResched(0)).toBe(0);
      room.wantResched(0);
      expect(room.reschedule(0)).toBe(C);
      room.sleepNow(0);
      expect(room.reschedule(0)).not.toBe(C);
    }
  });

  it("preempt lower ones at once and equal ones never", () => {
    const room = cpu("voluntary");
    room.setPriority(A, 5);
    room.setPriority(B, 5);
    room.setPriority(C, 6);
    room.place(0, A);
    room.reschedule(0);
    room.wake(0, B);
    expect(room.needResched(0)).toBe(0);
    room.wake(0, C);
    expect(room.needResched(0)).toBe(1);
    expect(room.reschedule(0)).toBe(C);
    room.sleepNow(0);
    expect(room.reschedule(0)).toBe(A); // preempted, it has kept its place before B
    room.sleepNow(0);
    expect(room.reschedule(0)).toBe(B);
  });

  it("stay on their CPU where that runs something lower, though another one is idle", () => {
    const room = cpu("voluntary", 2);
    room.setPriority(C, 3);
    room.place(0, A);
    room.reschedule(0);
    room.wake(0, C);
    expect(room.cpuOf(C)).toBe(0);
    expect(room.needResched(0)).toBe(1);
  });

  it("stay there too where that is of fixed priority, and lower", () => {
    const room = cpu("voluntary", 2);
    room.setPriority(A, 2);
    room.setPriority(C, 3);
    room.place(0, A);
    room.reschedule(0);
    room.wake(0, C);
    expect(room.cpuOf(C)).toBe(0);
    expect(room.reschedule(0)).toBe(C);
  });

  it("go to a CPU that runs something lower rather than wait", () => {
    const room = cpu("voluntary", 2);
    room.setPriority(A, 9);
    room.setPriority(C, 3);
    room.place(0, A);
    room.reschedule(0);
    room.place(1, B);
    room.reschedule(1);
    room.wake(0, C);
    expect(room.cpuOf(C)).toBe(1);
    expect(room.needResched(1)).toBe(1);
  });
});

describe("the exit under a model", () => {
  const run = (machine: Partial<MachineConfig>, rcu = {}, vmas = 30_000) =>
    simulateNow(spec({ space: contiguous(vmas), exit: CALL_RCU, machine, rcu })).metrics;

  it("frees everything, whatever the model, and none is faster than the work", () => {
    const totals = MODELS.map((preempt) => run({ preempt }));
    for (const metrics of totals) {
      expect(metrics.freed_final).toBe(30_000);
      expect(metrics.task_cpu_ns).toBeLessThanOrEqual(metrics.exit_total_ns);
    }
  });

  it("makes way for rcuog later under lazy than under full", () => {
    const lazy = run({ preempt: "lazy", rcu_nocbs: [0] });
    const full = run({ preempt: "full", rcu_nocbs: [0] });
    expect(lazy.ctx_switches).toBeLessThan(full.ctx_switches);
  });

  it("takes its quiescent states from cond_resched where no tick in the kernel is one", () => {
    // RCU's threads run elsewhere: on one CPU their wake-ups alone would be context switches
    const away = { preempt: "none", cpus: 2, rcu_kthread_cpus: [1] } as const;
    const classic = { ...away, preempt_rcu: false };
    const pushed_early = { jiffies_till_sched_qs: 0 };
    const preemptible = run(away, pushed_early, 200_000);
    const pushed = run(classic, pushed_early, 200_000);
    expect(preemptible.gp_at_loop_end).toBeGreaterThan(4);
    expect(pushed.gp_at_loop_end).toBeGreaterThan(0);
    expect(pushed.gp_at_loop_end).toBeLessThan(preemptible.gp_at_loop_end);
    // nobody asks for 100 ms: the exit is over before
    expect(run(classic, {}, 10_000).gp_at_loop_end).toBe(0);
    expect(run(away, {}, 50_000).gp_at_loop_end).toBeGreaterThan(0);
  });
});

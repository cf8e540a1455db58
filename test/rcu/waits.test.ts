// Tasks that wait: synchronize_rcu() in both its ways, expedited grace periods, rcu_barrier(), polls.

import { describe, expect, it } from "vitest";
import { spec } from "../engine/spec.ts";
import { FIRST_READER, RcuMachine } from "./rcu-room.ts";

const A = FIRST_READER;
const B = A + 1;
const C = A + 2;

interface Wanted {
  readonly generation?: "6.12" | "7.2";
  readonly cpus?: number;
  readonly rcu?: Record<string, number>;
  readonly rcu_nocbs?: readonly number[];
  readonly rcu_lazy?: boolean;
  readonly nohz_full?: readonly number[];
}

/** CPUs run tasks A, B, C ...; nobody but the test lets a waiting task or a kthread go on. */
function machine({
  generation = "6.12",
  cpus = 1,
  rcu = {},
  rcu_nocbs = [],
  rcu_lazy = false,
  nohz_full = [],
}: Wanted = {}): RcuMachine {
  const it = new RcuMachine(
    spec({ machine: { generation, cpus, hz: 250, rcu_nocbs, rcu_lazy, nohz_full }, rcu }),
  );
  for (let cpu = 0; cpu < cpus; cpu++) {
    it.room.setIdle(cpu, 0);
    it.room.runTask(cpu, A + cpu);
    it.room.holdRcuog(cpu);
  }
  for (let task = 0; task < 4 + 4 * cpus; task++) it.room.holdTask(task);
  return it;
}

/** Ticks on all CPUs and a visit of the grace-period kthread. Answers the callbacks invoked. */
function round(it: RcuMachine, cpus = 1): number {
  let invoked = 0;
  for (let cpu = 0; cpu < cpus; cpu++) invoked += it.tick(cpu);
  it.kthread(0, A);
  return invoked;
}

describe("synchronize_rcu by a callback (6.12)", () => {
  it("is over when its callback runs, a full grace period later", () => {
    const it = machine();
    expect(it.room.synchronizeLook(0, B)).toBe(0);
    expect(it.queued(0)).toBe(1);
    expect(it.room.listedWaiters()).toBe(0);
    let rounds = 0;
    while (it.room.synchronizeLook(0, B) === 0) {
      expect(rounds++).toBeLessThan(5);
      round(it);
    }
    expect(it.room.gpsEnded()).toBe(1n);
    expect(it.queued(0)).toBe(0);
  });

  it("never waits lazily, and makes lazy ones before it hurry", () => {
    const it = machine({ rcu_nocbs: [0], rcu_lazy: true });
    it.call(0, 3);
    expect(it.room.deferLevel(0)).toBe(2); // LAZY: ten seconds
    it.room.synchronizeLook(0, B);
    expect(it.room.deferLevel(0)).not.toBe(2);
    expect(it.queued(0)).toBe(4);
  });
});

describe("synchronize_rcu served by the grace-period kthread", () => {
  const wakes = { rcu_normal_wake_from_gp: 1 };

  it("queues no callback and is over with the grace period", () => {
    const it = machine({ rcu: wakes });
    expect(it.room.synchronizeLook(0, B)).toBe(0);
    expect(it.queued(0)).toBe(0);
    expect(it.room.listedWaiters()).toBe(1);
    expect(it.room.gpFlags()).toBe(1); // it asked for one
    it.kthread(0, A);
    expect(it.room.synchronizeLook(0, B)).toBe(0);
    it.tick(0);
    it.kthread(0, A);
    expect(it.room.synchronizeLook(0, B)).toBe(1);
    expect(it.room.listedWaiters()).toBe(0);
  });

  it("waits for the next one when one runs already", () => {
    const it = machine({ rcu: wakes });
    it.room.synchronizeLook(0, B);
    it.kthread(0, A); // a grace period begins
    it.room.synchronizeLook(0, C);
    it.tick(0);
    it.kthread(0, A); // it ends, and the next one begins
    expect(it.room.synchronizeLook(0, B)).toBe(1);
    expect(it.room.synchronizeLook(0, C)).toBe(0);
    it.tick(0);
    it.kthread(0, A);
    expect(it.room.synchronizeLook(0, C)).toBe(1);
    expect(it.room.gpsEnded()).toBe(2n);
  });
});

describe("synchronize_rcu of 7.2", () => {
  const CPUS = 32;
  const waiters = (count: number): number[] => Array.from({ length: count }, (_, at) => B + at);

  it("is served by the grace-period kthread without being asked to", () => {
    const it = machine({ generation: "7.2" });
    it.room.synchronizeLook(0, B);
    expect([it.queued(0), it.room.listedWaiters()]).toEqual([0, 1]);
  });

  it("lets newcomers queue callbacks once 64 wait, until all of those are served", () => {
    const it = machine({ generation: "7.2", cpus: CPUS });
    for (const task of waiters(63)) it.room.synchronizeLook(0, task);
    expect(it.room.latched()).toBe(0);
    it.room.synchronizeLook(0, B + 63);
    expect([it.room.latched(), it.room.listedWaiters(), it.queued(0)]).toEqual([1, 64, 0]);
    it.room.synchronizeLook(0, B + 64);
    it.room.synchronizeLook(0, B + 65);
    expect([it.room.listedWaiters(), it.queued(0)]).toEqual([64, 2]);
    for (let turn = 0; it.room.latched() !== 0; turn++) {
      expect(turn).toBeLessThan(5);
      round(it, CPUS);
    }
    expect(waiters(64).map((task) => it.room.synchronizeLook(0, task))).toEqual(Array(64).fill(1));
    expect([it.room.latched(), it.room.listedWaiters()]).toEqual([0, 0]);
    it.room.synchronizeLook(0, B);
    expect(it.room.listedWaiters()).toBe(1);
    for (let turn = 0; turn < 6; turn++) round(it, CPUS);
    expect(it.room.synchronizeLook(0, B + 64)).toBe(1); // its callback has run
    expect(it.room.synchronizeLook(0, B + 65)).toBe(1);
  });

  it("knows no latch in 6.12", () => {
    const it = machine({ cpus: CPUS, rcu: { rcu_normal_wake_from_gp: 1 } });
    for (const task of waiters(80)) it.room.synchronizeLook(0, task);
    expect([it.room.latched(), it.room.listedWaiters(), it.queued(0)]).toEqual([0, 80, 0]);
  });
});

describe("rcu_expedited and rcu_normal", () => {
  it.each([
    [0, 0, "normal", "expedited"],
    [1, 0, "expedited", "expedited"],
    [0, 1, "normal", "normal"],
    [1, 1, "normal", "normal"],
  ])(
    "%i, %i: synchronize_rcu waits for a %s, synchronize_rcu_expedited for a %s one",
    (rcu_expedited, rcu_normal, plain, fast) => {
      const way = (look: "synchronizeLook" | "expeditedLook"): string => {
        const it = machine({ rcu: { rcu_expedited, rcu_normal } });
        it.room[look](0, B);
        it.room.expKthreadOn(0);
        return it.queued(0) === 1 ? "normal" : "expedited";
      };
      expect(way("synchronizeLook")).toBe(plain);
      expect(way("expeditedLook")).toBe(fast);
    },
  );
});

describe("an expedited grace period", () => {
  it("on one CPU is over at once: the kthread's own run is a quiescent state", () => {
    const it = machine();
    expect(it.room.expeditedLook(0, B)).toBe(0);
    it.room.expKthreadOn(0);
    expect(it.room.expeditedLook(0, B)).toBe(1);
    expect(it.room.expEnded()).toBe(1n);
    expect(it.running).toBe(false); // no normal one
  });

  it("passes idle CPUs over and interrupts busy ones", () => {
    const it = machine({ cpus: 3 });
    it.room.setIdle(2, 1);
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    expect([0, 1, 2].map((cpu) => it.room.ipiOnItsWay(cpu))).toEqual([0, 1, 0]);
    expect(it.room.expMaskOf(0)).toBe(2n);
    it.room.ipiArrives(1);
    expect(it.room.expMaskOf(0)).toBe(0n);
    it.room.expKthreadOn(0);
    expect(it.room.expeditedLook(0, C)).toBe(1);
  });

  it("waits for a section that the interrupt hits, up to its end", () => {
    const it = machine({ cpus: 2 });
    it.room.lockBy(B);
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    it.room.ipiArrives(1);
    expect(it.room.expMaskOf(0)).toBe(2n);
    expect(it.room.unlockBy(1, B, 1)).toBe(2); // wakes the kthread
    expect(it.room.expMaskOf(0)).toBe(0n);
  });

  it("waits for that section's task when it is preempted, not for its CPU", () => {
    const it = machine({ cpus: 2 });
    it.room.lockBy(B);
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    it.room.ipiArrives(1);
    it.room.switchTo(1, C);
    expect(it.room.expMaskOf(0)).toBe(0n);
    expect(it.room.expBlocker(0)).toBe(B);
    it.room.expKthreadOn(0);
    expect(it.room.expEnded()).toBe(0n);
    it.room.switchTo(1, B);
    expect(it.room.unlockBy(1, B, 1)).toBe(2);
    it.room.expKthreadOn(0);
    expect(it.room.expEnded()).toBe(1n);
  });

  it("waits for readers that were preempted before it began", () => {
    const it = machine({ cpus: 2 });
    it.room.lockBy(B);
    it.room.switchTo(1, C);
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    it.room.ipiArrives(1);
    expect(it.room.expMaskOf(0)).toBe(0n);
    expect(it.room.expBlocker(0)).toBe(B);
  });

  it("waits for a softirq that the interrupt hits, until the CPU switches", () => {
    const it = machine({ cpus: 2 });
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    it.room.setInSoftirq(1, 1);
    it.room.wantResched(1, 0);
    it.room.ipiArrives(1);
    expect(it.room.expMaskOf(0)).toBe(2n);
    expect(it.room.needResched(1)).toBe(1);
    it.room.setInSoftirq(1, 0);
    expect(it.room.switchTo(1, C)).toBe(2);
    expect(it.room.expMaskOf(0)).toBe(0n);
  });

  it("waits a jiffy, then a second and jiffies_till_first_fqs, where a CPU is nohz_full", () => {
    const rcu = { jiffies_till_first_fqs: 100 };
    const it = machine({ cpus: 2, rcu, nohz_full: [1] });
    it.room.expeditedLook(0, C);
    const jiffies = (): number => {
      const begun = it.room.cpuNow(0);
      return Number((it.room.expKthreadOn(0) - begun) / 4_000_000_000n);
    };
    expect(jiffies()).toBe(1);
    it.room.setNow(0, it.room.cpuNow(0) + 8_000_000_000n);
    const second = jiffies();
    expect(second).toBeGreaterThanOrEqual(250 + 100);
    expect(second).toBeLessThan(250 + 100 + 9); // a timer for so long fires at a multiple of 8
  });

  it("is shared by all who asked before it began; later ones need the next", () => {
    const it = machine({ cpus: 2 });
    it.room.expeditedLook(0, B);
    it.room.expeditedLook(0, C);
    it.room.expKthreadOn(0);
    it.room.expeditedLook(0, C + 1); // it runs already
    it.room.ipiArrives(1);
    it.room.expKthreadOn(0);
    expect(it.room.expeditedLook(0, B)).toBe(1);
    expect(it.room.expeditedLook(0, C)).toBe(1);
    expect(it.room.expeditedLook(0, C + 1)).toBe(0);
    it.room.ipiArrives(1);
    it.room.expKthreadOn(0);
    expect(it.room.expeditedLook(0, C + 1)).toBe(1);
    expect(it.room.expEnded()).toBe(2n);
  });

  it("climbs the tree of 40 CPUs", () => {
    const it = machine({ cpus: 40 });
    it.room.expeditedLook(0, B);
    it.room.expKthreadOn(0);
    for (let cpu = 1; cpu < 40; cpu++) {
      expect(it.room.expEnded()).toBe(0n);
      it.room.ipiArrives(cpu);
      it.room.expKthreadOn(0);
    }
    expect(it.room.expEnded()).toBe(1n);
  });
});

describe("rcu_barrier", () => {
  it("is over at once where nothing is queued", () => {
    expect(machine({ cpus: 4 }).room.barrierLook(0, A)).toBe(1);
  });

  it("is over when everything that was queued before it has run, on every CPU", () => {
    const it = machine({ cpus: 3 });
    it.call(0, 2);
    it.call(2, 1);
    expect(it.room.barrierLook(0, A)).toBe(0);
    expect([0, 1, 2].map((cpu) => it.queued(cpu))).toEqual([3, 0, 2]);
    it.call(2, 5); // these came later
    let rounds = 0;
    while (it.room.barrierLook(0, A) === 0) {
      expect(rounds++).toBeLessThan(8);
      round(it, 3);
    }
    expect(it.queued(0)).toBe(0);
    expect(it.queued(2)).toBeLessThanOrEqual(5);
  });

  it("pulls callbacks out of a bypass list", () => {
    const it = machine({ rcu_nocbs: [0], rcu_lazy: true });
    it.call(0, 3);
    expect(it.room.bypassLength(0)).toBe(3);
    it.room.rcuogOn(0, 0); // looks, and lets lazy ones wait ten seconds
    expect(it.room.bypassLength(0)).toBe(3);
    it.room.restRcuog(0);
    expect(it.room.barrierLook(0, A)).toBe(0);
    expect(it.room.bypassLength(0)).toBe(0);
    expect(it.queued(0)).toBe(4);
    expect(it.room.rcuogAwake(0)).toBe(1);
  });

  it("goes one at a time, and one that began later serves those who waited", () => {
    const it = machine();
    it.call(0, 1);
    expect(it.room.barrierLook(0, A)).toBe(0);
    expect(it.room.barrierLook(0, B)).toBe(0); // A's has begun: not good enough for B
    expect(it.room.barrierLook(0, C)).toBe(0);
    for (let i = 0; i < 5; i++) round(it);
    expect(it.room.barrierLook(0, A)).toBe(1);
    expect(it.room.barrierLook(0, B)).toBe(1); // nothing is queued any more
    expect(it.room.barrierLook(0, C)).toBe(1); // B's served it
  });

  it("serves who waited by the one before it, whatever has been queued since", () => {
    const it = machine();
    it.call(0, 1);
    for (const task of [A, B, C]) expect(it.room.barrierLook(0, task)).toBe(0);
    for (let i = 0; i < 5; i++) round(it);
    expect(it.room.barrierLook(0, A)).toBe(1);
    it.call(0, 1);
    expect(it.room.barrierLook(0, B)).toBe(0); // begins, and has one to wait for
    for (let i = 0; i < 5; i++) round(it);
    expect(it.room.barrierLook(0, B)).toBe(1);
    it.call(0, 1); // too late to matter
    expect(it.room.barrierLook(0, C)).toBe(1);
  });

  it("is waited for by one who comes when the queue of those who wait has just become empty", () => {
    const it = machine();
    it.call(0, 1);
    for (const task of [A, B]) expect(it.room.barrierLook(0, task)).toBe(0);
    for (let i = 0; i < 5; i++) round(it);
    expect(it.room.barrierLook(0, A)).toBe(1);
    it.call(0, 1);
    expect(it.room.barrierLook(0, B)).toBe(0);
    expect(it.room.barrierLook(0, C)).toBe(0); // behind B, who no longer waits for his turn
    for (let i = 0; i < 5; i++) round(it);
    expect(it.room.barrierLook(0, B)).toBe(1);
    expect(it.room.barrierLook(0, C)).toBe(1);
  });
});

describe("a poll", () => {
  it("is done after a full grace period that began after it", () => {
    const it = machine();
    const first = it.room.startPollOn(0);
    expect(it.room.pollDone(first)).toBe(0);
    it.kthread(0, A);
    const second = it.room.pollCookie();
    it.tick(0);
    it.kthread(0, A);
    expect(it.room.pollDone(first)).toBe(1);
    expect(it.room.pollDone(second)).toBe(0);
    expect(it.running).toBe(false); // nobody asked for another
  });
});

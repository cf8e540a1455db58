// rcu_do_batch: how many callbacks a softirq invokes at a time, and what a flood changes.

import { describe, expect, it } from "vitest";
import { spec, withCosts } from "../engine/spec.ts";
import { loadRcu, RcuMachine } from "./rcu-room.ts";

const rcu = loadRcu();

describe("the batch limit", () => {
  it.each([
    // blimit, ready, divisor, limit, timed
    [10, 10, 7, 10, false],
    [10, 1280, 7, 10, false],
    [10, 1408, 7, 11, false],
    [10, 5000, 7, 39, false],
    [10, 12_800, 7, 100, false], // timed only above 100
    [10, 12_928, 7, 101, true],
    [10, 20_000, 7, 156, true],
    [10_000, 10, 7, 10_000, true],
    [1000, 5000, 7, 1000, true],
    [10, 5000, 0, 5000, true],
    [10, 5000, 3, 625, true],
  ])(
    "of blimit %i and %i ready callbacks with divisor %i is %i, timed %s",
    (blimit, ready, divisor, limit, timed) => {
      expect(rcu.batchLimit(blimit, ready, divisor)).toBe(limit);
      expect(rcu.batchIsTimed(limit) !== 0).toBe(timed);
    },
  );

  it("falls back to blimit where the divisor leaves nothing", () => {
    for (const divisor of [13, 31, 32, 40, 62]) {
      expect(rcu.batchLimit(10, 5000, divisor), `divisor ${divisor}`).toBe(10);
    }
  });
});

/** One busy CPU; callbacks that cost 1 us each, everything else nothing. */
function machine(rcu_parts = {}, callback_ps = 1_000_000): RcuMachine {
  return new RcuMachine(
    spec({
      rcu: rcu_parts,
      profile: withCosts({ rcu_callback: callback_ps, rcu_foreign_callback: 0, rcu_batch: 0 }),
    }),
  );
}

/** Queues `count` callbacks and steps the machine until `ready` are ready. */
function makeReady(it: RcuMachine, count: number, ready = count): void {
  it.call(0, count);
  for (let tick = 0; it.ready(0) < ready; tick++) {
    if (tick > 10) throw new Error("the grace period does not end");
    it.room.tickCpu(0, 0);
    it.room.coreOf(0);
    it.room.kthreadOn(0);
  }
}

describe("a batch", () => {
  it("stops at its limit on a busy CPU and leaves the rest ready, in order", () => {
    const it = machine();
    makeReady(it, 5000);
    expect(it.room.batchOf(0)).toBe(39); // 5000 >> 7
    expect(it.queued(0)).toBe(4961);
    expect(it.ready(0)).toBe(4961);
    expect(it.room.batchOf(0)).toBe(38); // 4961 >> 7
  });

  it("ends early when nothing is left", () => {
    const it = machine();
    makeReady(it, 7);
    expect(it.room.batchOf(0)).toBe(7);
    expect(it.queued(0)).toBe(0);
  });

  it("runs over its limit on an idle CPU, unless something wants to run", () => {
    const it = machine();
    makeReady(it, 300);
    it.room.setIdle(0, 1);
    it.room.wantResched(0, 1);
    expect(it.room.batchOf(0)).toBe(10);
    it.room.wantResched(0, 0);
    expect(it.room.batchOf(0)).toBe(290);
  });

  it("looks at the clock every 32 callbacks when its limit is above 100", () => {
    const it = machine({ blimit: 1000, rcu_resched_ns: 1_000_000 }, 30_000_000); // 30 us each
    makeReady(it, 1000);
    // 1 ms is over after 34 callbacks; the next look is at the 64th
    expect(it.room.batchOf(0)).toBe(64);
    expect(it.ready(0)).toBe(936);
  });

  it("never looks at the clock when its limit is 100 or less", () => {
    const it = machine({ blimit: 100, rcu_resched_ns: 1_000_000 }, 1_000_000_000); // 1 ms each
    makeReady(it, 100);
    expect(it.room.batchOf(0)).toBe(100);
  });
});

describe("a flood", () => {
  /** A running grace period that one more CPU holds open. */
  function flooded(marks = {}): RcuMachine {
    const it = machine({ qhimark: 1000, qlowmark: 100, ...marks });
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0); // starts the grace period
    expect(it.running).toBe(true);
    return it;
  }

  it("begins one callback beyond qhimark: the limit is lifted and a scan asked for", () => {
    const it = flooded();
    it.call(0, 999);
    expect(it.room.blimitOf(0)).toBe(10);
    expect(it.room.gpFlags()).toBe(0);
    it.call(0);
    expect(it.queued(0)).toBe(1001);
    expect(it.room.blimitOf(0)).toBe(it.room.MAX_BLIMIT.value);
    expect(it.room.gpFlags()).toBe(2); // RCU_GP_FLAG_FQS
    expect(it.room.qlenLastOf(0)).toBe(1001);
  });

  // free_pid() of 6.12 queues with interrupts off: call_rcu_core() goes back before it looks.
  it("is left to the next call by what frees a PID", () => {
    const it = flooded();
    it.call(0, 1000 - it.queued(0));
    it.callForPid(0);
    expect(it.queued(0)).toBe(1001);
    expect(it.room.qlenLastOf(0)).toBe(0);
    it.call(0);
    expect(it.room.qlenLastOf(0)).toBe(1002);
  });

  it("counts anew from where it looked last", () => {
    const it = flooded();
    it.call(0, 1000);
    it.call(0, 1000);
    expect(it.queued(0)).toBe(2001);
    expect(it.room.qlenLastOf(0)).toBe(1001);
    it.call(0);
    expect(it.room.qlenLastOf(0)).toBe(2002);
  });

  it("starts a grace period where none runs, and lifts nothing", () => {
    const it = machine({ qhimark: 1000 });
    it.call(0, 1001);
    expect(it.room.gpFlags()).toBe(1); // RCU_GP_FLAG_INIT
    expect(it.room.blimitOf(0)).toBe(10);
    expect(it.room.qlenLastOf(0)).toBe(0);
  });

  it("is over when a batch leaves qlowmark callbacks or fewer", () => {
    const it = flooded();
    it.call(0, 1500);
    for (let tick = 0; tick < 20 && it.ready(0) === 0; tick++) {
      it.room.tickCpu(0, 0);
      it.room.coreOf(0);
      it.room.kthreadOn(0);
    }
    it.room.setIdle(0, 0);
    const limits: number[] = [];
    for (let step = 0; it.queued(0) > 0; step++) {
      if (step > 1000) throw new Error("the callbacks do not end");
      if (it.ready(0) === 0) {
        it.room.tickCpu(0, 0);
        it.room.coreOf(0);
        it.room.kthreadOn(0);
        continue;
      }
      it.room.batchOf(0);
      limits.push(it.room.lastLimit(0));
      expect(it.room.blimitOf(0)).toBe(it.queued(0) <= 100 ? 10 : 10_000);
    }
    expect(limits[0]).toBe(10_000);
    expect(it.room.blimitOf(0)).toBe(10);
    expect(it.room.qlenLastOf(0)).toBe(0); // all gone: the next flood counts from nothing
  });

  it("ends at qlowmark exactly", () => {
    // 40 us each: the clock stops every batch after 32
    const it = machine({ qhimark: 100, qlowmark: 100, rcu_resched_ns: 1_000_000 }, 40_000_000);
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    it.call(0, 163);
    makeReady(it, 0, 164);
    expect(it.room.blimitOf(0)).toBe(10_000);
    expect(it.room.batchOf(0)).toBe(32);
    expect(it.queued(0)).toBe(132);
    expect(it.room.blimitOf(0)).toBe(10_000);
    expect(it.room.batchOf(0)).toBe(32);
    expect(it.queued(0)).toBe(100);
    expect(it.room.blimitOf(0)).toBe(10);
  });

  it("lowers its mark when the list has shrunk by more than qhimark", () => {
    const it = machine({ qhimark: 100, qlowmark: 10, blimit: 250 });
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    it.call(0, 600);
    const mark = it.room.qlenLastOf(0);
    expect(mark).toBeGreaterThan(500);
    for (let tick = 0; tick < 20 && it.ready(0) < 600; tick++) {
      it.room.tickCpu(0, 0);
      it.room.coreOf(0);
      it.room.kthreadOn(0);
    }
    it.room.batchOf(0); // a lifted limit takes all of them
    expect(it.queued(0)).toBe(0);
    expect(it.room.qlenLastOf(0)).toBe(0);
  });

  it("that has come back whole asks for a scan at once when the next one comes", () => {
    const it = machine({ qhimark: 100, qlowmark: 10, blimit: 250 });
    const flood = (): void => {
      it.call(0);
      it.tick(0);
      it.room.kthreadOn(0);
      expect([it.running, it.room.gpFlags() & 2]).toEqual([true, 0]);
      it.call(0, 200);
      expect(it.room.gpFlags() & 2).toBe(2);
    };
    flood();
    for (let tick = 0; tick < 20 && it.queued(0) > 0; tick++) {
      it.room.kthreadOn(0);
      it.tick(0);
    }
    expect(it.queued(0)).toBe(0);
    expect(it.room.forcedScans()).toBeGreaterThan(0);
    flood();
  });

  it("asks for no scan where all but the last callback have waited long enough", () => {
    const it = new RcuMachine(spec({ machine: { cpus: 2 }, rcu: { qhimark: 100, qlowmark: 10 } }));
    it.room.setIdle(1, 0); // both report by themselves: nobody scans
    it.call(0, 100);
    for (let tick = 0; tick < 10 && it.ready(0) < 100; tick++) {
      for (const cpu of [0, 1]) {
        it.room.tickCpu(cpu, 0);
        it.room.coreOf(cpu);
      }
      if (it.room.leafMask(0) === 0n) it.room.kthreadOn(0);
    }
    expect([it.ready(0), it.room.forcedScans()]).toEqual([100, 0]);
    it.call(1);
    it.tick(1);
    it.room.kthreadOn(0);
    expect(it.running).toBe(true);
    it.call(0);
    expect(it.room.blimitOf(0)).toBe(it.room.MAX_BLIMIT.value);
    expect(it.room.gpFlags() & 2).toBe(0);
  });
});

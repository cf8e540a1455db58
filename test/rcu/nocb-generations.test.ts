// Offloading in 6.12 and in 7.2 (kernel-facts 3.7, 3.8): what they share, vector by vector, and where
// they differ: at exactly twice qhimark, in the wake of a flooded rcuog, and in the grace-period
// kthread's own quiescent state. Then polling, and the shrinker of lazy callbacks.

import { describe, expect, it } from "vitest";
import { contiguous } from "../../src/input/generate.ts";
import { CALL_RCU, DIRECT, listed, PROFILE, simulateNow, spec } from "../engine/spec.ts";
import {
  callOnce,
  DEFER_BYPASS,
  DEFER_FORCE,
  DEFER_LAZY,
  DEFER_NOT,
  goTo,
  jiffyAt,
  offloaded,
} from "./nocb-room.ts";
import { DONE, RcuMachine as Machine, NEXT, type RcuMachine, WAIT } from "./rcu-room.ts";

const GENERATIONS = ["6.12", "7.2"] as const;

/** Fills the bypass list with `count` callbacks in one jiffy, from a list that is not empty. */
function bypassed(it: RcuMachine, jiffy: number, count: number, hz = 1000): void {
  goTo(it, jiffy, hz);
  for (let call = 0; it.room.bypassLength(0) < count; call++) {
    expect(call).toBeLessThan(count + 200);
    it.call(0);
  }
}

describe.each(GENERATIONS)("3.7 the rate rule of %s", (generation) => {
  it("40 calls in a jiffy and 40 in the next: 16 direct, 24 bypassed; 1 flushes, 39 bypassed", () => {
    const it = offloaded({ generation });
    expect(jiffyAt(it, 0, 40)).toEqual([16, 24, 0]);
    expect(jiffyAt(it, 1, 40)).toEqual([0, 39, 1]);
    expect(it.room.segmentLength(it.room.listOf(0), NEXT)).toBe(16 + 24);
  });

  it.each([
    [16, [16, 0, 0], [16, 0, 0]],
    [17, [16, 1, 0], [16, 1, 0]],
    [33, [16, 17, 0], [0, 32, 1]],
  ])("%i calls a jiffy: %j, then %j always", (rate, first, later) => {
    const it = offloaded({ generation });
    expect(jiffyAt(it, 0, rate)).toEqual(first);
    for (let jiffy = 1; jiffy < 10; jiffy++) expect(jiffyAt(it, jiffy, rate)).toEqual(later);
  });

  it("18 calls a jiffy: the direct share shrinks by one a jiffy and is gone from the 17th on", () => {
    const it = offloaded({ generation });
    const direct = Array.from({ length: 16 }, (_, jiffy) => jiffyAt(it, jiffy, 18)[0]);
    expect(direct).toEqual(Array.from({ length: 16 }, (_, jiffy) => 16 - jiffy));
    for (let jiffy = 16; jiffy < 24; jiffy++) {
      expect(jiffyAt(it, jiffy, 18)).toEqual([0, 17, 1]);
    }
  });

  it("100 frees in one jiffy: 16 get the first grace period, 84 wait for the timer of two jiffies", () => {
    const it = offloaded({ generation });
    expect(jiffyAt(it, 0, 100)).toEqual([16, 84, 0]);
    it.room.rcuogOn(0, 0);
    expect(it.room.segmentLength(it.room.listOf(0), WAIT)).toBe(16);
    expect(it.room.bypassLength(0)).toBe(84);
    expect(it.room.deferLevel(0)).toBe(DEFER_BYPASS);
    goTo(it, 1);
    it.room.rcuogOn(0, 0); // not older than a jiffy
    expect(it.room.bypassLength(0)).toBe(84);
    goTo(it, 2);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(0);
  });
});

describe.each(GENERATIONS)("3.7 who flushes a long bypass list in %s", (generation) => {
  it("a caller at qhimark, within the jiffy", () => {
    const it = offloaded({ generation, hz: 100 }); // a jiffy long enough for so many calls
    bypassed(it, 0, 9_999, 100);
    expect(callOnce(it)).toBe("bypass"); // the 10,000th
    it.call(0);
    expect(it.room.bypassLength(0)).toBe(1); // its own
  });

  it("a lazy one goes along with what it flushes", () => {
    const it = offloaded({ generation, lazy: true, rcu: { qhimark: 5 } });
    for (let call = 0; call < 5; call++) expect(callOnce(it)).toBe("bypass");
    it.call(0);
    expect(it.room.bypassLength(0)).toBe(0);
    expect(it.room.segmentLength(it.room.listOf(0), NEXT)).toBe(6);
  });

  it.each([
    [19_999, false, false],
    [20_000, false, true],
    [20_001, true, true],
  ])("rcuog at %i: %s in 6.12, %s in 7.2", (length, older, newer) => {
    // callers would flush at qhimark, so it is lowered once the list is long: it lies in the record
    const it = offloaded({ generation, hz: 100, rcu: { qhimark: 1_000_000 } });
    bypassed(it, 0, length, 100);
    it.room.setQhimark(10_000);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0) === 0).toBe(generation === "7.2" ? newer : older);
  });

  it("a caller the jiffy after, rcuog two jiffies after the list has begun", () => {
    const it = offloaded({ generation });
    bypassed(it, 5, 3);
    goTo(it, 6);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(3);
    expect(callOnce(it)).toBe("direct"); // slow again, and it takes the others along
    expect(it.room.segmentLength(it.room.listOf(0), NEXT) > 3).toBe(true);
  });

  it("lazy ones wait jiffies_lazy_flush for both", () => {
    const it = offloaded({ generation, lazy: true, rcu: { jiffies_lazy_flush: 50 } });
    jiffyAt(it, 0, 5);
    goTo(it, 50);
    expect(callOnce(it)).toBe("bypass");
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(6);
    goTo(it, 51);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(0);
  });
});

describe("3.7 waking rcuog", () => {
  it.each(GENERATIONS)("%s: the first callback does, further ones do not", (generation) => {
    const it = offloaded({ generation });
    it.room.restRcuog(0);
    it.room.rcuogOn(0, 0); // it sleeps
    it.call(0);
    expect(it.room.rcuogAwake(0)).toBe(1);
    it.room.restRcuog(0);
    it.call(0);
    expect(it.room.rcuogAwake(0)).toBe(0);
  });

  it.each([
    ["6.12", true],
    ["7.2", false],
  ] as const)(
    "%s: what frees a PID comes with interrupts off: %s, so the idle loop wakes it",
    (generation, deferred) => {
      const it = offloaded({ generation });
      goTo(it, 0);
      it.room.restRcuog(0);
      it.callForPid(0);
      expect(it.room.rcuogAwake(0) !== 0).toBe(!deferred);
      expect(it.room.nocbTimerSet(0) !== 0).toBe(deferred);
      expect(it.room.idleFlush(0) !== 0).toBe(deferred);
      expect(it.room.rcuogAwake(0)).not.toBe(0);
      expect(it.room.nocbTimerSet(0)).toBe(0);
      expect(it.room.idleFlush(0)).toBe(0);
    },
  );

  it("a deferred one is made by a tick of the CPU that leads the group, and of no other", () => {
    const it = offloaded({ cpus: 4 });
    goTo(it, 0);
    it.room.restRcuog(2);
    it.callForPid(3);
    expect(it.room.tickCpu(3, 0)).toBe(0);
    expect(it.room.tickCpu(2, 0)).toBe(1);
    expect(it.room.rcuogAwake(2)).toBe(0);
    it.room.coreOf(2);
    expect(it.room.rcuogAwake(2)).toBe(1);
    expect(it.room.tickCpu(2, 0)).toBe(0);
  });

  it("a deferred one is made by RCU's softirq of a CPU that leads without being offloaded", () => {
    const it = new Machine(spec({ space: listed([]), machine: { cpus: 2, rcu_nocbs: [1] } }));
    it.room.holdRcuog(0);
    goTo(it, 0);
    it.room.restRcuog(0);
    it.callForPid(1);
    expect(it.room.tickCpu(0, 0)).toBe(1);
    it.room.coreOf(0);
    expect(it.room.rcuogAwake(0)).toBe(1);
  });

  it("6.12: a parent that reaps and sleeps leaves the wake-up to the idle loop, not to a timer", () => {
    const machine = { cpus: 8, rcu_nocbs: [0, 1, 2, 3, 4, 5, 6, 7] };
    const run = simulateNow(spec({ space: contiguous(100), machine }));
    // a timer's softirq that wakes rcuog takes longer than the wake-up itself
    expect(run.metrics.softirq_max_ns).toBeLessThan(PROFILE.costs.rcu_wake!.ps / 1000);
  });

  it.each(GENERATIONS)("%s: one that waits for a grace period hears of it then", (generation) => {
    const it = offloaded({ generation, cpus: 4 }); // two groups of two
    it.room.restRcuog(0);
    it.call(0);
    it.room.rcuogOn(0, 0);
    expect(it.room.rcuogWaitsForGp(0)).toBe(1);
    it.room.restRcuog(0);
    it.room.setIdle(1, 0);
    it.call(1); // of the same group: its list was empty
    expect(it.room.rcuogAwake(0)).toBe(0);
  });

  it.each(GENERATIONS)("%s: and not at the end of the one before that", (generation) => {
    const it = offloaded({ generation, cpus: 4 }); // two groups of two
    it.call(2);
    it.room.rcuogOn(0, 2);
    it.room.kthreadOn(0);
    expect(it.running).toBe(true);
    it.call(0); // too late for it
    it.room.rcuogOn(0, 0);
    it.room.restRcuog(0);
    it.room.setIdle(1, 0);
    it.call(1); // of the same group: its list was empty
    it.room.setIdle(1, 1);
    const awake: number[] = [];
    for (let round = 0; round < 10 && awake.length < 2; round++) {
      const before = it.room.gpsEnded();
      it.tick(0);
      it.room.kthreadOn(0);
      if (it.room.gpsEnded() !== before) awake.push(it.room.rcuogAwake(0));
    }
    expect(awake).toEqual([0, 1]);
  });

  it.each([
    ["6.12", DEFER_FORCE],
    ["7.2", DEFER_NOT],
  ] as const)("%s: qhimark more than at the last look defer a wake of level %i", (...row) => {
    const [generation, level] = row;
    const rcu = { qhimark: 100, nocb_nobypass_lim_per_jiffy: 1_000_000 };
    const it = offloaded({ generation, rcu });
    it.call(0, 101); // the first of them counts as the last look
    expect(it.room.deferLevel(0)).toBe(DEFER_NOT);
    it.call(0);
    expect(it.room.deferLevel(0)).toBe(level);
    expect(it.room.nocbTimerSet(0)).toBe(generation === "6.12" ? 1 : 0);
  });

  it.each(GENERATIONS)("%s: lazy company defers for long, bypass for two jiffies", (generation) => {
    const it = offloaded({ generation, lazy: true });
    it.call(0);
    expect(it.room.deferLevel(0)).toBe(DEFER_LAZY);
    const plain = offloaded({ generation });
    bypassed(plain, 0, 1);
    plain.room.rcuogOn(0, 0);
    expect(plain.room.deferLevel(0)).toBe(DEFER_BYPASS);
  });
});

describe("3.5 the grace-period kthread's own quiescent state", () => {
  it.each([
    ["6.12", 1n],
    ["7.2", 0n],
  ] as const)("%s: after it has begun one, its CPU is waited for: %i", (generation, mask) => {
    const it = new Machine(spec({ machine: { generation, cpus: 2, hz: 250 } }));
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    expect(it.room.leafMask(0) & 1n).toBe(mask);
    expect(it.running).toBe(true); // the idle CPU needs a scan
  });

  it("ends a grace period of one CPU at once in 7.2", () => {
    const it = new Machine(spec({ machine: { generation: "7.2", hz: 250 } }));
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    expect(it.room.gpsEnded()).toBe(1n);
    expect(it.room.forcedScans()).toBe(0);
  });
});

describe("rcu_nocb_poll", () => {
  it.each(GENERATIONS)("%s: nobody wakes rcuog; it looks again after a jiffy", (generation) => {
    const it = offloaded({ generation, poll: true });
    it.room.restRcuog(0);
    jiffyAt(it, 0, 40);
    expect(it.room.rcuogAwake(0)).toBe(0);
    expect(it.room.nocbTimerSet(0)).toBe(0);
    // a sleep of one jiffy in the middle of jiffy 0 is over with the second tick from then
    expect(it.room.rcuogOn(0, 0)).toBe(2_000_000_000n);
    expect(it.room.segmentLength(it.room.listOf(0), WAIT)).toBe(16);
    expect(it.room.nocbTimerSet(0)).toBe(0); // no timer for the bypass list either
    goTo(it, 2);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(0);
  });

  it("makes the exit of an offloaded CPU wait for looks, and ends when nothing is left", () => {
    const run = (rcu_nocb_poll: boolean) =>
      simulateNow(spec({ exit: CALL_RCU, machine: { rcu_nocbs: [0], rcu_nocb_poll } })).metrics;
    const [woken, polled] = [run(false), run(true)];
    expect(polled.freed_final).toBe(woken.freed_final);
    expect(polled.call_rcu_max_ns).toBeLessThan(woken.call_rcu_max_ns); // no wake-up in any call
    expect(polled.last_free_ns).toBeGreaterThan(8e6);
  });

  it.each([2, 4, 5, 16])(
    "ends with several groups on %i CPUs, which look in the same jiffy",
    (cpus) => {
      const rcu_nocbs = Array.from({ length: cpus }, (_, cpu) => cpu);
      const machine = { cpus, rcu_nocbs, rcu_nocb_poll: true };
      for (const rcu_nocb_gp_stride of [-1, 1, 3]) {
        for (const [vmas, exit] of [
          [1, DIRECT],
          [1_000, CALL_RCU],
        ] as const) {
          const rcu = { rcu_nocb_gp_stride };
          const wanted = spec({ space: contiguous(vmas), exit, machine, rcu });
          expect(simulateNow(wanted).metrics.freed_final).toBe(vmas);
        }
      }
    },
  );
});

describe("3.8 the shrinker rcu-lazy", () => {
  /** Lazy callbacks on CPUs 0, 1 and 3 of four. */
  function lazy(): RcuMachine {
    const it = offloaded({ cpus: 4, lazy: true });
    for (const [cpu, count] of [5, 7, 0, 2].entries()) {
      it.room.setIdle(cpu, 0);
      it.call(cpu, count);
    }
    return it;
  }

  it("counts lazy callbacks of all CPUs", () => {
    expect(lazy().room.lazyShrinkCount()).toBe(14n);
    expect(offloaded({ cpus: 4 }).room.lazyShrinkCount()).toBe(0n);
  });

  // what is still wanted is an unsigned count in the kernel: it wraps, unless it comes to be 0
  it.each([
    [1n, 14n, [0, 0, 0, 0]],
    [5n, 5n, [0, 7, 0, 2]],
    [6n, 14n, [0, 0, 0, 0]],
    [12n, 12n, [0, 0, 0, 2]],
    [100n, 14n, [0, 0, 0, 0]],
  ])("flushes whole lists until exactly %i are: %i, left %j", (wanted, flushed, left) => {
    const it = lazy();
    expect(it.room.lazyShrinkScanOn(2, wanted)).toBe(flushed);
    expect([0, 1, 2, 3].map((cpu) => it.room.bypassLength(cpu))).toEqual(left);
    expect(it.room.segmentLength(it.room.listOf(0), NEXT)).toBe(5);
    expect(it.room.segmentLength(it.room.listOf(0), DONE)).toBe(0); // they wait for a grace period
    expect(it.room.deferLevel(0)).toBe(DEFER_NOT); // and not for the timer of ten seconds
  });

  it("answers 0 where nothing is lazy", () => {
    expect(offloaded({ cpus: 2 }).room.lazyShrinkScanOn(0, 10n)).toBe(0n);
  });
});

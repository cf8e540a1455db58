// Grace periods by hand: who must report, who learns of them when, and how long the kthread waits.

import { describe, expect, it } from "vitest";
import type { RcuTunables } from "../../src/api/types.ts";
import { spec } from "../engine/spec.ts";
import { RcuMachine } from "./rcu-room.ts";

function machine(cpus = 1, hz = 250, rcu: Partial<RcuTunables> = {}): RcuMachine {
  return new RcuMachine(spec({ machine: { cpus, hz }, rcu }));
}

/** Jiffies from the start of the wait to its end: a timer fires one later, never early. */
function waitJiffies(it: RcuMachine, until: bigint, hz: number): number {
  const period = 1_000_000_000_000n / BigInt(hz);
  return Number((until - it.room.cpuNow(0)) / period);
}

describe("settings that the kernel computes", () => {
  it.each([
    [100, 8, 1, 10],
    [250, 1, 1, 25],
    [250, 8, 1, 25],
    [300, 8, 2, 30],
    [1000, 8, 3, 100],
    [1000, 255, 3, 100],
    [1000, 256, 4, 101],
    [250, 256, 2, 26],
    [250, 512, 3, 27],
    [1000, 512, 5, 102],
  ])("HZ=%i and %i CPUs: look after %i jiffies, push after %i", (hz, cpus, fqs, sched_qs) => {
    const { room } = machine(cpus, hz);
    expect(room.firstFqsJiffies()).toBe(fqs);
    expect(room.nextFqsJiffies()).toBe(fqs);
    expect(room.schedQsJiffies()).toBe(sched_qs);
  });

  it("give way to those that are set", () => {
    const rcu = { jiffies_till_first_fqs: 7, jiffies_till_next_fqs: 50, qovld: 5 };
    const { room } = machine(4, 250, rcu);
    expect(room.firstFqsJiffies()).toBe(7);
    expect(room.nextFqsJiffies()).toBe(50);
    expect(room.schedQsJiffies()).toBe(107); // 7 + 2 * 50
    expect(room.overloadMark()).toBe(5);
  });

  it("wait a second at most, as the kernel takes its parameters", () => {
    const rcu = { jiffies_till_first_fqs: 1000, jiffies_till_next_fqs: 1000 };
    const { room } = machine(1, 100, rcu);
    expect(room.firstFqsJiffies()).toBe(100);
    expect(room.nextFqsJiffies()).toBe(100);
    expect(machine(1, 100, { jiffies_till_next_fqs: 0 }).room.nextFqsJiffies()).toBe(1);
  });

  it("count 20,000 as overload whatever qhimark is, or twice that if asked for by -1", () => {
    expect(machine(1).room.overloadMark()).toBe(20_000);
    expect(machine(1, 250, { qhimark: 300 }).room.overloadMark()).toBe(20_000);
    expect(machine(1, 250, { qhimark: 300, qovld: -1 }).room.overloadMark()).toBe(600);
  });
});

describe("the node tree", () => {
  it.each([
    [1, [1]],
    [16, [16]],
    [17, [16, 1]],
    [40, [16, 16, 8]],
    [256, Array.from({ length: 16 }, () => 16)],
    [1024, Array.from({ length: 64 }, () => 16)],
  ])("of %i CPUs has leaves of 16 and a rest: %#", (cpus, leaves) => {
    const { room } = machine(cpus);
    expect(room.leaves()).toBe(leaves.length);
    leaves.forEach((count, leaf) => {
      expect(room.leafCpus(leaf)).toBe(count);
      expect(room.leafLowest(leaf)).toBe(leaf * 16);
      expect(room.leafMaskInit(leaf)).toBe((1n << BigInt(count)) - 1n);
    });
    const root_bits = leaves.length === 1 ? leaves[0]! : leaves.length;
    expect(BigInt.asUintN(64, room.rootMaskInit())).toBe((1n << BigInt(root_bits)) - 1n);
  });
});

describe("a grace period on one busy CPU", () => {
  it("starts at a tick, not at call_rcu, and takes two more ticks", () => {
    const it = machine();
    it.call(0);
    expect(it.room.gpFlags()).toBe(0); // call_rcu asks for nothing
    expect(it.tick(0)).toBe(0);
    expect(it.room.gpFlags()).toBe(1); // the tick's softirq does
    it.room.kthreadOn(0);
    expect(it.running).toBe(true);
    expect(it.tick(0)).toBe(0); // reports the context switch from the kthread
    expect(it.room.gpFlags()).toBe(2);
    it.room.kthreadOn(0);
    expect(it.running).toBe(false);
    expect(it.room.gpsEnded()).toBe(1n);
    expect(it.tick(0)).toBe(1); // the callback runs
    expect(it.queued(0)).toBe(0);
  });

  it("does not serve callbacks that came after it began", () => {
    const it = machine();
    it.call(0, 3);
    it.tick(0);
    it.room.kthreadOn(0);
    it.call(0, 5); // too late for this one
    it.tick(0);
    it.room.kthreadOn(0); // ends it, and begins the next for the five
    expect(it.tick(0)).toBe(3);
    expect(it.queued(0)).toBe(5);
    expect(it.running).toBe(true);
    it.tick(0);
    it.room.kthreadOn(0);
    expect(it.tick(0)).toBe(5);
    expect(it.room.gpsEnded()).toBe(2n);
  });

  it("does not end by ticks that hit a softirq", () => {
    const it = machine(2);
    it.room.setIdle(1, 0);
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    it.tick(1); // CPU 1 notices the grace period
    it.room.setInSoftirq(1, 1);
    for (let tick = 0; tick < 5; tick++) it.tick(1);
    expect(it.room.leafMask(0) & 2n).toBe(2n);
    it.room.setInSoftirq(1, 0);
    it.tick(1);
    expect(it.room.leafMask(0) & 2n).toBe(0n);
  });
});

describe("a grace period on several CPUs", () => {
  /** Callback on CPU 0, kthread on CPU 0, all CPUs below `busy` at work. */
  function started(cpus: number, busy: number, hz = 250): RcuMachine {
    const it = machine(cpus, hz);
    for (let cpu = 1; cpu < busy; cpu++) it.room.setIdle(cpu, 0);
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    return it;
  }

  it("waits for every CPU, leaf by leaf", () => {
    const it = started(40, 40);
    expect([0, 1, 2].map((leaf) => it.room.leafMask(leaf))).toEqual([0xffffn, 0xffffn, 0xffn]);
    expect(it.room.rootMask()).toBe(0b111n);
    // CPU 0 knows of it already; the others notice at one tick and report at the next
    for (let cpu = 1; cpu < 40; cpu++) it.tick(cpu);
    expect(it.room.rootMask()).toBe(0b111n);
    for (let cpu = 39; cpu >= 16; cpu--) it.tick(cpu);
    expect([0, 1, 2].map((leaf) => it.room.leafMask(leaf))).toEqual([0xffffn, 0n, 0n]);
    expect(it.room.rootMask()).toBe(0b001n);
    expect(it.room.gpFlags()).toBe(0);
    for (let cpu = 15; cpu >= 0; cpu--) it.tick(cpu);
    expect(it.room.rootMask()).toBe(0n);
    expect(it.room.gpFlags()).toBe(2); // the last one wakes the kthread
    it.room.kthreadOn(0);
    expect(it.running).toBe(false);
  });

  it("is not ended by idle CPUs themselves: the kthread's scan finds them", () => {
    const it = started(17, 1);
    it.tick(0);
    expect(it.room.leafMask(0)).toBe(0xfffen);
    expect(it.room.leafMask(1)).toBe(1n);
    it.room.kthreadOn(0); // first scan: a snapshot finds all sixteen in idle
    expect(it.running).toBe(false);
    expect(it.room.forcedScans()).toBe(1);
  });

  it("is ended by a CPU's nap between two scans", () => {
    const it = started(2, 2);
    it.tick(0);
    it.room.kthreadOn(0); // first scan: CPU 1 is at work
    expect(it.running).toBe(true);
    it.room.setIdle(1, 1);
    it.room.setIdle(1, 0); // at work again, but it has slept since
    it.room.kthreadOn(0);
    expect(it.running).toBe(false);
  });

  it("waits on for a CPU that works through all scans, and pushes it in the end", () => {
    const it = started(2, 2);
    it.tick(0);
    const ms = 1_000_000_000n;
    for (let scan = 0; scan < 4; scan++) it.room.kthreadOn(0);
    expect(it.running).toBe(true);
    expect(it.room.urgentOf(1)).toBe(0);
    it.room.setNow(0, 200n * ms); // 50 jiffies: beyond jiffies_to_sched_qs, 25
    it.room.kthreadOn(0);
    expect(it.room.urgentOf(1)).toBe(1);
    expect(it.room.needResched(1)).toBe(0);
    it.tick(1); // the tick asks the CPU to switch
    expect(it.room.needResched(1)).toBe(1);
    expect(it.room.urgentOf(1)).toBe(0);
  });

  it("pushes no longer a CPU that a scan finds asleep", () => {
    const it = started(3, 3);
    it.tick(0);
    it.room.kthreadOn(0);
    it.room.setNow(0, 200_000_000_000n);
    it.room.kthreadOn(0);
    expect(it.room.urgentOf(1)).toBe(1);
    it.room.setIdle(1, 1);
    it.room.kthreadOn(0);
    expect(it.room.urgentOf(1)).toBe(0);
    expect(it.room.urgentOf(2)).toBe(1);
  });

  it("is seen by each CPU at its own tick only", () => {
    const it = started(4, 4);
    const running = it.room.gpSeq();
    expect(it.room.noticedSeqOf(0)).toBe(running); // the kthread's CPU knows at once
    expect(it.room.noticedSeqOf(3)).not.toBe(running);
    it.tick(3);
    expect(it.room.noticedSeqOf(3)).toBe(running);
  });

  it.each([
    [100, 1],
    [250, 1],
    [300, 2],
    [1000, 3],
  ])("is looked at after its wait: HZ=%i, %i jiffies, and the timer's one", (hz, jiffies) => {
    const it = machine(2, hz);
    it.call(0);
    it.tick(0);
    const until = it.room.kthreadOn(0);
    expect(waitJiffies(it, until, hz)).toBe(jiffies); // the next tick is nearer than a jiffy
  });
});

describe("a tick", () => {
  /** A grace period has begun on CPU 0, and CPU 1 has noticed it in a tick. */
  function noticed(idle: boolean): RcuMachine {
    const it = machine(2);
    it.room.setIdle(1, idle ? 1 : 0);
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    it.tick(1, idle);
    expect(it.room.leafMask(0) & 2n).toBe(2n);
    return it;
  }

  it("over a task is a quiescent state", () => {
    const it = noticed(false);
    it.tick(1);
    expect(it.room.leafMask(0) & 2n).toBe(0n);
  });

  it("over idle is none, as preemption is disabled there: the next scan sees it idle", () => {
    const it = noticed(true);
    for (let i = 0; i < 3; i++) it.tick(1, true);
    expect(it.room.leafMask(0) & 2n).toBe(2n);
    it.room.kthreadOn(0);
    expect(it.room.leafMask(0) & 2n).toBe(0n);
  });
});

describe("overload", () => {
  it("marks the CPU from qovld callbacks on, at the call after", () => {
    const it = machine(2, 250, { qovld: 50 });
    it.call(0, 50);
    expect(it.room.overloadBitOf(0)).toBe(0);
    it.call(0);
    expect(it.room.overloadBitOf(0)).toBe(1);
    expect(it.room.overloadBitOf(1)).toBe(0);
  });

  /** Two CPUs, one idle; more callbacks than qovld come in every grace period. */
  function overloaded(): { it: RcuMachine; scansOf: (run: () => void) => number } {
    const it = machine(2, 1000, { qovld: 50, blimit: 1000 });
    const scansOf = (run: () => void): number => {
      const before = it.room.forcedScans();
      run();
      return it.room.forcedScans() - before;
    };
    it.call(0, 60);
    it.tick(0);
    return { it, scansOf };
  }

  it("hurries the kthread from the scan after the one that saw it", () => {
    const { it, scansOf } = overloaded();
    const kthread = () => it.room.kthreadOn(0);
    // the first grace period: its scan sees the overload
    expect(scansOf(kthread)).toBe(0);
    expect(scansOf(kthread)).toBe(1);
    expect(it.room.overloaded()).toBe(0);
    it.call(0, 60);
    it.tick(0);
    // the second: it waits as usual, then its first scan finds the state of overload and scans again
    expect(scansOf(kthread)).toBe(0);
    expect(it.room.gpsEnded()).toBe(1n);
    expect(scansOf(kthread)).toBe(2);
    expect(it.room.overloaded()).toBe(1);
    it.call(0, 60);
    it.tick(0);
    // the third: ended and begun in one run, it does not wait at all
    expect(scansOf(kthread)).toBe(2);
    expect(it.room.gpsEnded()).toBe(2n);
    expect(it.running).toBe(true);
  });

  it("waits a third as long between scans", () => {
    const { it } = overloaded();
    for (let gp = 0; gp < 2; gp++) {
      it.room.kthreadOn(0);
      it.room.kthreadOn(0);
      it.call(0, 60);
      it.tick(0);
    }
    expect(it.room.overloaded()).toBe(1);
    const until = it.room.kthreadOn(0);
    expect(waitJiffies(it, until, 1000)).toBe(1); // (3 + 2) / 3
  });

  it("pushes a CPU that works through the scans without waiting for its time", () => {
    const { it } = overloaded();
    it.room.setIdle(1, 0);
    for (let run = 0; run < 4; run++) {
      it.room.kthreadOn(0);
      it.call(0, 60);
    }
    expect(it.room.overloaded()).toBe(1);
    expect(it.room.urgentOf(1)).toBe(1);
  });

  it("is over for a CPU when a grace period ends and its list is short", () => {
    const { it } = overloaded();
    it.call(0);
    expect(it.room.overloadBitOf(0)).toBe(1);
    let gps = 0;
    while (it.queued(0) > 0 && gps++ < 10) {
      it.room.kthreadOn(0);
      it.room.kthreadOn(0);
      it.tick(0);
      it.tick(0);
      expect(it.room.overloadBitOf(0)).toBe(it.queued(0) >= 50 || it.running ? 1 : 0);
    }
    it.call(0);
    it.tick(0);
    for (let run = 0; run < 3; run++) {
      it.room.kthreadOn(0);
      it.tick(0);
    }
    expect(it.room.overloadBitOf(0)).toBe(0);
  });

  it("goes on for a CPU that has exactly qovld left", () => {
    const it = machine(1, 250, { qovld: 50 });
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    it.call(0, 50);
    for (let tick = 0; tick < 10 && it.room.gpsEnded() < 2n; tick++) {
      it.tick(0);
      it.room.kthreadOn(0);
    }
    expect([it.room.gpsEnded(), it.queued(0)]).toEqual([2n, 50]);
    expect(it.room.overloadBitOf(0)).toBe(1);
  });

  it("is switched off by qovld 0", () => {
    const it = machine(1, 250, { qovld: 0 });
    it.call(0, 30_000);
    expect(it.room.overloadBitOf(0)).toBe(0);
  });
});

describe("a request for a grace period", () => {
  it("is noted on the nodes alone: the record of the CPU that made it says so when it begins", () => {
    const it = machine();
    const before = it.room.neededSeqOf(0);
    it.call(0);
    it.tick(0);
    expect(it.room.gpFlags() & 1).toBe(1); // asked for
    expect(it.room.neededSeqOf(0)).toBe(before);
    it.room.kthreadOn(0);
    expect(it.running).toBe(true);
    expect(it.room.neededSeqOf(0)).toBeGreaterThan(before);
  });
});

describe("a nohz_full CPU", () => {
  const HZ = 250;

  /** CPU 1 of two; the grace period begins in jiffy 1. */
  function full(): { it: RcuMachine; goTo: (jiffy: number) => void } {
    const it = new RcuMachine(
      spec({ machine: { cpus: 2, hz: HZ, tick_phase_ns: 0, nohz_full: [1] } }),
    );
    const goTo = (jiffy: number): void => {
      for (const cpu of [0, 1]) it.room.setNow(cpu, BigInt((jiffy + 0.5) * 4e9));
    };
    goTo(1);
    it.call(0);
    it.tick(0);
    it.room.kthreadOn(0);
    expect(it.running).toBe(true);
    return { it, goTo };
  }

  it("has a second before its ticks over idle look for work of RCU", () => {
    const { it, goTo } = full();
    goTo(1 + HZ - 1);
    expect(it.room.tickCpu(1, 1)).toBe(0);
    goTo(1 + HZ);
    expect(it.room.tickCpu(1, 1)).toBe(1);
  });

  it("at work is pushed whenever three times jiffies_till_sched_qs are over", () => {
    const { it, goTo } = full();
    it.room.setIdle(1, 0);
    const pushed: number[] = [];
    for (let age = 2; age < 240; age++) {
      goTo(1 + age);
      it.room.wantResched(1, 0);
      it.room.kthreadOn(0);
      if (it.room.needResched(1) === 1) pushed.push(age);
    }
    expect(it.room.schedQsJiffies()).toBe(25);
    const between = pushed.slice(1).map((age, i) => age - pushed[i]!);
    expect(between.length).toBeGreaterThan(1);
    expect(new Set(between)).toEqual(new Set([3 * 25 + 1]));
  });
});

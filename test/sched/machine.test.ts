// The whole machine, one event at a time: which CPUs tick, which are watched, who runs where.

import { describe, expect, it } from "vitest";
import { Metric } from "../../assembly/abi/metric.ts";
import type { LoadSpec } from "../../src/api/types.ts";
import { contiguous } from "../../src/input/generate.ts";
import { CALL_RCU, DIRECT, SINGLE, type SpecParts, simulateNow, spec } from "../engine/spec.ts";
import { EXIT, NO_TASK, PARENT, RCU_GP, SteppedMachine } from "./sched-room.ts";

function machine(parts: SpecParts): SteppedMachine {
  return new SteppedMachine(spec({ space: contiguous(1000), ...parts }));
}

describe("the exiting task", () => {
  it("runs at time 0, on its CPU, which ticks; the others sleep and do not", () => {
    const { room } = machine({ machine: { cpus: 4, exit_cpu: 2 } });
    expect([0, 1, 2, 3].map((cpu) => room.current(cpu))).toEqual([NO_TASK, NO_TASK, EXIT, NO_TASK]);
    expect([0, 1, 2, 3].map((cpu) => room.ticks(cpu))).toEqual([0, 0, 1, 0]);
    expect([0, 1, 2, 3].map((cpu) => room.watched(cpu))).toEqual([0, 0, 1, 0]);
    expect(room.cpuNow(2)).toBe(0n);
  });

  it("is dead when all is over, its parent and the kthread sleep, and nothing ticks", () => {
    const it = machine({ exit: CALL_RCU, machine: { cpus: 3 } });
    while (it.step());
    expect(it.room.isDead(EXIT)).toBe(1);
    expect(it.room.isSleeping(PARENT)).toBe(1);
    expect(it.room.isSleeping(RCU_GP)).toBe(1);
    for (const cpu of [0, 1, 2]) {
      expect(it.room.ticks(cpu)).toBe(0);
      expect(it.room.watched(cpu)).toBe(0);
      expect(it.room.callbacksOf(cpu)).toBe(0);
      expect(it.room.current(cpu)).toBe(NO_TASK);
    }
  });
});

describe("an idle CPU", () => {
  /** Steps until the exit is over and CPU 0 is idle. */
  function idled(parts: SpecParts): SteppedMachine {
    const it = machine(parts);
    while (it.metric(Metric.USER_WAIT_LATENCY) === 0n && it.step());
    while (it.room.current(0) !== NO_TASK && it.step());
    return it;
  }

  it("ticks on while it has callbacks, unwatched, and stops with the last of them", () => {
    const it = idled({ exit: CALL_RCU });
    expect(it.room.callbacksOf(0)).toBeGreaterThanOrEqual(1000);
    expect(it.room.ticks(0)).toBe(1);
    expect(it.room.watched(0)).toBe(0);
    let ticked = 0;
    do {
      if (it.room.callbacksOf(0) > 0) {
        expect(it.room.ticks(0)).toBe(1);
        ticked++;
      }
    } while (it.step());
    expect(ticked).toBeGreaterThan(3);
    expect(it.room.ticks(0)).toBe(0);
  });

  it("that has never run anything does not tick at all", () => {
    const it = machine({ exit: DIRECT, machine: { cpus: 8, exit_cpu: 1 } });
    do {
      if (it.room.current(7) === NO_TASK && it.room.watched(7) === 0) {
        expect(it.room.ticks(7)).toBe(0);
      }
    } while (it.step());
  });

  it("that has just gone idle ticks on until a tick has hit it", () => {
    const it = machine({ exit: DIRECT, machine: { cpus: 2, exit_cpu: 1 } });
    while (it.room.current(1) !== NO_TASK && it.step());
    const next = it.room.nextTickAfter(it.room.cpuNow(1));
    expect(it.room.callbacksOf(1)).toBe(0); // nothing needs it
    let stopped = 0n;
    do {
      stopped = it.metric(Metric.NOW);
      expect(it.room.watched(1)).toBe(0);
    } while (it.room.ticks(1) !== 0 && it.step());
    expect(stopped).toBe(next);
  });
});

describe("time", () => {
  it("never runs backwards on any CPU, and no event comes before the one before it", () => {
    const it = machine({ exit: CALL_RCU, machine: { cpus: 5, hz: 1000 } });
    const cpus = [0, 1, 2, 3, 4];
    let clocks = cpus.map((cpu) => it.room.cpuNow(cpu));
    let now = 0n;
    do {
      const next = cpus.map((cpu) => it.room.cpuNow(cpu));
      next.forEach((clock, cpu) => {
        expect(clock).toBeGreaterThanOrEqual(clocks[cpu]!);
      });
      clocks = next;
      expect(it.metric(Metric.NOW)).toBeGreaterThanOrEqual(now);
      now = it.metric(Metric.NOW);
    } while (it.step());
  });
});

describe("a busy loop that another CPU interrupts by a wake", () => {
  it("has computed up to then: what is woken beside it runs no earlier than it was woken", () => {
    const hog: LoadSpec = {
      ...{ name: "hog", kind: "busy-user", tasks: 1, bound: true, cpus: [1] },
      ...{ priority: 0, work_ns: 0, period_ns: 0 },
    };
    const beside = { cpus: 2, rcu_kthread_cpus: [1] };
    const wanted = spec({ space: contiguous(5000), exit: CALL_RCU, machine: beside });
    const it = new SteppedMachine({ ...wanted, load: [hog] });
    let now = 0n;
    do {
      expect(it.metric(Metric.NOW)).toBeGreaterThanOrEqual(now);
      now = it.metric(Metric.NOW);
    } while (it.step());
    expect([it.room.cpuOf(RCU_GP), it.room.isDead(EXIT)]).toEqual([1, 1]);
    expect(it.room.switchesOf(RCU_GP)).toBeGreaterThan(2);
  });
});

describe("ksoftirqd", () => {
  it("takes over when callbacks do not end, and the exiting task gets its share", () => {
    // blimit stays low without qhimark: tens of thousands of callbacks in passes of ten and more
    const wanted = spec({
      space: contiguous(100_000),
      exit: CALL_RCU,
      rcu: { qhimark: 1_000_000 },
    });
    const it = new SteppedMachine(wanted);
    let woke = 0;
    let awake = false;
    while (it.step()) {
      const now = it.room.ksoftirqdAwake(0) !== 0;
      if (now && !awake) woke++;
      awake = now;
    }
    expect(woke).toBeGreaterThan(0);
    const { metrics } = simulateNow(wanted);
    expect(metrics.task_cpu_ns).toBeLessThan(metrics.exit_total_ns);
    expect(metrics.ctx_switches).toBeGreaterThan(1);
  });

  it("is not needed for one long callback", () => {
    const it = machine({ exit: SINGLE });
    while (it.step()) expect(it.room.ksoftirqdAwake(0)).toBe(0);
  });
});

describe("a grace period after the exit", () => {
  it.each([
    [100, 10],
    [250, 4],
    [300, 10 / 3],
    [1000, 1],
  ])("at HZ=%i: callbacks run three or four ticks of %f ms after they were queued", (hz, tick) => {
    const runs = Array.from({ length: 8 }, (_, phase) => {
      const tick_phase_ns = Math.floor((phase * 1e9) / hz / 8);
      const machine = { hz, tick_phase_ns };
      const { metrics } = simulateNow(spec({ space: contiguous(10), exit: SINGLE, machine }));
      return (metrics.last_free_ns - metrics.loop_end_ns) / 1e6 / tick;
    });
    for (const ticks of runs) {
      expect(ticks).toBeGreaterThan(1.9);
      expect(ticks).toBeLessThan(4.1);
    }
  });

  it("lasts longer at HZ=1000 where an idle CPU must be found by the scan", () => {
    const wait = (cpus: number) => {
      const machine = { cpus, hz: 1000, tick_phase_ns: 900_000 };
      const { metrics } = simulateNow(spec({ space: contiguous(10), exit: SINGLE, machine }));
      return metrics.last_free_ns - metrics.loop_end_ns;
    };
    // CPU 1 runs the parent and its callbacks, so it ticks and reports by itself; CPU 2 sleeps through
    // it all until the first scan, 3 jiffies and the timer's one after the start
    expect(wait(3)).toBeGreaterThan(wait(1));
    expect(wait(3)).toBeGreaterThan(wait(2));
    expect(wait(3)).toBeGreaterThan(4_000_000);
  });
});

// Offloaded callbacks: the rate rule of the bypass list, who is woken when, and whole exits.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contiguous } from "../../src/input/generate.ts";
import { batch, CALL_RCU, SINGLE, simulateNow, spec, withCosts } from "../engine/spec.ts";
import { propertyOptions } from "../queue/load.ts";
import {
  callOnce,
  DEFER_BYPASS,
  DEFER_LAZY,
  DEFER_NOT,
  goTo,
  jiffyAt,
  offloaded,
} from "./nocb-room.ts";
import { DONE, NEXT, WAIT } from "./rcu-room.ts";

describe("the bypass list", () => {
  it("takes what exceeds the limit of a jiffy; the first call of the next flushes it", () => {
    const it = offloaded();
    expect(jiffyAt(it, 0, 40)).toEqual([16, 24, 0]);
    expect(it.room.segmentLength(it.room.listOf(0), NEXT)).toBe(16);
    goTo(it, 1);
    expect(callOnce(it)).toBe("flush");
    expect(it.room.segmentLength(it.room.listOf(0), NEXT)).toBe(16 + 24); // not itself
    expect(Array.from({ length: 39 }, () => callOnce(it))).toEqual(Array(39).fill("bypass"));
    expect(it.queued(0)).toBe(80); // the length counts both lists
  });

  it("is not used at the limit", () => {
    const it = offloaded();
    for (let jiffy = 0; jiffy < 8; jiffy++) expect(jiffyAt(it, jiffy, 16)).toEqual([16, 0, 0]);
  });

  it("takes one call a jiffy just above the limit, which the next jiffy's first call collects", () => {
    const it = offloaded();
    for (let jiffy = 0; jiffy < 8; jiffy++) expect(jiffyAt(it, jiffy, 17)).toEqual([16, 1, 0]);
  });

  it("takes all but the flushing call at twice the limit, from the second jiffy on", () => {
    const it = offloaded();
    expect(jiffyAt(it, 0, 33)).toEqual([16, 17, 0]);
    for (let jiffy = 1; jiffy < 6; jiffy++) expect(jiffyAt(it, jiffy, 33)).toEqual([0, 32, 1]);
  });

  it("is flushed at qhimark, whatever the jiffy", () => {
    const it = offloaded({ rcu: { qhimark: 100 } });
    const [direct, bypassed] = jiffyAt(it, 0, 16 + 100);
    expect([direct, bypassed]).toEqual([16, 100]);
    it.call(0);
    expect(it.room.bypassLength(0)).toBe(1);
    expect(it.queued(0)).toBe(117);
  });

  it.each([
    [100, 160],
    [250, 64],
    [1000, 16],
  ])("begins at HZ %i after %i calls in a jiffy", (hz, limit) => {
    expect(offloaded({ hz }).room.nobypassLimit()).toBe(limit);
  });
});

describe("rcuog", () => {
  it.each([
    [1, 1],
    [8, 4],
    [64, 8],
    [128, 11],
  ])("serves, of %i CPUs, groups of %i", (cpus, stride) => {
    const { room } = offloaded({ cpus });
    expect(room.nocbStride(cpus)).toBe(stride);
    for (let cpu = 0; cpu < cpus; cpu++) expect(room.leaderOf(cpu)).toBe(cpu - (cpu % stride));
  });

  it("numbers what is on the list, and leaves a young bypass list to a timer of two jiffies", () => {
    const it = offloaded();
    jiffyAt(it, 0, 40);
    it.room.rcuogOn(0, 0);
    expect(it.room.segmentLength(it.room.listOf(0), WAIT)).toBe(16);
    expect(it.room.bypassLength(0)).toBe(24);
    expect(it.room.deferLevel(0)).toBe(DEFER_BYPASS);
  });

  it("flushes a bypass list older than one jiffy", () => {
    const it = offloaded();
    jiffyAt(it, 0, 40);
    goTo(it, 1);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(24);
    goTo(it, 2);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(0);
    expect(it.room.deferLevel(0)).toBe(DEFER_NOT);
    expect(it.room.segmentLength(it.room.listOf(0), DONE)).toBe(0); // no grace period has passed
  });

  it("lets lazy callbacks wait ten seconds", () => {
    const it = offloaded({ lazy: true });
    expect(jiffyAt(it, 0, 3)).toEqual([0, 3, 0]); // lazy ones always go to the bypass list
    expect(it.room.deferLevel(0)).toBe(DEFER_LAZY);
    expect(it.room.lazyFlushJiffies()).toBe(10_000);
    goTo(it, 9_999);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(3);
    goTo(it, 10_002);
    it.room.rcuogOn(0, 0);
    expect(it.room.bypassLength(0)).toBe(0);
  });
});

describe("an exit on an offloaded CPU", () => {
  const offload = { rcu_nocbs: [0] };

  it("begins on the bypass list, because making the mm has filled the counter", () => {
    const quiet = { ...offload, tick_phase_ns: 3_900_000 }; // no tick falls into the exit
    const { metrics } = simulateNow(spec({ exit: CALL_RCU, machine: quiet }));
    // 132 ns each; the call that wakes rcuog takes 1,358 more
    expect(metrics.call_rcu_sum_ns).toBe(1000 * 132 + 1358);
    expect(metrics.call_rcu_max_ns).toBe(132 + 1358);
  });

  it("invokes no callback in softirq, and keeps its lists to the end", () => {
    const { metrics } = simulateNow(
      spec({ space: contiguous(20_000), exit: batch(32), machine: offload }),
    );
    expect(metrics.ncall_rcu).toBe(Math.floor(20_000 / 33) + 1);
    expect(metrics.rcu_batches).toBeGreaterThan(0);
    expect(metrics.rcu_batches_softirq).toBe(0);
    expect(metrics.freed_final).toBe(20_000);
  });

  it("knows no batch limit: one batch frees what waited for one grace period", () => {
    const tight = { rcu: { blimit: 1, qhimark: 2_000_000, rcu_divisor: 62 }, exit: CALL_RCU };
    const inside = { tick_phase_ns: 900_000 }; // a tick in the removal loop
    const kthread = simulateNow(spec({ ...tight, machine: { ...offload, ...inside } })).metrics;
    const softirq = simulateNow(spec({ ...tight, machine: inside })).metrics;
    expect(kthread.rcu_batch_max_cbs).toBeGreaterThan(500);
    expect(softirq.rcu_batches).toBeGreaterThan(100);
  });

  it("is not interrupted by softirqs inside a group: they wait for its end", () => {
    const longest = (rcu_core: number) =>
      simulateNow(
        spec({
          space: contiguous(60_000),
          exit: SINGLE,
          machine: { ...offload, cpus: 2 },
          profile: withCosts({ rcu_core }),
        }),
      ).metrics.group_cb_max_ns;
    expect(longest(0)).toBeGreaterThan(3 * 4e6); // ticks hit it
    expect(longest(500_000_000) - longest(0)).toBeLessThan(100_000);
  });

  it("is woken for what came due inside a group when that is over, and no callback is left behind", () => {
    // a tick hits a group while a deferred wake-up is due, and nothing else that it would raise a softirq for
    const machine = { ...offload, hz: 1000, tick_phase_ns: 1000, rcuog_lag_ns: 10_000 };
    const { metrics } = simulateNow(spec({ space: contiguous(20_000), exit: batch(100), machine }));
    expect(metrics.freed_final).toBe(20_000);
  });

  it("holds lazy callbacks back for ten seconds and a step of the timer wheel, 64 jiffies", () => {
    const { metrics } = simulateNow(
      spec({ exit: SINGLE, machine: { ...offload, rcu_lazy: true } }),
    );
    expect(metrics.last_free_ns).toBeGreaterThan(10e9);
    expect(metrics.last_free_ns).toBeLessThan(10.3e9);
  });

  it("frees everything whatever CPUs are offloaded, twice with the same digest", () => {
    const machines = fc.record({
      cpus: fc.integer({ min: 1, max: 24 }),
      nocbs: fc.uniqueArray(fc.nat(23), { minLength: 1 }),
      exit: fc.nat(23),
      hz: fc.constantFrom(100, 250, 1000),
      lazy: fc.boolean(),
      vmas: fc.integer({ min: 1, max: 2000 }),
      policy: fc.constantFrom(CALL_RCU, SINGLE, batch(32), batch(1)),
    });
    fc.assert(
      fc.property(machines, ({ cpus, nocbs, exit, hz, lazy, vmas, policy }) => {
        const wanted = spec({
          space: contiguous(vmas),
          exit: policy,
          machine: {
            cpus,
            hz,
            exit_cpu: exit % cpus,
            rcu_nocbs: nocbs.filter((cpu) => cpu < cpus),
            rcu_lazy: lazy,
          },
        });
        const { metrics, digest } = simulateNow(wanted);
        expect(metrics.freed_final).toBe(vmas);
        expect(metrics.gp_at_last_free).toBeGreaterThanOrEqual(0);
        expect(simulateNow(wanted).digest).toBe(digest);
      }),
      propertyOptions(150),
    );
  });
});

// use_softirq=0: callbacks in one rcuc kthread a CPU.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alternating, contiguous } from "../../src/input/generate.ts";
import { batch, CALL_RCU, MEASURED_SLABS, SINGLE, simulateNow, spec } from "../engine/spec.ts";
import { propertyOptions } from "../queue/load.ts";

const RCUC = { use_softirq: 0 };

describe("with use_softirq=0", () => {
  it("no callback runs in softirq, and all run", () => {
    const { metrics } = simulateNow(spec({ space: contiguous(30_000), exit: CALL_RCU, rcu: RCUC }));
    expect(metrics.rcu_batches).toBeGreaterThan(0);
    expect(metrics.rcu_batches_softirq).toBe(0);
    expect(metrics.freed_final).toBe(30_000);
  });

  it("a batch knows no count limit", () => {
    const tight = { blimit: 1, qhimark: 2_000_000, rcu_divisor: 62 };
    const wanted = (use_softirq: number) =>
      // a tick in the removal loop
      spec({ exit: CALL_RCU, rcu: { ...tight, use_softirq }, machine: { tick_phase_ns: 907_000 } });
    expect(simulateNow(wanted(0)).metrics.rcu_batches).toBe(1);
    expect(simulateNow(wanted(1)).metrics.rcu_batches).toBeGreaterThan(100);
  });

  it("a batch above 100 callbacks ends at the time limit, on a multiple of 32", () => {
    const { metrics } = simulateNow(
      spec({ space: contiguous(100_000), exit: CALL_RCU, rcu: RCUC }),
    );
    expect(metrics.rcu_batch_max_cbs % 32).toBe(0);
    expect(metrics.rcu_batch_max_ns).toBeGreaterThanOrEqual(3e6);
  });

  it("rcuc rests for two jiffies after ten rounds, and on an idle CPU until the next tick", () => {
    const rcu = { ...RCUC, kthread_prio: 1 }; // it waits for nobody
    const wanted = spec({ space: contiguous(400_000), exit: CALL_RCU, rcu });
    const trace = { batches_max: 10_000, hands_max: 1, hand_every: 1_000_000 };
    const { metrics, trace: traced } = simulateNow({ ...wanted, trace });
    const pauses = traced!.batches.slice(1).map(({ start_ns }, at) => {
      const { start_ns: begun_ns, duration_ns } = traced!.batches[at]!;
      return { start_ns, jiffies: (start_ns - begun_ns - duration_ns) / 4e6 };
    });
    const longest = (from_ns: number, to_ns: number): number => {
      const those = pauses.filter(({ start_ns }) => start_ns > from_ns && start_ns < to_ns);
      expect(those.length).toBeGreaterThan(11);
      return Math.max(...those.map(({ jiffies }) => jiffies));
    };
    const busy = longest(0, metrics.exit_total_ns);
    expect(busy).toBeGreaterThan(2);
    expect(busy).toBeLessThan(3);
    // a last grace period ends; from then on there is nobody but rcuc
    expect(longest(metrics.exit_total_ns + 20e6, Number.POSITIVE_INFINITY)).toBeLessThan(1);
  });

  it("everything comes back, twice with the same digest", () => {
    const machines = fc.record({
      cpus: fc.integer({ min: 1, max: 20 }),
      exit: fc.nat(19),
      hz: fc.constantFrom(100, 250, 1000),
      vmas: fc.integer({ min: 1, max: 3000 }),
      blimit: fc.constantFrom(1, 10, 10_000),
      policy: fc.constantFrom(CALL_RCU, SINGLE, batch(32)),
    });
    fc.assert(
      fc.property(machines, ({ cpus, exit, hz, vmas, blimit, policy }) => {
        const wanted = spec({
          space: contiguous(vmas),
          exit: policy,
          rcu: { ...RCUC, blimit },
          machine: { cpus, hz, exit_cpu: exit % cpus },
        });
        const { metrics, digest } = simulateNow(wanted);
        expect(metrics.freed_final).toBe(vmas);
        expect(metrics.rcu_batches_softirq).toBe(0);
        expect(simulateNow(wanted).digest).toBe(digest);
      }),
      propertyOptions(100),
    );
  });
});

describe("a sleep that ends inside a group", () => {
  it("may be ended by somebody else first: rcuc goes on, with no softirq left to run", () => {
    const machine = { slab: MEASURED_SLABS, tick_phase_ns: 1_000_000 };
    const space = alternating(50_000, { base_process: true });
    const rcu = { use_softirq: 0 };
    const { metrics } = simulateNow(spec({ exit: batch(32), space, machine, rcu, probe_flags: 2 }));
    expect(metrics.freed_final).toBe(50_011);
  });
});

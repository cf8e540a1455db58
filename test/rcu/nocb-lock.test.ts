// What offloading costs where its kthreads run on another CPU: locks that both want, and cold lines.

import { describe, expect, it } from "vitest";
import type { CostProfile, RunMetrics } from "../../src/api/types.ts";
import { contiguous } from "../../src/input/generate.ts";
import { batch, CALL_RCU, PROFILE, simulateNow, spec } from "../engine/spec.ts";

const VMAS = 30_000;
const MACHINE = { cpus: 2, exit_cpu: 0, rcu_nocbs: [0] };

function priced(costs: Readonly<Record<string, number>>): CostProfile {
  const changed = Object.entries(costs).map(([name, ps]) => [name, { ps, source: "a test" }]);
  return { ...PROFILE, costs: { ...PROFILE.costs, ...Object.fromEntries(changed) } };
}

/** An exit on CPU 0, which is offloaded; RCU's kthreads run on CPU `kthreads`. */
function exit(kthreads: number, costs: Readonly<Record<string, number>> = {}, exitBy = CALL_RCU) {
  const machine = { ...MACHINE, rcu_kthread_cpus: [kthreads] };
  const profile = priced(costs);
  return simulateNow(spec({ space: contiguous(VMAS), exit: exitBy, machine, profile })).metrics;
}

describe("locks of offloaded callbacks", () => {
  it("are left to the bypass list's in a flood, where kthreads rarely come", () => {
    const apart = exit(1);
    expect(apart.bypass_lock_acquisitions).toBeGreaterThan(VMAS * 0.9);
    expect(apart.nocb_lock_acquisitions).toBeLessThan(100);
  });

  it("are contended where the bypass list is not used and kthreads run elsewhere", () => {
    const machine = { ...MACHINE, hz: 1000, rcu_kthread_cpus: [1] };
    const rcu = { nocb_nobypass_lim_per_jiffy: 1_000_000 };
    const profile = priced({ rcuog_cpu: 50_000_000 }); // a sweep of 50 us: calls fall into it
    const wanted = spec({ space: contiguous(200_000), exit: CALL_RCU, machine, rcu, profile });
    const { metrics } = simulateNow(wanted);
    expect(metrics.nocb_lock_acquisitions).toBeGreaterThan(200_000);
    expect(metrics.nocb_lock_contended).toBeGreaterThan(0);
    expect(metrics.nocb_lock_wait_ns).toBeGreaterThan(0);
    const alone = simulateNow(spec({ exit: CALL_RCU, machine: { rcu_nocbs: [0] }, rcu }));
    expect(alone.metrics.nocb_lock_contended).toBe(0);
  });

  it("are both taken by the first callback of a bypass list, which may have to wake rcuog", () => {
    const machine = { cpus: 2, rcu_nocbs: [0], rcu_lazy: true };
    const { metrics } = simulateNow(spec({ space: contiguous(20), exit: CALL_RCU, machine }));
    expect(metrics.bypass_lock_acquisitions).toBe(21); // 20 calls, and the flush
    // that first one, and the sweeps of rcuog and rcuop
    expect(metrics.nocb_lock_acquisitions).toBe(6);
  });

  it("are not taken where nothing is offloaded", () => {
    const { metrics } = simulateNow(spec({ exit: CALL_RCU, machine: { cpus: 2 } }));
    expect(metrics.nocb_lock_acquisitions).toBe(0);
    expect(metrics.bypass_lock_acquisitions).toBe(0);
  });

  it("cost the way of their cache lines where the profile says so", () => {
    const dear = { lock_transfer: 1_000_000 };
    const calls = ({ call_rcu_sum_ns }: RunMetrics): number => call_rcu_sum_ns;
    expect(calls(exit(1, dear))).toBeGreaterThan(calls(exit(1)));
    expect(calls(exit(0, dear))).toBe(calls(exit(0)));
  });
});

describe("an object whose callback another CPU invokes", () => {
  const dear = { callback_remote: 500_000 };
  const batches = ({ rcu_batch_cpu_ns }: RunMetrics): number => rcu_batch_cpu_ns;

  it("costs what the profile says, alone", () => {
    const more = batches(exit(1, dear)) - batches(exit(1));
    expect(more / VMAS).toBeGreaterThan(490);
    expect(more / VMAS).toBeLessThan(510);
  });

  it("and as a member of a group", () => {
    const more = batches(exit(1, dear, batch(32))) - batches(exit(1, {}, batch(32)));
    expect(more / VMAS).toBeGreaterThan(490);
    expect(more / VMAS).toBeLessThan(510);
  });

  it("costs nothing more on the CPU that queued it", () => {
    expect(batches(exit(0, dear))).toBe(batches(exit(0)));
  });
});

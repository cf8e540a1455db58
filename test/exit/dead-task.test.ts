// What a dead process leaves to RCU once its parent has reaped it. Each callback of the chain queues the next one,
// which needs a grace period of its own:
//
//   6.12   delayed_put_pid, delayed_put_task_struct ─────────────────────────────▶ put_cred_rcu
//   7.2    delayed_put_pid, delayed_put_task_struct ─▶ __put_task_struct_rcu_cb ─▶ put_cred_rcu
//
// 7.2 invokes two more whose origin is not known: one with the first of them, one with the second.

import { describe, expect, it } from "vitest";
import type { MachineConfig, RunResult } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { contiguous } from "../../src/input/generate.ts";
import { DIRECT, SINGLE, simulateNow, spec } from "../engine/spec.ts";

const TRACED = { batches_max: 100, hands_max: 0, hand_every: 1 };
const JIFFY_NS = 4_000_000;
const LAZY: Partial<MachineConfig> = { generation: "7.2", preempt: "lazy" };

/** Callbacks of each batch, in order. */
function batches({ trace }: RunResult): number[] {
  return trace!.batches.map(({ invoked }) => invoked);
}

describe("a reaped process of 7.2", () => {
  const exit = { ...DIRECT, release: "typesafe" } as const;
  const run = (vmas: number, machine: Partial<MachineConfig>) =>
    simulateNow({ ...spec({ space: contiguous(vmas), exit, machine }), trace: TRACED });

  it("is gone after three grace periods, when no slab page waits", () => {
    // page tables, an unknown one, PID and task; task and an unknown one; credentials
    expect(batches(run(100, LAZY))).toEqual([4, 2, 1]);
  });

  it("leaves seven callbacks beside slab pages, offloaded or not", () => {
    for (const rcu_nocbs of [[], [0]]) {
      const { metrics } = run(5000, { ...LAZY, rcu_nocbs });
      expect(metrics.slab_pages_rcu).toBeGreaterThan(100);
      expect(metrics.rcu_cbs).toBe(metrics.slab_pages_rcu + 7);
    }
  });
});

describe("a reaped process of 6.12", () => {
  it("shares the batch of the last VMAs; its credentials come after the operation", () => {
    const result = simulateNow({ ...spec({ exit: SINGLE }), trace: TRACED });
    expect(batches(result)).toEqual([3]);
    expect(result.metrics.rcu_cbs).toBe(3);
  });

  it("keeps the machine busy for one more grace period, that of its credentials", () => {
    const engine = Engine.create(spec({ exit: SINGLE }));
    for (const _ of engine.loadChunks());
    while (!engine.runSlice());
    const { last_free_ns } = engine.result().metrics;
    // queued when the last VMA went, invoked by a later tick than the one that begins the grace period
    expect(engine.progress().sim_ns - last_free_ns).toBeGreaterThan(JIFFY_NS);
  });
});

describe("ksoftirqd beside the grace-period kthread", () => {
  // ticks at 3.05, 7.05 and 11.05 ms: the one at 7.05 begins a grace period inside the exit, the exit is
  // over before the one at 11.05, which finds what this period ended and asks for the next one
  const exit = { ...DIRECT, release: "typesafe" } as const;
  const slabLast = (ksoftirqd_lag_ns: number): number => {
    const machine = { ...LAZY, hrtick: true, tick_phase_ns: 3_050_000, ksoftirqd_lag_ns } as const;
    return simulateNow(spec({ space: contiguous(10_000), exit, machine })).metrics.slab_last_ns;
  };

  it("goes second if it is owed nothing: the next grace period ends at once", () => {
    expect(slabLast(0)).toBeLessThan(12_000_000);
  });

  it("goes first if it is owed something: the rest comes back a tick later", () => {
    expect(slabLast(10_000)).toBeGreaterThan(15_000_000);
  });
});

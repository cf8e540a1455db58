// Ten minutes of a machine of 256 CPUs: quiet, a flood, quiet again.

import { describe, expect, it } from "vitest";
import type { MachineConfig, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { listed, spec } from "../engine/spec.ts";

const CPUS = 256;
const ALL = Array.from({ length: CPUS }, (_, cpu) => cpu);
const CALLBACKS = 1_000_000;
const MINUTE_NS = 60e9;

function flood(machine: Partial<Omit<MachineConfig, "rcu">>): RunSpec<"rcu_post"> {
  const { workload: _exit, ...rest } = spec({
    space: listed([]),
    machine: { cpus: CPUS, hz: 1000, ...machine },
  });
  return {
    ...rest,
    workload: {
      type: "rcu_post",
      cpus: ALL,
      callbacks: CALLBACKS,
      burst: CALLBACKS,
      interval_ns: 0,
      start_ns: 5 * MINUTE_NS,
      end_ns: 10 * MINUTE_NS,
      callbacks_max: CALLBACKS,
    },
  };
}

describe("256 CPUs, idle for five minutes, flooded, idle until ten", () => {
  it.each([
    ["in softirq", {}],
    ["offloaded", { rcu_nocbs: ALL, rcu_kthread_cpus: [0, 1, 2, 3] }],
    [
      "under full preemption, half of them nohz_full",
      { preempt: "full", nohz_full: ALL.slice(128) },
    ],
  ] as const)("end with nothing queued, callbacks %s", (_how, machine) => {
    const engine = Engine.create(flood(machine));
    for (const _ of engine.loadChunks());
    // the engine itself traps at the end of a run when any callback list of any CPU is not empty
    while (!engine.runSlice());
    const { metrics } = engine.result();
    expect(metrics.posted).toBe(CALLBACKS);
    expect(metrics.invoked).toBe(CALLBACKS);
    expect(metrics.sim_ns).toBeGreaterThanOrEqual(10 * MINUTE_NS);
  });

  it("cost nothing while they are idle: no tick, no scan", () => {
    const engine = Engine.create(flood({}));
    for (const _ of engine.loadChunks());
    while (!engine.runSlice());
    // 256 CPUs that ticked for ten minutes would need 150 million events
    expect(engine.result().metrics.events).toBeLessThan(1_000_000);
  });
});

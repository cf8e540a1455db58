// Cache lines of rcu_nodes, which CPUs fetch from each other.

import { describe, expect, it } from "vitest";
import { contiguous } from "../../src/input/generate.ts";
import { CALL_RCU, PROFILE, simulateNow, spec } from "../engine/spec.ts";

describe("the line of an rcu_node", () => {
  const dear = { ps: 20_000_000, source: "a test" };
  const profile = { ...PROFILE, costs: { ...PROFILE.costs, lock_transfer: dear } };
  const cpuTime = (cpus: number, own = PROFILE): number => {
    const machine = { cpus, exit_cpu: 0, rcu_kthread_cpus: [cpus - 1] };
    const { metrics } = simulateNow(
      spec({ space: contiguous(30_000), exit: CALL_RCU, machine, profile: own }),
    );
    return metrics.cpu_kthread_ns;
  };

  it("moves between the CPU that reports and the one whose kthread looks", () => {
    expect(cpuTime(2, profile)).toBeGreaterThan(cpuTime(2) + 20_000); // one way at least
  });

  it("stays where one CPU does both", () => {
    expect(cpuTime(1, profile)).toBe(cpuTime(1));
  });
});

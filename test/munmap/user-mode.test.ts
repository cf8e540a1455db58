// Between two calls of munmap() a process is in user mode for a moment.

import { describe, expect, it } from "vitest";
import type { LoadReport } from "../../src/api/types.ts";
import { runReady } from "../reclaim/ready-run.ts";

const VMAS = 60_000;

/** Every VMA goes by a call of its own, on CPU 1. */
const calls = (strategy: string, machine: object, load: readonly object[] = []) =>
  runReady<"munmap">("munmap-churn", strategy, [
    ["machine", { cpus: 2, exit_cpu: 1, ...machine }],
    ["address_space", { generate: "alternating", vma_count: VMAS }],
    ["workload", { type: "munmap", every: 1, order: "random" }],
    ["load", load],
  ]);

describe("a process that unmaps again and again", () => {
  it("lets scans see that its nohz_full CPU was in user mode", async () => {
    const { metrics } = await calls("call_rcu", { nohz_full: "1" });
    // a grace period ends at the second scan, the kthread's third or fourth tick; where scans saw
    // nothing, RCU would make the CPU tick for the first one, and for all later ones as callbacks pile up
    const grace_period_ns = metrics.last_free_ns / metrics.gp_at_last_free;
    expect(grace_period_ns).toBeGreaterThan(12e6);
    expect(grace_period_ns).toBeLessThan(18e6);
  });

  it("makes way for a lazy request after each call, 7.2", async () => {
    const sleeper = { type: "sleeper", cpus: "1", work: "20us", every: "1ms" };
    const late = async (preempt: string) => {
      const machine = { generation: "7.2", hrtick: false, preempt };
      const { load } = await calls("direct", machine, [sleeper]);
      return (load as readonly LoadReport[])[0]!.latency.max_ns;
    };
    expect(await late("lazy")).toBeLessThan((await late("full")) + 50_000);
  });
});

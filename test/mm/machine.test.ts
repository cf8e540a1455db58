// The workload mm on a machine: rows of real kernels, the same bytes twice, and what the ready scenarios
// claim.

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import { simulate } from "../../src/api/simulate.ts";
import type { RunResult } from "../../src/api/types.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { parseOverride } from "../../src/scenario/overrides.ts";
import { isWorkload, strategyJobs } from "../../src/scenario/resolve.ts";
import { ROOT } from "../api/built.ts";
import { vmaTeardown } from "../cli/spawned.ts";

async function runAll(name: string, set: readonly string[] = []) {
  const resolved = await loadScenario(name, { overrides: set.map(parseOverride) });
  if (!isWorkload(resolved, "mm")) throw new Error(`${name} is no scenario of the workload mm`);
  const results = new Map<string, RunResult<"mm">>();
  for (const strategy of resolved.scenario.strategies) {
    const [job] = strategyJobs(resolved, strategy);
    results.set(strategy.name, await simulate(jobSpec(job!)));
  }
  return (strategy: string) => results.get(strategy)!;
}

describe("measured rows", () => {
  it.each(["fault", "fork"])("of %s are met, totals and parts, on both kernels", async (kind) => {
    const data = join(ROOT, `profiles/icount.${kind}.measured.csv`);
    const { code, stdout } = await vmaTeardown([
      "validate",
      "--data",
      data,
      "--phases",
      "4",
      "--json",
    ]);
    const report = JSON.parse(stdout);
    const misses = report.rows.flatMap((row: { verdicts: { ok: boolean }[] }) =>
      row.verdicts.filter(({ ok }) => !ok),
    );
    expect(misses).toEqual([]);
    expect(report.rows).toHaveLength(8);
    expect(code).toBe(0);
  });
});

describe("a run", () => {
  it("ends in the same bytes twice, and the oracle changes nothing but its own verdict", async () => {
    const [one, again] = [await runAll("threads-munmap"), await runAll("threads-munmap")];
    const without = await runAll("threads-munmap", ["workload.oracle=false"]);
    for (const strategy of ["direct", "call_rcu", "batch-32"]) {
      expect(again(strategy)).toEqual(one(strategy));
      expect(without(strategy).metrics).toEqual(one(strategy).metrics);
      expect(one(strategy).metrics.breaches).toBe(0);
    }
  });
});

describe("VMAs of eight bytes", () => {
  it("fill slabs of 512, of which a CPU keeps one", async () => {
    const of = await runAll("threads-munmap", ["machine.slab.vm_area_struct.object_size=8B"]);
    const { metrics } = of("call_rcu");
    expect(metrics.vmas_freed).toBe(metrics.vmas_allocated);
  });
});

describe("threads-munmap", () => {
  it("makes faults wait for munmap only where there is no VMA lock", async () => {
    const locks = (await runAll("threads-munmap"))("direct").metrics;
    const none = (await runAll("threads-munmap", ["workload.kernel=6.1"]))("direct").metrics;
    expect(locks.faults).toBe(none.faults);
    expect(locks.fault_fallbacks).toBe(0);
    expect(none.vma_lock_success).toBe(0);
    expect(none.mmap_read_wait_max_ns).toBeGreaterThan(100_000);
    expect(none.fault_max_ns).toBeGreaterThan(10 * locks.fault_max_ns);
  });
});

describe("spawn-loop", () => {
  it("costs the tasks less with call_rcu, and all CPUs together more", async () => {
    const run = await runAll("spawn-loop");
    const [direct, deferred] = [run("direct").metrics, run("call_rcu").metrics];
    expect(direct.forks).toBe(6);
    expect(deferred.cpu_task_ns).toBeLessThan(direct.cpu_task_ns);
    const all = (m: typeof direct) => m.cpu_task_ns + m.cpu_softirq_ns + m.cpu_kthread_ns;
    expect(all(deferred)).toBeGreaterThan(all(direct));
    expect(deferred.ncall_rcu).toBeGreaterThan(run("batch-32").metrics.ncall_rcu);
    for (const name of ["direct", "call_rcu", "batch-32", "single"]) {
      expect(run(name).metrics.vmas_freed).toBe(run(name).metrics.vmas_allocated);
      expect(run(name).metrics.breaches).toBe(0);
    }
  });
});

describe("a parent that waits", () => {
  const wait = (kill: boolean) =>
    runAll("threads-munmap", [
      'workload.mms={"child":{"later":true}}',
      `workload.threads=${JSON.stringify([
        {
          name: "parent",
          mm: "process",
          do: [{ fork: "child" }, { wait: "child" }, { wait: "child" }, { pause: "30ms" }],
        },
        { name: "child", mm: "child", born: true, do: [{ pause: "50ms" }] },
        { name: "killer", do: [{ pause: "20ms" }, ...(kill ? [{ kill: "process" }] : [])] },
      ])}`,
    ]);

  it("goes on when its child is gone, and at once when there is none any more", async () => {
    const { threads_done_ns, happened } = (await wait(false))("direct").metrics;
    expect(threads_done_ns).toBeGreaterThan(80e6);
    expect(threads_done_ns).toBeLessThan(120e6);
    expect(happened).not.toContain("deadlock");
  });

  it("waits no longer when it is killed", async () => {
    const { threads_done_ns, happened } = (await wait(true))("direct").metrics;
    expect(threads_done_ns).toBeGreaterThan(50e6); // the child's pause
    expect(threads_done_ns).toBeLessThan(70e6);
    expect(happened).not.toContain("deadlock");
  });
});

describe("exits-together", () => {
  it("leaves no dead VMAs behind where exit frees directly, and the most in one pile otherwise", async () => {
    const run = await runAll("exits-together");
    expect(run("direct").metrics.dead_peak).toBe(0);
    expect(run("call_rcu").metrics.dead_peak).toBeGreaterThan(1000);
    expect(run("direct").metrics.sim_ns).toBeLessThanOrEqual(run("call_rcu").metrics.sim_ns);
    for (const name of ["direct", "call_rcu", "batch-32", "single"]) {
      expect(run(name).metrics.breaches).toBe(0);
      expect(run(name).metrics.happened).not.toContain("deadlock");
    }
  });
});

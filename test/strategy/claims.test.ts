// The claims of the debate about freeing VMAs, each as a scenario that comes with the package, at a
// size that a test can afford: what the model says of them is asserted, whichever way it goes.

import { describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import { simulate } from "../../src/api/simulate.ts";
import type { RunMetrics, WorkloadMetrics, WorkloadType } from "../../src/api/types.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { strategyJobs } from "../../src/scenario/resolve.ts";

/** The metrics of every strategy of a ready scenario, with so many VMAs. */
async function metricsOf<W extends WorkloadType>(
  name: string,
  vmas: number,
  settings: readonly (readonly [path: string, value: unknown])[] = [],
): Promise<Readonly<Record<string, WorkloadMetrics[W]>>> {
  const option = "test";
  const others = settings.map(([path, value]) => ({ path: path.split("."), value, option }));
  const overrides = [{ path: ["address_space", "vma_count"], value: vmas, option }, ...others];
  const resolved = await loadScenario(name, { overrides });
  const found: Record<string, WorkloadMetrics[W]> = {};
  for (const strategy of resolved.scenario.strategies) {
    const job = strategyJobs(resolved, strategy)[0]!;
    found[strategy.name] = (await simulate(jobSpec(job))).metrics as WorkloadMetrics[W];
  }
  return found;
}

describe("exit of a huge process", () => {
  const runs = metricsOf<"exit">("exit-flood", 200_000);

  it("queues nothing and gives memory back first when VMAs are freed at once", async () => {
    const { direct, ...others } = await runs;
    expect(direct!.ncall_rcu).toBe(0);
    expect(direct!.dead_peak).toBe(1);
    for (const other of Object.values(others) as RunMetrics[]) {
      expect(other.dead_byte_seconds).toBeGreaterThan(direct!.dead_byte_seconds);
    }
  });

  it("still queues thousands of callbacks in groups of 33", async () => {
    expect((await runs)["batch-32"]!.ncall_rcu).toBe(Math.ceil(200_000 / 33));
  });

  it("piles up more dead VMAs in groups than one by one: RCU counts callbacks", async () => {
    const metrics = await runs;
    // measured of 100,000 VMAs: 51,969 against 33,162, and it grows with their number
    expect(metrics["batch-32"]!.dead_peak).toBeGreaterThan(1.5 * metrics.call_rcu!.dead_peak);
  });

  it("keeps a CPU in one callback for as long as all frees take, with one list", async () => {
    const { single, call_rcu, kvfree_rcu } = await runs;
    expect(single!.callback_max_ns).toBeGreaterThan(50_000_000);
    expect(call_rcu!.callback_max_ns).toBeLessThan(100_000);
    // the same few calls without the long callback: a worker that can be preempted frees them
    expect(kvfree_rcu!.ncall_rcu).toBeLessThan(50);
    expect(kvfree_rcu!.callback_max_ns).toBeLessThan(1_000_000);
  });

  it("takes longest one by one: the flood is paid for inside the exit", async () => {
    const { call_rcu, ...others } = await runs;
    expect(call_rcu!.rcu_cbs_in_exit).toBeGreaterThan(100_000);
    for (const other of Object.values(others) as RunMetrics[]) {
      expect(other.exit_total_ns).toBeLessThan(call_rcu!.exit_total_ns);
    }
  });
});

describe("exit of a huge process on 7.2", () => {
  const runs = metricsOf<"exit">("exit-flood-7.2", 100_000);

  it("calls RCU for slab pages only, and not for those that sheaves keep", async () => {
    const { typesafe } = await runs;
    expect(typesafe!.dead_peak).toBe(1);
    expect(typesafe!.ncall_rcu).toBe(typesafe!.slab_pages_rcu);
    const all = Math.ceil(100_000 / 21);
    expect(typesafe!.slab_pages_rcu).toBeLessThan(all - 720 / 21 + 1);
    expect(typesafe!.slab_pages_rcu).toBeGreaterThan(all - 50);
  });

  it("leaves in the rcu sheaf what does not fill it: nothing takes it out by time", async () => {
    const { "rcu-sheaf": sheaf } = await runs;
    expect(sheaf!.ncall_rcu).toBe(Math.floor(100_000 / 60));
    expect(sheaf!.stranded_vmas).toBe(100_000 % 60);
    expect(sheaf!.freed_final + sheaf!.stranded_vmas).toBe(100_000);
    expect(sheaf!.last_free_ns).toBe(0);
  });
});

describe("a spike in a long life", () => {
  const runs = metricsOf<"munmap">("munmap-whole", 20_000);

  it("is stranded by the throttle until the exit, and by a group list up to one group", async () => {
    const { throttle, "batch-32": batch, direct } = await runs;
    expect(throttle!.post_sleep_freed).toBe(1); // the first free of a fresh mm drains a group of one
    expect(batch!.post_sleep_freed).toBe(20_000 - (20_000 % 33));
    expect(direct!.post_sleep_freed).toBe(20_000);
    expect(throttle!.last_free_ns).toBeGreaterThan(3e9);
  });

  it("is back after a second where the throttle has the timer it was meant to have", async () => {
    const { throttle, "throttle-timer": meant } = await runs;
    expect(meant!.post_sleep_freed).toBe(20_000);
    expect(meant!.last_free_ns).toBeLessThan(1.5e9);
    expect(meant!.dead_byte_seconds).toBeLessThan(throttle!.dead_byte_seconds / 2);
  });

  it("is gathered for longer than it is freed, whatever the strategy", async () => {
    for (const metrics of Object.values(await runs)) {
      expect(metrics.gather_ns).toBeGreaterThan(metrics.munmap_total_ns / 2);
    }
  });
});

describe("a load that unmaps all the time", () => {
  const runs = metricsOf<"munmap">("munmap-churn", 5_000);

  it("floods RCU although exit frees at once; a list a call is no help", async () => {
    const { direct, single } = await runs;
    expect(direct!.ncall_rcu).toBe(5_000);
    expect(single!.ncall_rcu).toBe(5_000);
  });

  it("calls 33 times less in groups, and pays for it with what stays behind", async () => {
    const { "batch-32": batch } = await runs;
    expect(batch!.ncall_rcu).toBe(Math.floor(5_000 / 33));
    expect(batch!.post_sleep_freed).toBe(5_000 - (5_000 % 33));
  });

  it("defers more index nodes than VMAs: each store into the tree replaces some", async () => {
    const { direct } = await runs;
    expect(direct!.index_nodes_deferred).toBeGreaterThan(5_000);
  });
});

describe("an app on a phone", () => {
  const runs = metricsOf<"exit">("phone", 3_000);

  it("gives its memory back with its exit when VMAs are freed at once", async () => {
    const { direct } = await runs;
    expect(direct!.memory_back_ns).toBeLessThan(direct!.exit_total_ns);
  });

  it("gives it back after ten seconds when frees are deferred: callbacks are lazy there", async () => {
    const { direct, ...others } = await runs;
    for (const other of Object.values(others) as RunMetrics[]) {
      expect(other.last_free_ns).toBeGreaterThan(10e9);
      expect(other.dead_byte_seconds).toBeGreaterThan(1000 * direct!.dead_byte_seconds);
      expect(other.exit_total_ns).toBeLessThan(direct!.exit_total_ns); // refuted: it is not slower
    }
  });

  it("does so in milliseconds on a phone whose callbacks are not lazy", async () => {
    const { call_rcu } = await metricsOf<"exit">("phone", 3_000, [["machine.rcu_lazy", false]]);
    expect(call_rcu!.last_free_ns).toBeLessThan(50e6);
  });
});

describe("a huge process on a server of many busy CPUs", () => {
  it("piles up more dead VMAs than on one CPU, and has them back no later", async () => {
    const strategies = ["strategies", ["direct", "call_rcu"]] as const;
    const alone = [
      ["machine.cpus", 1],
      ["load", []],
    ] as const;
    let [ofMany, ofOne] = [0, 0];
    for (const phase of ["0ms", "1ms", "2ms", "3ms"]) {
      const settings = [strategies, ["machine.tick_phase", phase]] as const;
      const many = await metricsOf<"exit">("big-server", 300_000, settings);
      const one = await metricsOf<"exit">("big-server", 300_000, [...settings, ...alone]);
      ofMany += many.call_rcu!.dead_peak;
      ofOne += one.call_rcu!.dead_peak;
      expect(many.call_rcu!.dead_peak).toBeGreaterThan(one.call_rcu!.dead_peak);
      expect(many.call_rcu!.last_free_ns).toBeLessThan(1.05 * one.call_rcu!.last_free_ns);
      expect(many.direct!.dead_peak).toBe(1);
    }
    expect(ofMany).toBeGreaterThan(1.5 * ofOne);
  });
});

describe("a container that stops", () => {
  const runs = metricsOf<"exits">("exits/container-host", 400);

  it("has all VMAs of its processes dead at once, unless they are freed at once", async () => {
    const { direct, ...others } = await runs;
    expect(direct!.dead_peak).toBe(1);
    expect(direct!.last_free_ns).toBeLessThan(direct!.last_wait_ns);
    for (const other of Object.values(others)) {
      expect(other.dead_peak).toBe(40 * 410);
      expect(other.last_free_ns).toBeGreaterThan(1.5 * other.last_wait_ns);
    }
  });

  it("ends earlier where frees are deferred", async () => {
    const { direct, ...others } = await runs;
    for (const other of Object.values(others)) {
      expect(other.last_wait_ns).toBeLessThan(0.95 * direct!.last_wait_ns);
    }
  });

  it("can defer to kvfree_rcu and to timers as well", async () => {
    const later = await metricsOf<"exits">("exits/container-host", 400, [
      ["strategies", ["kvfree_rcu", "throttle-timer"]],
      ["workload.children", 5],
    ]);
    for (const metrics of Object.values(later)) expect(metrics.last_free_ns).toBeGreaterThan(0);
  });
});

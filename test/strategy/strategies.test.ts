// What each strategy asks of RCU, in numbers that follow from its rule alone, and how its groups run.

import { describe, expect, it } from "vitest";
import type {
  FreePolicy,
  LoadSpec,
  MachineConfig,
  RunMetrics,
  RunSpec,
} from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { InputError } from "../../src/errors.ts";
import { contiguous } from "../../src/input/generate.ts";
import {
  batch,
  CALL_RCU,
  DIRECT,
  listed,
  PROFILE,
  SINGLE,
  type SpecParts,
  simulateNow,
  spec,
  throttle,
  WHOLE_MUNMAP,
  withCosts,
} from "../engine/spec.ts";
import { runReady } from "../reclaim/ready-run.ts";

function exitOf(vmas: number, exit: FreePolicy, parts: SpecParts = {}): RunMetrics {
  const space = vmas === 0 ? listed([]) : contiguous(vmas);
  return simulateNow(spec({ space, exit, ...parts })).metrics;
}

const price = (name: string): number => PROFILE.costs[name]!.ps / 1000;

describe("direct", () => {
  it("calls nobody and has one dead VMA at a time", () => {
    const metrics = exitOf(5000, DIRECT);
    expect(metrics.ncall_rcu).toBe(0);
    expect(metrics.dead_peak).toBe(1);
    expect(metrics.freed_at_loop_end).toBe(5000);
    expect(metrics.group_cb_n).toBe(0);
    expect(metrics.last_free_ns).toBeLessThan(metrics.loop_end_ns + 1);
  });
});

describe("call_rcu", () => {
  it.each([1, 2, 33, 1000])("calls once for each of %i VMAs", (vmas) => {
    const metrics = exitOf(vmas, CALL_RCU);
    expect(metrics.ncall_rcu).toBe(vmas);
    expect(metrics.group_cb_n).toBe(0);
    expect(metrics.call_rcu_sum_ns).toBe(vmas * price("call_rcu"));
    expect(metrics.call_rcu_max_ns).toBe(price("call_rcu"));
  });

  it("frees nothing in a short exit: the grace period is longer", () => {
    const metrics = exitOf(1000, CALL_RCU);
    expect(metrics.freed_at_end).toBe(0);
    expect(metrics.dead_peak).toBe(1000);
    expect(metrics.last_free_ns).toBeGreaterThan(metrics.exit_total_ns);
  });
});

const SLEEPER: LoadSpec = {
  ...{ name: "sleeper", kind: "sleeper", tasks: 1, bound: true, cpus: [0], priority: 50 },
  ...{ work_ns: 1_000, period_ns: 10_000 },
};

describe("kvfree_rcu", () => {
  const BULK: FreePolicy = { collect: "bulk", drain: { when: "end" }, release: "call-rcu" };

  it("lets what its monitor finds while both batches wait wait five seconds more, if it is less than a page", () => {
    // an exit of some 16 ms: two batches are under way when it ends, and a few hundred VMAs are left
    const last = Array.from({ length: 21 }, (_, at) => exitOf(20_000 + 200 * at, BULK)).map(
      ({ last_free_ns, exit_total_ns }) => last_free_ns - exit_total_ns,
    );
    expect(Math.max(...last)).toBeGreaterThan(5e9); // KFREE_DRAIN_JIFFIES
    expect(Math.max(...last)).toBeLessThan(5.3e9);
    expect(Math.min(...last)).toBeLessThan(0.1e9);
  });

  it("hurries RCU where callbacks are lazy: a batch waits for a grace period, not for ten seconds", async () => {
    const machine = { cpus: 2, rcu_nocbs: [0, 1], rcu_lazy: true };
    const space = contiguous(5_000);
    const { metrics } = simulateNow(spec({ space, exit: BULK, machine }));
    expect(metrics.last_free_ns).toBeLessThan(0.1e9);
    const threads = await runReady<"mm">("threads-munmap", "kvfree_rcu", [
      ["machine", { cpus: 4, rcu_nocbs: "all", rcu_lazy: true }],
    ]);
    expect(threads.metrics.vmas_freed).toBe(threads.metrics.vmas_allocated);
    expect(threads.metrics.sim_ns).toBeLessThan(6e9); // five seconds for the last of them
  });

  it("frees a page of 507 pointers without a point to reschedule at, in its worker", () => {
    const late = (preempt: MachineConfig["preempt"]) => {
      const machine = { preempt, cpus: 2, rcu_nocbs: [0, 1] };
      const profile = withCosts({ slab_free_fast: 10_000_000, slab_free_slow: 10_000_000 });
      const wanted = spec({ space: contiguous(5_000), exit: BULK, machine, profile });
      return simulateNow({ ...wanted, load: [SLEEPER] }).load![0]!.latency.max_ns;
    };
    expect(late("voluntary")).toBeGreaterThan(2_000_000); // some of them are cheap
    expect(late("voluntary")).toBeLessThan(508 * 10_000);
    expect(late("full")).toBeLessThan(100_000);
  });
});

describe("a batch list", () => {
  it.each([
    [1, 1],
    [32, 1],
    [33, 1], // longer than 32: drained in the loop, nothing left at the end
    [34, 2],
    [66, 2],
    [100, 4],
    [65_530, 1986],
  ])("of 32: %i VMAs make %i groups", (vmas, groups) => {
    const metrics = exitOf(vmas, batch(32));
    expect(metrics.ncall_rcu).toBe(groups);
    expect(metrics.group_cb_n).toBe(groups);
  });

  it.each([
    [0, 100, 100], // every VMA is a group of its own
    [1, 100, 50],
    [98, 100, 2],
    [99, 100, 1],
    [100, 100, 1],
    [2_147_483_647, 100, 1],
  ])("of %i: %i VMAs make %i groups", (longest, vmas, groups) => {
    expect(exitOf(vmas, batch(longest)).ncall_rcu).toBe(groups);
  });

  it("looks at what is left after the mm's lock is gone, even at nothing", () => {
    const left = exitOf(34, batch(32));
    const nothing = exitOf(33, batch(32));
    expect(nothing.final_drain_ns).toBe(price("drain_empty"));
    expect(left.final_drain_ns).toBe(
      price("drain_empty") + price("drain_list") + price("call_rcu"),
    );
  });

  it("has its largest group of N + 1 members, run without a break", () => {
    const metrics = exitOf(1000, batch(32));
    const member = price("rcu_callback_vma") + 2 * price("slab_free_slow");
    const cheapest = price("rcu_callback_vma") + 2 * price("slab_free_fast");
    expect(metrics.group_cb_max_ns).toBeGreaterThan(33 * cheapest);
    expect(metrics.group_cb_max_ns).toBeLessThan(34 * (member + price("slab_spill") * 4));
    expect(metrics.callback_max_ns).toBe(metrics.group_cb_max_ns);
  });
});

describe("the throttle", () => {
  it("drains one VMA at the first free of a fresh mm, and the rest at the end", () => {
    expect(exitOf(1, throttle(250)).ncall_rcu).toBe(1);
    for (const vmas of [2, 3, 1000]) {
      const metrics = exitOf(vmas, throttle(250));
      expect(metrics.ncall_rcu, `${vmas} VMAs`).toBe(2);
      expect(metrics.group_cb_n).toBe(2);
    }
  });

  it("has nothing left to drain when there was one VMA", () => {
    expect(exitOf(1, throttle(250)).final_drain_ns).toBe(price("drain_empty"));
  });

  it("drains on a free whose jiffy is later than the last drain by more than the interval", () => {
    expect(exitOf(100_000, throttle(1_000_000)).ncall_rcu).toBe(2);
    for (const jiffies of [0, 1, 2, 3]) {
      // the first free, one every N + 1 ticks of the loop, and what is left
      const { ncall_rcu, loop_ns } = exitOf(100_000, throttle(jiffies));
      const most = 2 + Math.ceil(loop_ns / 4_000_000 / (jiffies + 1));
      expect(ncall_rcu, `interval ${jiffies}`).toBeLessThanOrEqual(most);
      // a tick in a long callback drains nothing, so there may be fewer
      expect(ncall_rcu, `interval ${jiffies}`).toBeGreaterThan(2 + (most - 2) / 3);
    }
  });
});

describe("the throttle with a timer", () => {
  /** One munmap of some VMAs by a process that lives on for six seconds. */
  const munmapOf = (vmas: number, munmap: FreePolicy) => {
    const wanted: RunSpec<"munmap"> = {
      ...spec({ space: contiguous(vmas), exit: munmap }),
      workload: { ...WHOLE_MUNMAP, exit_after_ns: 6e9 },
    };
    const engine = Engine.create(wanted);
    for (const _ of engine.loadChunks());
    while (!engine.runSlice());
    return engine.result().metrics;
  };
  const timer: FreePolicy = {
    ...throttle(250),
    drain: { when: "interval", jiffies: 250, timer: true },
  };

  it("frees even a list of one within its interval, which the throttle keeps until exit", () => {
    // the first free of a fresh mm drains itself, the second one is the list
    const kept = munmapOf(2, throttle(250));
    expect(kept.last_free_ns).toBeGreaterThan(6e9);
    const drained = munmapOf(2, timer);
    expect(drained.last_free_ns).toBeGreaterThan(1e9); // 250 jiffies of 4 ms
    expect(drained.last_free_ns).toBeLessThan(1.1e9);
  });

  it("comes as long after the first of many", () => {
    const many = munmapOf(5000, timer);
    expect(many.last_free_ns).toBeGreaterThan(1e9);
    expect(many.last_free_ns).toBeLessThan(1.1e9);
  });
});

describe("the single list", () => {
  it("calls once, with everything", () => {
    const metrics = exitOf(5000, SINGLE);
    expect(metrics.ncall_rcu).toBe(1);
    expect(metrics.group_cb_n).toBe(1);
    expect(metrics.dead_peak).toBe(5000);
    expect(metrics.freed_at_end).toBe(0);
  });

  it("hands over at the end of the loop, before the index is destroyed", () => {
    const metrics = exitOf(5000, SINGLE);
    const drained = price("drain_private_list") + price("call_rcu") + price("drain_empty");
    expect(metrics.final_drain_ns).toBe(drained);
  });

  it("keeps its CPU for the whole callback: nothing breaks a group", () => {
    const small = exitOf(2000, SINGLE);
    const large = exitOf(20_000, SINGLE);
    expect(large.callback_max_ns / small.callback_max_ns).toBeGreaterThan(9);
    expect(large.softirq_max_ns).toBeGreaterThanOrEqual(large.callback_max_ns);
    expect(exitOf(20_000, CALL_RCU).callback_max_ns).toBeLessThan(small.callback_max_ns / 100);
  });
});

describe("the pile of dead VMAs", () => {
  it("is larger with groups than with one callback each: RCU counts callbacks, not VMAs", () => {
    const each = exitOf(100_000, CALL_RCU);
    const groups = exitOf(100_000, batch(32));
    const single = exitOf(100_000, SINGLE);
    expect(groups.dead_peak).toBeGreaterThan(1.2 * each.dead_peak);
    expect(single.dead_peak).toBe(100_000);
    expect(each.dead_byte_seconds).toBeLessThan(single.dead_byte_seconds);
  });
});

describe("a policy that makes no sense", () => {
  it("is refused: what is freed at once cannot be collected", () => {
    const wanted = spec({ exit: { ...SINGLE, release: "direct" } });
    expect(() => simulateNow(wanted)).toThrow(InputError);
    expect(() => simulateNow(wanted)).toThrow(/collect: private-list, release: direct/);
  });
});

// Laws of every exit, over random small scenarios: random address spaces, policies, machines and RCU
// tunables. A failure prints its seed and path; FC_SEED and FC_PATH replay it, FC_RUNS runs more.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import type { FreePolicy, RunMetrics, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { AddressSpace } from "../../src/input/address-space.ts";
import { alternating, contiguous, gappy, randomSizes } from "../../src/input/generate.ts";
import {
  batch,
  CALL_RCU,
  DIRECT,
  geometry,
  listed,
  MEASURED_SLABS,
  PROFILE,
  SINGLE,
  type SpecParts,
  simulateNow,
  spec,
  throttle,
} from "../engine/spec.ts";
import { propertyOptions } from "../queue/load.ts";

const policies: fc.Arbitrary<FreePolicy> = fc.oneof(
  fc.constantFrom(DIRECT, CALL_RCU, SINGLE),
  fc.nat(70).map(batch),
  fc.nat(3).map(throttle),
  // a private list looks at its rule like any other: points of the policy space without a name
  fc.record({
    collect: fc.constantFrom("mm-list" as const, "private-list" as const),
    drain: fc.oneof(
      fc.constant({ when: "end" as const }),
      fc.nat(300).map((vmas) => ({ when: "size-over" as const, vmas })),
      fc.nat(300).map((jiffies) => ({ when: "interval" as const, jiffies })),
    ),
    release: fc.constant("call-rcu" as const),
  }),
);

const spaces: fc.Arbitrary<AddressSpace> = fc
  .record({
    shape: fc.nat(3),
    // small counts are where the corners are
    vmas: fc.oneof(fc.nat(3), fc.nat(100), fc.nat(3000)),
    seed: fc.nat(1000),
  })
  .map(({ shape, vmas, seed }) => {
    if (vmas === 0) return listed([]);
    if (shape === 0) return alternating(vmas, { base_process: seed % 2 === 0 });
    if (shape === 1) return contiguous(vmas, { page_count: 1 + (seed % 7) });
    return shape === 2 ? gappy(vmas, { seed }) : randomSizes(vmas, { seed });
  });

const machines = fc
  .record({
    cpus: fc.oneof(fc.constantFrom(1, 2, 16, 17), fc.integer({ min: 1, max: 40 })),
    hz: fc.constantFrom(100, 250, 300, 1000),
    phase: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    exit: fc.nat(39),
    slab: fc.constantFrom(MEASURED_SLABS, {
      vm_area_struct: geometry(176),
      vma_lock: geometry(40),
    }),
    allocation_order: fc.constantFrom("address" as const, "random" as const),
  })
  .map(({ cpus, hz, phase, exit, slab, allocation_order }) => ({
    cpus,
    hz,
    tick_phase_ns: Math.floor((phase * 1e9) / hz),
    exit_cpu: exit % cpus,
    slab: { ...slab, allocation_order },
  }));

const tunables = fc.oneof(
  fc.constant({}),
  fc.record({
    blimit: fc.integer({ min: 1, max: 200 }),
    qhimark: fc.integer({ min: 1, max: 2000 }),
    qlowmark: fc.nat(200),
    qovld: fc.constantFrom(-1, 0, 1, 50, 1000),
    rcu_divisor: fc.nat(20),
    rcu_resched_ns: fc.constantFrom(1_000_000, 3_000_000),
    jiffies_till_first_fqs: fc.constantFrom(-1, 0, 1, 5),
    jiffies_till_next_fqs: fc.constantFrom(-1, 1, 4),
  }),
);

const scenarios: fc.Arbitrary<SpecParts> = fc.record({
  space: spaces,
  exit: policies,
  machine: machines,
  rcu: tunables,
  probe_flags: fc.constantFrom(0, 2, 4, 16, 22),
});

/** What the strategy says about call_rcu, where it says it without looking at the clock. */
function callsExpected({ exit }: SpecParts, vmas: number): number | undefined {
  if (vmas === 0 || exit === undefined || exit.release === "direct") return 0;
  if (exit.collect === "none") return vmas;
  if (exit.drain.when === "end") return 1;
  if (exit.drain.when === "size-over") return Math.ceil(vmas / (exit.drain.vmas + 1));
  return undefined;
}

/** Pages of the VMAs that count towards the commit limit. */
function accountedPages(space: AddressSpace): number {
  let pages = 0;
  for (const { length, page_count, flags } of space.chunks(65_536)) {
    for (let vma = 0; vma < length; vma++) {
      if ((flags[vma]! & VmaFlag.ACCOUNT) !== 0) pages += page_count[vma]!;
    }
  }
  return pages;
}

function checkLaws(parts: SpecParts, metrics: RunMetrics): void {
  const vmas = parts.space!.vma_count;
  expect(metrics.n_vma).toBe(vmas);
  expect(metrics.freed_final).toBe(vmas);
  expect(metrics.nr_accounted_pages).toBe(accountedPages(parts.space!));

  expect(metrics.dead_peak).toBeLessThanOrEqual(vmas);
  expect(metrics.dead_peak >= 1).toBe(vmas > 0);
  expect(metrics.freed_at_loop_end).toBeLessThanOrEqual(metrics.freed_at_end);
  expect(metrics.freed_at_end).toBeLessThanOrEqual(vmas);

  const calls = callsExpected(parts, vmas);
  if (calls !== undefined) expect(metrics.ncall_rcu).toBe(calls);
  else expect(metrics.ncall_rcu).toBeGreaterThanOrEqual(Math.min(vmas, 1));
  if (metrics.ncall_rcu > 0) {
    // a callback runs after a grace period that began after it was queued
    expect(metrics.gp_at_last_free).toBeGreaterThanOrEqual(1);
    expect(metrics.rcu_batches).toBeGreaterThanOrEqual(1);
    expect(metrics.rcu_cbs).toBeGreaterThanOrEqual(metrics.ncall_rcu);
  } else if (vmas > 0) {
    expect(metrics.gp_at_last_free).toBe(0);
    expect(metrics.dead_peak).toBe(1);
    expect(metrics.freed_at_loop_end).toBe(vmas);
  }
  const { loop_start_ns, loop_end_ns, exit_total_ns, user_wait_latency_ns } = metrics;
  expect(loop_start_ns).toBeGreaterThan(0);
  expect(loop_end_ns).toBeGreaterThanOrEqual(loop_start_ns);
  expect(exit_total_ns).toBeGreaterThanOrEqual(loop_end_ns);
  // nothing comes before its cause: the parent returns after it was told, on whichever CPU it runs
  const told = ["exit_notify", "wake_up", "context_switch", "wait_return"];
  const told_ns = told.reduce((sum, name) => sum + PROFILE.costs[name]!.ps / 1000, 0);
  expect(user_wait_latency_ns).toBeGreaterThanOrEqual(Math.floor(exit_total_ns + told_ns) - 1);
  expect(metrics.task_cpu_ns).toBeLessThanOrEqual(exit_total_ns);
  if (vmas > 0) expect(metrics.last_free_ns).toBeGreaterThan(loop_start_ns);

  const phases =
    metrics.unmap_vmas_ns +
    metrics.free_pgtables_ns +
    metrics.tlb_finish_ns +
    metrics.loop_ns +
    metrics.final_drain_ns +
    metrics.mt_destroy_ns;
  expect(phases).toBeLessThanOrEqual(exit_total_ns);
}

/** Runs with the event budget of each slice chosen by hand, as a slow or fast host would. */
function inSlices(wanted: RunSpec): string {
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks()) engine.progress();
  const real = performance.now;
  let now = 0;
  // the slice ends after two looks at the clock: as small as a slice can be
  performance.now = () => (now += 6);
  try {
    while (!engine.runSlice()) {
      if (engine.progress().sim_ns > 2e10) throw new Error("the machine does not come to rest");
    }
  } finally {
    performance.now = real;
  }
  return engine.result().digest;
}

describe("every exit", () => {
  it("gives all VMAs back, once, after a grace period, in phases that follow each other", () => {
    fc.assert(
      fc.property(scenarios, (parts) => {
        checkLaws(parts, simulateNow(spec(parts)).metrics);
      }),
      propertyOptions(600),
    );
  });

  it("ends in the same state when it is repeated, and however it is sliced", () => {
    fc.assert(
      fc.property(scenarios, (parts) => {
        const { digest } = simulateNow(spec(parts));
        expect(simulateNow(spec(parts)).digest).toBe(digest);
        expect(inSlices(spec(parts))).toBe(digest);
      }),
      propertyOptions(60),
    );
  });

  it("ends in another digest when another seed or another machine went in", () => {
    const digests = [
      spec({ exit: CALL_RCU }),
      spec({ exit: CALL_RCU, seed: 2n }),
      spec({ exit: CALL_RCU, machine: { cpus: 2 } }),
      spec({ exit: SINGLE }),
    ].map((wanted) => simulateNow(wanted).digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("takes as long on a larger machine when it frees directly", () => {
    const PHASES = [
      "unmap_vmas_ns",
      "free_pgtables_ns",
      "tlb_finish_ns",
      "loop_ns",
      "loop_start_ns",
      "loop_end_ns",
      "final_drain_ns",
      "last_free_ns",
    ] as const;
    fc.assert(
      fc.property(scenarios, fc.integer({ min: 2, max: 40 }), (parts, cpus) => {
        const phasesOn = (count: number) => {
          // the geometry that the kernel computes depends on the number of CPUs: take the measured one, and leave
          // out the index, whose nodes have no other
          const machine = { ...parts.machine, cpus: count, exit_cpu: 0, slab: MEASURED_SLABS };
          const { metrics } = simulateNow(spec({ ...parts, exit: DIRECT, machine }));
          const total_ns = metrics.exit_total_ns - metrics.mt_destroy_ns;
          return [["all but mt_destroy", total_ns], ...PHASES.map((name) => [name, metrics[name]])];
        };
        expect(phasesOn(cpus)).toEqual(phasesOn(1));
      }),
      propertyOptions(40),
    );
  });
});

describe("an empty address space", () => {
  it.each([
    ["direct", DIRECT],
    ["call_rcu", CALL_RCU],
    ["batch", batch(32)],
    ["throttle", throttle(250)],
    ["single", SINGLE],
  ])("exits cleanly with %s", (_name, exit) => {
    const { metrics } = simulateNow(spec({ space: listed([]), exit }));
    expect(metrics).toMatchObject({
      n_vma: 0,
      ncall_rcu: 0,
      freed_final: 0,
      dead_peak: 0,
      nr_accounted_pages: 0,
      index_nodes: 0,
      index_height: 0,
      vma_slab_start_bytes: 0,
      vma_slab_end_bytes: 0,
    });
    expect(metrics.exit_total_ns).toBeGreaterThan(0);
    expect(metrics.user_wait_latency_ns).toBeGreaterThan(metrics.exit_total_ns);
  });
});

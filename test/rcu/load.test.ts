// Workloads that post callbacks: rcutorture's flood and the plain poster, on whole machines.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FloodReport, RcuFloodWorkload, RcuPostWorkload } from "../../src/api/rcu-load.ts";
import type { RunResult, RunSpec, WorkloadType } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { seqDiff } from "../../src/engine/workloads/rcu-flood.ts";
import { RCU_FLOOD_TEXT } from "../../src/output/rcu-flood-text.ts";
import { listed, type SpecParts, spec } from "../engine/spec.ts";
import { propertyOptions } from "../queue/load.ts";
import { loadRcu } from "./rcu-room.ts";

const FLOOD: RcuFloodWorkload = {
  type: "rcu_flood",
  cpus: [0],
  start_ns: 0,
  jiffies_max: 2000,
  min_launders: 3,
  min_laundered: 100,
  callbacks_max: 400_000,
};

const POST: RcuPostWorkload = {
  type: "rcu_post",
  cpus: [0],
  callbacks: 20_000,
  burst: 1_000_000_000,
  interval_ns: 0,
  start_ns: 0,
  end_ns: 0,
  callbacks_max: 20_000,
};

const SIM_NS_MAX = 1e12;

function runOf<W extends WorkloadType>(wanted: RunSpec<W>): RunResult<W> {
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice()) {
    if (engine.progress().sim_ns > SIM_NS_MAX) throw new Error("the machine does not come to rest");
  }
  return engine.result();
}

function flood(parts: Partial<RcuFloodWorkload> = {}, machine: SpecParts = {}) {
  const workload = { ...FLOOD, ...parts };
  return runOf<"rcu_flood">({ ...spec({ ...machine, space: listed([]) }), workload });
}

function post(parts: Partial<RcuPostWorkload> = {}, machine: SpecParts = {}) {
  const workload = { ...POST, ...parts };
  return runOf<"rcu_post">({ ...spec({ ...machine, space: listed([]) }), workload });
}

/** What holds for every report: nothing is lost between its fields. */
function expectSound({ n_launders, n_max_cbs, pending, histogram, gps, ...it }: FloodReport): void {
  const came_back = histogram.reduce((sum, tenth) => sum + tenth.n_launders, 0);
  expect(came_back).toBe(n_launders + n_max_cbs); // after the barrier all have come back
  expect(pending).toBeGreaterThanOrEqual(0);
  expect(pending).toBeLessThanOrEqual(n_launders + n_max_cbs);
  expect(it.n_launders_sa).toBeLessThanOrEqual(n_launders);
  expect(it.n_max_gps).toBeLessThanOrEqual(100);
  // what came back to be posted again has waited for one; lazy ones may outwait the whole flood
  if (n_launders > 0) expect(gps).toBeGreaterThan(0);
}

describe("a flood", () => {
  it("ends when 100 callbacks have come back three times", () => {
    const { metrics } = flood();
    const [report] = metrics.floods;
    expectSound(report!);
    expect(report!.n_max_gps).toBe(100);
    expect(report!.gps).toBeGreaterThanOrEqual(6); // three times back, and each needs a full one
    expect(metrics.invoked).toBe(metrics.posted);
    expect(metrics.n_launders + metrics.n_max_cbs).toBe(metrics.posted);
    expect(metrics.refused).toBe(0);
  });

  it("hurries, as rcutorture's does: lazy callbacks are as if there were none", () => {
    const machine = { cpus: 2, rcu_nocbs: [0, 1] };
    const [lazy, other] = [true, false].map((rcu_lazy) =>
      flood({ jiffies_max: 50 }, { machine: { ...machine, rcu_lazy } }),
    );
    expect(lazy!.metrics).toEqual(other!.metrics);
  });

  it("ends when its time is up", () => {
    const { metrics } = flood({ jiffies_max: 4 });
    expect(metrics.floods[0]!.duration).toBe(4);
    expect(metrics.floods[0]!.n_max_gps).toBeLessThan(100);
  });

  it("waits a jiffy at a time where no more memory was planned, and says so", () => {
    const { metrics } = flood({ callbacks_max: 1000 });
    expect(metrics.refused).toBeGreaterThan(0);
    expect(metrics.n_max_cbs).toBe(1000);
    expectSound(metrics.floods[0]!);
  });

  it("lasts longer, in jiffies, the more a jiffy holds no grace period", () => {
    // with HZ 1000 a grace period takes three jiffies at least; with HZ 100 one or two
    const at = (hz: number) => flood({}, { machine: { hz, tick_phase_ns: 0 } }).metrics.floods[0]!;
    expect(at(1000).duration).toBeGreaterThan(at(100).duration);
  });

  it("reports every task of several, on CPUs that are offloaded too", () => {
    const machine = { cpus: 4, hz: 1000, tick_phase_ns: 0, rcu_nocbs: [1, 2] };
    const { metrics } = flood({ cpus: [0, 1, 3] }, { machine });
    expect(metrics.floods.map(({ cpu }) => cpu)).toEqual([0, 1, 3]);
    for (const report of metrics.floods) expectSound(report);
  });

  it("prints the fields of rcutorture's lines, in their order", () => {
    const lines = RCU_FLOOD_TEXT.details!(flood()).join(" ");
    const fields = [
      "Duration",
      "barrier:",
      "pending",
      "n_launders:",
      "n_launders_sa:",
      "n_max_gps:",
      "n_max_cbs:",
      "cver",
      " gps ",
      "n_launders_hist",
      "(duration",
      "1s/10:",
    ];
    const places = fields.map((field) => lines.indexOf(field));
    expect(places).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });
});

describe("rcu_seq_diff", () => {
  it.each([
    [8n, 8n, 0n],
    [12n, 8n, 2n], // one whole, and the one that callbacks queued at 8 may have had to sit out
    [9n, 8n, 1n],
    [13n, 8n, 2n],
    [16n, 8n, 3n],
    [17n, 9n, 2n],
  ])("from %s back to %s: %s", (now, old, expected) => {
    expect(loadRcu().seqDiff(now, old)).toBe(expected);
  });

  it("is the same on both sides of the border, wraps included", () => {
    const room = loadRcu();
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(4000), (old, by) => {
        const now = BigInt.asUintN(64, old + BigInt(by));
        expect(BigInt(seqDiff(now, old))).toBe(BigInt.asUintN(64, room.seqDiff(now, old)));
      }),
      propertyOptions(500),
    );
  });
});

describe("posted callbacks", () => {
  it("all run, none before a full grace period", () => {
    const { metrics } = post();
    expect(metrics.posted).toBe(20_000);
    expect(metrics.invoked).toBe(20_000);
    expect(metrics.wait_min_ns).toBeGreaterThan(4_000_000); // one jiffy at the least
    expect(metrics.wait_max_ns).toBeGreaterThan(metrics.wait_mean_ns);
    expect(metrics.last_invoked_ns).toBeGreaterThan(metrics.last_post_ns);
  });

  it("have a mean wait between the least and the longest, also where there is one", () => {
    for (let start_ns = 0; start_ns < 20; start_ns++) {
      const { metrics } = post({ callbacks: 1, callbacks_max: 1, start_ns });
      expect(metrics.wait_mean_ns).toBe(metrics.wait_min_ns);
      expect(metrics.wait_mean_ns).toBe(metrics.wait_max_ns);
    }
  });

  it("come in bursts at an interval", () => {
    const { metrics } = post({ callbacks: 1000, burst: 100, interval_ns: 20_000_000 });
    expect(metrics.pending_peak).toBeLessThanOrEqual(200);
    expect(Math.round(metrics.last_post_ns / 1e6)).toBe(180);
  });

  it("begin when they are told to, and the run lasts as long as it is told to", () => {
    const { metrics } = post({ start_ns: 5e9, end_ns: 20e9, callbacks: 10, callbacks_max: 10 });
    expect(metrics.first_post_ns).toBeGreaterThan(5e9);
    expect(metrics.first_post_ns).toBeLessThan(5.01e9);
    expect(metrics.sim_ns).toBeGreaterThanOrEqual(20e9);
  });

  it("wait for memory where less was planned than they need", () => {
    const { metrics } = post({ callbacks: 5000, callbacks_max: 100 });
    expect(metrics.invoked).toBe(5000);
    expect(metrics.pending_peak).toBe(100);
    expect(metrics.refused).toBeGreaterThan(40);
  });

  it("go in batches as large as blimit allows", () => {
    // while the poster is busy; over an idle CPU the limit is void
    const batches = (blimit: number): number => {
      const load = { callbacks: 200_000, callbacks_max: 200_000 };
      return post(load, { rcu: { blimit, qhimark: 1_000_000 } }).metrics.rcu_batches;
    };
    expect(batches(10)).toBeGreaterThan(batches(1000));
  });
});

describe("whatever the machine", () => {
  const machines = fc.record({
    cpus: fc.integer({ min: 1, max: 40 }),
    hz: fc.constantFrom(100, 250, 300, 1000),
    preempt: fc.constantFrom("voluntary" as const, "none" as const),
    offloaded: fc.constantFrom("none", "all", "some"),
    rcu_lazy: fc.boolean(),
    rcu: fc.record({
      blimit: fc.constantFrom(1, 10, 1000),
      qhimark: fc.constantFrom(100, 10_000),
      use_softirq: fc.constantFrom(0, 1),
      rcu_expedited: fc.constantFrom(0, 1),
      rcu_normal_wake_from_gp: fc.constantFrom(0, 1),
    }),
    seed: fc.nat(1000),
  });

  it("every flood comes to its end with nothing lost, twice alike", () => {
    fc.assert(
      fc.property(machines, ({ cpus, hz, preempt, offloaded, rcu_lazy, rcu, seed }) => {
        const all = Array.from({ length: cpus }, (_, cpu) => cpu);
        const some = all.filter((cpu) => (cpu * 7 + seed) % 3 === 0);
        const rcu_nocbs = { none: [], all, some }[offloaded]!;
        const machine = { cpus, hz, preempt, rcu_nocbs, rcu_lazy, tick_phase_ns: seed };
        const wanted = { cpus: [seed % cpus, 0], jiffies_max: 20, callbacks_max: 20_000 };
        const first = flood(wanted, { machine, rcu });
        expect(first.metrics.invoked).toBe(first.metrics.posted);
        for (const report of first.metrics.floods) expectSound(report);
        expect(flood(wanted, { machine, rcu }).digest).toBe(first.digest);
      }),
      propertyOptions(25),
    );
  });
});

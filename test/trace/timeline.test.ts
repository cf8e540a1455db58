// The timeline of a run beside what the run says of itself: the same phases, batches and grace periods,
// nobody at two places at once, and a run that goes the same way whether it is watched or not.

import { describe, expect, it } from "vitest";
import type { LoadSpec, MachineConfig } from "../../src/api/types.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { contiguous } from "../../src/input/generate.ts";
import { COST_NAMES } from "../../src/profile/profile.ts";
import {
  batch,
  CALL_RCU,
  DIRECT,
  MEASURED_SLABS,
  PROFILE,
  SINGLE,
  simulateNow,
  throttle,
  WHOLE_MUNMAP,
} from "../engine/spec.ts";
import { WORKLOAD as EXITS, resident } from "../exits/exits-run.ts";
import {
  drawn,
  eventsOf,
  expectNested,
  type Recorded,
  type RunParts,
  record,
  type TrackSlice,
  traced,
  tracks,
} from "./timeline-run.ts";

const READER: LoadSpec = {
  name: "reader",
  kind: "reader",
  tasks: 2,
  bound: true,
  cpus: [0, 1],
  priority: 0,
  work_ns: 300_000,
  period_ns: 1_000_000,
};

const NEWER: Partial<MachineConfig> = {
  generation: "7.2",
  preempt: "lazy",
  slab: { ...MEASURED_SLABS, sheaf_capacity: 32 },
};

const space = contiguous(20_000);

const EXITS_OF: readonly (readonly [string, RunParts])[] = [
  ["free at once", { space, exit: DIRECT }],
  ["one call_rcu() each", { space, exit: CALL_RCU }],
  ["groups", { space, exit: batch(32) }],
  ["a throttle", { space, exit: throttle(1) }],
  ["one list", { space, exit: SINGLE }],
  [
    "one call_rcu() each, on a kernel that preempts",
    {
      space,
      exit: CALL_RCU,
      machine: { preempt: "full", hz: 1000 },
    },
  ],
  [
    "one call_rcu() each, offloaded, two CPUs",
    {
      space,
      exit: CALL_RCU,
      machine: { cpus: 2, rcu_nocbs: [0, 1] },
    },
  ],
  [
    "groups, beside readers on two CPUs",
    {
      space,
      exit: batch(32),
      machine: { cpus: 2, preempt: "full" },
      load: [READER],
    },
  ],
  ["one call_rcu() each, in rcuc", { space, exit: CALL_RCU, rcu: { use_softirq: 0 } }],
  ["free at once, 7.2", { space, exit: DIRECT, machine: NEWER }],
];

const recorded = new Map<string, Recorded>();

function recordedOnce(name: string, parts: RunParts): Recorded {
  const run = recorded.get(name) ?? record(parts);
  recorded.set(name, run);
  return run;
}

const length = ({ start_ns, end_ns }: { start_ns: number; end_ns: number }): number =>
  end_ns - start_ns;
const total = (slices: readonly { start_ns: number; end_ns: number }[]): number =>
  slices.reduce((sum, slice) => sum + length(slice), 0);

describe.each(EXITS_OF)("an exit that frees by %s", (name, parts) => {
  const run = (): Recorded => recordedOnce(name, parts);

  it("goes the same way, whether it is watched or not", () => {
    const { wanted, result } = run();
    const { trace: _, ...unwatched } = wanted;
    const alone = simulateNow(unwatched);
    expect(result.digest).toBe(alone.digest);
    expect(result.metrics).toEqual(alone.metrics);
  });

  it("has one task at a time on a CPU, and interrupts within", () => {
    const found = tracks(drawn([traced(run())]));
    expect([...found.keys()]).toContain("CPU 0");
    for (const [track, slices] of found) expectNested(slices, track);
    const { cpus } = run().wanted.machine;
    for (let cpu = 0; cpu < cpus; cpu++) {
      const tasks = (found.get(`CPU ${cpu}`) ?? []).filter(
        (slice) => !["tick", "softirq RCU", "rcu_do_batch"].includes(slice.name),
      );
      for (const [at, task] of tasks.entries()) {
        expect(task.start_ns).toBeGreaterThanOrEqual(tasks[at - 1]?.end_ns ?? 0);
      }
    }
  });

  it("has the phases of exit_mmap, as long as its metrics say", () => {
    const { result, events } = run();
    const { metrics } = result;
    const phases = eventsOf(events, "span").filter(({ operation }) => operation === "exit_mmap");
    const named = (wanted: string) => phases.filter((phase) => phase.name === wanted);
    const says: Readonly<Record<string, number>> = {
      exit_mmap: metrics.exit_total_ns,
      unmap_vmas: metrics.unmap_vmas_ns,
      free_pgtables: metrics.free_pgtables_ns,
      tlb_finish_mmu: metrics.tlb_finish_ns,
      "removal loop": metrics.loop_ns,
      mt_destroy: metrics.mt_destroy_ns,
    };
    for (const [phase, ns] of Object.entries(says)) {
      expect(named(phase), phase).toHaveLength(1);
      expect(Math.abs(total(named(phase)) - ns), phase).toBeLessThanOrEqual(1);
    }
    const drains = named("final drain");
    expect(Math.abs(total(drains) - metrics.final_drain_ns)).toBeLessThanOrEqual(2);
    expect(phases).toHaveLength(Object.keys(says).length + drains.length);
    expect(new Set(phases.map(({ task }) => run().timeline.tasks[task]))).toEqual(
      new Set(["exiting process"]),
    );
    const waits = eventsOf(events, "span").filter(({ name: it }) => it === "wait4");
    expect(waits.map(length)).toEqual([metrics.user_wait_latency_ns]);
  });

  it("has the batches and grace periods that its metrics count", () => {
    const { metrics } = run().result;
    const batches = eventsOf(run().events, "batch").filter(({ counted }) => counted);
    const invoked = batches.reduce((sum, it) => sum + it.invoked, 0);
    expect(batches).toHaveLength(metrics.rcu_batches);
    expect(invoked).toBe(metrics.rcu_cbs);
    expect(batches.filter(({ task }) => task === undefined)).toHaveLength(
      metrics.rcu_batches_softirq,
    );
    expect(Math.abs(total(batches) - metrics.rcu_batch_wall_ns)).toBeLessThanOrEqual(
      batches.length,
    );
    const periods = eventsOf(run().events, "grace period");
    expect(periods.map(({ number }) => number)).toEqual(periods.map((_, at) => at + 1));
    const ended = periods.filter(({ end_ns }) => end_ns <= metrics.last_free_ns);
    expect(ended).toHaveLength(metrics.gp_at_last_free);
    for (const [at, { start_ns }] of periods.entries()) {
      expect(start_ns).toBeGreaterThanOrEqual(periods[at - 1]?.end_ns ?? 0);
    }
  });

  it("has the CPU time of the process, of softirqs and of switches", () => {
    const { result, events, timeline } = run();
    const { metrics } = result;
    const softirqs = eventsOf(events, "softirq");
    expect(Math.abs(total(softirqs) - metrics.cpu_softirq_ns)).toBeLessThanOrEqual(softirqs.length);
    const cpus = [...tracks(drawn([traced(run())]))].filter(([track]) => track.startsWith("CPU "));
    const process = cpus
      .flatMap(([, slices]) => slices)
      .filter(({ name: task }) => task === "exiting process")
      .map(({ start_ns, end_ns }) => ({
        start_ns,
        end_ns: Math.min(end_ns, metrics.exit_total_ns),
      }))
      .filter(({ start_ns, end_ns }) => start_ns < end_ns);
    // the scheduler's clock leaves what runs between a wake-up and the switch that it asks for, up
    // to a batch of callbacks and a step of the process, to the task that is switched to
    const left = total(process) - metrics.task_cpu_ns;
    expect(Math.abs(left)).toBeLessThanOrEqual(metrics.ctx_switches * 10_000 + process.length + 1);
    expect(process).toHaveLength(metrics.ctx_switches + 1);
    expect(timeline.tasks.filter((task) => task === "exiting process")).toHaveLength(1);
  });

  it("has counters that end at rest and never pass the peak", () => {
    const { result, events, timeline } = run();
    const counters = eventsOf(events, "counters");
    const dead = counters.map(({ dead_vmas }) => dead_vmas);
    expect(Math.max(...dead)).toBeLessThanOrEqual(result.metrics.dead_peak);
    expect(Math.max(...dead)).toBeGreaterThanOrEqual(result.metrics.dead_peak * 0.9 - 10);
    expect(counters.at(-1)).toMatchObject({ dead_vmas: 0, free_pages: 0 });
    expect(timeline.end_ns).toBeGreaterThanOrEqual(result.metrics.last_free_ns);
    expect(timeline.events_lost).toBe(0);
  });
});

describe("a timeline names who runs:", () => {
  const ran = (name: string): string[] => {
    const parts = EXITS_OF.find(([wanted]) => wanted === name)![1];
    const { timeline, events } = recordedOnce(name, parts);
    const tasks = eventsOf(events, "switch").map(({ task }) => timeline.tasks[task ?? 0]);
    return [...new Set(tasks)].filter((task) => task !== undefined).sort();
  };

  it("the process, its parent and RCU's own", () => {
    expect(ran("one call_rcu() each")).toEqual(["exiting process", "parent", "rcu_preempt"]);
  });

  it("ksoftirqd, where softirqs do not come to an end", () => {
    const rcu = { blimit: 1, rcu_divisor: 62, qhimark: 1_000_000 };
    const { timeline, events } = record({ space, exit: CALL_RCU, rcu });
    const tasks = eventsOf(events, "switch").map(({ task }) => timeline.tasks[task ?? 0]);
    expect(tasks).toContain("ksoftirqd/0");
  });

  it("the kthreads of offloaded callbacks, which invoke them", () => {
    const name = "one call_rcu() each, offloaded, two CPUs";
    expect(ran(name)).toEqual(
      expect.arrayContaining(["exiting process", "parent", "rcu_preempt", "rcuog/0", "rcuop/0"]),
    );
    const { timeline, events } = recorded.get(name)!;
    const by = eventsOf(events, "batch").map(({ task }) => timeline.tasks[task!]);
    expect(new Set(by)).toContain("rcuop/0");
    expect(by).not.toContain(undefined);
  });

  it("rcuc, and bystanders by their groups", () => {
    expect(ran("one call_rcu() each, in rcuc")).toContain("rcuc/0");
    expect(ran("groups, beside readers on two CPUs")).toEqual(
      expect.arrayContaining(["reader/0", "reader/1"]),
    );
  });

  it("children and kworkers that tear their memory down", () => {
    const machine = { cpus: 1, memory: DEFAULT_MEMORY };
    const parts = { exit: DIRECT, space: resident(64), machine };
    const workload = { ...EXITS, children: 3, put: "async" };
    const { timeline, events, result } = record<"exits">({ ...parts, workload });
    const exits = eventsOf(events, "span").filter(({ name }) => name === "exit_mmap");
    expect(exits.map(({ subject }) => subject).sort()).toEqual([0, 1, 2]);
    expect(result.metrics.exit_mmap_count).toBe(3);
    for (const { task } of exits) expect(timeline.tasks[task]).toMatch(/^kworker\/0:\d$/);
    const free = eventsOf(events, "counters").map(({ free_pages }) => free_pages);
    expect(Math.max(...free) - Math.min(...free)).toBeGreaterThan(64 * 256);
  });
});

describe("a munmap", () => {
  const CALLS = 7;
  const workload = { ...WHOLE_MUNMAP, calls: CALLS, pause_ns: 3_000_000 };
  const run = record<"munmap">({ space: contiguous(7_000), exit: CALL_RCU, workload });

  it("has all phases of every call, as long as its metrics say", () => {
    const { metrics } = run.result;
    const phases = eventsOf(run.events, "span").filter(({ operation }) => operation === "munmap");
    const says: Readonly<Record<string, number>> = {
      munmap: metrics.user_munmap_latency_ns,
      gather: metrics.gather_ns,
      "clear range": metrics.clear_range_ns,
      "unmap, tables": metrics.unmap_vmas_ns,
      "removal loop": metrics.loop_ns,
      "final drain": metrics.final_drain_ns,
      mt_destroy: metrics.mt_destroy_ns,
    };
    for (const [name, ns] of Object.entries(says)) {
      const named = phases.filter((phase) => phase.name === name);
      expect(
        named.map(({ subject }) => subject),
        name,
      ).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(Math.abs(total(named) - ns), name).toBeLessThanOrEqual(CALLS);
    }
    expect(phases).toHaveLength(CALLS * Object.keys(says).length);
  });

  it("is made by a process that exits in the end", () => {
    const { timeline, events } = run;
    const spans = eventsOf(events, "span").filter(({ operation }) => operation !== "wait4");
    const owners = new Set(spans.map(({ task }) => timeline.tasks[task]));
    expect([...owners]).toEqual(["unmapping process"]);
    expect(spans.at(-1)).toMatchObject({ name: "exit_mmap" });
    for (const [track, slices] of tracks(drawn([traced(run)]))) expectNested(slices, track);
  });
});

describe("a timeline that is too small", () => {
  const all = record({ space, exit: CALL_RCU });
  const length_of = all.events.length;
  const cut = record({ space, exit: CALL_RCU, events_max: 100 });

  it("keeps the first events and counts the others", () => {
    expect(cut.events).toEqual(all.events.slice(0, 100));
    expect(cut.timeline.events_lost).toBe(length_of - 100);
    expect(cut.result.digest).toBe(all.result.digest);
  });

  it("says so in the document, which ends where events are lost", () => {
    const document = drawn([traced(cut)]);
    const note = document.filter(({ ph }) => ph === "i");
    expect(note).toMatchObject([{ args: { events_lost: length_of - 100 } }]);
    const ends = [...tracks(document).values()].flat().map(({ end_ns }) => end_ns);
    expect(Math.max(...ends)).toBe(cut.timeline.end_ns);
    expect(cut.timeline.end_ns).toBeLessThan(all.timeline.end_ns);
    expect(drawn([traced(all)]).filter(({ ph }) => ph === "i")).toEqual([]);
  });

  it("is refused when it is no number of events", () => {
    for (const events_max of [-1, 1.5, 1e9]) {
      expect(() => record({ events_max })).toThrow(/bad events_max of a trace/);
    }
  });
});

/** The slices of a track as lines, inner ones indented, microseconds. */
function picture(slices: readonly TrackSlice[]): string {
  const open: TrackSlice[] = [];
  return slices
    .map((slice) => {
      while (open.length > 0 && open.at(-1)!.end_ns <= slice.start_ns) open.pop();
      const indent = "  ".repeat(open.length);
      open.push(slice);
      const times = [slice.start_ns, length(slice)].map((ns) => (ns / 1000).toFixed(1).padStart(8));
      return `${times.join("")}  ${indent}${slice.name}`;
    })
    .join("\n");
}

describe("the picture of a small exit", () => {
  // every step takes a tenth of a microsecond, but for what is done with a VMA
  const costs = Object.fromEntries(
    COST_NAMES.map((name) => [name, { ps: 100_000, source: "test" }]),
  );
  const slow = { ps: 100_000_000, source: "test" };
  const profile = {
    ...PROFILE,
    caches: [],
    costs: { ...costs, unmap_vma: slow, free_pgtables_vma: slow, rcu_callback_vma: slow },
  };
  const run = record({
    space: contiguous(10),
    exit: SINGLE,
    profile,
    machine: { hz: 1000, tick_phase_ns: 500_000 },
  });
  const found = tracks(drawn([traced(run)], "ten VMAs on one list"));

  it("shows ten VMAs unmapped, listed, and given back once a grace period has passed", () => {
    expect(picture(found.get("exiting process")!)).toMatchInlineSnapshot(`
      "     0.0  2003.2  exit_mmap
           0.1  1000.2    unmap_vmas
        1000.3  1000.2    free_pgtables
        2000.5     0.1    tlb_finish_mmu
        2000.6     2.1    removal loop
        2002.7     0.2    final drain
        2002.9     0.1    mt_destroy
        2003.0     0.1    final drain"
    `);
    expect(picture(found.get("RCU")!)).toMatchInlineSnapshot(`
      "  2500.6  1000.0  grace period 1
        6500.6  1000.0  grace period 2"
    `);
    expect(picture(found.get("CPU 0")!)).toMatchInlineSnapshot(`
      "     0.0  2003.4  exiting process
         500.2     0.1    tick
        1500.4     0.1    tick
        2003.4     0.2  parent
        2500.0     0.1  tick
        2500.1     0.3  softirq RCU
        2500.4     0.2  rcu_preempt
        3500.0     0.1  tick
        3500.1     0.3  softirq RCU
        3500.4     0.2  rcu_preempt
        4500.0     0.1  tick
        4500.1  1002.8  softirq RCU
        4500.3  1002.6    rcu_do_batch
        5502.4     0.1      tick
        6500.0     0.1  tick
        6500.1     0.3  softirq RCU
        6500.4     0.2  rcu_preempt
        7500.0     0.1  tick
        7500.1     0.3  softirq RCU
        7500.4     0.2  rcu_preempt
        8500.0     0.1  tick
        8500.1     0.4  softirq RCU
        8500.3     0.2    rcu_do_batch"
    `);
  });

  it("says what was simulated, and of what kind its times are", () => {
    const [about] = found.get("this run")!;
    expect(about).toMatchObject({
      start_ns: 0,
      end_ns: run.timeline.end_ns,
      args: {
        scenario: "ten VMAs on one list",
        strategy: "test",
        kernel: "Linux 6.12",
        tick_phase_ns: 500_000,
        seed: "1",
        digest: run.result.digest,
        events_lost: 0,
      },
    });
    expect(about!.args.costs).toContain(PROFILE.name);
    expect(about!.args.note).toMatch(/costs of the profile, not times of a machine/);
  });
});

// Bystanders: what they do to a run, what it does to them, and the laws of the scheduler that hold
// whatever the load is.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoadReport, LoadSpec, MachineConfig, RunResult } from "../../src/api/types.ts";
import { InputError } from "../../src/errors.ts";
import { contiguous } from "../../src/input/generate.ts";
import {
  CALL_RCU,
  DIRECT,
  SINGLE,
  type SpecParts,
  simulateNow,
  spec,
  withCosts,
} from "../engine/spec.ts";
import { propertyOptions } from "../queue/load.ts";

function group(parts: Partial<LoadSpec> = {}): LoadSpec {
  return {
    name: "busy",
    kind: "busy-user",
    tasks: 1,
    bound: true,
    cpus: [0],
    priority: 0,
    work_ns: 0,
    period_ns: 0,
    ...parts,
  };
}

const sleeper = (parts: Partial<LoadSpec> = {}) =>
  group({ kind: "sleeper", work_ns: 20_000, period_ns: 1_000_000, ...parts });
const reader = (parts: Partial<LoadSpec> = {}) =>
  group({ kind: "reader", work_ns: 100_000, period_ns: 1_000_000, ...parts });

function run(load: readonly LoadSpec[], parts: SpecParts & { vmas?: number } = {}): RunResult {
  const { vmas = 20_000, ...rest } = parts;
  return simulateNow({ ...spec({ space: contiguous(vmas), ...rest }), load });
}

function onlyReport(result: RunResult): LoadReport {
  expect(result.load).toHaveLength(1);
  return result.load![0]!;
}

describe("a process that maps and unmaps", () => {
  const mapper = (parts: Partial<LoadSpec> = {}) =>
    group({ kind: "mapper", work_ns: 14_000, rounds: 16, callbacks: 48, ...parts });

  it("alone on its CPU takes as long for an iteration as its rounds say, but for ticks", () => {
    const alone = mapper({ cpus: [1], callbacks: 0 });
    const { latency, rounds } = onlyReport(run([alone], { machine: { cpus: 2 } }));
    expect(rounds).toBeGreaterThan(20);
    expect(latency.mean_ns).toBeGreaterThanOrEqual(16 * 14_000);
    expect(latency.max_ns).toBeLessThan(16 * 14_000 + 60_000);
  });

  it("is held up in one iteration for all of a callback that frees everything", () => {
    const { metrics, load } = run([mapper()], { exit: SINGLE });
    expect(load![0]!.latency.max_ns).toBeGreaterThanOrEqual(metrics.group_cb_max_ns + 16 * 14_000);
  });

  it("has its callbacks invoked beside those of the exit, all of them", () => {
    const machine = { cpus: 2 };
    const cbs = (callbacks: number) =>
      run([mapper({ callbacks })], { machine, exit: CALL_RCU }).metrics.rcu_cbs;
    expect(cbs(480)).toBeGreaterThan(cbs(0) + 5 * 480);
    expect(cbs(0)).toBeGreaterThanOrEqual(20_000);
  });

  it("that has run before has what it queued in the last tick ready, and what since then waits", () => {
    const PERIOD_NS = 4_000_000;
    const a_tick = Math.floor((PERIOD_NS * 48) / (16 * 14_000));
    const more = (machine: Partial<MachineConfig>, cpus = [0]) => {
      const cbs = [true, false].map((ran_before) => {
        const { metrics } = run([mapper({ ran_before, cpus })], { machine, exit: DIRECT });
        return metrics.rcu_cbs;
      });
      return cbs[0]! - cbs[1]!;
    };
    // it goes on as before, so some callbacks more or less are queued until the last VMA is free
    for (const tick_phase_ns of [500_000, 2_000_000, 3_500_000]) {
      const since = Math.floor(a_tick * (1 - tick_phase_ns / PERIOD_NS));
      expect(more({ tick_phase_ns })).toBeGreaterThan(a_tick + since - 200);
      expect(more({ tick_phase_ns })).toBeLessThan(a_tick + since + 200);
    }
    // rcuop of an offloaded CPU has invoked those that were ready
    const offloaded = { tick_phase_ns: 3_500_000, cpus: 2, rcu_nocbs: [1] };
    expect(more(offloaded, [1])).toBeLessThan(0.5 * a_tick);
  });

  it("on a nohz_full CPU is in user mode between its steps, as scans see", () => {
    const machine = { cpus: 2, nohz_full: [1], tick_phase_ns: 1_000_000 };
    const wait_ns = (load: LoadSpec) => {
      const { metrics } = run([load], { machine, exit: CALL_RCU, vmas: 5_000 });
      return metrics.last_free_ns - metrics.exit_total_ns;
    };
    // the snapshot finds an idle CPU quiescent, the scan after it one that has been there since
    const idle_ns = wait_ns(sleeper({ cpus: [1], work_ns: 1_000, period_ns: 1e9 }));
    const busy_ns = wait_ns(mapper({ cpus: [1], callbacks: 0 }));
    expect(busy_ns).toBeGreaterThan(idle_ns);
    expect(busy_ns).toBeLessThan(idle_ns + 2.5 * 4e6);
  });

  it("has callbacks of its own price, or of those of which nothing is known", () => {
    const times = (price: Pick<LoadSpec, "callback_ns" | "ran_before"> = {}) => {
      const { metrics } = run([mapper(price)], { machine: { cpus: 2 }, exit: DIRECT });
      return { each: metrics.rcu_batch_wall_ns / metrics.rcu_cbs, cbs: metrics.rcu_cbs };
    };
    expect(times({ callback_ns: 1_191 }).each - times({ callback_ns: 191 }).each).toBeCloseTo(
      1_000,
      -2,
    );
    // those that it has queued before the run, too
    const queued = (callback_ns: number) => times({ callback_ns, ran_before: true }).each;
    expect(queued(1_191) - queued(191)).toBeCloseTo(1_000, -2);
    expect(times()).toEqual(times({ callback_ns: 0 }));
    expect(times().each - times({ callback_ns: 191 }).each).toBeGreaterThan(10); // rcu_foreign_callback is 210 ns
  });

  it("that has had more than its share lets the exit go on over the first tick", () => {
    //       tick      tick      tick       ahead 0
    // exit ──┐         ┌─────────┐
    //        └ mapper ─┘         └ mapper ...
    //                                      ahead 1.5 ms: the exit is still owed 1 ms at the first tick
    // exit ────────────┐         ┌────
    //                  └ mapper ─┘
    const machine = { tick_phase_ns: 1_000_000 };
    const longest = (ahead_ns: number) =>
      onlyReport(run([mapper({ ahead_ns })], { machine, exit: DIRECT })).latency.max_ns;
    const total = (ahead_ns: number) =>
      run([mapper({ ahead_ns })], { machine, exit: DIRECT, vmas: 5_000 }).metrics.exit_total_ns;
    expect(total(0) - total(1_500_000)).toBeGreaterThan(3_000_000);
    expect(total(0) - total(400_000)).toBeLessThan(100_000); // owed no more by then
    expect(longest(1_500_000)).toBeGreaterThan(4_000_000);
  });

  it("makes way on its way back to user space, where the fair class asks lazily", () => {
    const pair = [mapper({ cpus: [1] }), sleeper({ cpus: [1], work_ns: 1_000 })];
    const late = (preempt: "lazy" | "full") => {
      const { load } = run(pair, { machine: { cpus: 2, preempt }, exit: DIRECT });
      return load![1]!.latency.p50_ns;
    };
    expect(late("full")).toBeLessThan(20_000);
    expect(late("lazy")).toBeLessThan(20_000); // a step is 3.5 us, the next tick up to 4 ms away
  });

  it("makes way between two faults, too, when it takes memory", () => {
    const pages = { kind: "memory", pages: 40_000, turn_pages: 40_000, period_ns: 1_000 } as const;
    const pair = [group({ ...pages, cpus: [1] }), sleeper({ cpus: [1], work_ns: 1_000 })];
    const late = (preempt: "lazy" | "full") => {
      const machine = { cpus: 2, preempt };
      const { load, metrics } = run(pair, { machine, exit: DIRECT, vmas: 50_000 });
      expect(load![0]!.pages! * 2_000).toBeGreaterThan(metrics.exit_total_ns / 2); // at it all the time
      return load![1]!.latency.p50_ns;
    };
    expect(late("full")).toBeLessThan(20_000);
    expect(late("lazy")).toBeLessThan(20_000);
  });

  it("that is hit by a tick just before a callback needs another grace period at once", () => {
    //      tick, softirq      the grace period begins: too late for this callback
    // munmap ───┴── call_rcu ──┴─ exit ...
    const periods = (work_ns: number, preempt: "voluntary" | "full") => {
      const of_phase = [0, 1, 2, 3].map((phase) => {
        const machine: Partial<MachineConfig> = { tick_phase_ns: 1_000_003 * phase, preempt };
        const { metrics } = run([mapper({ work_ns })], { machine, exit: DIRECT, vmas: 50_000 });
        return metrics.gp_at_last_free;
      });
      return of_phase.reduce((sum, count) => sum + count, 0);
    };
    // a step of 0.59 us is such a moment from beginning to end, where the kernel is not preemptible
    expect(periods(2_360, "voluntary")).toBeGreaterThanOrEqual(periods(2_360, "full") + 5);
    expect(periods(2_360, "voluntary")).toBeGreaterThanOrEqual(periods(140_000, "voluntary") + 10);
  });

  it("is refused where it is further ahead than anybody can be, or its callbacks take too long", () => {
    for (const parts of [{ ahead_ns: 4_000_001 }, { ahead_ns: -1 }, { callback_ns: 1_000_001 }]) {
      expect(() => run([mapper(parts)])).toThrow(InputError);
    }
  });

  it("finds no room for more callbacks than the plan has, and says so", () => {
    const flood = mapper({ work_ns: 4, callbacks: 100_000 });
    expect(() => run([flood], { vmas: 100_000 })).toThrow(/room|fit|more/);
    expect(() => run([{ ...flood, ran_before: true }])).toThrow(/room|fit|more/);
  });
});

describe("a busy loop on the exiting CPU", () => {
  it("ends with the run where VMAs stay in a sheaf that nothing fills", () => {
    const machine = { cpus: 2, generation: "7.2", preempt: "lazy" } as const;
    const load = [group({ cpus: [0, 1] })];
    const sheaves = { ...CALL_RCU, collect: "sheaf" } as const;
    const { metrics, load: reports } = run(load, { machine, exit: sheaves, vmas: 1_000 });
    expect(metrics.stranded_vmas).toBeGreaterThan(0);
    expect(metrics.freed_final + metrics.stranded_vmas).toBe(1_000);
    // but not before those of full sheaves are back, a grace period after the exit
    const [busy] = reports!;
    expect(busy!.cpu_ns / 2).toBeGreaterThan(metrics.user_wait_latency_ns + 4_000_000);
  });

  it("gets half of it, and the exit takes twice as long", () => {
    const alone = run([]);
    const beside = run([group()]);
    expect(alone.load).toBeUndefined();
    expect(beside.metrics.exit_total_ns / alone.metrics.exit_total_ns).toBeCloseTo(2, 0);
    expect(beside.metrics.task_cpu_ns).toBeLessThan(1.02 * alone.metrics.task_cpu_ns);
    expect(onlyReport(beside).cpu_share).toBeGreaterThan(0.4);
    expect(onlyReport(beside).cpu_share).toBeLessThan(0.6);
  });

  it("is held up for all of a callback that frees everything", () => {
    const { metrics, load } = run([group()], { exit: SINGLE });
    expect(load![0]!.latency.max_ns).toBeGreaterThanOrEqual(metrics.group_cb_max_ns);
    const { load: direct } = run([group()], { exit: DIRECT });
    expect(direct![0]!.latency.max_ns).toBeLessThan(metrics.group_cb_max_ns);
  });

  it("on another CPU changes nothing, and loses only its ticks", () => {
    const alone = run([], { machine: { cpus: 2 } });
    const beside = run([group({ cpus: [1] })], { machine: { cpus: 2 } });
    expect(beside.metrics.exit_total_ns).toBe(alone.metrics.exit_total_ns);
    expect(onlyReport(beside).cpu_share).toBeGreaterThan(0.99);
    expect(onlyReport(beside).latency.max_ns).toBeLessThan(20_000);
  });

  it("costs the simulator events by ticks, not by VMAs", () => {
    const machine = { cpus: 8 };
    const load = [group({ cpus: [1, 2, 3, 4, 5, 6, 7] })];
    const { metrics } = run(load, { machine, vmas: 100_000 });
    const ticks = (metrics.user_wait_latency_ns / 4_000_000 + 2) * 8;
    expect(metrics.events).toBeLessThan(4 * ticks);
  });
});

describe("a user program whose slice is over", () => {
  it("makes way under lazy preemption at the tick that sees it, on the way back from that", () => {
    const machine = { cpus: 2, preempt: "lazy", hrtick: false, tick_phase_ns: 2_000_000 } as const;
    const two = sleeper({ tasks: 2, cpus: [1], work_ns: 30_000_000, period_ns: 10_000_000 });
    const { latency } = onlyReport(run([two], { machine }));
    expect(latency.max_ns).toBeLessThan(4_000_000); // a tick
  });
});

describe("a sleeper", () => {
  it("wakes after the work of a tick where its CPU had stopped ticking", () => {
    const latest = (nohz: boolean): number => {
      const parts = { machine: { cpus: 2, nohz, tick_phase_ns: 1_000_000 } };
      const profile = withCosts({ tick: 100_000_000 });
      const rare = sleeper({ cpus: [1], period_ns: 12_000_000 }); // between two ticks
      return onlyReport(run([rare], { ...parts, profile })).latency.max_ns;
    };
    expect(latest(false)).toBeLessThan(100_000);
    expect(latest(true)).toBeGreaterThanOrEqual(100_000);
  });

  it("wakes on time on a CPU of its own, and late where it waits for others", () => {
    const own = onlyReport(run([sleeper({ cpus: [1] })], { machine: { cpus: 2 } }));
    expect(own.rounds).toBeGreaterThan(5);
    expect(own.latency.max_ns).toBeLessThan(20_000);
    const beside = run([sleeper(), group()]).load![0]!;
    expect(beside.latency.max_ns).toBeGreaterThan(own.latency.max_ns);
  });

  it("of fixed priority is late by no more than what cannot be preempted", () => {
    const load_of = [sleeper({ priority: 50 }), group()];
    const { load } = run(load_of, { machine: { preempt: "full" } });
    expect(load![0]!.latency.max_ns).toBeLessThan(20_000);
  });
});

describe("a reader", () => {
  it("holds every grace period up for as long as its sections last", () => {
    const short = run([reader({ cpus: [1], work_ns: 1_000 })], {
      exit: SINGLE,
      machine: { cpus: 2 },
    });
    const long = run([reader({ cpus: [1], work_ns: 60_000_000, period_ns: 0 })], {
      exit: SINGLE,
      machine: { cpus: 2 },
    });
    const wait = ({ metrics }: RunResult) => metrics.last_free_ns - metrics.loop_end_ns;
    expect(wait(long)).toBeGreaterThan(wait(short) + 20_000_000);
  });

  it("is preempted inside its section under full preemption, never under none", () => {
    const load = [reader({ work_ns: 3_000_000, period_ns: 0 }), group()];
    const preempted = run(load, { machine: { preempt: "full" }, vmas: 60_000 });
    const whole = run(load, { machine: { preempt: "none" }, vmas: 60_000 });
    expect(preempted.load![0]!.latency.max_ns).toBeGreaterThan(5_000_000);
    expect(whole.load![0]!.latency.max_ns).toBeLessThan(3_100_000);
  });
});

describe("fixed priorities", () => {
  it("starve the exit but for what the fair server gives it", () => {
    const alone = run([]);
    const { metrics, load } = run([group({ priority: 1 })]);
    expect(metrics.exit_total_ns).toBeGreaterThan(950_000_000);
    expect(metrics.task_cpu_ns).toBeLessThan(1.05 * alone.metrics.task_cpu_ns);
    expect(load![0]!.cpu_share).toBeGreaterThan(0.9);
  });

  it("are held back for 50 ms of each second, however often", () => {
    const vmas = 150_000;
    const alone = run([], { vmas });
    const { metrics } = run([group({ priority: 1 })], { vmas });
    const served_ns = 50_000_000;
    const times = alone.metrics.task_cpu_ns / served_ns;
    expect(times).toBeGreaterThan(2);
    expect(metrics.exit_total_ns).toBeGreaterThan(Math.floor(times) * 950_000_000);
    expect(metrics.exit_total_ns).toBeLessThan((times + 2) * 1_000_000_000);
  });
});

describe("the fair server", () => {
  /** The share of its CPU that a task of fixed priority has which leaves so much of each millisecond. */
  const share = (left_ns: number, hz: number) => {
    const busy = sleeper({ priority: 1, period_ns: 1_000_000, work_ns: 1_000_000 - left_ns });
    const { load, metrics } = run([busy], { machine: { hz }, vmas: 300_000 });
    expect(metrics.exit_total_ns).toBeGreaterThan(2_000_000_000);
    return load![0]!.cpu_share;
  };

  it.each([100, 250, 1000])("comes where fair tasks have had less than 50 ms (HZ %i)", (hz) => {
    expect(share(30_000, hz)).toBeLessThan(0.97 * 0.96);
    expect(share(80_000, hz)).toBeGreaterThan(0.92 * 0.98);
  });
});

describe("work is conserved", () => {
  it("four tasks that may go anywhere keep four CPUs at work", () => {
    const load = [group({ tasks: 3, bound: false, cpus: [0, 1, 2, 3] })];
    const result = run(load, { machine: { cpus: 4 } });
    expect(onlyReport(result).cpu_share).toBeGreaterThan(0.95);
    expect(result.metrics.task_cpu_ns / result.metrics.exit_total_ns).toBeGreaterThan(0.95);
  });

  it("a task that waits is pulled by a CPU that has nothing to do", () => {
    // both begin on CPU 0, behind the exit: CPU 1 takes one over
    const load = [group({ tasks: 2, bound: false, cpus: [0, 1] })];
    const { load: reports, metrics } = run(load, { machine: { cpus: 2 } });
    const busy_ns = reports![0]!.cpu_ns + metrics.task_cpu_ns;
    expect(busy_ns).toBeGreaterThan(1.9 * metrics.exit_total_ns);
  });
});

describe("bystanders that make no sense", () => {
  it.each([
    [{ tasks: 0 }, "number of bystanders"],
    [{ cpus: [] }, "number of CPUs"],
    [{ cpus: [1] }, "CPU of bystanders"],
    [{ priority: 100 }, "priority"],
    [{ kind: "sleeper", period_ns: 0 }, "period"],
    [{ kind: "reader", work_ns: 0 }, "work"],
  ] as const)("are refused: %o", (parts, what) => {
    expect(() => run([group(parts)])).toThrow(InputError);
    expect(() => run([group(parts)])).toThrow(what);
  });
});

describe("whatever the load", () => {
  const kinds = fc.constantFrom<LoadSpec["kind"]>("busy-user", "busy-kernel", "reader", "sleeper");
  const groups = (cpus: number, kthread_prio: number) =>
    fc.record({
      name: fc.constant("x"),
      kind: kinds,
      tasks: fc.integer({ min: 1, max: 4 }),
      bound: fc.boolean(),
      cpus: fc.uniqueArray(fc.nat(cpus - 1), { minLength: 1 }),
      priority: fc.oneof(
        { arbitrary: fc.constant(0), weight: 4 },
        fc.nat(kthread_prio === 0 ? 99 : kthread_prio - 1),
      ),
      work_ns: fc.integer({ min: 1_000, max: 3_000_000 }),
      period_ns: fc.integer({ min: 100_000, max: 20_000_000 }),
    });
  /**
   * A reader of fixed priority that an endless one of a higher priority preempts in its section
   * ends no grace period, and no run: the fair server serves no fixed priorities.
   */
  const holdsForEver = (load: readonly LoadSpec[]) =>
    load.some(
      ({ kind, priority, cpus }) =>
        kind === "reader" &&
        priority > 0 &&
        load.some(
          (other) =>
            other.kind.startsWith("busy") &&
            other.priority > priority &&
            other.cpus.some((cpu) => cpus.includes(cpu)),
        ),
    );

  const worlds = fc
    .record({
      cpus: fc.integer({ min: 1, max: 5 }),
      preempt: fc.constantFrom<MachineConfig["preempt"]>("none", "voluntary", "full", "lazy"),
      preempt_rcu: fc.boolean(),
      nohz: fc.boolean(),
      offloaded: fc.boolean(),
      full: fc.boolean(),
      hz: fc.constantFrom(100, 250, 1000),
      kthread_prio: fc.constantFrom(0, 1, 50),
      exit: fc.constantFrom(DIRECT, CALL_RCU, SINGLE),
      vmas: fc.integer({ min: 1, max: 8_000 }),
    })
    .chain((world) =>
      fc.record({
        world: fc.constant(world),
        // above RCU's own threads no endless one may be: no run would end
        load: fc
          .array(groups(world.cpus, world.kthread_prio), { maxLength: 4 })
          .filter((load) => !(world.preempt_rcu && holdsForEver(load))),
      }),
    );

  it("everything is freed, no CPU does more than it can, and it is the same twice", () => {
    fc.assert(
      fc.property(worlds, ({ world, load }) => {
        const { cpus, hz, preempt, preempt_rcu, nohz, kthread_prio, exit, vmas } = world;
        const all = Array.from({ length: cpus }, (_, cpu) => cpu);
        const machine = {
          ...{ cpus, hz, preempt, preempt_rcu, nohz },
          rcu_nocbs: world.offloaded ? all : [],
          nohz_full: world.full ? all.slice(1) : [],
        };
        const parts = { machine, exit, vmas, rcu: { kthread_prio } };
        const result = run(load, parts);
        expect(result.metrics.freed_final).toBe(vmas);
        expect(run(load, parts).digest).toBe(result.digest);
        const reports = result.load ?? [];
        expect(reports.map(({ tasks }) => tasks)).toEqual(
          load.map(({ tasks, bound, cpus: on }) => (bound ? tasks * on.length : tasks)),
        );
        for (const { cpu_share, latency } of reports) {
          expect(cpu_share).toBeLessThanOrEqual(1);
          expect(latency.p50_ns).toBeLessThanOrEqual(latency.p99_ns);
          expect(latency.p99_ns).toBeLessThanOrEqual(latency.max_ns);
        }
      }),
      propertyOptions(60),
    );
  });

  it("equals on one CPU get equal shares of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.constantFrom(100, 250, 1000), (tasks, hz) => {
        const load = Array.from({ length: tasks }, () => group());
        const { load: reports } = run(load, { machine: { hz }, vmas: 60_000 });
        const times = reports!.map(({ cpu_ns }) => cpu_ns);
        // a task runs until the tick after its slice is used up
        const turn_ns = 1e9 / hz + 1e6;
        expect(Math.max(...times) - Math.min(...times)).toBeLessThan(2 * turn_ns);
      }),
      propertyOptions(12),
    );
  });

  it("a runnable task of fixed priority runs before all fair ones", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 99 }),
        (busy, priority) => {
          const load = [sleeper({ priority, work_ns: 500_000 }), group({ tasks: busy })];
          const { load: reports } = run(load, { machine: { preempt: "full" } });
          // what holds it up is a tick and its own wake-up, never a turn of the fair class
          expect(reports![0]!.latency.max_ns).toBeLessThan(20_000);
        },
      ),
      propertyOptions(20),
    );
  });
});

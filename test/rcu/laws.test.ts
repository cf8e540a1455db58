// The laws of RCU under everything at once: callbacks, readers that are preempted, synchronize_rcu() of
// both kinds, barriers, polls, any CPUs offloaded, both generations and flavours, in any order. The
// oracle knows lists and times, and nothing of sequence numbers.
//
//   law 1   a callback runs only when no section is open any more that was when it was queued
//   law 2   the same for who waits for a grace period, normal or expedited, or polls for one
//   law 3   a barrier is over only when every callback that was queued before it has run
//   law 4   lengths add up, and when all sections have closed everything ends with nothing queued
//
// A failure prints its seed and path; this replays it:
//   FC_SEED=... FC_PATH=... npx vitest run test/rcu/laws.test.ts

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MachineConfig } from "../../src/api/types.ts";
import { spec } from "../engine/spec.ts";
import { propertyOptions } from "../queue/load.ts";
import { FIRST_READER, GP_KTHREAD, RcuMachine } from "./rcu-room.ts";

const CPUS_MAX = 40;
const PS_PER_JIFFY = 4_000_000_000;

const DEEDS = {
  ...{ call: 8, tick: 16, gp: 8, rcuog: 6, rcuop: 6, exp: 4, ipi: 4, open: 4, close: 6 },
  ...{
    switch: 6,
    sleep: 2,
    wake: 2,
    sync: 2,
    expedited: 2,
    barrier: 2,
    look: 4,
    poll: 2,
    later: 6,
  },
} as const;
type Deed = keyof typeof DEEDS;

interface Action {
  readonly deed: Deed;
  readonly cpu: number;
  readonly count: number;
}

const action: fc.Arbitrary<Action> = fc.record({
  deed: fc.oneof(
    ...Object.entries(DEEDS).map(([deed, weight]) => ({
      weight,
      arbitrary: fc.constant(deed as Deed),
    })),
  ),
  cpu: fc.nat(CPUS_MAX - 1),
  count: fc.oneof(fc.constantFrom(1, 2, 3), fc.nat(40)),
});

const world = fc.record({
  cpus: fc.oneof(fc.constantFrom(1, 2, 3, 4, 17), fc.integer({ min: 1, max: CPUS_MAX })),
  generation: fc.constantFrom<MachineConfig["generation"]>("6.12", "7.2"),
  preempt: fc.constantFrom<MachineConfig["preempt"]>("none", "voluntary", "full", "lazy"),
  preempt_rcu: fc.boolean(),
  lazy: fc.boolean(),
  nocbs: fc.uniqueArray(fc.nat(CPUS_MAX - 1), { size: "max", maxLength: CPUS_MAX }),
  rcu: fc.record({
    blimit: fc.constantFrom(1, 10),
    qhimark: fc.constantFrom(20, 10_000),
    rcu_normal: fc.constantFrom(0, 1),
    rcu_normal_wake_from_gp: fc.constantFrom(0, 1),
    jiffies_lazy_flush: fc.constantFrom(3, 2_500),
  }),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

/** A callback, or a barrier's own, which needs no grace period. */
interface Queued {
  readonly at: number;
  readonly barrier: boolean;
}

interface Cpu {
  idle: boolean;
  /** Tasks that share it, the running one first, and when each one's section opened. */
  tasks: { readonly task: number; opened: number | undefined }[];
  readonly queue: Queued[];
}

type Wait = { readonly look: () => number; readonly since: number; readonly barrier: boolean };

class Oracle {
  readonly #it: RcuMachine;
  readonly #cpus: Cpu[];
  readonly #world: World;
  /** By waiting task; polls by cookie. */
  readonly #waits = new Map<number, Wait>();
  readonly #polls: { readonly cookie: bigint; readonly since: number }[] = [];
  #step = 0;
  #now_ps = 1_500_000_000;

  constructor(wanted: World) {
    this.#world = wanted;
    const { cpus, generation, preempt, preempt_rcu, lazy, nocbs, rcu } = wanted;
    const offloaded = nocbs.filter((cpu) => cpu < cpus);
    const machine = { cpus, generation, preempt, preempt_rcu, rcu_lazy: lazy, hz: 250 };
    this.#it = new RcuMachine(spec({ machine: { ...machine, rcu_nocbs: offloaded }, rcu }));
    for (let task = 0; task < FIRST_READER + 4 * cpus; task++) this.#it.room.holdTask(task);
    this.#it.room.holdTask(this.#it.room.expTask());
    // of a CPU's four kthreads, which nobody schedules, two lend their records to readers
    this.#cpus = Array.from({ length: cpus }, (_, cpu) => ({
      idle: cpu > 0,
      tasks: [0, 1].map((at) => ({ task: FIRST_READER + 4 * cpu + 3 * at, opened: undefined })),
      queue: [],
    }));
    for (const [id, cpu] of this.#cpus.entries()) {
      if (!cpu.idle) this.#it.room.setIdle(id, 0);
      if (!cpu.idle) this.#it.room.runTask(id, cpu.tasks[0]!.task);
    }
  }

  take({ deed, cpu: number, count }: Action): void {
    this.#step++;
    const id = number % this.#cpus.length;
    const cpu = this.#cpus[id]!;
    for (let other = 0; other < this.#cpus.length; other++) {
      const now = this.#it.room.cpuNow(other);
      if (now < this.#now_ps) this.#it.room.setNow(other, BigInt(this.#now_ps));
    }
    const ways: Record<Deed, () => void> = {
      call: () => this.#call(id, cpu, count),
      tick: () => this.#each(id, count, (other) => this.#tick(other, this.#cpus[other]!)),
      gp: () => this.#asKthread(id, cpu, () => this.#it.room.kthreadOn(id)),
      rcuog: () => this.#asKthread(id, cpu, () => this.#rcuog(id)),
      rcuop: () => this.#asKthread(id, cpu, () => this.#it.room.rcuopOn(id, id)),
      exp: () => this.#asKthread(id, cpu, () => this.#it.room.expKthreadOn(id)),
      ipi: () =>
        this.#each(id, CPUS_MAX, (other) => {
          if (this.#it.room.ipiOnItsWay(other) !== 0) this.#it.room.ipiArrives(other);
        }),
      open: () => this.#open(id, cpu),
      close: () => this.#close(id, cpu),
      switch: () => this.#switch(id, cpu),
      sleep: () => this.#sleep(id, cpu),
      wake: () => this.#wake(id, cpu),
      sync: () => this.#wait(id, (task) => this.#it.room.synchronizeLook(id, task), false),
      expedited: () => this.#wait(id, (task) => this.#it.room.expeditedLook(id, task), false),
      barrier: () => this.#wait(id, (task) => this.#it.room.barrierLook(id, task), true),
      look: () => this.#look(),
      poll: () => {
        this.#wake(id, cpu);
        this.#polls.push({ cookie: this.#it.room.startPollOn(id), since: this.#step });
      },
      later: () => {
        this.#now_ps += PS_PER_JIFFY * (count > 30 ? 600 : 1);
      },
    };
    ways[deed]();
    this.#reconcile(deed === "barrier" || deed === "look");
    this.#checkPolls();
  }

  /** As many CPUs from `first` on, all of them at most. */
  #each(first: number, count: number, deed: (cpu: number) => void): void {
    const cpus = this.#cpus.length;
    for (let at = 0; at < Math.min(count, cpus); at++) deed((first + at) % cpus);
  }

  /** Lists have grown or shrunk: from the front callbacks have run, at the end new ones were queued. */
  #reconcile(barriers: boolean): void {
    for (const [id, cpu] of this.#cpus.entries()) {
      const length = this.#it.queued(id);
      for (const { at, barrier } of cpu.queue.splice(0, Math.max(0, cpu.queue.length - length))) {
        if (!barrier) this.#checkNoOlder(at, "a callback runs");
      }
      while (cpu.queue.length < length) cpu.queue.push({ at: this.#step, barrier: barriers });
    }
  }

  #checkNoOlder(since: number, what: string): void {
    const opened = this.#cpus.flatMap(({ tasks }) => tasks.map((it) => it.opened ?? Infinity));
    expect(Math.min(...opened), `${what} over an older section`).toBeGreaterThan(since);
  }

  #checkPolls(): void {
    for (const { cookie, since } of this.#polls) {
      if (this.#it.room.pollDone(cookie) !== 0) this.#checkNoOlder(since, "a poll is done");
    }
  }

  #call(id: number, cpu: Cpu, count: number): void {
    this.#wake(id, cpu);
    const before = this.#it.queued(id);
    this.#it.call(id, count);
    expect(this.#it.queued(id)).toBe(before + count);
  }

  #tick(id: number, cpu: Cpu): void {
    const { room } = this.#it;
    const was_idle = cpu.idle;
    if (was_idle) room.setIdle(id, 0);
    if (was_idle) room.runTask(id, cpu.tasks[0]!.task);
    this.#it.tick(id, was_idle);
    if (was_idle) room.setIdle(id, 1);
  }

  /** Sections without PREEMPT_RCU hold their CPU. */
  #holds(cpu: Cpu): boolean {
    return !this.#world.preempt_rcu && cpu.tasks[0]!.opened !== undefined;
  }

  /** A kthread preempts what the CPU runs, works, and makes way again. */
  #asKthread(id: number, cpu: Cpu, work: () => void): void {
    if (cpu.idle || this.#holds(cpu)) return;
    this.#it.room.switchTo(id, GP_KTHREAD);
    work();
    this.#it.room.switchTo(id, cpu.tasks[0]!.task);
  }

  #rcuog(id: number): void {
    this.#it.room.rcuogOn(id, this.#it.room.leaderOf(id));
  }

  #open(id: number, cpu: Cpu): void {
    this.#wake(id, cpu);
    if (cpu.tasks[0]!.opened !== undefined) return;
    this.#it.room.readLockOn(id, cpu.tasks[0]!.task);
    cpu.tasks[0]!.opened = this.#step;
  }

  #close(id: number, cpu: Cpu): void {
    if (cpu.idle || cpu.tasks[0]!.opened === undefined) return;
    cpu.tasks[0]!.opened = undefined;
    this.#it.room.readUnlockOn(id, cpu.tasks[0]!.task);
  }

  #switch(id: number, cpu: Cpu): void {
    if (cpu.idle || this.#holds(cpu)) return;
    cpu.tasks.reverse();
    this.#it.room.switchTo(id, cpu.tasks[0]!.task);
  }

  #sleep(id: number, cpu: Cpu): void {
    if (cpu.idle || cpu.tasks.some(({ opened }) => opened !== undefined)) return;
    this.#it.room.switchOn(id);
    this.#it.room.setIdle(id, 1);
    cpu.idle = true;
  }

  #wake(id: number, cpu: Cpu): void {
    if (!cpu.idle) return;
    this.#it.room.setIdle(id, 0);
    this.#it.room.runTask(id, cpu.tasks[0]!.task);
    cpu.idle = false;
  }

  /** One more task waits from this CPU; each CPU has one that may. */
  #wait(id: number, look: (task: number) => number, barrier: boolean): void {
    const waiter = FIRST_READER + 4 * id + 1;
    if (this.#waits.has(waiter)) return;
    this.#wake(id, this.#cpus[id]!);
    const wait = { look: () => look(waiter), since: this.#step, barrier };
    if (!this.#ended(wait)) this.#waits.set(waiter, wait);
  }

  #look(): void {
    for (const [waiter, wait] of [...this.#waits]) {
      if (this.#ended(wait)) this.#waits.delete(waiter);
    }
  }

  #ended({ look, since, barrier }: Wait): boolean {
    if (look() === 0) return false;
    if (!barrier) {
      this.#checkNoOlder(since, "a wait is over");
      return true;
    }
    const left = this.#cpus.flatMap(({ queue }) => queue).filter((it) => !it.barrier);
    expect(
      left.filter(({ at }) => at < since),
      "callbacks older than a barrier",
    ).toEqual([]);
    return true;
  }

  /** All sections close; then everybody works in turn until nothing is left. */
  settle(): void {
    for (const id of this.#cpus.keys()) {
      for (const deed of ["wake", "close", "switch", "close"] as const) {
        this.take({ deed, cpu: id, count: 0 });
      }
    }
    for (let round = 0; !this.#isAtRest(); round++) {
      expect(round, "rounds until rest").toBeLessThan(400);
      for (const id of this.#cpus.keys()) {
        for (const deed of ["tick", "rcuog", "rcuop", "ipi"] as const) {
          this.take({ deed, cpu: id, count: 1 });
        }
      }
      for (const deed of ["gp", "exp", "look", "later"] as const) {
        this.take({ deed, cpu: 0, count: 31 });
      }
    }
  }

  #isAtRest(): boolean {
    const queued = this.#cpus.some((_, id) => this.#it.queued(id) > 0);
    const polled = this.#polls.every(({ cookie }) => this.#it.room.pollDone(cookie) !== 0);
    return !queued && polled && this.#waits.size === 0 && !this.#it.running;
  }
}

describe("the laws of RCU", () => {
  it("hold whatever happens in whatever order, on any machine", () => {
    fc.assert(
      fc.property(world, fc.array(action, { size: "max", maxLength: 250 }), (wanted, actions) => {
        const oracle = new Oracle(wanted);
        for (const it of actions) oracle.take(it);
        oracle.settle();
      }),
      propertyOptions(30),
    );
  });
});

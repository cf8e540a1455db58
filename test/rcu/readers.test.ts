// Readers that are preempted inside their sections: where they wait, and whom they hold up.
//
//   task 3   [ section ···· preempted ···· ]          the grace period may end here, not before
//   CPU 0      ──▶ task 4   QS reported

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spec } from "../engine/spec.ts";
import { propertyOptions } from "../queue/load.ts";
import { FIRST_READER, NOBODY_SIGNED, RcuMachine, WAKES_GP } from "./rcu-room.ts";

const A = FIRST_READER;
const B = A + 1;
const C = A + 2;
const D = A + 3;

/** A machine whose CPUs run tasks A, B, C ... from the start. */
function machine(cpus = 1, rcu = {}): RcuMachine {
  const it = new RcuMachine(spec({ machine: { cpus, hz: 250 }, rcu }));
  for (let cpu = 0; cpu < cpus; cpu++) {
    it.room.setIdle(cpu, 0);
    it.room.runTask(cpu, A + cpu);
  }
  return it;
}

/** Starts a grace period from CPU 0, which goes on with `running`. */
function startGp(it: RcuMachine, running: number): void {
  it.call(0);
  it.tick(0);
  it.kthread(0, running);
  expect(it.running).toBe(true);
}

describe("a reader that is preempted", () => {
  it("holds the grace period up after its CPU has reported", () => {
    const it = machine();
    it.room.lockBy(A);
    startGp(it, B); // the kthread preempts A; B goes on
    expect(it.blocked()).toEqual([A]);
    expect(it.room.gpBlocker(0)).toBe(A);
    it.tick(0); // the CPU reports
    expect(it.room.leafMask(0)).toBe(0n);
    for (let visit = 0; visit < 5; visit++) it.kthread(0, B);
    expect(it.running).toBe(true);
    it.room.switchTo(0, A);
    expect(it.room.unlockBy(0, A, 1)).toBe(WAKES_GP); // it was the last one
    expect(it.blocked()).toEqual([]);
    it.kthread(0, A);
    expect(it.running).toBe(false);
  });

  it("does not hold up a grace period that began before it", () => {
    const it = machine(2);
    startGp(it, A);
    it.tick(0); // CPU 0 has reported: it may begin sections now
    expect(it.room.leafMask(0)).toBe(2n);
    it.room.lockBy(A);
    it.room.switchTo(0, C);
    expect(it.blocked()).toEqual([A]);
    expect(it.room.gpBlocker(0)).toBe(NOBODY_SIGNED);
    it.tick(1);
    it.tick(1);
    it.kthread(0, C);
    expect(it.running).toBe(false);
  });

  it("of a CPU that has not reported holds it up", () => {
    const it = machine(2);
    it.room.lockBy(B);
    startGp(it, A);
    it.room.switchTo(1, D); // CPU 1 has yet to report
    expect(it.room.gpBlocker(0)).toBe(B);
    it.tick(1); // notices
    it.room.switchTo(1, D);
    it.tick(1); // reports
    it.tick(0);
    expect(it.room.leafMask(0)).toBe(0n);
    it.kthread(0, A);
    expect(it.running).toBe(true);
    // it comes back on another CPU, and leaves the leaf where it was preempted
    it.room.switchTo(0, B);
    expect(it.room.unlockBy(0, B, 1)).toBe(WAKES_GP);
    it.kthread(0, B);
    expect(it.running).toBe(false);
  });

  it("stays listed when it is preempted again, and holds up the next one too", () => {
    const it = machine();
    it.room.lockBy(A);
    it.room.switchTo(0, B);
    startGp(it, B);
    it.room.switchTo(0, A);
    it.room.switchTo(0, B);
    expect(it.blocked()).toEqual([A]);
    expect(it.room.gpBlocker(0)).toBe(A);
  });

  it("holds up its leaf, and through it the root", () => {
    const it = machine(20);
    it.room.lockBy(A + 17);
    it.room.switchTo(17, A + 20); // CPU 17 is on the second leaf
    startGp(it, A);
    for (let cpu = 0; cpu < 20; cpu++) it.tick(cpu);
    for (let cpu = 0; cpu < 20; cpu++) it.tick(cpu);
    expect(it.room.leafMask(1)).toBe(0n);
    expect(it.room.rootMask()).toBe(2n);
    it.room.switchTo(17, A + 17);
    expect(it.room.unlockBy(17, A + 17, 1)).toBe(WAKES_GP);
    expect(it.room.rootMask()).toBe(0n);
  });

  it("leaves only with its outermost unlock", () => {
    const it = machine();
    it.room.lockBy(A);
    it.room.lockBy(A);
    startGp(it, B);
    it.tick(0);
    it.room.switchTo(0, A);
    expect(it.room.unlockBy(0, A, 1)).toBe(0);
    expect(it.blocked()).toEqual([A]);
    expect(it.room.unlockBy(0, A, 1)).toBe(WAKES_GP);
  });
});

describe("a tick inside a section", () => {
  it("is no quiescent state; one after it is", () => {
    const it = machine(2);
    startGp(it, A);
    it.room.lockBy(B);
    for (let tick = 0; tick < 3; tick++) it.tick(1);
    expect(it.room.leafMask(0) & 2n).toBe(2n);
    it.room.unlockBy(1, B, 1);
    it.tick(1);
    expect(it.room.leafMask(0) & 2n).toBe(0n);
  });

  it("of a grace period older than a second makes the section's end report", () => {
    const it = machine(2);
    startGp(it, A);
    it.room.lockBy(B);
    it.tick(1);
    expect(it.room.owes(1, B)).toBe(0);
    it.room.setNow(1, 1_000_000_000_000n);
    it.tick(1);
    it.room.setNow(1, 1_010_000_000_000n); // 252 jiffies old
    it.tick(1);
    it.room.unlockBy(1, B, 1);
    it.room.coreOf(1); // the softirq after it finds the quiescent state without another tick
    expect(it.room.leafMask(0) & 2n).toBe(0n);
  });
});

describe("a section that began after its CPU had reported", () => {
  it("owes a grace period nothing, however old that is", () => {
    const it = machine(2);
    startGp(it, A);
    for (let tick = 0; tick < 2; tick++) it.tick(1);
    expect(it.room.leafMask(0) & 2n).toBe(0n);
    it.room.lockBy(B);
    it.room.setNow(1, 1_010_000_000_000n); // 252 jiffies old
    it.tick(1);
    it.room.wantResched(1, 0);
    expect(it.room.unlockBy(1, B, 0)).toBe(0);
    expect([it.room.needResched(1), it.room.owes(1, B)]).toEqual([0, 0]);
    expect(it.running).toBe(true);
  });
});

describe("a section that ends where nothing can be reported", () => {
  it("asks for a switch, which reports", () => {
    const it = machine();
    it.room.lockBy(A);
    startGp(it, B);
    it.tick(0);
    it.room.switchTo(0, A);
    it.room.wantResched(0, 0);
    expect(it.room.unlockBy(0, A, 0)).toBe(0);
    expect(it.room.needResched(0)).toBe(1);
    expect(it.blocked()).toEqual([A]);
    expect(it.room.switchTo(0, B)).toBe(WAKES_GP);
    expect(it.blocked()).toEqual([]);
  });

  it("or is reported by the next tick", () => {
    const it = machine();
    it.room.lockBy(A);
    startGp(it, B);
    it.tick(0);
    it.room.switchTo(0, A);
    it.room.unlockBy(0, A, 0);
    it.tick(0);
    expect(it.blocked()).toEqual([]);
  });
});

describe("the list of a leaf", () => {
  // letters: who is on the list, front to back; | = the mark of the normal grace period, ' of the
  // expedited one. `gp` and `exp`: does it wait for the CPU of the task that comes?
  it.each<[string, boolean, boolean, string]>([
    ["", false, false, "D"],
    ["", true, false, "|D"],
    ["", false, true, "'D"],
    ["", true, true, "|'D"],
    ["A", true, false, "A|D"],
    ["A", false, true, "A'D"],
    ["|A", false, false, "D|A"],
    ["|A", true, false, "|AD"],
    ["|A", false, true, "|A'D"],
    ["|A", true, true, "|A'D"],
    ["'A", false, false, "D'A"],
    ["'A", true, false, "|D'A"],
    ["'A", false, true, "'AD"],
    ["'A", true, true, "'A|D"],
    ["|A'B", false, false, "D|A'B"],
    ["|A'B", true, false, "|AD'B"],
    ["|A'B", false, true, "|A'BD"],
    ["|A'B", true, true, "|A'BD"],
    ["'A|B", false, false, "D'A|B"],
    ["'A|B", true, false, "'A|BD"],
    ["'A|B", false, true, "'AD|B"],
    ["'A|B", true, true, "'A|BD"],
  ])("%j, a task comes (normal: %s, expedited: %s): %j", (before, gp, exp, after) => {
    const it = machine(4);
    listOf(it, before);
    preempt(it, 3, D, gp, exp);
    expect(pictureOf(it)).toBe(after);
  });
});

/** Preempts a task's section on a CPU that the two grace periods wait for, or not. */
function preempt(it: RcuMachine, cpu: number, task: number, gp: boolean, exp: boolean): void {
  it.room.lockBy(task);
  it.room.runTask(cpu, task);
  it.room.setMasks(cpu, gp ? 1 : 0, exp ? 1 : 0);
  it.room.switchTo(cpu, D + 1 + cpu);
  it.room.setMasks(cpu, 0, 0);
}

/** Makes the list of leaf 0 look like the picture, by preempting its tasks one after the other. */
function listOf(it: RcuMachine, picture: string): void {
  let exp = false; // whoever comes behind the expedited one's mark blocks it as well
  for (const [, marks, letter] of picture.matchAll(/([|']*)([A-C])/g)) {
    const cpu = letter!.charCodeAt(0) - "A".charCodeAt(0);
    exp ||= marks!.includes("'");
    preempt(it, cpu, A + cpu, marks!.includes("|"), exp);
  }
  expect(pictureOf(it)).toBe(picture);
}

function pictureOf(it: RcuMachine): string {
  return it
    .blocked()
    .map((task) => {
      const gp = it.room.gpBlocker(0) === task ? "|" : "";
      const exp = it.room.expBlocker(0) === task ? "'" : "";
      return gp + exp + String.fromCharCode("A".charCodeAt(0) + task - A);
    })
    .join("");
}

// Any tasks, preempted and moved about at will. The oracle knows only when sections opened.

type Action =
  | { readonly do: "call" | "tick" | "kthread"; readonly cpu: number }
  | { readonly do: "lock" | "unlock" | "unlockNested"; readonly cpu: number }
  | { readonly do: "switch"; readonly cpu: number; readonly to: number };

const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("tick" as const, "tick" as const, "kthread" as const, "call" as const),
      cpu: fc.nat(39),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("lock" as const, "unlock" as const, "unlockNested" as const),
      cpu: fc.nat(39),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("switch" as const), cpu: fc.nat(39), to: fc.nat(99) }),
  },
);

class Preempted {
  readonly machine: RcuMachine;
  readonly #cpus: number;
  /** Which task each CPU runs. */
  readonly #runs: number[];
  readonly #open = new Map<number, number[]>();
  readonly #queued: number[][];
  #now = 0;

  constructor(cpus: number, rcu: object) {
    this.machine = machine(cpus, rcu);
    this.#cpus = cpus;
    this.#runs = Array.from({ length: cpus }, (_, cpu) => A + cpu);
    this.#queued = Array.from({ length: cpus }, () => []);
  }

  take(action: Action): void {
    this.#now++;
    const cpu = action.cpu % this.#cpus;
    const task = this.#runs[cpu]!;
    const { room } = this.machine;
    if (action.do === "call") {
      this.machine.call(cpu);
      this.#queued[cpu]!.push(this.#now);
    } else if (action.do === "tick") this.#tick(cpu);
    else if (action.do === "kthread") this.machine.kthread(cpu, task);
    else if (action.do === "lock") this.#lock(task);
    else if (action.do === "switch") this.#switch(cpu, A + (action.to % (2 * this.#cpus)));
    else if (this.#open.has(task)) {
      const times = this.#open.get(task)!;
      times.pop();
      if (times.length === 0) this.#open.delete(task);
      room.unlockBy(cpu, task, action.do === "unlock" ? 1 : 0);
    }
  }

  #lock(task: number): void {
    this.machine.room.lockBy(task);
    this.#open.set(task, [...(this.#open.get(task) ?? []), this.#now]);
  }

  /** To a task that runs nowhere else. */
  #switch(cpu: number, task: number): void {
    if (this.#runs.includes(task)) return;
    this.machine.room.switchTo(cpu, task);
    this.#runs[cpu] = task;
  }

  #tick(cpu: number): void {
    for (const queued of this.#queued[cpu]!.splice(0, this.machine.tick(cpu))) {
      for (const [task, [opened]] of this.#open) {
        if (opened! < queued) throw new Error(`task ${task} reads since ${opened}, not ${queued}`);
      }
    }
  }

  get waiting(): number {
    return this.#queued.reduce((sum, { length }) => sum + length, 0);
  }

  /** All sections end, each on whatever CPU comes next; answers the rounds until nothing waits. */
  settle(rounds_max: number): number {
    [...this.#open.keys()].forEach((task, i) => {
      if (!this.#runs.includes(task)) this.#switch(i % this.#cpus, task);
      const cpu = this.#runs.indexOf(task);
      while (this.#open.has(task)) this.take({ do: "unlock", cpu });
    });
    // a tick makes the reports that were put off
    for (let cpu = 0; cpu < this.#cpus; cpu++) this.take({ do: "tick", cpu });
    for (let round = 0; round < rounds_max; round++) {
      if (this.waiting === 0) return round;
      for (let cpu = 0; cpu < this.#cpus; cpu++) this.take({ do: "tick", cpu });
      this.take({ do: "kthread", cpu: round });
    }
    return rounds_max;
  }
}

describe("whatever is preempted where", () => {
  const machines = fc.record({
    cpus: fc.oneof(fc.constantFrom(1, 2, 17), fc.integer({ min: 1, max: 40 })),
    rcu: fc.constantFrom({}, { qhimark: 20, qlowmark: 5 }, { qovld: 10, blimit: 50 }),
  });

  it("no callback runs over an older section, and all run in the end", () => {
    fc.assert(
      fc.property(
        machines,
        fc.array(actions, { maxLength: 200, size: "max" }),
        ({ cpus, rcu }, script) => {
          const world = new Preempted(cpus, rcu);
          for (const action of script) world.take(action);
          const most = 20 + world.waiting;
          expect(world.settle(most)).toBeLessThan(most);
          expect(world.machine.blocked()).toEqual([]);
        },
      ),
      propertyOptions(300),
    );
  });
});

// What RCU promises, whatever happens in whatever order: no callback runs while a section is open that
// was open when it was queued; and once all sections close, every callback runs. The oracle knows
// nothing of sequence numbers. FC_SEED and FC_PATH of a failure's report replay it.
//
//   CPU 0   ──call──────────────────────────▶ may run here, not before
//   CPU 1   ─────[ section ]
//   CPU 2            [ section that began later: it may still be open then ]

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spec } from "../engine/spec.ts";
import { propertyOptions } from "../queue/load.ts";
import { RcuMachine } from "./rcu-room.ts";

type Action =
  | { readonly do: "call"; readonly cpu: number; readonly count: number }
  | { readonly do: "tick" | "switch" | "kthread" | "sleep" | "wake"; readonly cpu: number }
  | { readonly do: "open" | "close"; readonly cpu: number };

const actions: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("call" as const),
      cpu: fc.nat(39),
      count: fc.oneof(fc.constantFrom(1, 2), fc.nat(60)),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constantFrom("tick" as const), cpu: fc.nat(39) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "kthread" as const,
        "kthread" as const,
        "switch" as const,
        "sleep" as const,
        "wake" as const,
        "open" as const,
        "close" as const,
      ),
      cpu: fc.nat(39),
    }),
  },
);

interface Cpu {
  idle: boolean;
  /** When its section opened; undefined while none is open. */
  section: number | undefined;
  /** When each queued callback was queued, oldest first. */
  readonly queued: number[];
}

class Oracle {
  readonly machine: RcuMachine;
  readonly cpus: Cpu[];
  #now = 0;

  constructor(cpus: number, rcu: object) {
    this.machine = new RcuMachine(spec({ machine: { cpus, hz: 1000 }, rcu }));
    this.cpus = Array.from({ length: cpus }, (_, cpu) => ({
      idle: cpu > 0,
      section: undefined,
      queued: [],
    }));
  }

  take(action: Action): void {
    this.#now++;
    const id = action.cpu % this.cpus.length;
    const cpu = this.cpus[id]!;
    if (action.do === "call") {
      this.#wake(id, cpu);
      this.machine.call(id, action.count);
      for (let i = 0; i < action.count; i++) cpu.queued.push(this.#now);
    } else if (action.do === "tick") this.#tick(id, cpu);
    else if (action.do === "wake") this.#wake(id, cpu);
    else if (action.do === "close") this.#close(id, cpu);
    else if (cpu.section !== undefined)
      return; // nothing switches inside a section
    else if (action.do === "open") {
      this.#wake(id, cpu);
      cpu.section = this.#now;
      this.machine.room.setInSoftirq(id, 1);
    } else if (action.do === "sleep") {
      cpu.idle = true;
      this.machine.room.switchOn(id);
      this.machine.room.setIdle(id, 1);
    } else if (action.do === "switch") {
      if (!cpu.idle) this.machine.room.switchOn(id);
    } else this.#kthread(id, cpu);
  }

  #wake(id: number, cpu: Cpu): void {
    if (!cpu.idle) return;
    cpu.idle = false;
    this.machine.room.setIdle(id, 0);
  }

  #close(id: number, cpu: Cpu): void {
    cpu.section = undefined;
    this.machine.room.setInSoftirq(id, 0);
  }

  #tick(id: number, cpu: Cpu): void {
    const { room } = this.machine;
    if (cpu.section !== undefined) {
      room.tickCpu(id, 0); // the softirq it raises must wait
      return;
    }
    const was_idle = cpu.idle;
    if (was_idle) room.setIdle(id, 0);
    const invoked = this.machine.tick(id, was_idle);
    if (was_idle) room.setIdle(id, 1);
    for (const queued of cpu.queued.splice(0, invoked)) this.#check(queued);
  }

  #check(queued: number): void {
    for (const [id, { section }] of this.cpus.entries()) {
      if (section !== undefined && section < queued) {
        throw new Error(`queued at ${queued}, but CPU ${id} is in a section since ${section}`);
      }
    }
  }

  #kthread(id: number, cpu: Cpu): void {
    const { room } = this.machine;
    if (cpu.idle) room.setIdle(id, 0);
    room.kthreadOn(id);
    if (cpu.idle) room.setIdle(id, 1);
  }

  get waiting(): number {
    return this.cpus.reduce((sum, { queued }) => sum + queued.length, 0);
  }

  /** Closes all sections and lets the machine run; answers the rounds until nothing is queued. */
  settle(rounds_max: number): number {
    this.cpus.forEach((_, cpu) => {
      this.take({ do: "close", cpu });
    });
    for (let round = 0; round < rounds_max; round++) {
      if (this.waiting === 0) return round;
      this.cpus.forEach((_, cpu) => {
        this.take({ do: "tick", cpu });
      });
      this.take({ do: "kthread", cpu: round });
    }
    return rounds_max;
  }
}

const machines = fc.record({
  cpus: fc.oneof(fc.constantFrom(1, 2, 3, 17), fc.integer({ min: 1, max: 40 })),
  rcu: fc.constantFrom({}, { qhimark: 20, qlowmark: 5 }, { qovld: 10, blimit: 50 }),
});

describe("RCU", () => {
  it("runs no callback too early, and every one in the end", () => {
    fc.assert(
      fc.property(
        machines,
        fc.array(actions, { maxLength: 150, size: "max" }),
        ({ cpus, rcu }, script) => {
          const oracle = new Oracle(cpus, rcu);
          for (const action of script) oracle.take(action);
          for (const [id, { queued }] of oracle.cpus.entries()) {
            expect(oracle.machine.queued(id)).toBe(queued.length);
          }
          // batches of ten: the more callbacks, the more ticks
          const most = 20 + oracle.waiting;
          expect(oracle.settle(most)).toBeLessThan(most);
        },
      ),
      propertyOptions(300),
    );
  });

  it("waits for a section that was open when the callback came, however long", () => {
    const oracle = new Oracle(3, {});
    oracle.take({ do: "open", cpu: 1 });
    oracle.take({ do: "call", cpu: 0, count: 1 });
    const round = (): void => {
      for (const cpu of [0, 1, 2]) oracle.take({ do: "tick", cpu });
      oracle.take({ do: "kthread", cpu: 0 });
    };
    for (let i = 0; i < 10; i++) round();
    expect(oracle.waiting).toBe(1);
    oracle.take({ do: "close", cpu: 1 });
    for (let i = 0; i < 5; i++) round();
    expect(oracle.waiting).toBe(0);
  });
});

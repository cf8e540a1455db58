// Spinlocks: who comes first is served first, whether holds end inside a step or many steps later.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyOptions } from "../queue/load.ts";
import {
  ACQUISITIONS,
  CONTENDED,
  HOLD_MAX,
  HOLD_SUM,
  type LockRoom,
  lockRoom,
  WAIT_MAX,
  WAIT_SUM,
} from "./lock-room.ts";

interface Turn {
  /** What the CPU does before it asks, how long it holds, and whether it steps back meanwhile. */
  readonly think: bigint;
  readonly hold: bigint;
  readonly stepped: boolean;
}

interface Grant {
  readonly cpu: number;
  readonly asked: bigint;
  readonly from: bigint;
  readonly to: bigint;
}

/** The naive lock: a queue of requests in the order of their times. */
function oracle(plans: readonly (readonly Turn[])[], transfer: bigint): Grant[] {
  const now = plans.map(() => 0n);
  const at = plans.map(() => 0);
  const grants: Grant[] = [];
  let free = 0n;
  let last = -1;
  for (;;) {
    const asks = plans.flatMap((plan, cpu) =>
      at[cpu]! < plan.length ? [{ cpu, asked: now[cpu]! + plan[at[cpu]!]!.think }] : [],
    );
    if (asks.length === 0) return grants;
    const { cpu, asked } = asks.reduce((a, b) => (b.asked < a.asked ? b : a));
    const start = asked > free ? asked : free;
    const from = last === -1 || last === cpu ? start : start + transfer;
    const to = from + plans[cpu]![at[cpu]!]!.hold;
    grants.push({ cpu, asked, from, to });
    at[cpu]!++;
    now[cpu] = to;
    free = to;
    last = cpu;
  }
}

/** Always lets the CPU with the earliest clock go on, as the event loop does. */
function drive(
  room: LockRoom,
  lock: number,
  plans: readonly (readonly Turn[])[],
  transfer: bigint,
): Grant[] {
  const at = plans.map(() => 0);
  const state = plans.map((): "thinks" | "asks" | "holds" => "thinks");
  const asked = plans.map(() => 0n);
  const from = plans.map(() => 0n);
  const grants: Grant[] = [];
  const end = (cpu: number, { hold }: Turn): void => {
    room.setNow(cpu, room.cpuNow(cpu) + hold);
    grants.push({ cpu, asked: asked[cpu]!, from: from[cpu]!, to: room.cpuNow(cpu) });
    room.release(cpu, lock, transfer);
    at[cpu]!++;
    state[cpu] = "thinks";
  };
  for (;;) {
    const ready = plans.flatMap((plan, cpu) =>
      at[cpu]! < plan.length && room.spins(cpu) === 0 ? [cpu] : [],
    );
    if (ready.length === 0) return grants;
    const cpu = ready.reduce((a, b) => (room.cpuNow(b) < room.cpuNow(a) ? b : a));
    const turn = plans[cpu]![at[cpu]!]!;
    if (state[cpu] === "thinks") {
      room.setNow(cpu, room.cpuNow(cpu) + turn.think);
      asked[cpu] = room.cpuNow(cpu);
      state[cpu] = "asks";
    } else if (state[cpu] === "asks") {
      if (room.take(cpu, lock, transfer) === 0) continue;
      from[cpu] = room.cpuNow(cpu);
      state[cpu] = "holds";
      if (!turn.stepped) end(cpu, turn);
    } else {
      end(cpu, turn);
    }
  }
}

const turn: fc.Arbitrary<Turn> = fc.record({
  think: fc.bigInt({ min: 1n, max: 60n }),
  hold: fc.bigInt({ min: 1n, max: 40n }),
  stepped: fc.boolean(),
});

/** Times all differ, so that nothing hangs on how ties are broken. */
function apart(plans: readonly (readonly Turn[])[]): Turn[][] {
  return plans.map((plan, cpu) =>
    plan.map(({ think, hold, stepped }) => ({
      think: think * 1_000_003n + BigInt(cpu) * 97n,
      hold: hold * 1_000_033n,
      stepped,
    })),
  );
}

describe("a spinlock", () => {
  it("is handed over in the order of arrival, with the waits of a queue", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(turn, { maxLength: 30 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0n, 7n, 300n),
        (some, transfer) => {
          const plans = apart(some);
          const { room, lock } = lockRoom(6);
          const wanted = oracle(plans, transfer);
          const order = (a: Grant, b: Grant) => (a.from < b.from ? -1 : 1);
          expect(drive(room, lock, plans, transfer).sort(order)).toEqual(wanted);
          const waits = wanted.map(({ asked, from }) => from - asked);
          const holds = wanted.map(({ from, to }) => to - from);
          const sum = (all: bigint[]) => all.reduce((a, b) => a + b, 0n);
          const most = (all: bigint[]) => all.toSorted((a, b) => (a < b ? 1 : -1))[0] ?? 0n;
          expect(room.spinFigure(lock, ACQUISITIONS)).toBe(BigInt(wanted.length));
          expect(room.spinFigure(lock, HOLD_SUM)).toBe(sum(holds));
          expect(room.spinFigure(lock, HOLD_MAX)).toBe(most(holds));
          if (transfer === 0n) {
            expect(room.spinFigure(lock, CONTENDED)).toBe(
              BigInt(waits.filter((wait) => wait > 0n).length),
            );
            expect(room.spinFigure(lock, WAIT_SUM)).toBe(sum(waits));
            expect(room.spinFigure(lock, WAIT_MAX)).toBe(most(waits));
          }
          for (let cpu = 0; cpu < 6; cpu++) expect(room.preemptCount(cpu)).toBe(0);
        },
      ),
      propertyOptions(60),
    );
  });

  it("tells its holder that somebody waits, and only then", () => {
    const { room, lock } = lockRoom(2);
    expect(room.take(0, lock, 0n)).toBe(1);
    expect(room.isContended(lock)).toBe(0);
    room.setNow(1, 5n);
    expect(room.take(1, lock, 0n)).toBe(0);
    expect(room.isContended(lock)).toBe(1);
    room.setNow(0, 9n);
    room.release(0, lock, 0n);
    expect(room.isContended(lock)).toBe(0);
    expect(room.cpuNow(1)).toBe(9n);
    expect(room.take(1, lock, 0n)).toBe(1);
    expect(room.spinFigure(lock, WAIT_MAX)).toBe(4n);
  });

  it("is had by a waiter only when the interrupt is over that came upon it meanwhile", () => {
    const { room, lock } = lockRoom(2);
    expect(room.take(0, lock, 7n)).toBe(1);
    room.setNow(1, 5n);
    expect(room.take(1, lock, 7n)).toBe(0);
    room.setNow(1, 50n); // a tick, say, while it spins
    room.setNow(0, 30n);
    room.release(0, lock, 7n);
    expect(room.cpuNow(1)).toBe(57n);
    expect(room.take(1, lock, 7n)).toBe(1);
    expect(room.spinFigure(lock, WAIT_MAX)).toBe(52n);
    room.release(1, lock, 7n);
    expect(room.spinFigure(lock, HOLD_MAX)).toBe(30n); // its own hold began at 57
  });

  it("calls the CPU that it is handed over to, which has waited without an event of its own", () => {
    const { room, lock } = lockRoom(2);
    expect(room.take(0, lock, 7n)).toBe(1);
    expect(room.take(1, lock, 7n)).toBe(0);
    expect(room.willRun(1)).toBe(0);
    room.release(0, lock, 7n);
    expect(room.willRun(1)).toBe(1);
  });

  it("traps who unlocks what another CPU holds, and who takes it twice", () => {
    const { room, lock } = lockRoom(2);
    room.take(0, lock, 0n);
    expect(() => room.release(1, lock, 0n)).toThrow(/spinlock/);
    expect(() => room.take(0, lock, 0n)).toThrow(/spinlock/);
  });
});

describe("a spinlock of CPUs that take turns", () => {
  const TURN = 100n;

  /** CPU 0 has taken the lock and its turn has ended 10 ps ago, in the step that lets go of it. */
  function endedInside(cpus: number) {
    const { room, lock } = lockRoom(cpus, true);
    room.beginTurn(0, TURN);
    expect(room.take(0, lock, 0n)).toBe(1);
    room.setNow(0, TURN + 10n);
    return { room, lock };
  }

  it("stays held from a turn's end to the CPU's next turn", () => {
    const { room, lock } = endedInside(2);
    room.release(0, lock, 0n);
    room.endTurn(0);
    room.beginTurn(1, 2n * TURN);
    expect(room.take(1, lock, 0n)).toBe(0);
    expect(room.spins(1)).toBe(1);
    room.endTurn(1);
    room.beginTurn(0, 3n * TURN);
    expect(room.spins(1)).toBe(0); // it is the other one's
    expect(room.take(1, lock, 0n)).toBe(1);
  });

  it("is let go at once by what runs outside of a turn, as an interrupt at its beginning", () => {
    const { room, lock } = endedInside(2);
    room.endTurn(0);
    room.release(0, lock, 0n);
    expect(room.take(1, lock, 0n)).toBe(1);
  });

  it("is let go before the next one that the same step lets go of", () => {
    const { room, lock: inner } = endedInside(2);
    const outer = inner + 128;
    expect(room.take(0, outer, 0n)).toBe(1);
    room.release(0, inner, 0n);
    room.release(0, outer, 0n);
    room.endTurn(0);
    expect(room.take(1, inner, 0n)).toBe(1);
    room.release(1, inner, 0n);
    expect(room.take(1, outer, 0n)).toBe(0);
  });

  /** So many CPUs wait for the lock in the order of their numbers; the holder lets go of it. */
  function handedOver(waiters: number) {
    const { room, lock } = lockRoom(5, true);
    room.beginTurn(0, TURN);
    expect(room.take(0, lock, 0n)).toBe(1);
    for (let cpu = 1; cpu <= waiters; cpu++) expect(room.take(cpu, lock, 0n)).toBe(0);
    room.release(0, lock, 0n);
    room.endTurn(0);
    expect(room.spins(1)).toBe(0);
    return { room, lock };
  }

  it("has no queue behind the one CPU that it is promised to: who comes makes way and tries again", () => {
    const { room, lock } = handedOver(1);
    room.beginTurn(2, TURN);
    room.setNow(2, 20n);
    expect(room.take(2, lock, 0n)).toBe(0);
    expect(room.spins(2)).toBe(0);
    expect(room.turnIsOver(2)).toBe(1);
    room.endTurn(2);
    room.beginTurn(1, TURN);
    expect(room.take(1, lock, 0n)).toBe(1);
    room.release(1, lock, 0n);
    room.endTurn(1);
    expect(room.take(2, lock, 0n)).toBe(1);
  });

  it("has one where others wait already", () => {
    const { room, lock } = handedOver(2);
    room.beginTurn(3, TURN);
    expect(room.take(3, lock, 0n)).toBe(0);
    expect(room.spins(3)).toBe(1);
  });

  it("has one behind a CPU that has queued itself: that spins on its own node, not on the lock", () => {
    const { room, lock } = handedOver(2);
    room.beginTurn(1, TURN);
    expect(room.take(1, lock, 0n)).toBe(1);
    room.release(1, lock, 0n); // to CPU 2, which came second
    room.endTurn(1);
    expect(room.spins(2)).toBe(0);
    room.beginTurn(3, TURN);
    expect(room.take(3, lock, 0n)).toBe(0);
    expect(room.spins(3)).toBe(1);
  });
});

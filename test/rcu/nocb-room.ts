// An offloaded machine whose calls and kthreads the test steps by hand, jiffy by jiffy.

import { expect } from "vitest";
import type { MachineConfig } from "../../src/api/types.ts";
import { listed, spec } from "../engine/spec.ts";
import { RcuMachine } from "./rcu-room.ts";

const PS_PER_S = 1_000_000_000_000;
/** RCU_NOCB_WAKE_* as the engine numbers them. */
export const DEFER_NOT = 0;
export const DEFER_BYPASS = 1;
export const DEFER_LAZY = 2;
export const DEFER_FORCE = 4;

export interface Offloaded {
  readonly generation?: MachineConfig["generation"];
  readonly poll?: boolean;
  readonly hz?: number;
  readonly cpus?: number;
  readonly rcu?: Record<string, number>;
  readonly lazy?: boolean;
}

/** A machine with all CPUs offloaded, nothing queued before, whose rcuogs run only by hand. */
export function offloaded({
  generation = "6.12",
  hz = 1000,
  cpus = 1,
  rcu = {},
  lazy = false,
  poll = false,
}: Offloaded = {}): RcuMachine {
  const it = new RcuMachine(
    spec({
      space: listed([]), // an empty mm has queued nothing: the call counter starts at 0
      rcu,
      machine: {
        generation,
        hz,
        cpus,
        tick_phase_ns: 0,
        rcu_nocbs: Array.from({ length: cpus }, (_, cpu) => cpu),
        rcu_lazy: lazy,
        rcu_nocb_poll: poll,
      },
    }),
  );
  for (let cpu = 0; cpu < cpus; cpu++) it.room.holdRcuog(cpu);
  return it;
}

/** Goes to the middle of jiffy `jiffy`. */
export function goTo(it: RcuMachine, jiffy: number, hz = 1000): void {
  it.room.setNow(0, BigInt(Math.floor(((jiffy + 0.5) * PS_PER_S) / hz)));
}

export type Way = "direct" | "bypass" | "flush";

/** Queues one callback and says which way it went. */
export function callOnce(it: RcuMachine): Way {
  const before = it.room.bypassLength(0);
  it.call(0);
  const after = it.room.bypassLength(0);
  if (after === before + 1) return "bypass";
  // a direct call flushes too: what is left of a slow jiffy
  const direct = it.room.nobypassCount(0) < it.room.nobypassLimit();
  // who flushes without it is the first of the next list
  expect(after).toBe(direct ? 0 : 1);
  return direct ? "direct" : "flush";
}

/** Direct, bypassed and flushing calls of one jiffy at `rate` calls. */
export function jiffyAt(it: RcuMachine, jiffy: number, rate: number): [number, number, number] {
  goTo(it, jiffy);
  const ways = Array.from({ length: rate }, () => callOnce(it));
  const count = (way: Way): number => ways.filter((it) => it === way).length;
  return [count("direct"), count("bypass"), count("flush")];
}

// Whose turn it is in an emulator that executes all CPUs in one thread, pass by pass.
//
//     0 1 2 3   a CPU's turn      .  nothing: a kick is spent      T  timers go off

import { describe, expect, it } from "vitest";
import { spec } from "../engine/spec.ts";
import { scheduler } from "./sched-room.ts";

const { room } = scheduler(spec({ machine: { cpus: 4, cpus_in_turn: true } }));
const TIMERS_GO_OFF = 0xffff_ffff;
const NOTHING = 0xffff_fffe;

/** Passes of the loop: "-" no timer is due, "!" one is; "K" the CPU that has just run sets one. */
function passes(steps: string): string {
  room.restartTurns();
  let last = 0;
  let seen = "";
  for (const step of steps.replaceAll(" ", "")) {
    if (step === "K") {
      room.setsTimer(last);
      continue;
    }
    const answer = room.passTurn(step === "!" ? 1 : 0) >>> 0;
    if (answer === TIMERS_GO_OFF) seen += "T";
    else if (answer === NOTHING) seen += ".";
    else {
      last = answer;
      seen += String(answer);
    }
  }
  return seen;
}

it("comes to each CPU in the order of their numbers", () => {
  expect(passes("---- ---- -")).toBe("012301230");
});

it("is lost by the CPU that finds a timer due on its way", () => {
  // 0 has used all the time there was; the loop is at 1 when the timer goes off, and goes on with 2
  expect(passes("- ! -- -- --")).toBe("0T.2.3.0");
});

it("is not lost where the loop begins anew: after the last CPU, and after a kick", () => {
  expect(passes("---- ! -- -- -- --")).toBe("0123T.0.1.2.3");
  expect(passes("- K - ! -- --")).toBe("0.T.1.2");
});

it("is over for a CPU that sets the earliest timer, and each kick is spent once", () => {
  expect(passes("- K -- -- -- -- - - -")).toBe("0.1.2.301230");
});

it("hangs on who set the earliest timer: each goes off 1 to 16 ns late, by steps from when it was set", () => {
  const NS = 1000n;
  const late = (set: bigint) => (room.goesOff(0, set * NS, 4_000_000n * NS) - 4_000_000n * NS) / NS;
  expect([0n, 1n, 5n, 15n, 16n, 21n].map(late)).toEqual([16n, 1n, 5n, 15n, 16n, 5n]);
  // for a time that is over it goes off as soon as it can
  expect(room.goesOff(0, 9n * NS, 3n * NS)).toBe(25n * NS);
});

describe("what a tick is late", () => {
  const NS = 1000n;
  const PERIOD = 4_000_000n;
  const late = (of: typeof room) => (of.goesOff(0, 21n * NS, PERIOD * NS) - PERIOD * NS) / NS;
  const drawn = (seed: bigint) => {
    const machine = { cpus: 4, cpus_in_turn: true, tick_lateness: "drawn" } as const;
    return scheduler({ ...spec({ machine }), seed }).room;
  };
  const hundred = (of: typeof room) => Array.from({ length: 100 }, () => Number(late(of)));

  it("is drawn from 1 to 16 ns where it is not counted, the same with the same seed", () => {
    const lates = hundred(drawn(1n));
    expect([...new Set(lates)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
    expect(hundred(drawn(1n))).toEqual(lates);
    expect(hundred(drawn(2n))).not.toEqual(lates);
  });

  it("is the same each time where it is counted", () => {
    expect(new Set(hundred(room)).size).toBe(1);
  });
});

// Jiffies are read off the grid of ticks, and timers never fire early.

import { describe, expect, it } from "vitest";
import { tickPhasesNs } from "../../src/scenario/scenario.ts";
import { spec } from "../engine/spec.ts";
import { MS, scheduler } from "./sched-room.ts";

const START = 2n ** 32n;

function clock(hz: number, tick_phase_ns: number) {
  return scheduler(spec({ machine: { hz, tick_phase_ns } })).room;
}

describe("jiffies", () => {
  it("grow by one at every tick, the first one at its phase", () => {
    const room = clock(250, 1_000_000);
    expect(room.jiffiesAt(0n)).toBe(START);
    expect(room.jiffiesAt(MS - 1n)).toBe(START);
    expect(room.jiffiesAt(MS)).toBe(START + 1n);
    expect(room.jiffiesAt(5n * MS - 1n)).toBe(START + 1n);
    expect(room.jiffiesAt(5n * MS)).toBe(START + 2n);
    expect(room.jiffiesAt(1001n * MS)).toBe(START + 251n);
  });

  it("have grown already when the phase is 0", () => {
    const room = clock(250, 0);
    expect(room.jiffiesAt(0n)).toBe(START + 1n);
    expect(room.nextTickAfter(0n)).toBe(4n * MS);
  });

  it.each([100, 250, 300, 1000])("at HZ=%i and time say the same", (hz) => {
    const room = clock(hz, 700_000);
    for (const jiffies of [1n, 2n, 3n, 1000n, 10_000_000n]) {
      const time = room.timeOfJiffies(START + jiffies);
      expect(room.jiffiesAt(time)).toBe(START + jiffies);
      expect(room.jiffiesAt(time - 1n)).toBe(START + jiffies - 1n);
      expect(room.nextTickAfter(time - 1n)).toBe(time);
      expect(room.nextTickAfter(time)).toBe(time + room.tickPeriod());
    }
  });

  it.each([
    [250, 4_000_000n],
    [300, 3_333_333n],
    [333, 3_003_003n],
    [600, 1_666_667n],
  ])("at HZ=%i are the kernel's whole number of nanoseconds apart, the nearest one", (hz, ns) => {
    const room = clock(hz, Number(ns));
    expect(room.tickPeriod()).toBe(ns * 1000n);
    expect(room.jiffiesAt(0n)).toBe(START + 1n); // a phase of one whole jiffy is none
    expect(room.nextTickAfter(0n)).toBe(ns * 1000n);
    expect(tickPhasesNs(2, hz)).toEqual([0, Number(ns / 2n)]);
  });

  it("lie above HZ from the start: the interval rule drains at the first free", () => {
    expect(clock(1000, 0).jiffiesAt(0n)).toBeGreaterThan(1000n);
  });

  it("take a phase beyond one tick as one within it", () => {
    expect(clock(1000, 7_250_000).nextTickAfter(0n)).toBe(MS / 4n);
  });
});

describe("a timer of n jiffies", () => {
  it("fires n to n + 1 periods later, at a tick", () => {
    const room = clock(250, 1_000_000);
    for (const now of [0n, MS - 1n, MS, 2n * MS, 5n * MS - 1n]) {
      for (const timeout of [0n, 1n, 2n, 25n]) {
        const fires = room.timeoutExpiry(now, timeout);
        expect(fires - now).toBeGreaterThan(timeout * 4n * MS);
        expect(fires - now).toBeLessThanOrEqual((timeout + 1n) * 4n * MS);
        expect((fires - MS) % (4n * MS)).toBe(0n);
      }
    }
  });

  it.each([
    [62n, 1n],
    [63n, 8n],
    [503n, 8n],
    [504n, 64n],
    [4031n, 64n],
    [4032n, 512n],
    [32_256n, 4096n],
  ])(
    "fires, with n = %i, at a jiffy that is a multiple of %i, and less than that late",
    (n, step) => {
      const room = clock(1000, 0);
      for (const now of [0n, 3n * MS, 777n * MS]) {
        const jiffies = room.jiffiesAt(room.timeoutExpiry(now, n));
        expect(jiffies % step).toBe(0n);
        const late = jiffies - (room.jiffiesAt(now) + n);
        expect(late).toBeGreaterThan(0n);
        expect(late).toBeLessThanOrEqual(step);
      }
    },
  );
});

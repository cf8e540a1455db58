// A process that has slept for a second exits. The timers of vmstat_shepherd have expired meanwhile, but nobody wakes an
// idle CPU for them. In 7.2 the first tick of the exit finds them overdue; a kworker is woken, waits until the exit has
// used its slice, and runs for five microseconds. In 6.12 the timer of the fair server has made the idle CPU tick before.
//
//   7.2    ── idle ───────────────┤exit   tick           slice ends
//             ▲ timers expire              └ kworker woken   └ runs
//   6.12   ── idle ─── tick: runs ┤exit
//
// [mm/vmstat.c:DECLARE_DEFERRABLE_WORK; kernel/sched/deadline.c:dl_server_timer, dl_defer_idle; 6.12 and 7.2]

import { describe, expect, it } from "vitest";
import type { MachineConfig, RunMetrics } from "../../src/api/types.ts";
import { contiguous } from "../../src/input/generate.ts";
import { DIRECT, PROFILE, simulateNow, spec } from "../engine/spec.ts";

const MS = 1_000_000;
const SECOND = 1000 * MS;
const SLICE = 0.7 * MS;
const TYPESAFE = { ...DIRECT, release: "typesafe" } as const;
const LAZY: Partial<MachineConfig> = { generation: "7.2", preempt: "lazy", hrtick: true };

const price = (...names: readonly string[]): number =>
  names.reduce((sum, name) => sum + PROFILE.costs[name]!.ps / 1000, 0);

function exit(idle_before_ns: number, tick_phase_ns: number, machine = LAZY): RunMetrics {
  const all = { ...machine, idle_before_ns, tick_phase_ns };
  const exit = machine === LAZY ? TYPESAFE : DIRECT;
  return simulateNow(spec({ space: contiguous(2500), exit, machine: all })).metrics;
}

describe("an exit of 7.2 after a second of rest", () => {
  const busy = exit(0, 1 * MS);
  const rested = exit(SECOND, 1 * MS);
  const ends = exit(0, 3.999999 * MS).exit_total_ns; // without a tick

  it("has to make way once for the work that is overdue", () => {
    expect(ends).toBeGreaterThan(2 * MS);
    expect(ends).toBeLessThan(4 * MS);
    expect([busy.ctx_switches, rested.ctx_switches]).toEqual([0, 1]);
  });

  it("is off the CPU for both items, two switches and the worker's way to them", () => {
    const items = price("vmstat_shepherd", "queue_work", "vmstat_update");
    const away =
      rested.exit_total_ns - rested.task_cpu_ns - (busy.exit_total_ns - busy.task_cpu_ns);
    expect(away).toBeGreaterThan(items + 2 * price("work_start"));
    expect(away).toBeLessThan(items + 2 * price("work_start", "context_switch") + 1000);
  });

  it("makes way when its slice is over, not when the worker is woken", () => {
    expect(exit(SECOND, ends - SLICE - 0.05 * MS).ctx_switches).toBe(1);
    expect(exit(SECOND, ends - SLICE + 0.05 * MS).ctx_switches).toBe(0);
    // a slice that has begun before the tick is over sooner
    expect(exit(SECOND, 0.3 * MS).ctx_switches).toBe(1);
  });

  it("is left alone after a shorter rest: the timers have not expired", () => {
    expect(exit(0.9 * SECOND, 1 * MS).ctx_switches).toBe(0);
  });
});

describe("an exit of 6.12 after a second of rest", () => {
  it("finds the work done", () => {
    expect(exit(SECOND, 1 * MS, {}).ctx_switches).toBe(0);
    expect(exit(SECOND, 1 * MS, {}).exit_total_ns).toBe(exit(0, 1 * MS, {}).exit_total_ns);
  });
});

describe("an exit that lasts longer than a second", () => {
  const long = (idle_before_ns: number) =>
    simulateNow(spec({ space: contiguous(1_200_000), machine: { idle_before_ns } })).metrics;

  it("sees the work once a second, in 6.12 too", () => {
    expect(long(0).exit_total_ns).toBeGreaterThan(SECOND);
    expect(long(0).exit_total_ns).toBeLessThan(2 * SECOND);
    expect(long(SECOND).ctx_switches).toBe(long(0).ctx_switches + 1);
  });
});

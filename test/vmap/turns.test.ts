// CPUs that one emulator thread executes in turn: one clock, shares of it, and locks whose holder
// stands still.

import { describe, expect, it } from "vitest";
import { type Given, runVmalloc } from "./run.ts";

const WORK = { nodes: 1, run_test_mask: 1, test_loop_count: 2000 };

async function run(cpus_in_turn: boolean, threads: number, rest: Given = {}) {
  const machine = { cpus: 4, preempt: "full", cpus_in_turn };
  return (await runVmalloc({ machine, threads, ...WORK, ...rest })).metrics;
}

describe("CPUs in turn", () => {
  it("let a lone thread run as on its own machine: the idle ones take no time", async () => {
    const [alone, turns] = [await run(false, 1), await run(true, 1)];
    expect(Math.abs(turns.total_ns / alone.total_ns - 1)).toBeLessThan(0.02);
  });

  it("take as long for four threads as all their instructions, one after the other", async () => {
    const [one, four] = [await run(true, 1), await run(true, 4)];
    expect(four.total_ns).toBeGreaterThan(3.8 * one.total_ns);
    expect(four.total_ns).toBeLessThan(4.4 * one.total_ns);
    const atOnce = await run(false, 4);
    expect(atOnce.total_ns).toBeLessThan(2 * one.total_ns);
  });

  it("charge a thread for the time that others execute while it is on its CPU", async () => {
    const [one, four] = [await run(true, 1), await run(true, 4)];
    const each = four.test_thread_cpu_ns / 4;
    expect(each).toBeGreaterThan(3 * one.test_thread_cpu_ns);
  });

  it("are the same twice, and with a seed of their own", async () => {
    const given = { run_test_mask: 63, test_loop_count: 200, lazy_max_pages: 4096, seed: 5 };
    const [first, second] = [await run(true, 4, given), await run(true, 4, given)];
    expect(first).toEqual(second);
  });

  it("break a contended lock more seldom than CPUs that run at once", async () => {
    const given = { run_test_mask: 63, test_loop_count: 400, lazy_max_pages: 6144 };
    const rule = { ...given, yield: "every-element" };
    const [atOnce, turns] = [await run(false, 4, rule), await run(true, 4, rule)];
    expect(turns.lock_breaks).toBeGreaterThan(0);
    expect(turns.lock_breaks).toBeLessThan(atOnce.lock_breaks);
  });
});

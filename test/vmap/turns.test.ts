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
    const long = { test_loop_count: 10_000 };
    const [one, four] = [await run(true, 1, long), await run(true, 4, long)];
    const each = four.test_thread_cpu_ns / 4;
    expect(each).toBeGreaterThan(3 * one.test_thread_cpu_ns);
  });

  it("have turns that last to the next tick: short threads come one after the other", async () => {
    // 3.2 ms of instructions each, from the beginning of a tick's period of 4 ms
    const { cases, total_ns } = await run(true, 4, { test_loop_count: 1000 });
    const [fix_size] = cases;
    expect(total_ns).toBeGreaterThan(4 * 3_000_000);
    // equal shares of the period would have kept all of them busy to the end
    expect(1000 * fix_size!.min_us).toBeLessThan(4_000_000);
  });

  it("answer a flush in their next turn, for which the purge waits", async () => {
    const given = { test_loop_count: 3000, lazy_max_pages: 2048 };
    const [atOnce, turns] = [await run(false, 4, given), await run(true, 4, given)];
    expect(atOnce.tlb_flush_ns_max).toBeLessThan(20_000);
    expect(turns.tlb_flush_ns_max).toBeGreaterThan(1_000_000);
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

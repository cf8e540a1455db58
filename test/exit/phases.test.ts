// exit_mmap in its order: unmap all, free page tables, remove one by one, destroy the index.

import { describe, expect, it } from "vitest";
import { VmaFlag } from "../../assembly/abi/vma.ts";
import { contiguous, gappy } from "../../src/input/generate.ts";
import {
  batch,
  CALL_RCU,
  DIRECT,
  listed,
  PROFILE,
  SINGLE,
  simulateNow,
  spec,
  withCosts,
} from "../engine/spec.ts";

const price = (name: string): number => PROFILE.costs[name]!.ps;
const ps = (ns: number): number => ns * 1000;

/** A first tick far behind everything that these small exits do. */
const NO_TICK = { hz: 100, tick_phase_ns: 9_999_999 };

describe("without a tick inside", () => {
  const vmas = 1000;
  const { metrics } = simulateNow(spec({ space: contiguous(vmas), machine: NO_TICK }));

  it("each walk costs its fixed part and its part a VMA", () => {
    expect(ps(metrics.unmap_vmas_ns)).toBe(price("unmap_vmas_fixed") + vmas * price("unmap_vma"));
    expect(ps(metrics.free_pgtables_ns)).toBe(
      price("free_pgtables_fixed") + vmas * price("free_pgtables_vma"),
    );
    expect(ps(metrics.tlb_finish_ns)).toBe(price("tlb_finish"));
  });

  it("the loop begins when the walks are over", () => {
    const before = price("exit_mmap_fixed") / 1000;
    expect(metrics.loop_start_ns).toBe(
      before + metrics.unmap_vmas_ns + metrics.free_pgtables_ns + metrics.tlb_finish_ns,
    );
    expect(metrics.loop_end_ns).toBe(metrics.loop_start_ns + metrics.loop_ns);
  });

  it("the index is destroyed after the last VMA is gone, and it all adds up", () => {
    // the walk over its nodes, and what they do to their slabs (node-slabs.test.ts)
    const walk = metrics.index_nodes * price("mt_destroy_walk");
    expect(ps(metrics.mt_destroy_ns)).toBeGreaterThan(3 * walk);
    const still = { mt_destroy_walk: price("mt_destroy_walk") + 1_000_000 };
    const slower = spec({ space: contiguous(vmas), machine: NO_TICK, profile: withCosts(still) });
    expect(simulateNow(slower).metrics.mt_destroy_ns).toBe(
      metrics.mt_destroy_ns + metrics.index_nodes * 1000,
    );
    const end = price("exit_mmap_end") / 1000;
    expect(metrics.exit_total_ns).toBe(
      metrics.loop_end_ns + metrics.mt_destroy_ns + metrics.final_drain_ns + end,
    );
    expect(metrics.ctx_switches).toBe(0);
    expect(metrics.task_cpu_ns).toBe(metrics.exit_total_ns);
  });

  it("the parent returns from its wait when it has been told", () => {
    const told = ["exit_notify", "wake_up", "context_switch", "wait_return"] as const;
    const after = told.reduce((sum, name) => sum + price(name), 0) / 1000;
    expect(metrics.user_wait_latency_ns).toBe(metrics.exit_total_ns + after);
  });

  it("is the same through any strategy up to the loop", () => {
    for (const exit of [DIRECT, CALL_RCU, SINGLE, batch(32)]) {
      const other = simulateNow(spec({ exit, space: contiguous(vmas), machine: NO_TICK })).metrics;
      expect(other.loop_start_ns).toBe(metrics.loop_start_ns);
      expect(other.mt_destroy_ns).toBe(metrics.mt_destroy_ns);
    }
  });
});

describe("the pages that were charged", () => {
  it("are those of accountable VMAs, however large", () => {
    const rw = VmaFlag.READ | VmaFlag.WRITE;
    const space = listed([
      [0x400, 3, VmaFlag.READ | VmaFlag.FILE],
      [0x500, 70, rw | VmaFlag.ACCOUNT],
      [0x10_0000, 2 ** 33, rw | VmaFlag.ACCOUNT], // 32 TiB: more than 32 bits of pages
      [0x4_0000_0000, 5, rw],
      [0x4_0000_0010, 1, rw | VmaFlag.ACCOUNT],
    ]);
    expect(simulateNow(spec({ space })).metrics.nr_accounted_pages).toBe(70 + 2 ** 33 + 1);
  });
});

describe("ticks", () => {
  it("lengthen the phase they fall into, and only that", () => {
    const space = contiguous(1000);
    const quiet = simulateNow(spec({ space, machine: NO_TICK })).metrics;
    const at = (ns: number) =>
      simulateNow(spec({ space, machine: { hz: 100, tick_phase_ns: ns } })).metrics;
    const middle_of_loop = Math.floor((quiet.loop_start_ns + quiet.loop_end_ns) / 2);
    const hit = at(middle_of_loop);
    expect(hit.loop_ns - quiet.loop_ns).toBe(price("tick") / 1000);
    expect(hit.unmap_vmas_ns).toBe(quiet.unmap_vmas_ns);
    expect(hit.mt_destroy_ns).toBe(quiet.mt_destroy_ns);
    expect(at(300_000).unmap_vmas_ns - quiet.unmap_vmas_ns).toBe(price("tick") / 1000);
  });

  it("come at their phase from the first moment on", () => {
    const exit_ns = (phase: number, tick_ps: number) => {
      const machine = { hz: 1000, tick_phase_ns: phase };
      const profile = withCosts({ tick: tick_ps });
      return simulateNow(spec({ space: contiguous(3000), machine, profile })).metrics.exit_total_ns;
    };
    const tick_ns = 1000;
    for (const phase of [1, 100, 499, 500, 501, 50_000, 400_000, 999_999]) {
      const quiet_ns = exit_ns(phase, 0);
      const ticks = 1 + Math.floor((quiet_ns - phase) / 1_000_000);
      const spent = exit_ns(phase, tick_ns * 1000) - quiet_ns;
      expect(spent / tick_ns, `phase ${phase} ns`).toBe(ticks);
    }
  });

  it("preempt nothing while the index is destroyed", () => {
    // the destruction of the index takes 100 ms and is full of ticks; a grace period waits to start
    const wanted = spec({
      space: gappy(2000, { seed: 7 }),
      exit: CALL_RCU,
      machine: { hz: 1000, tick_phase_ns: 900_000 },
      profile: withCosts({ mt_destroy_walk: 500_000_000 }),
    });
    const { metrics } = simulateNow(wanted);
    expect(metrics.mt_destroy_ns).toBeGreaterThan(100_000_000);
    const before = simulateNow({ ...wanted, profile: PROFILE }).metrics;
    expect(metrics.ctx_switches).toBeLessThanOrEqual(before.ctx_switches);
    expect(metrics.gp_at_loop_end).toBe(before.gp_at_loop_end);
    expect(metrics.task_cpu_ns).toBeGreaterThan(metrics.mt_destroy_ns);
  });
});

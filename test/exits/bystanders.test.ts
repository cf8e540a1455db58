// What an exit on one CPU does to allocations on another: refills of its per-CPU lists need the zone's lock, which the
// exit holds for each bulk move.

import { describe, expect, it } from "vitest";
import type { LoadSpec, MemoryConfig, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { DIRECT, spec } from "../engine/spec.ts";
import { resident, WORKLOAD } from "./exits-run.ts";

const ALLOCATOR: LoadSpec = {
  name: "allocator",
  kind: "churn",
  tasks: 1,
  bound: true,
  cpus: [1],
  priority: 0,
  work_ns: 0,
  period_ns: 100_000,
  pages: 256,
  turn_pages: 256,
};

function beside(mib: number, memory: Partial<MemoryConfig>) {
  const machine = { cpus: 2, memory: { ...DEFAULT_MEMORY, ...memory } };
  const base = spec({ exit: DIRECT, space: resident(mib), machine });
  const wanted = { ...base, workload: WORKLOAD, load: [ALLOCATOR] } as unknown as RunSpec;
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  const { load, pages } = engine.result();
  return { ...load![0]!, ...pages! };
}

// a fixed short list, so that the allocator goes to the buddy allocator all the time
const SHORT = { percpu_pagelist_high_fraction: 8000 };

describe("allocations beside an exit", () => {
  it("are counted one by one, most of them from the list of their CPU, which costs nothing", () => {
    const { latency, pages } = beside(64, {});
    expect(latency.samples).toBe(pages);
    expect(latency.samples).toBeGreaterThan(256);
    expect(latency.p50_ns).toBe(0);
    expect(latency.max_ns).toBeGreaterThan(0);
  });

  it("wait for bulk moves as long as these hold the lock: all pages of a drain in 6.12", () => {
    const { zone_lock_hold_ns_max, zone_lock_wait_ns_max, latency } = beside(1024, {});
    expect(zone_lock_hold_ns_max).toBeGreaterThan(400_000);
    expect(zone_lock_wait_ns_max).toBeGreaterThan(100_000);
    expect(zone_lock_wait_ns_max).toBeLessThanOrEqual(zone_lock_hold_ns_max);
    expect(latency.max_ns).toBeGreaterThan(100_000);
  });

  it("wait for 32 batches of 7.2 at most, which are a drain", () => {
    const lists_72 = beside(1024, { pcp_generation: "7.2" });
    expect(lists_72.zone_lock_hold_ns_max).toBeLessThan(15_000);
    expect(lists_72.zone_lock_wait_ns_max).toBeLessThanOrEqual(32 * lists_72.zone_lock_hold_ns_max);
  });

  it("have their wait for the zone lock in their latency", () => {
    const { latency, zone_lock_wait_ns_max, zone_lock_wait_ns_sum } = beside(1024, SHORT);
    // the longest refill that waits for nobody takes 15 us: without their waits none would come near
    expect(zone_lock_wait_ns_max).toBeGreaterThan(30_000);
    expect(latency.max_ns).toBeGreaterThanOrEqual(zone_lock_wait_ns_max);
    expect(latency.mean_ns * latency.samples).toBeGreaterThan(zone_lock_wait_ns_sum);
    expect(latency.samples).toBeGreaterThan(1000);
  });
});

// What the thread of October 2021 claimed and feared, on the model: large exits, mmput_async, restart at
// once, kfreepcp as posted and as intended.

import { describe, expect, it } from "vitest";
import type { ExitsMetrics, ExitsWorkload, MemoryConfig, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { alternating } from "../../src/input/generate.ts";
import { populate } from "../../src/input/populate.ts";
import { DIRECT, simulateNow, spec } from "../engine/spec.ts";

const MIB_PAGES = 256;

const WORKLOAD: ExitsWorkload = {
  type: "exits",
  children: 1,
  put: "sync",
  put_async_min: 0,
  encrypted: 0,
  work_ns: 0,
  restart_pages: 0,
  hold_back_oom: false,
  cpu_intensive_thresh_ns: 10_000_000,
};

interface Wanted {
  readonly mib?: number;
  readonly page_count?: number;
  readonly cpus?: number;
  readonly tick_phase_ns?: number;
  readonly memory?: Partial<MemoryConfig>;
  readonly workload?: Partial<ExitsWorkload>;
}

function resident(mib: number, page_count = mib * MIB_PAGES) {
  return populate(alternating(1, { base_process: true, page_count }), 1);
}

function run({
  mib = 64,
  page_count,
  cpus = 1,
  tick_phase_ns = 0,
  memory = {},
  workload = {},
}: Wanted) {
  const base = spec({
    exit: DIRECT,
    space: resident(mib, page_count),
    machine: { cpus, tick_phase_ns, memory: { ...DEFAULT_MEMORY, ...memory } },
  });
  const wanted = { ...base, workload: { ...WORKLOAD, ...workload } } as unknown as RunSpec<"exits">;
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  const { metrics, pages } = engine.result();
  return { metrics: metrics as ExitsMetrics, pages: pages! };
}

describe("the exit of a large resident set", () => {
  it.each([
    [16, 0.99],
    [64, 0.998],
    [256, 0.999],
    [1024, 0.9998],
  ])("of %i MiB is giving back its memory to %f and more", (mib, share) => {
    const wanted = spec({ exit: DIRECT, space: resident(mib) });
    const { unmap_vmas_ns, free_pgtables_ns, tlb_finish_ns, exit_total_ns } =
      simulateNow(wanted).metrics;
    const memory_ns = unmap_vmas_ns + free_pgtables_ns + tlb_finish_ns;
    expect(memory_ns / exit_total_ns).toBeGreaterThan(share);
  });
});

describe("mmput_async", () => {
  it("is not instant on one CPU, and gives no memory back sooner", () => {
    const sync = run({ mib: 256 }).metrics;
    for (const tick_phase_ns of [0, 1_000_000, 2_000_000, 3_000_000]) {
      const { metrics } = run({ mib: 256, tick_phase_ns, workload: { put: "async" } });
      expect(metrics.wait_latency_first_ns).toBeGreaterThan(700_000);
      expect(metrics.wait_latency_first_ns).toBeLessThan(sync.wait_latency_first_ns / 5);
      expect(metrics.memory_back_last_ns).toBeGreaterThan(sync.memory_back_last_ns);
      expect(metrics.pages_out_at_last_wait).toBeGreaterThan(0);
    }
  });

  it("is near to instant with a free second CPU for the parent", () => {
    const { metrics } = run({ mib: 256, cpus: 2, workload: { put: "async" } });
    expect(metrics.wait_latency_first_ns).toBeLessThan(50_000);
  });

  it("moves the cost from the dying to nobody", () => {
    const sync = run({}).metrics;
    const { metrics } = run({ workload: { put: "async" } });
    expect(sync.cpu_kworkers_ns).toBe(0);
    expect(metrics.cpu_children_ns).toBeLessThan(20_000);
    expect(metrics.cpu_kworkers_ns / sync.cpu_children_ns).toBeCloseTo(1, 1);
  });

  it("is chosen by mm: by size, or for encrypted guests alone", () => {
    const by = (workload: Partial<ExitsWorkload>) => run({ workload }).metrics.queued;
    const pages = 64 * MIB_PAGES;
    expect(by({ put: "async-by-pages", put_async_min: pages })).toBe(1);
    expect(by({ put: "async-by-pages", put_async_min: pages + 1 })).toBe(0);
    expect(by({ put: "async-by-vmas", put_async_min: 12 })).toBe(0);
    expect(by({ put: "async-by-vmas", put_async_min: 11 })).toBe(1);
    expect(by({ put: "async-encrypted", encrypted: 2, children: 3 })).toBe(2);
  });

  it("serialises small exits of one CPU on one worker", () => {
    const children = 6;
    const { metrics } = run({ mib: 4, workload: { put: "async", children } });
    const one = run({ mib: 4 }).metrics.memory_back_first_ns;
    expect(metrics.exit_mmap_count).toBe(children);
    expect(metrics.queue_to_start_last_ns).toBeGreaterThan((children - 1) * 0.9 * one);
  });
});

describe("a restart at once", () => {
  const memory = { ram_bytes: 2 ** 30 };
  const restart_pages = 600 * MIB_PAGES;

  it("finds its memory after a synchronous put", () => {
    const { metrics } = run({ mib: 600, memory, workload: { restart_pages } });
    expect(metrics.out_of_memory).toBe(0);
    expect(metrics.restart_pages).toBe(restart_pages);
  });

  // nearly all of the machine, and a second CPU on which the restart begins while the worker unmaps
  const full = { page_count: 252_100, cpus: 2, memory };
  const again = { restart_pages: 100_000 };

  it("finds its memory after a synchronous put, however full the machine was", () => {
    const { metrics } = run({ ...full, workload: again });
    expect(metrics.out_of_memory).toBe(0);
    expect(metrics.restart_pages).toBe(again.restart_pages);
  });

  it("finds pages that are still out after an asynchronous put, and is faster than they are touched", () => {
    const { metrics } = run({ ...full, workload: { ...again, put: "async" } });
    expect(metrics.pages_out_at_last_wait).toBeGreaterThan(200_000);
    expect(metrics.out_of_memory).toBe(0);
  });
});

describe("kfreepcp", () => {
  const memory = { pcp_generation: "5.15" } as const;
  const wait = (kfreepcp: MemoryConfig["kfreepcp"]) =>
    run({ mib: 256, memory: { ...memory, kfreepcp } });

  it("as intended takes the bulk moves out of the exit, and nobody is charged for them", () => {
    const inline = wait("inline");
    const intended = wait("intended");
    expect(intended.metrics.cpu_children_ns).toBeLessThan(inline.metrics.cpu_children_ns);
    expect(intended.metrics.cpu_kfreepcp_ns).toBeGreaterThan(0);
    expect(inline.metrics.cpu_kfreepcp_ns).toBe(0);
  });

  it("as posted drains nothing before the dead task's grace period", () => {
    const posted = wait("posted");
    const inline = wait("inline");
    expect(posted.metrics.memory_back_last_ns).toBeLessThan(inline.metrics.memory_back_last_ns);
    expect(posted.metrics.cpu_children_ns).toBeLessThan(inline.metrics.cpu_children_ns);
  });
});

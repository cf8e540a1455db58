// What is there when a run begins, against the machine's memory: refused with the numbers where it does
// not fit, and never found missing where it is said to fit.

import { describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import type { RunSpec, WorkloadType } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { LimitError } from "../../src/errors.ts";
import { readProfile } from "../../src/scenario/files.ts";
import { resolveScenario, strategyJobs } from "../../src/scenario/resolve.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";

const ONE_A_SLAB = { vm_area_struct: { objects_per_slab: 1 } };
const memory = { ram: "64MiB" };
const load = [{ type: "memory", size: "8MiB" }];
const idle = [{ name: "idle", mm: "process", do: [{ pause: "1us" }] }];
const alternating = (vma_count: number) => ({ generate: "alternating", vma_count });
const gappy = (vma_count: number, gap_pages_max: number) => ({
  generate: "gappy",
  vma_count,
  gap_pages_max,
});
const apart = (count: number) => Array.from({ length: count }, (_, at) => [16 + at * 600, 1, 1, 1]);

async function specOf(parts: object): Promise<RunSpec<WorkloadType>> {
  const text = JSON.stringify({ version: 1, strategies: ["direct"], ...parts });
  const resolved = await resolveScenario(parseScenario(text, "s.json"), {
    readMaps: () => Promise.reject(new Error("no maps")),
    readProfile: (name) => readProfile(name),
  });
  const [job] = strategyJobs(resolved, resolved.scenario.strategies[0]!);
  return jobSpec(job!);
}

async function fits(parts: object): Promise<boolean> {
  try {
    Engine.plan(await specOf(parts));
    return true;
  } catch (error) {
    if (error instanceof LimitError) return false;
    throw error;
  }
}

/** The largest number from 1 to `most` with which a scenario fits. */
async function largest(parts: (number: number) => object, most: number): Promise<number> {
  let [fitting, none] = [0, most + 1];
  while (none - fitting > 1) {
    const tried = Math.floor((fitting + none) / 2);
    if (await fits(parts(tried))) fitting = tried;
    else none = tried;
  }
  return fitting;
}

const CASES: Record<string, (number: number) => object> = {
  "slabs of one VMA": (n) => ({
    machine: { slab: ONE_A_SLAB, memory },
    address_space: alternating(n),
    load,
  }),
  "large slabs, with nobody who takes memory": (n) => ({
    machine: { cpus: 64, slab: { vma_lock: { objects_per_slab: 2 } }, memory },
    address_space: { ...alternating(n), populated: 0.5 },
  }),
  "VMAs of 7.2 that others freed before": (n) => ({
    machine: { generation: "7.2", slab: { vmas_freed_before: 20_000 }, memory },
    address_space: gappy(n, 2000),
    load,
  }),
  "processes that exit": (n) => ({
    machine: { slab: ONE_A_SLAB, memory: { ram: "128MiB" } },
    address_space: { ...alternating(n), populated: 1 },
    workload: { type: "exits", children: 20 },
  }),
  "touched pages of the workload mm that lie alone": (n) => ({
    machine: { memory },
    address_space: gappy(n, 100_000),
    workload: { type: "mm", touched_pages: 1, threads: idle },
  }),
  "touched pages of the workload mm that lie together": (n) => ({
    machine: { memory },
    address_space: alternating(n),
    workload: { type: "mm", touched_pages: 1, threads: idle },
  }),
  "slabs of one VMA in the workload mm of 7.2": (n) => ({
    machine: { generation: "7.2", slab: ONE_A_SLAB, memory },
    address_space: gappy(n, 900),
    workload: { type: "mm", threads: idle },
  }),
  "slabs and tables of another process": (n) => ({
    machine: { slab: ONE_A_SLAB, memory },
    address_space: alternating(10),
    workload: { type: "mm", mms: { other: { vmas: apart(n) } }, threads: idle },
  }),
};

describe("memory at the beginning", () => {
  it.each(Object.entries(CASES))("is found up to the limit that is told: %s", async (_, parts) => {
    const most = await largest(parts, 200_000);
    expect(most).toBeGreaterThan(100);
    await expect(specOf(parts(most + 1)).then((spec) => Engine.plan(spec))).rejects.toMatchObject({
      message: expect.stringContaining("memory at the beginning does not fit the machine's"),
      code: 3,
      unit: "bytes",
    });
    const engine = Engine.create(await specOf(parts(most)));
    for (const _ of engine.loadChunks()); // takes all of it: the engine asserts that it is there
    engine.release();
  });

  it("has no end in the workload mm where nothing says how much there is", async () => {
    const parts = (machine: object) => ({
      machine,
      address_space: { ...alternating(100), populated: 1 },
      workload: {
        type: "mm",
        mms: { other: { vmas: [[16, 2e6, 1, 2e6]] } },
        threads: idle,
      },
    });
    expect(await fits(parts({ memory: { ram: "4GiB" } }))).toBe(false);
    expect(await fits(parts({}))).toBe(true);
  });

  it("is no more than it needs to be: dense pages share their tables", async () => {
    const together = CASES["touched pages of the workload mm that lie together"]!;
    // 64 MiB have 11,807 pages above the reserve: all but few of them are the touched ones
    expect(await largest(together, 200_000)).toBeGreaterThan(10_500);
  });
});

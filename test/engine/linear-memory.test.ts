// A run begins with the memory of the run before it, made zero again: what was in it must not count, whatever
// the workload, and nothing may have been written behind what was planned.

import { afterEach, describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import { simulate } from "../../src/api/simulate.ts";
import type { RunSpec, WorkloadType } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { giveBackMemory, takeMemory } from "../../src/engine/linear-memory.ts";
import { contiguous } from "../../src/input/generate.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { parseOverride } from "../../src/scenario/overrides.ts";
import { strategyJobs } from "../../src/scenario/resolve.ts";
import { SINGLE, simulateNow, spec } from "./spec.ts";

const MIB = 2 ** 20;
const PAGE = 65_536;

/** One of every workload. */
const RUNS: readonly (readonly [scenario: string, ...overrides: string[]])[] = [
  ["exit-flood", "address_space.vma_count=20000", "machine.cpus=4", "machine.rcu_nocbs=all"],
  ["exit-flood-7.2", "address_space.vma_count=3000"],
  ["munmap-whole", "address_space.vma_count=3000"],
  ["exits/build-farm"],
  ["rcu-flood"],
  ["threads-munmap", "address_space.vma_count=1500"],
  ["vmalloc/long-busy-list-tree"],
];

async function specOf([scenario, ...overrides]: (typeof RUNS)[number]): Promise<
  RunSpec<WorkloadType>
> {
  const resolved = await loadScenario(scenario, { overrides: overrides.map(parseOverride) });
  return jobSpec(strategyJobs(resolved, resolved.scenario.strategies[0]!)[0]!);
}

/** A run that keeps its memory for itself, so that nobody can have it again. */
function runAlone(wanted: RunSpec<WorkloadType>) {
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  return engine.result();
}

/** What the thread keeps goes. */
function forget(): void {
  takeMemory();
}

function isZero(memory: WebAssembly.Memory): boolean {
  return new BigUint64Array(memory.buffer).every((word) => word === 0n);
}

afterEach(forget);

describe("the memory of a run", () => {
  it("does not count: any workload after any other has the result it has in new memory", async () => {
    const specs = await Promise.all(RUNS.map(specOf));
    const alone = specs.map((wanted) => {
      forget();
      return runAlone(wanted);
    });
    // forwards and backwards: each runs after two others, in more memory than it needs and in less
    for (const order of [specs.keys(), [...specs.keys()].reverse()]) {
      for (const at of order) expect(await simulate(specs[at]!)).toEqual(alone[at]);
    }
  });

  it.each(RUNS.map((run) => [run[0], run] as const))(
    "is all zero again after %s",
    async (_, run) => {
      await simulate(await specOf(run));
      const memory = takeMemory();
      expect(memory.buffer.byteLength).toBeGreaterThan(PAGE);
      expect(isZero(memory)).toBe(true);
    },
  );

  it("leaves results alone when the next run begins in it", () => {
    const traced = { batches_max: 100, hands_max: 100, hand_every: 1 };
    const wanted = { ...spec({ space: contiguous(3000), exit: SINGLE }), trace: traced };
    const result = simulateNow(wanted);
    const text = JSON.stringify(result);
    simulateNow(spec({ space: contiguous(5000) }));
    expect(JSON.stringify(result)).toBe(text);
  });

  it("serves the next run after one that was given up", async () => {
    const controller = new AbortController();
    const run = simulate(spec({ space: contiguous(1_000_000) }), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(run).rejects.toThrow("enough");
    const memory = takeMemory();
    expect(memory.buffer.byteLength).toBeGreaterThan(MIB);
    expect(isZero(memory)).toBe(true);
  });

  it("is not kept where it is larger than 256 MiB", () => {
    for (const [mib, kept] of [
      [256, true],
      [257, false],
    ] as const) {
      const memory = new WebAssembly.Memory({ initial: (mib * MIB) / PAGE, maximum: 65_535 });
      giveBackMemory(memory, PAGE);
      expect(takeMemory() === memory).toBe(kept);
    }
  });

  it("is for one run at a time", () => {
    giveBackMemory(new WebAssembly.Memory({ initial: 1, maximum: 65_535 }), PAGE);
    expect(takeMemory()).not.toBe(takeMemory());
  });
});

it("a run that was released answers nothing more", () => {
  const engine = Engine.create(spec());
  engine.release();
  engine.release();
  expect(() => engine.progress()).toThrow("the run has been released");
  expect(() => engine.runSlice()).toThrow("the run has been released");
});

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import type { RunJob } from "../../src/api/job.ts";
import type { JobQueue } from "../../src/api/pool.ts";
import type { RunResult } from "../../src/api/types.ts";
import { builtNode, ROOT } from "./built.ts";

const STRATEGIES = ["direct", "call_rcu", "batch-32", "throttle", "single"];

async function jobs(vma_count: number): Promise<RunJob[]> {
  const { presetStrategy, parseScenario, readProfile, tickPhasesNs } = await builtNode();
  const profile = await readProfile("icount-6.12");
  const { machine } = parseScenario("{version: 1, address_space: {maps: x}}", "machine");
  const space = { generate: "alternating", vma_count, base_process: true } as const;
  return STRATEGIES.flatMap((name) =>
    tickPhasesNs(2, machine.hz).map((tick_phase_ns) => {
      const strategy = presetStrategy(name, machine.hz);
      const at_phase = { ...machine, tick_phase_ns };
      return { machine: at_phase, space, strategy, profile, seed: 3n, probe_flags: 0 };
    }),
  );
}

async function builtPool(): Promise<typeof import("../../src/api/pool.ts")> {
  return import(pathToFileURL(join(ROOT, "dist/src/api/pool.js")).href);
}

describe("a queue of jobs", () => {
  it.each([0, 2, undefined])(
    "makes each when somebody is free for it (%s workers)",
    async (workers) => {
      const { runQueue } = await builtPool();
      const list = await jobs(60_000);
      const ended: number[] = [];
      let [made, waiting_max] = [0, 0];
      const queue: JobQueue = {
        count: list.length,
        weight: () => 1,
        job: (index) => {
          waiting_max = Math.max(waiting_max, ++made - ended.length);
          return Promise.resolve(list[index]!);
        },
        done: (index, { strategy }) => {
          expect(strategy).toBe(list[index]!.strategy.name);
          ended.push(index);
        },
      };
      await runQueue(queue, 1, { workers });
      expect(ended.toSorted((a, b) => a - b)).toEqual(list.map((_, index) => index));
      // one a worker; what this thread has begun when threads take over is made again
      expect(waiting_max).toBeLessThanOrEqual((workers ?? availableParallelism()) + 1);
    },
  );

  it.each([0, 1])(
    "throws what is made of an error, and goes no further (%s workers)",
    async (workers) => {
      const { runQueue } = await builtPool();
      const [job] = await jobs(10);
      const broken = { ...job!, space: { ...job!.space, vma_count: -1 } };
      const ended: number[] = [];
      const queue: JobQueue = {
        count: 3,
        weight: () => 1,
        job: (index) => (index === 1 ? broken : job!),
        done: (index) => ended.push(index),
        failed: (index, error) => new Error(`job ${index}`, { cause: error }),
      };
      await expect(runQueue(queue, 1, { workers })).rejects.toThrow("job 1");
      expect(ended).toEqual([0]);
    },
  );
});

describe("the worker pool", () => {
  it("gives the same bytes for any number of workers, in the order of the jobs", async () => {
    const { runJobs } = await builtNode();
    const list = await jobs(3_000);
    const outcomes: RunResult[][] = [];
    for (const workers of [0, 1, 2, 5]) outcomes.push(await runJobs(list, { workers }));
    const [alone, ...others] = outcomes.map((results) => JSON.stringify(results));
    for (const other of others) expect(other).toBe(alone);
    const names = outcomes[0]!.map(({ strategy }) => strategy);
    expect(names).toEqual(STRATEGIES.flatMap((name) => [name, name]));
  });

  it("gives them when threads take over what this one began", async () => {
    const { runJobs } = await builtNode();
    // more than a tenth of a second of small runs: some are over by then, one is begun twice
    const list = await jobs(100_000);
    const fractions: number[] = [];
    const onProgress = (fraction: number) => fractions.push(fraction);
    const [left, alone] = [
      await runJobs(list, { onProgress }),
      await runJobs(list, { workers: 0 }),
    ];
    expect(JSON.stringify(left)).toBe(JSON.stringify(alone));
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  });

  it("reports growing progress that ends at 1", async () => {
    const { runJobs } = await builtNode();
    const fractions: number[] = [];
    await runJobs(await jobs(1_000), {
      workers: 2,
      onProgress: (fraction) => fractions.push(fraction),
    });
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBeCloseTo(1);
  });

  it.each([undefined, 0, 2])("ends when it is aborted (%s workers)", async (workers) => {
    const { runJobs } = await builtNode();
    const controller = new AbortController();
    const reason = new Error("enough");
    const done = runJobs(await jobs(8_000_000), { workers, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 200);
    await expect(done).rejects.toBe(reason);
  });

  it.each([-1, 1.5, Number.NaN])("refuses %d workers", async (workers) => {
    const { runJobs } = await builtNode();
    await expect(runJobs(await jobs(10), { workers })).rejects.toThrow(
      `bad number of workers: found ${workers}, expected a whole number from 0 to 1024`,
    );
  });

  it("refuses what does not fit before anything runs", async () => {
    const { runJobs } = await builtNode();
    const list = [...(await jobs(1_000)), ...(await jobs(500_000_000))];
    const seen: number[] = [];
    const run = runJobs(list, { onProgress: (fraction) => seen.push(fraction) });
    await expect(run).rejects.toMatchObject({ name: "LimitError", code: 3 });
    expect(seen).toEqual([]);
  });

  it("carries errors of a worker home with their parts", async () => {
    const { columnsOf, openSpace, runJobs } = await builtNode();
    const [job] = await jobs(10);
    const columns = columnsOf(openSpace(job!.space));
    columns.start_page[3] = 0; // no longer ascending
    const space = { columns, origin: "broken", scale_to: undefined, seed: 0n };
    const run = runJobs([{ ...job!, space }], { workers: 1 });
    await expect(run).rejects.toMatchObject({ name: "InputError", code: 2 });
  });
});

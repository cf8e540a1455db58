// What a worker thread answers, without a thread: errors lose their class on the way, so their parts travel.

import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import type { RunJob } from "../../src/api/job.ts";
import work from "../../src/api/worker.ts";
import { DIRECT, spec } from "../engine/spec.ts";

const { machine, strategy, profile, seed } = spec({ exit: DIRECT });

function job(vma_count: number, costs = profile.costs): RunJob {
  const space = { generate: "contiguous", vma_count, page_count: 1 } as const;
  return { machine, strategy, profile: { ...profile, costs }, seed, space, probe_flags: 0 };
}

async function answer(wanted: RunJob) {
  const { port1, port2 } = new MessageChannel();
  const told: [number, number][] = [];
  port1.on("message", (message: [number, number]) => told.push(message));
  const ended = new Promise((resolve) => port1.once("close", resolve));
  const answered = await work({ index: 7, job: wanted, port: port2 });
  await ended;
  return { answered, told };
}

describe("a worker", () => {
  it("answers the result, tells its progress under the number of the job, and hangs up", async () => {
    const { answered, told } = await answer(job(1000));
    expect(answered).toMatchObject({ result: { metrics: { n_vma: 1000 } } });
    expect(told.at(-1)).toEqual([7, 1]);
  });

  it("answers a limit with both numbers", async () => {
    const { answered } = await answer(job(100_000_000));
    if (!("limit_error" in answered)) throw new Error("no limit was met");
    const { needed, available, unit } = answered.limit_error;
    expect({ available, unit }).toEqual({ available: 4_294_901_760, unit: "bytes" });
    expect(needed).toBeGreaterThan(available);
  });

  it("answers bad input with what was found and expected", async () => {
    const { tick: _, ...costs } = profile.costs;
    const { answered } = await answer(job(10, costs));
    expect(answered).toMatchObject({
      input_error: {
        code: 2,
        problem: "cost profile icount-6.12 lacks a cost",
        found: "nothing",
        expected: "tick",
      },
    });
  });
});

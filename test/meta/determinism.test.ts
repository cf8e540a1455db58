// Same scenario and seed, same digest: in any build, cut into any slices, on any number of workers.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Metric, Region, RunState } from "../../assembly/abi/metric.ts";
import type { RunJob } from "../../src/api/job.ts";
import { jobSpec } from "../../src/api/job.ts";
import type { RunResult, RunSpec } from "../../src/api/types.ts";
import { EngineMemory } from "../../src/engine/abi.ts";
import { writeSpec } from "../../src/engine/config.ts";
import { Engine } from "../../src/engine/engine.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { parseOverride } from "../../src/scenario/overrides.ts";
import { isWorkload, strategyJobs } from "../../src/scenario/resolve.ts";
import { builtNode } from "../api/built.ts";
import { ROOT } from "./sources.ts";

/** One machine each: small slabs or the kernel's, few CPUs or many, ticks rare or frequent. */
const MACHINES = [
  ["machine.cpus=1"],
  ["machine.cpus=4", "machine.hz=1000", "machine.preempt=none"],
  ["machine.cpus=17", "machine.hz=100", "machine.rcu.blimit=30", "machine.rcu.qhimark=500"],
];

async function jobs(vmas: number, seed = 7): Promise<RunJob[]> {
  const lists = MACHINES.map(async (machine) => {
    const overrides = [...machine, `seed=${seed}`, `address_space.scale_to=${vmas}`];
    const file = join(ROOT, "scenarios/node-server.yaml");
    const resolved = await loadScenario(file, { overrides: overrides.map(parseOverride) });
    if (!isWorkload(resolved, "exit")) throw new Error("not an exit");
    return resolved.scenario.strategies.flatMap((each) => strategyJobs(resolved, each));
  });
  return (await Promise.all(lists)).flat();
}

function runHere(spec: RunSpec, module?: WebAssembly.Module): RunResult {
  const engine = Engine.create(spec, module === undefined ? {} : { module });
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  const result = engine.result();
  engine.release();
  return result;
}

/** Loads `chunk_vmas` at a time and runs as many events at a time as `budgets` says, in turn. */
function runInSlices(spec: RunSpec, chunk_vmas: number, budgets: readonly number[]): string {
  const memory = new EngineMemory();
  writeSpec(memory, spec);
  memory.plan(Region.COUNT);
  expect(memory.init()).toBe(true);
  for (const columns of spec.space.chunks(chunk_vmas)) {
    expect(memory.load(columns, 0, columns.length)).toBe(0);
  }
  memory.begin();
  for (let slice = 0; memory.run(budgets[slice % budgets.length]!) === RunState.RUNNING; slice++);
  return memory.metric(Metric.DIGEST).toString(16).padStart(16, "0");
}

const digestsOf = (results: readonly RunResult[]) => results.map(({ digest }) => digest);

describe("the digest is the same", () => {
  it("twice", async () => {
    for (const job of await jobs(20_000)) {
      const first = runHere(jobSpec(job));
      expect(first.digest).toMatch(/^[0-9a-f]{16}$/);
      expect(runHere(jobSpec(job))).toEqual(first);
    }
  });

  it("in the release and the debug build, and so is every metric", async () => {
    const debug = new WebAssembly.Module(readFileSync(join(ROOT, "build/engine.debug.wasm")));
    for (const job of await jobs(5_000)) {
      expect(runHere(jobSpec(job), debug)).toEqual(runHere(jobSpec(job)));
    }
  });

  it("however the run is cut into slices and the loading into chunks", async () => {
    const list = await jobs(1_500);
    const whole = list.map((job) => runHere(jobSpec(job)).digest);
    fc.assert(
      fc.property(
        fc.nat(list.length - 1),
        fc.integer({ min: 1, max: 3_000 }),
        fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5_000 })), {
          minLength: 1,
          maxLength: 5,
        }),
        (which, chunk_vmas, budgets) => {
          expect(runInSlices(jobSpec(list[which]!), chunk_vmas, budgets)).toBe(whole[which]);
        },
      ),
      { numRuns: 60, examples: [[0, 1, [1]]] },
    );
  });

  it("on any number of workers", async () => {
    const { runJobs } = await builtNode();
    const list = await jobs(5_000);
    const alone = await runJobs(list, { workers: 0 });
    for (const workers of [1, 2, 3]) expect(await runJobs(list, { workers })).toEqual(alone);
  });
});

describe("the digest differs", () => {
  it("between all machines and strategies", async () => {
    const results = (await jobs(3_000)).map((job) => runHere(jobSpec(job)));
    expect(new Set(digestsOf(results)).size).toBe(results.length);
  });

  it("with the seed", async () => {
    const [one, other] = [await jobs(3_000, 1), await jobs(3_000, 2)];
    const [ours, theirs] = [one, other].map((list) =>
      digestsOf(list.map((job) => runHere(jobSpec(job)))),
    );
    for (const [at, digest] of ours!.entries()) expect(digest).not.toBe(theirs![at]);
  });

  it("with one VMA, one picosecond of a cost or one nanosecond of the tick more", async () => {
    const [job] = await jobs(2_000);
    const spec = jobSpec(job!);
    const { costs } = spec.profile;
    const [name, cost] = Object.entries(costs).find(([, { ps }]) => ps > 0)!;
    const dearer = { ...spec.profile, costs: { ...costs, [name]: { ...cost, ps: cost.ps + 1 } } };
    const digests = digestsOf([
      runHere(spec),
      runHere(jobSpec((await jobs(2_001))[0]!)),
      runHere({ ...spec, profile: dearer }),
      runHere({ ...spec, machine: { ...spec.machine, tick_phase_ns: 1 } }),
    ]);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

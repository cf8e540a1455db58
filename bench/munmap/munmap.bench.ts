// Time per VMA of munmap: one call for all, and one call a VMA, on both generations.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { Bench } from "tinybench";
import type { MunmapWorkload, RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { alternating } from "../../src/input/generate.ts";
import { parseProfile } from "../../src/profile/profile.ts";
import { benchSpec } from "../engine/spec.ts";

const VMAS = 200_000;
const ITERATIONS = 7;
const WHOLE: MunmapWorkload = {
  type: "munmap",
  first_vma: -1,
  vma_count: -1,
  calls: 1,
  every: 0,
  order: "random",
  pause_ns: 0,
  exit_after_ns: 3_000_000_000,
  max_map_count: 2 ** 31 - 1,
};
const PROFILES = ["profiles/icount-6.12.json", "profiles/icount-7.2.json"] as const;
const base = parseProfile(readFileSync(PROFILES[0], "utf8"), PROFILES[0]);
const newer = parseProfile(readFileSync(PROFILES[1], "utf8"), PROFILES[1], base);

function run(generation: "6.12" | "7.2", every: number): void {
  const space = alternating(VMAS, { base_process: true, generation });
  const spec = benchSpec(space, generation === "7.2" ? "typesafe" : "direct");
  const wanted: RunSpec<"munmap"> = {
    ...spec,
    machine: { ...spec.machine, generation },
    profile: generation === "7.2" ? newer : spec.profile,
    workload: { ...WHOLE, every },
  };
  const engine = Engine.create(wanted);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
}

process.stdout.write(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, seed 1\n`);
for (const generation of ["6.12", "7.2"] as const) {
  for (const [what, every] of [
    ["one call", 0],
    ["a call a VMA, random order", 1],
  ] as const) {
    const bench = new Bench({
      time: 0,
      iterations: ITERATIONS,
      warmupTime: 0,
      warmupIterations: 1,
    });
    bench.add(what, () => run(generation, every));
    await bench.run();
    const result = bench.tasks[0]?.result;
    if (result?.state !== "completed") throw new Error(`${generation} ${what} did not complete`);
    const per_vma = (result.latency.p50 * 1e6) / VMAS;
    process.stdout.write(
      `${generation.padEnd(5)} ${what.padEnd(28)} ${per_vma.toFixed(0)} ns a VMA\n`,
    );
  }
}

// One million VMAs with 64 million resident pages, and the same pages in one VMA: built, touched and torn down. Wall
// time and CPU time of this process, as the machine may have other work.

import { cpus } from "node:os";
import { Engine } from "../../src/engine/engine.ts";
import { DEFAULT_MEMORY } from "../../src/engine/pages.ts";
import { alternating } from "../../src/input/generate.ts";
import { populate } from "../../src/input/populate.ts";
import { benchSpec } from "../engine/spec.ts";

const PAGES = 64_000_000;
/** Room for them, their tables and the reserve. */
const RAM_BYTES = 300 * 2 ** 30;
const RUNS = 3;
const VMAS = [1, 1_000, 1_000_000];

interface Took {
  readonly wall_s: number;
  readonly cpu_s: number;
}

function teardown(vmas: number): { took: Took; pages: number; digest: string } {
  const space = populate(alternating(vmas, { page_count: PAGES / vmas, base_process: true }), 1);
  const base = benchSpec(space, "direct");
  const machine = { ...base.machine, memory: { ...DEFAULT_MEMORY, ram_bytes: RAM_BYTES } };
  const start = performance.now();
  const cpu = process.cpuUsage();
  const engine = Engine.create({ ...base, machine });
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  const { user, system } = process.cpuUsage(cpu);
  const took = { wall_s: (performance.now() - start) / 1000, cpu_s: (user + system) / 1e6 };
  const { digest, pages } = engine.result();
  return { took, pages: pages?.rss_anon_pages ?? 0, digest };
}

process.stdout.write(
  `${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, seed 1, best of ${RUNS}\n`,
);
for (const vmas of VMAS) {
  const runs = Array.from({ length: RUNS }, () => teardown(vmas));
  const wall_s = Math.min(...runs.map(({ took }) => took.wall_s));
  const cpu_s = Math.min(...runs.map(({ took }) => took.cpu_s));
  const { pages, digest } = runs[0]!;
  process.stdout.write(
    `${vmas} VMAs, ${pages} resident pages: ${wall_s.toFixed(2)} s, CPU ${cpu_s.toFixed(2)} s, digest ${digest}\n`,
  );
}

// How many VMAs one wasm32 instance holds: 60 million with gaps between them, built, looked up and
// torn down; and the refusal of more than fits, before anything is reserved.

import { cpus } from "node:os";
import { Engine } from "../../src/engine/engine.ts";
import { LimitError } from "../../src/errors.ts";
import { GENERATED_START_PAGE, gappy } from "../../src/input/generate.ts";
import { Random } from "../../src/input/random.ts";
import { benchSpec } from "./spec.ts";

const SEED = 1n;
const VMAS = 60_000_000;
const TOO_MANY = 80_000_000;
const LOOKUPS = 4_000_000;
const MIB = 2 ** 20;

function seconds(work: () => void): string {
  const start = performance.now();
  work();
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Random pages from the first to beyond the last VMA: about half of them lie in one. */
function randomPages(): Float64Array {
  const random = Random.fromSeed(SEED);
  const pages = new Float64Array(LOOKUPS);
  for (let i = 0; i < LOOKUPS; i++) pages[i] = GENERATED_START_PAGE + random.below(17 * VMAS);
  return pages;
}

process.stdout.write(
  `${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, seed ${SEED}\n`,
);
const spec = benchSpec(gappy(VMAS, { seed: SEED }), "call_rcu");
const plan = Engine.plan(spec);
const mib = (plan.total_bytes / MIB).toFixed(0);
process.stdout.write(`${VMAS} VMAs: ${mib} MiB, ${plan.bytes_per_vma.toFixed(1)} bytes a VMA\n`);
const engine = Engine.create(spec);
const built = seconds(() => {
  for (const _ of engine.loadChunks());
});
const pages = randomPages();
let mapped = 0;
const looked = seconds(() => {
  mapped = engine.countMapped(pages);
});
const torn = seconds(() => {
  while (!engine.runSlice());
});
const { metrics, digest } = engine.result();
process.stdout.write(
  `built ${built}, ${LOOKUPS} look-ups ${looked} (${mapped} in a VMA), torn down ${torn}; ` +
    `${metrics.freed_final} freed, dead peak ${metrics.dead_peak}, digest ${digest}\n`,
);
try {
  Engine.plan(benchSpec(gappy(TOO_MANY, { seed: SEED }), "call_rcu"));
  process.exitCode = 1;
  process.stdout.write(`${TOO_MANY} VMAs were not refused\n`);
} catch (error) {
  if (!(error instanceof LimitError)) throw error;
  process.stdout.write(`refused: ${error.message}\n`);
}

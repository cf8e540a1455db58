// Time per VMA from 100,000 to ten million: loading and teardown, which should grow in proportion.

import { cpus } from "node:os";
import { Bench } from "tinybench";
import { Engine } from "../../src/engine/engine.ts";
import { contiguous } from "../../src/input/generate.ts";
import { benchSpec } from "./spec.ts";

const SIZES = [100_000, 1_000_000, 10_000_000];
const STRATEGIES = ["direct", "call_rcu", "batch-32"];

function run(vmas: number, strategy: string): void {
  const engine = Engine.create(benchSpec(contiguous(vmas), strategy));
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
}

process.stdout.write(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, seed 1\n`);
for (const strategy of STRATEGIES) {
  const per_vma: number[] = [];
  for (const vmas of SIZES) {
    const iterations = vmas > 1_000_000 ? 3 : 9;
    const bench = new Bench({ time: 0, iterations, warmupTime: 0, warmupIterations: 2 });
    bench.add(`${strategy} ${vmas}`, () => run(vmas, strategy));
    await bench.run();
    const result = bench.tasks[0]?.result;
    if (result?.state !== "completed") throw new Error(`${strategy} ${vmas} did not complete`);
    per_vma.push((result.latency.p50 * 1e6) / vmas);
  }
  const figures = per_vma.map((ns, i) => `${SIZES[i]}: ${ns.toFixed(0)} ns`).join(", ");
  const ratio = (per_vma.at(-1)! / per_vma[0]!).toFixed(2);
  process.stdout.write(
    `${strategy.padEnd(10)} per VMA, median: ${figures}; largest / smallest ${ratio}\n`,
  );
}

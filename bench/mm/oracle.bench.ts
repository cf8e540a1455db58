// What the lifetime oracle costs: the same run with it and without it, in turn. Faults in one half of an
// address space, a munmap of the other, then the exit of the whole, one call_rcu() a VMA. CPU time, not
// the clock: other work on the machine counts less.

import { cpus } from "node:os";
import { Bench } from "tinybench";
import { jobSpec } from "../../src/api/job.ts";
import { Engine } from "../../src/engine/engine.ts";
import { loadScenario } from "../../src/scenario/files.ts";
import { parseOverride } from "../../src/scenario/overrides.ts";
import { isWorkload, strategyJobs } from "../../src/scenario/resolve.ts";

const VMAS = 200_000;
const ROUNDS = 9;
const THREADS =
  "[{ name: faults, mm: process, do: [{ touch: [0, 50000, 2] }] }," +
  " { name: unmapper, mm: process, do: [{ munmap: [100000, 90000] }] }]";

async function specOf(oracle: boolean) {
  const overrides = [
    `workload.oracle=${oracle}`,
    `address_space.vma_count=${VMAS}`,
    "workload.max_map_count=1000000",
    `workload.threads=${THREADS}`,
  ].map(parseOverride);
  const resolved = await loadScenario("threads-munmap", { overrides });
  if (!isWorkload(resolved, "mm")) throw new Error("threads-munmap is of another workload");
  const strategy = resolved.scenario.strategies.find(({ name }) => name === "call_rcu");
  return jobSpec(strategyJobs(resolved, strategy!)[0]!);
}

const specs = { on: await specOf(true), off: await specOf(false) };
const lowest = { on: Number.POSITIVE_INFINITY, off: Number.POSITIVE_INFINITY };

function run(which: "on" | "off"): void {
  const engine = Engine.create(specs[which]);
  for (const _ of engine.loadChunks());
  const before = process.cpuUsage();
  while (!engine.runSlice());
  const { user, system } = process.cpuUsage(before);
  lowest[which] = Math.min(lowest[which], (user + system) / 1000);
}

process.stdout.write(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, seed 1\n`);
const bench = new Bench({ time: 0, iterations: ROUNDS, warmupTime: 0, warmupIterations: 1 });
bench.add("both in turn", () => {
  run("on");
  run("off");
});
await bench.run();
const price = (100 * (lowest.on / lowest.off - 1)).toFixed(1);
process.stdout.write(
  `${VMAS} VMAs, lowest of ${ROUNDS}: oracle on ${lowest.on.toFixed(0)} ms, ` +
    `off ${lowest.off.toFixed(0)} ms of CPU time: ${price} % more\n`,
);

// The longest allocation among more and more held areas, simulated: the walk of 2019 past all of
// them, before the patch and with its threshold, and the tree's logarithm. Beside it the host's time.
// The threshold decides who has the lock while a purge runs, and leaves the walk as it was: that an
// allocation costs what is held is what the tree of free blocks was for.

import { cpus } from "node:os";
import { runVmalloc } from "../../test/vmap/run.ts";

const HELD = [30_000, 100_000, 300_000, 1_000_000];
const LOOPS = 50;

async function loop(generation: string, held_areas: number) {
  const begin = performance.now();
  const { metrics } = await runVmalloc({
    generation,
    ...(generation === "vmap-nodes" && { nodes: 1 }),
    held_areas,
    held_every_second: true,
    run_test_mask: 4,
    test_loop_count: LOOPS,
    machine: { cpus: 1 },
  });
  return {
    longest: metrics.alloc_area_ns_max,
    passed: metrics.areas_passed,
    host_ms: performance.now() - begin,
  };
}

console.log(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}`);
console.log("areas held, half of them holes; longest of the allocations, simulated");
console.log(
  "2019 walks past all that is held, with or without the threshold: the curve that the tree ends",
);
for (const held of HELD) {
  for (const generation of ["2019-before", "2019-threshold", "vmap-nodes"]) {
    const { longest, passed, host_ms } = await loop(generation, held);
    const figures = [`${longest} ns`, `${passed} passed`, `${host_ms.toFixed(0)} ms here`];
    console.log(`${String(held).padStart(9)}  ${generation.padEnd(15)} ${figures.join("  ")}`);
  }
}

// All 13 cases of the test module in its mode `stress` on 8 simulated CPUs, eight threads, each case
// twenty times: how long the host takes, and how long it computes, which others on its cores change
// less.

import { cpus } from "node:os";
import { runVmalloc } from "../../test/vmap/run.ts";

console.log(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}`);
for (const [test_repeat_count, test_loop_count] of [
  [1, 10_000],
  [20, 1_000],
] as const) {
  const begin = performance.now();
  const used_before = process.cpuUsage();
  const { metrics } = await runVmalloc({
    machine: { cpus: 8, preempt: "full" },
    mode: "stress",
    run_test_mask: 0x1fff,
    test_repeat_count,
    test_loop_count,
  });
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(used_before);
  const cpu_seconds = (used.user + used.system) / 1e6;
  const what = `${test_repeat_count} x ${test_loop_count} loops, ${metrics.alloc_area_calls} allocations`;
  console.log(`${what.padEnd(50)} ${seconds.toFixed(1)} s (CPU ${cpu_seconds.toFixed(1)} s)`);
}

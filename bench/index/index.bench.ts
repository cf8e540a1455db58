// The VMA index beside the kernel's maple tree (figures from elsewhere, see kernel-rows.ts) and
// npm sorted-btree (run here, in turn with the index). Prints seed, machine, ns per operation of
// process CPU time, and ratios: below 1 this index is faster.
//
// usage: index.bench [--kernel 6.12|7.2] [--rcu] [--layout gappy|contiguous] [--alone] [SIZE ...]
//   sizes default to 1e5, 1e6 and 1e7, each in both layouts; sorted-btree runs up to 1e6, with --alone
//   not at all. Run node with --no-liftoff.

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Bench } from "tinybench";
import { GOALS, KERNEL_ROWS, SORTED_BTREE_ROWS } from "./kernel-rows.ts";
import { IndexSubject, sortedBtreeTasks, type Task } from "./subjects.ts";
import { makeWorkload, SEED } from "./workload.ts";

const { values: flags, positionals } = parseArgs({
  options: {
    kernel: { type: "string", default: "6.12" },
    rcu: { type: "boolean", default: false },
    layout: { type: "string" },
    alone: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const kernel = flags.kernel === "7.2" ? "7.2" : "6.12";
const sizes = positionals.length > 0 ? positionals.map(Number) : [1e5, 1e6, 1e7];
const layouts = flags.layout === undefined ? ["gappy", "contiguous"] : [flags.layout];
/** sorted-btree takes minutes beyond this. */
const PEER_SIZE_MAX = 1e6;

/** Process CPU time in milliseconds: other processes on the machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Median ns per operation of each task, run in turn. */
async function measure(tasks: readonly Task[], iterations: number): Promise<number[]> {
  const samples: number[][] = tasks.map(() => []);
  for (let round = 0; round < iterations; round++) {
    for (const [i, task] of tasks.entries()) {
      const bench = new Bench({
        ...{ now: cpuMs, time: 0, iterations: 1, warmup: false },
      });
      bench.add(task.operation, task.run, { beforeEach: () => task.prepare() });
      await bench.run();
      const result = bench.tasks[0]!.result;
      if (!("latency" in result)) throw new Error(`${task.operation} failed`);
      samples[i]!.push((result.latency.p50 * 1e6) / task.count);
    }
  }
  return samples.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!);
}

function ratio(own: number, other: number | undefined): string {
  return (other === undefined ? "-" : (own / other).toFixed(2)).padStart(8);
}

async function compare(size: number, layout: string): Promise<void> {
  const gappy = layout === "gappy";
  const workload = makeWorkload(size, gappy);
  const subject = new IndexSubject(workload, kernel, flags.rcu);
  const peers = flags.alone || size > PEER_SIZE_MAX ? [] : sortedBtreeTasks(workload);
  subject.verify();
  const iterations = Math.max(1, Math.min(15, Math.round(3_000_000 / size)));
  const mode = `${kernel} rules, RCU mode ${flags.rcu ? "on" : "off"}`;
  console.log(`\n${size} VMAs, ${layout}, ${mode}, ${iterations} rounds`);
  console.log(`${subject.bytesPerVma().toFixed(1)} bytes of nodes a VMA after random stores`);
  const heads = ["ns", "/6.12", "goal", "/7.2", "btree ns", "/btree", "btree there"];
  console.log(
    `${"".padEnd(24)}${heads.map((head) => head.padStart(head.length > 8 ? 13 : 9)).join("")}`,
  );
  for (const task of subject.tasks(gappy)) {
    const { operation } = task;
    const name = operation === "find, 4 interleaved" ? "random find" : operation;
    const peer = peers.find((other) => other.operation === name);
    const [own, other] = await measure(peer ? [task, peer] : [task], iterations);
    const known = gappy ? SORTED_BTREE_ROWS[size]?.[name] : undefined;
    const cells = [
      own!.toFixed(1).padStart(9),
      ratio(own!, gappy ? KERNEL_ROWS["6.12"][size]?.[operation] : undefined).padStart(9),
      String(GOALS[operation] ?? "-").padStart(9),
      ratio(own!, gappy ? KERNEL_ROWS["7.2"][size]?.[operation] : undefined).padStart(9),
      (other?.toFixed(1) ?? "-").padStart(9),
      ratio(own!, other).padStart(9),
      String(known ?? "-").padStart(13),
    ];
    console.log(operation.padEnd(24) + cells.join(""));
  }
}

console.log(`seed ${SEED}; ${cpus()[0]?.model ?? "unknown processor"}; Node ${process.version}`);
console.log(
  "kernel figures: native C on an Intel Xeon 2.50 GHz; sorted-btree there in the last column",
);
for (const size of sizes) {
  for (const layout of layouts) await compare(size, layout);
}

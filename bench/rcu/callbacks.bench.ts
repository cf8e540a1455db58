// Callbacks from call_rcu to their return: posted as fast as the tasks can, waited for, invoked. On
// one CPU and on 64; 1e5 to 1e7 of them, to see that the cost of one stays the same. The time is that
// of the whole run, planning and memory included.

import { cpus } from "node:os";
import { Bench } from "tinybench";
import { ColumnAddressSpace } from "../../src/api/space.ts";
import type { RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { benchSpec } from "../engine/spec.ts";

const SIZES = [100_000, 1_000_000, 10_000_000];
const MACHINES = [1, 64];

const none = new Float64Array(0);
const nothing = new ColumnAddressSpace(
  { length: 0, start_page: none, page_count: none, flags: new Uint32Array(0) },
  "no address space",
);

function postSpec(machine_cpus: number, callbacks: number): RunSpec<"rcu_post"> {
  const { workload: _exit, ...rest } = benchSpec(nothing, "direct", machine_cpus);
  return {
    ...rest,
    workload: {
      type: "rcu_post",
      cpus: Array.from({ length: machine_cpus }, (_, cpu) => cpu),
      callbacks,
      burst: callbacks,
      interval_ns: 0,
      start_ns: 0,
      end_ns: 0,
      callbacks_max: callbacks,
    },
  };
}

function run(spec: RunSpec<"rcu_post">): void {
  const engine = Engine.create(spec);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  const { posted, invoked } = engine.result().metrics;
  if (posted !== spec.workload!.callbacks || invoked !== posted)
    throw new Error("callbacks are lost");
}

const bench = new Bench({ iterations: 3, time: 0, warmupIterations: 1, warmupTime: 0 });
for (const machine_cpus of MACHINES) {
  for (const callbacks of SIZES) {
    const spec = postSpec(machine_cpus, callbacks);
    bench.add(`${machine_cpus} ${callbacks}`, () => run(spec));
  }
}
await bench.run();

console.log(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}; one core\n`);
console.log("CPUs   callbacks   ms a run   ns a callback");
for (const { name, result } of bench.tasks) {
  if (result === undefined || !("latency" in result)) throw new Error(`${name} did not run`);
  const [machine_cpus = "", callbacks = ""] = name.split(" ");
  const ms = result.latency.min;
  const ns = (ms * 1e6) / Number(callbacks);
  console.log(
    `${machine_cpus.padStart(4)} ${callbacks.padStart(11)} ${ms.toFixed(1).padStart(10)} ${ns.toFixed(1).padStart(15)}`,
  );
}

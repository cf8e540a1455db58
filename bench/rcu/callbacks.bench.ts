// Callbacks from call_rcu to their return: posted as fast as the tasks can, waited for, invoked. On
// one CPU and on 64; 1e5 to 1e7 of them, to see that the cost of one stays the same. The time is that
// of the whole run, planning and memory included.
//
// 64 CPUs post all of them before the first grace period is over, one CPU has at most some 50,000
// waiting. What waits is memory, and memory that is new is handed to the run by the host page by page,
// which in a virtual machine can take longer than everything else. So each run is made twice: in
// memory that is new, as the first run of a thread is, and in that of the run before, as all others
// are. What a new page costs is measured too.

import { cpus } from "node:os";
import { Bench } from "tinybench";
import { ColumnAddressSpace } from "../../src/api/space.ts";
import type { RunSpec } from "../../src/api/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { takeMemory } from "../../src/engine/linear-memory.ts";
import { benchSpec } from "../engine/spec.ts";

const SIZES = [100_000, 1_000_000, 10_000_000];
const MACHINES = [1, 64];
/** Of the host, where a run's memory begins as pages that are not there. */
const PAGE_BYTES = 4096;

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

/** What the host takes for a page of a run's memory that is touched for the first time. */
function freshPageNs(): number {
  const pages = 16_384;
  const memory = new WebAssembly.Memory({ initial: 0, maximum: 65_535 });
  memory.grow((pages * PAGE_BYTES) / 65_536);
  const bytes = new Uint8Array(memory.buffer);
  const start = performance.now();
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) bytes[at] = 1;
  return ((performance.now() - start) * 1e6) / pages;
}

/** Runs it, and gives back how many callbacks waited at most. */
function run(spec: RunSpec<"rcu_post">): number {
  const engine = Engine.create(spec);
  for (const _ of engine.loadChunks());
  while (!engine.runSlice());
  const { posted, invoked, pending_peak } = engine.result().metrics;
  if (posted !== spec.workload!.callbacks || invoked !== posted)
    throw new Error("callbacks are lost");
  engine.release();
  return pending_peak!;
}

/** The thread's kept memory goes to whoever collects garbage: the next run has a new one. */
function forgetMemory(): void {
  takeMemory();
}

const pending = new Map<string, number>();
const bench = new Bench({ iterations: 3, time: 0, warmupIterations: 1, warmupTime: 0 });
for (const machine_cpus of MACHINES) {
  for (const callbacks of SIZES) {
    const spec = postSpec(machine_cpus, callbacks);
    const name = `${machine_cpus} ${callbacks}`;
    bench.add(`${name} new`, () => void run(spec), { beforeEach: forgetMemory });
    bench.add(name, () => void pending.set(name, run(spec)));
  }
}
await bench.run();

/** Of the fastest run, ns a callback. */
function callbackNs(name: string, callbacks: number): number {
  const result = bench.getTask(name)?.result;
  if (result?.state !== "completed") throw new Error(`${name} did not run`);
  return (result.latency.min * 1e6) / callbacks;
}

console.log(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}; one core`);
console.log(`a new page of memory takes ${freshPageNs().toFixed(0)} ns on this host\n`);
console.log("CPUs   callbacks   waiting   ns a callback   in new memory   times one CPU");
for (const machine_cpus of MACHINES) {
  for (const callbacks of SIZES) {
    const name = `${machine_cpus} ${callbacks}`;
    const ns = callbackNs(name, callbacks);
    const ratio = ns / callbackNs(`1 ${callbacks}`, callbacks);
    console.log(
      [
        String(machine_cpus).padStart(4),
        String(callbacks).padStart(11),
        String(pending.get(name)).padStart(9),
        ns.toFixed(1).padStart(15),
        callbackNs(`${name} new`, callbacks).toFixed(1).padStart(15),
        ratio.toFixed(2).padStart(15),
      ].join(" "),
    );
  }
}

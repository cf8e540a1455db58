// The slab model of both generations: ns per allocation, free and pair. Prints seed and machine.
// Records have 32 bytes, slabs 28 objects, one CPU frees what another one allocated.

import { cpus } from "node:os";
import { Bench } from "tinybench";
import { loadRoom } from "../../test/queue/load.ts";
import { CACHE, type SlabRoom } from "../../test/slab/slab-room.ts";

const SEED = 2463534242;
const LIVE = 1_000_000;
const RECORD_BYTES = 32;
const PER_SLAB = 28;
const OPS = 200_000;

interface BenchRoom extends SlabRoom {
  slabFill(cache: number, cpu: number, array: number, count: number): void;
  slabDrain(cache: number, cpu: number, array: number, count: number): void;
  slabHot(cache: number, cpu: number, count: number): void;
  slabChurn(cache: number, array: number, size: number, count: number, seed: number): number;
  sheafFill(cache: number, cpu: number, array: number, count: number): void;
  sheafDrain(cache: number, cpu: number, array: number, count: number): void;
  sheafHot(cache: number, cpu: number, count: number): void;
  sheafChurn(cache: number, array: number, size: number, count: number, seed: number): number;
  shuffle(array: number, size: number, seed: number): number;
}

const room = loadRoom<BenchRoom>("slab", "release", 800);
const array_612 = CACHE + Number(room.cacheBytes(LIVE, RECORD_BYTES, PER_SLAB, 2));
const array_72 = CACHE + Number(room.sheafCacheBytes(LIVE, RECORD_BYTES, PER_SLAB, 2, 60, 4));

interface Generation {
  readonly name: string;
  readonly array: number;
  init(): void;
  fill(cpu: number): void;
  drain(cpu: number): void;
  hot(): void;
  churn(state: number): number;
}

const generations: Generation[] = [
  {
    name: "6.12",
    array: array_612,
    init: () => room.cacheInit(CACHE, LIVE, RECORD_BYTES, PER_SLAB, 0, 2, 9, 5),
    fill: (cpu) => room.slabFill(CACHE, cpu, array_612, LIVE),
    drain: (cpu) => room.slabDrain(CACHE, cpu, array_612, LIVE),
    hot: () => room.slabHot(CACHE, 0, OPS),
    churn: (state) => room.slabChurn(CACHE, array_612, LIVE, OPS, state),
  },
  {
    name: "7.2",
    array: array_72,
    init: () => room.sheafCacheInit(CACHE, LIVE, RECORD_BYTES, PER_SLAB, 0, 2, 5, 60, 4),
    fill: (cpu) => room.sheafFill(CACHE, cpu, array_72, LIVE),
    drain: (cpu) => room.sheafDrain(CACHE, cpu, array_72, LIVE),
    hot: () => room.sheafHot(CACHE, 0, OPS),
    churn: (state) => room.sheafChurn(CACHE, array_72, LIVE, OPS, state),
  },
];

/** Runs `measured` after `prepare`, 9 times; prints the median per item. */
async function row(name: string, items: number, prepare: () => void, measured: () => void) {
  const bench = new Bench({ time: 0, iterations: 9, warmupTime: 0, warmupIterations: 2 });
  bench.add(name, measured, { beforeEach: prepare });
  await bench.run();
  const { result } = bench.tasks[0]!;
  if (!("latency" in result)) throw new Error(`${name} failed`);
  const ns = (ms: number): string => ((ms * 1e6) / items).toFixed(1).padStart(8);
  console.log(`${name.padEnd(44)}${ns(result.latency.p50)} [${ns(result.latency.min).trim()}] ns`);
}

console.log(`seed ${SEED}; ${cpus()[0]?.model ?? "unknown processor"}; Node ${process.version}`);
for (const generation of generations) {
  const { name, init, fill, drain, hot, churn } = generation;
  const nothing = (): void => {};
  const refill = (): void => {
    init();
    fill(1);
  };
  init();
  fill(1); // touches all memory, so that no later row pays for it
  await row(`${name} fill, 1e6 objects`, LIVE, init, () => fill(1));
  await row(`${name} teardown in slab order`, LIVE, refill, () => drain(0));
  await row(
    `${name} teardown in random order`,
    LIVE,
    () => {
      refill();
      room.shuffle(generation.array, LIVE, SEED);
    },
    () => drain(0),
  );
  init();
  await row(`${name} alloc and free at once, a pair`, OPS, nothing, hot);
  refill();
  let state = SEED;
  await row(`${name} random free and alloc, 1e6 live, a pair`, OPS, nothing, () => {
    state = churn(state);
  });
}

// The event queue in the hold model (take the first event, push one a random time below 2^20
// later, at constant size) beside two npm queues. Prints seed, machine and ns per event.
//
// The npm queues keep no handles, so they can neither cancel nor re-arm; flatqueue leaves ties
// unordered. All three run the same times.

import { cpus } from "node:os";
import FlatQueue from "flatqueue";
import { Bench } from "tinybench";
import TinyQueue from "tinyqueue";
import { loadRoom } from "../../test/queue/load.ts";
import { QUEUE, type QueueRoom } from "../../test/queue/queue-room.ts";

const SEED = 2463534242;
const SPAN_MASK = 2 ** 20 - 1;
const SLICE_EVENTS = 50_000;
const SIZES = [10, 100, 10_000, 1_000_000];

/** One queue filled to one size; a run handles SLICE_EVENTS events. */
interface Subject {
  readonly name: string;
  make(size: number): () => void;
}

function xorshift(state: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

const room = loadRoom<QueueRoom>("queue", "release", 1200);

const own: Subject = {
  name: "this queue, hold",
  make(size) {
    let state = room.holdFill(QUEUE, size, SEED);
    return () => {
      state = room.holdRun(QUEUE, SLICE_EVENTS, state);
    };
  },
};

const rearm: Subject = {
  name: "this queue, re-arm",
  make(size) {
    room.queueInit(QUEUE, size);
    const handles = QUEUE + Number(room.queueBytes(size));
    const words = new Uint32Array(room.memory.buffer, handles, size);
    let state = SEED;
    for (let i = 0; i < size; i++) {
      state = xorshift(state);
      words[i] = room.queuePush(QUEUE, BigInt(state & SPAN_MASK), 0, i);
    }
    return () => {
      state = room.rearmRun(QUEUE, handles, size, SLICE_EVENTS, state);
    };
  },
};

const flat: Subject = {
  name: "flatqueue, hold",
  make(size) {
    const queue = new FlatQueue<number>();
    let state = SEED;
    for (let i = 0; i < size; i++) {
      state = xorshift(state);
      queue.push(i, state & SPAN_MASK);
    }
    return () => {
      for (let i = 0; i < SLICE_EVENTS; i++) {
        const now = queue.peekValue()!;
        const payload = queue.pop()!;
        state = xorshift(state);
        queue.push(payload, now + (state & SPAN_MASK));
      }
    };
  },
};

const tiny: Subject = {
  name: "tinyqueue, hold",
  make(size) {
    interface Item {
      time: number;
      sequence: number;
      payload: number;
    }
    let sequence = 0;
    let state = SEED;
    const next = (now: number, payload: number): Item => {
      state = xorshift(state);
      return { time: now + (state & SPAN_MASK), sequence: sequence++, payload };
    };
    const items = Array.from({ length: size }, (_, i) => next(0, i));
    const queue = new TinyQueue<Item>(items, (a, b) => a.time - b.time || a.sequence - b.sequence);
    return () => {
      for (let i = 0; i < SLICE_EVENTS; i++) {
        const item = queue.pop()!;
        queue.push(next(item.time, item.payload));
      }
    };
  },
};

console.log(`seed ${SEED}; ${cpus()[0]?.model ?? "unknown processor"}; Node ${process.version}`);
console.log("ns per event, median [fastest slice]");
for (const subject of [own, rearm, flat, tiny]) {
  const cells: string[] = [];
  for (const size of SIZES) {
    const run = subject.make(size);
    const slices = Math.max(20, Math.ceil((2 * size) / SLICE_EVENTS));
    const bench = new Bench({
      ...{ time: 0, iterations: 30, warmupTime: 0, warmupIterations: slices },
    });
    bench.add(subject.name, run);
    await bench.run();
    const { result } = bench.tasks[0]!;
    if (!("latency" in result)) throw new Error(`${subject.name} failed`);
    const per_event_ns = (ms: number): string => ((ms * 1e6) / SLICE_EVENTS).toFixed(1);
    cells.push(`${per_event_ns(result.latency.p50)} [${per_event_ns(result.latency.min)}]`);
  }
  const columns = cells.map((cell, i) => `${SIZES[i]}: ${cell}`.padStart(24)).join("");
  console.log(`${subject.name.padEnd(20)}${columns}`);
}

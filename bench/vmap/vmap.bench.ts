// Areas taken and returned while up to a million are held: the free-space tree grows with their
// logarithm. Beside it the search of 2019, which passes every held area when its hint is of no use.
// Prints machine and ns per area.

import { cpus } from "node:os";
import { Bench } from "tinybench";
import { loadVmap, type VmapRoom } from "../../test/vmap/vmap-room.ts";

const SIZES = [1000, 10_000, 100_000, 1_000_000];
const AREAS_A_RUN = 10_000;

/** `held` areas of two pages; every second one is a hole where `holes` is set. */
function held(held: number, holes: boolean): VmapRoom {
  const room = loadVmap(2 * held + 4 * AREAS_A_RUN);
  for (let i = 0; i < held; i++) room.take(2n, 1n);
  if (holes) for (let i = 0; i < held; i += 2) room.give(BigInt(2 * i), 2n);
  return room;
}

/** Takes and returns areas one after the other. */
function cycle(room: VmapRoom, pages: bigint): () => void {
  return () => {
    for (let i = 0; i < AREAS_A_RUN; i++) {
      const start = room.take(pages, 1n);
      room.give(start, pages);
    }
  };
}

/** The naive search: along all held areas, to the end. */
function walk(areas: number): () => void {
  const ends = Float64Array.from({ length: areas }, (_, i) => 2 * (i + 1));
  let found = 0;
  return () => {
    let start = 0;
    for (const end of ends) if (start + 2 > end - 2) start = end;
    found += start;
    if (found < 0) throw new Error("no hole");
  };
}

console.log(`${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}`);
for (const size of SIZES) {
  const bench = new Bench({ time: 300, warmupTime: 100 });
  bench.add("take and give, no holes", cycle(held(size, false), 2n));
  bench.add("take and give, first hole", cycle(held(size, true), 2n));
  bench.add("take and give, behind all holes", cycle(held(size, true), 3n));
  bench.add("one search of 2019 past all", walk(size));
  await bench.run();
  for (const { name, result } of bench.tasks) {
    if (!("latency" in result)) throw new Error(`${name} did not run`);
    const share = name.startsWith("one") ? 1 : AREAS_A_RUN;
    const ns = (result.latency.mean * 1_000_000) / share;
    console.log(`${String(size).padStart(9)} held  ${name.padEnd(34)} ${ns.toFixed(0)} ns`);
  }
}

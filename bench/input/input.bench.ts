// Speed of parsing, scaling and generating address spaces. Prints seed, machine and figures.

import { cpus } from "node:os";
import { Bench } from "tinybench";
import { type AddressSpace, CHUNK_VMAS } from "../../src/input/address-space.ts";
import { alternating, gappy, randomSizes } from "../../src/input/generate.ts";
import { parseMaps } from "../../src/input/maps.ts";
import { openMaps } from "../../src/input/maps-file.ts";
import { scaleAddressSpace } from "../../src/input/scale.ts";

const SEED = 1;
const MAPPINGS = 1_000_000;
const SMAPS_MAPPINGS = 100_000;
const MADE = 10_000_000;
const LINES_PER_SMAPS_RECORD = 25;

/** The bytes of maps in chunks of a few hundred kB; every third mapping has a file. */
function makeMaps(vma_count: number, details: string): Uint8Array[] {
  const encoder = new TextEncoder();
  const chunks: Uint8Array[] = [];
  let text = "";
  for (let i = 0; i < vma_count; i++) {
    const start = 0x7f0000000000 + i * 0x3000;
    const head = `${start.toString(16)}-${(start + 0x2000).toString(16)} rw-p 00000000`;
    const name = `/usr/lib/x86_64-linux-gnu/module-${i % 500}.so`;
    text +=
      i % 3 === 0
        ? `${`${head} fe:00 ${339000 + (i % 500)} `.padEnd(72)} ${name}\n`
        : `${head} 00:00 0 \n`;
    text += details;
    if (text.length > 200_000) {
      chunks.push(encoder.encode(text));
      text = "";
    }
  }
  chunks.push(encoder.encode(text));
  return chunks;
}

const KEYS = [
  "KernelPageSize MMUPageSize Pss Pss_Dirty Shared_Clean Shared_Dirty Private_Clean",
  "Private_Dirty Referenced Anonymous KSM LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped",
  "Shared_Hugetlb Private_Hugetlb Swap SwapPss Locked",
].flatMap((keys) => keys.split(" "));

function smapsDetails(): string {
  const line = (key: string, kib: number) =>
    `${`${key}:`.padEnd(15)} ${String(kib).padStart(8)} kB\n`;
  const others = KEYS.map((key) => line(key, 4)).join("");
  return `${line("Size", 8)}${line("Rss", 4)}${others}THPeligible:           0\nVmFlags: rd wr mr mw me ac \n`;
}

function drain(space: AddressSpace): number {
  let pages = 0;
  for (const chunk of space.chunks(CHUNK_VMAS)) pages += chunk.page_count[chunk.length - 1]!;
  return pages;
}

const maps = makeMaps(MAPPINGS, "");
const smaps = makeMaps(SMAPS_MAPPINGS, smapsDetails());
const bytesOf = (chunks: Uint8Array[]) => chunks.reduce((total, chunk) => total + chunk.length, 0);
const node = await openMaps("scenarios/maps/node-server.smaps.gz");

/** Name, items one run handles, what an item is. */
const rows: [name: string, items: number, unit: string, run: () => unknown][] = [
  ["parse maps", MAPPINGS, "lines", () => parseMaps(maps)],
  ["parse smaps", SMAPS_MAPPINGS * LINES_PER_SMAPS_RECORD, "lines", () => parseMaps(smaps)],
  ["scale a Node server", MADE, "VMAs", () => drain(scaleAddressSpace(node, MADE, { seed: SEED }))],
  ["alternating", MADE, "VMAs", () => drain(alternating(MADE))],
  ["gappy", MADE, "VMAs", () => drain(gappy(MADE, { seed: SEED }))],
  ["random sizes", MADE, "VMAs", () => drain(randomSizes(MADE, { seed: SEED }))],
];

const bench = new Bench({ time: 0, iterations: 5, warmupTime: 0, warmupIterations: 2 });
for (const [name, , , run] of rows) bench.add(name, () => void run());
await bench.run();

console.log(`seed ${SEED}; ${cpus()[0]?.model ?? "unknown processor"}; Node ${process.version}`);
console.log(
  `maps ${(bytesOf(maps) / 1e6).toFixed(0)} MB, smaps ${(bytesOf(smaps) / 1e6).toFixed(0)} MB`,
);
bench.tasks.forEach((task, i) => {
  const [name, items, unit] = rows[i]!;
  if (!("latency" in task.result)) throw new Error(`${name} failed`);
  const median_ms = task.result.latency.p50;
  const millions_per_s = items / median_ms / 1000;
  const seconds = (median_ms / 1000).toFixed(3).padStart(8);
  console.log(
    `${name.padEnd(24)}${seconds} s for ${String(items).padStart(9)} ${unit.padEnd(6)}` +
      `${millions_per_s.toFixed(1).padStart(8)} M/s`,
  );
});

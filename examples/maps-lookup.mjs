// Loads /proc/PID/maps (this process by default) into the index and says what lies at addresses.
//
// usage: node maps-lookup.mjs [PID] [ADDRESS ...]

import { readFileSync } from "node:fs";
import { VmaIndex } from "vma-teardown/vma-index";

const [pid = "self", ...addresses] = process.argv.slice(2);
const lines = readFileSync(`/proc/${pid}/maps`, "utf8").trimEnd().split("\n");

const index = await VmaIndex.create();
lines.forEach((line, at) => {
  const [start, end] = line.split(" ", 1)[0].split("-");
  // the value says which line it is: 0 would mean "nothing"
  index.store(BigInt(`0x${start}`), BigInt(`0x${end}`), at + 1);
});

const { entries, height, nodes, kernel_node_bytes } = index.stats();
console.log(
  `${entries} mappings: height ${height}, ${nodes} nodes (${kernel_node_bytes} bytes in 7.2)`,
);

const hex = (address) => `0x${address.toString(16)}`;
for (const address of addresses.length > 0 ? addresses : ["0x0", lines[0].split("-")[0]]) {
  const at = BigInt(address.startsWith("0x") ? address : `0x${address}`);
  const line = index.get(at);
  const next = index.find(at);
  if (line !== 0) console.log(`${hex(at)}: ${lines[line - 1]}`);
  else console.log(`${hex(at)}: nothing; next is ${next ? lines[next.value - 1] : "nothing"}`);
}

const room = index.freeArea(0x20_0000, { high: 0x7fff_ffff_f000n, from: "top", align: 0x20_0000 });
console.log(`a huge page fits highest at ${room === undefined ? "no place" : hex(room)}`);

// A module that is not compiled anew is tested in place of the sources: when may that be?

import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import compile from "../../scripts/compile-entry.mjs";
import { isFresh } from "../../scripts/stamp.mjs";
import { ROOT } from "./sources.js";

const OPTIONS = ["room.ts", "--config", "asconfig.json", "--outFile", "room.wasm"];

let scratch: string;
let root: string;
let module: string;

function write(name: string, text: string): void {
  writeFileSync(join(root, name), text);
}

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), "stamp-"));
  root = join(scratch, "here");
  module = join(root, "room.wasm");
  cpSync(
    join(ROOT, "node_modules/assemblyscript/package.json"),
    join(root, "node_modules/assemblyscript/package.json"),
  );
  write("asconfig.json", `{ "options": { "runtime": "stub" } }`);
  write(
    "room.ts",
    `import { half } from "./half";\nexport function two(): i32 {\n  return half(4);\n}\n`,
  );
  write("half.ts", "export function half(n: i32): i32 {\n  return n >> 1;\n}\n");
  write("other.ts", "export const OTHER: i32 = 1;\n");
  await compile({ root, output: module, options: OPTIONS });
});

afterEach(() => rmSync(scratch, { recursive: true }));

it("a module is fresh as long as all that its compilation read is the same, whenever it was written", () => {
  utimesSync(join(root, "half.ts"), new Date(), new Date(Date.now() + 3600e3));
  write("other.ts", "export const OTHER: i32 = 2;\n");
  expect(isFresh(root, module, OPTIONS)).toBe(true);
});

it("a change in a file that the entry imports is seen, however old the file says it is", () => {
  write("half.ts", "export function half(n: i32): i32 {\n  return n / 2;\n}\n");
  utimesSync(join(root, "half.ts"), new Date(0), new Date(0));
  expect(isFresh(root, module, OPTIONS)).toBe(false);
});

it("a build that was copied from another checkout is not fresh here, where sources differ", () => {
  const there = join(scratch, "there");
  cpSync(root, there, { recursive: true });
  writeFileSync(
    join(there, "half.ts"),
    "export function half(n: i32): i32 {\n  return n / 2;\n}\n",
  );
  expect(isFresh(there, join(there, "room.wasm"), OPTIONS)).toBe(false);
});

it("nor is a module that was put in the place of another one", () => {
  writeFileSync(module, readFileSync(module).subarray(0, -1));
  expect(isFresh(root, module, OPTIONS)).toBe(false);
});

it("other options, another configuration or another compiler give another module", () => {
  expect(isFresh(root, module, [...OPTIONS, "--importMemory"])).toBe(false);
  for (const name of ["asconfig.json", "node_modules/assemblyscript/package.json"]) {
    const text = readFileSync(join(root, name), "utf8");
    write(name, `${text} `);
    expect(isFresh(root, module, OPTIONS), name).toBe(false);
    write(name, text);
  }
  expect(isFresh(root, module, OPTIONS)).toBe(true);
});

it("without a source, or with half a stamp, everything is compiled anew", () => {
  const stamp = readFileSync(join(root, "room.stamp"), "utf8");
  write("room.stamp", stamp.slice(0, 50));
  expect(isFresh(root, module, OPTIONS)).toBe(false);
  write("room.stamp", stamp);
  rmSync(join(root, "half.ts"));
  expect(isFresh(root, module, OPTIONS)).toBe(false);
});

it("the simulator's stamp names its entry, what every room shares, and the options' file", () => {
  const stamp = JSON.parse(readFileSync(join(ROOT, "build/engine.release.stamp"), "utf8"));
  const read = Object.keys(stamp.files);
  for (const file of ["assembly/index.ts", "assembly/abi/cost.ts", "asconfig.json"]) {
    expect(read).toContain(file);
  }
});

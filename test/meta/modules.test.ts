// What the compiled modules import, contain and say: read from the modules, not from their sources.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { engineWasm } from "../../src/generated/engine.wasm.ts";
import { indexWasm } from "../../src/generated/index.wasm.ts";
import { mmWasm } from "../../src/generated/mm.wasm.ts";
import { FILES, ROOT } from "./sources.ts";

const BUILD = join(ROOT, "build");
const entries = FILES.filter((name) => /^assembly\/(?:\w+\/entry|index)\.ts$/.test(name)).map(
  (name) => (name === "assembly/index.ts" ? "engine" : name.split("/")[1]!),
);
/** Loaded by tests alone: see scripts/build-wasm.mjs. */
const DEBUG_ONLY = ["lock", "page", "sched"];
const modules = entries.flatMap((entry) =>
  DEBUG_ONLY.includes(entry) ? [`${entry}.debug`] : [`${entry}.release`, `${entry}.debug`],
);

function moduleOf(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(join(BUILD, `${name}.wasm`)));
}

it("every entry is built for debugging, and for release what is shipped, measured or meant to trap", () => {
  expect(modules.length).toBeGreaterThan(4);
  const built = readdirSync(BUILD);
  for (const name of modules) expect(built).toContain(`${name}.wasm`);
});

describe.each(modules)("%s", (name) => {
  it("imports nothing but abort, and the simulator its memory", () => {
    const abort = { module: "env", name: "abort", kind: "function" };
    const memory = { module: "env", name: "memory", kind: "memory" };
    const expected = name.startsWith("engine.") ? [abort, memory] : [abort];
    const imports = WebAssembly.Module.imports(moduleOf(name));
    expect(imports.sort((a, b) => a.name.localeCompare(b.name))).toEqual(expected);
  });

  it("has no instruction of floating point", () => {
    const text = readFileSync(join(BUILD, `${name}.wat`), "utf8");
    expect(text).toContain("(module");
    expect(text.match(/\bf(?:32|64)(?:x\d)?\.\w+/g) ?? []).toEqual([]);
    expect(text).not.toMatch(/\((?:param|result|local|mut)[^()]*\bf(?:32|64)\b/);
  });

  it("asserts: a broken rule traps in this build too", () => {
    const text = readFileSync(join(BUILD, `${name}.wat`), "utf8");
    expect(text).toMatch(/call \$~lib\/builtins\/abort/);
  });
});

describe("the embedded modules", () => {
  it.each([
    ["engine", engineWasm],
    ["index", indexWasm],
    ["mm", mmWasm],
  ])("%s is the release build", (name, base64) => {
    const file = join(BUILD, `${name}.release.wasm`);
    expect(Buffer.from(base64, "base64").equals(readFileSync(file))).toBe(true);
    expect(statSync(file).size).toBeLessThan(200_000);
  });
});

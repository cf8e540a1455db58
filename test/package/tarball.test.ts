// What lies in the packed tarball, and what does not.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, inject, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TARBALL_BYTES_MAX = 2_000_000;

let files: string[] = [];

beforeAll(() => {
  const listing = execFileSync("tar", ["-tzf", inject("tarball")]).toString();
  files = listing
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""));
});

describe("the tarball", () => {
  it.each([
    "package.json",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "dist/src/index.js",
    "dist/src/index.d.ts",
    "dist/src/node.js",
    "dist/src/cli/main.js",
    "dist/src/api/worker.js",
    "dist/src/generated/engine.wasm.js",
    "dist/scenario.schema.json",
    "profiles/icount-6.12.json",
    "scenarios/node-server.yaml",
    "scenarios/maps/node-server.smaps.gz",
    "docs/architecture.md",
  ])("has %s", (name) => {
    expect(files).toContain(name);
  });

  it("has no sources, tests or tools, and no module as a file of its own", () => {
    const allowed = /^(dist|docs|examples|native|profiles|scenarios)\/|^[^/]+$/;
    expect(files.filter((name) => !allowed.test(name))).toEqual([]);
    expect(files.filter((name) => /\.wasm$|\.test\.|(?<!\.d)\.ts$/.test(name))).toEqual([]);
  });

  it("has nothing that an earlier build left behind: `rm -r dist` if it does", () => {
    const compiled = files.filter((name) => /^dist\/.*\.js$/.test(name));
    const sources = compiled.map((name) => name.replace(/^dist\//, "").replace(/\.js$/, ".ts"));
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });

  it("is small, and its declarations do not repeat the modules", () => {
    expect(statSync(inject("tarball")).size).toBeLessThan(TARBALL_BYTES_MAX);
    const declaration = "node_modules/vma-teardown/dist/src/generated/engine.wasm.d.ts";
    expect(statSync(join(inject("project"), declaration)).size).toBeLessThan(1000);
  });

  it("installs what it imports: no package of development is reached", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const imported = new Set<string>();
    for (const name of files.filter((file) => /^dist\/.*\.js$/.test(file))) {
      const text = readFileSync(join(inject("project"), "node_modules/vma-teardown", name), "utf8");
      const at_once = text.matchAll(/^(?:import|export)\s[^";]*\bfrom "([^".][^"]*)"/gm);
      const when_wanted = text.matchAll(/\bimport\("([^".][^"]*)"\)/g);
      for (const [, target] of [...at_once, ...when_wanted]) {
        if (!target!.startsWith("node:")) imported.add(target!);
      }
    }
    expect(imported.size).toBeGreaterThan(3);
    const packages = [...imported].map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0]);
    expect(packages.filter((name) => !(name in dependencies))).toEqual([]);
    // And nothing is installed that nobody imports.
    expect(Object.keys(dependencies).filter((name) => !packages.includes(name))).toEqual([]);
  });
});

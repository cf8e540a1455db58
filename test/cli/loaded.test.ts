// What starting the command loads. Modules are most of its start-up: what they cost is not measured here,
// but who brings them in.

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { CLI, ROOT } from "../api/built.ts";

/** A loader that prints the address of each module. */
const HOOKS = `export async function load(url, context, next) {
  console.error("LOAD " + url);
  return next(url, context);
}`;
const REGISTER = `import { register } from "node:module";
register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(HOOKS)}`)});`;
const HOOK_MODULE = `data:text/javascript,${encodeURIComponent(REGISTER)}`;

/** Packages, and rooms of `src` of which modules were loaded. */
function loadedBy(args: readonly string[]): { packages: string[]; rooms: string[] } {
  const { stderr, status } = spawnSync(process.execPath, ["--import", HOOK_MODULE, CLI, ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(status).toBe(0);
  const urls = stderr.split("\n").flatMap((line) => line.match(/^LOAD (\S+)/)?.[1] ?? []);
  // the modules of packages may lie elsewhere, behind a link
  const found = (pattern: RegExp) => [
    ...new Set(urls.flatMap((url) => url.match(pattern)?.[1] ?? [])),
  ];
  return {
    packages: found(/\/node_modules\/((?:@[^/]+\/)?[^/]+)/).sort(),
    rooms: found(/\/dist\/src\/([^/]+)\//).sort(),
  };
}

describe("the command loads", () => {
  it.each(["--help", "--version", "validate --help", "run --help", "sweep --help"])(
    "no reader and no engine for %s",
    (line) => {
      const { packages, rooms } = loadedBy(line.split(" "));
      expect(packages).toEqual(["commander"]);
      expect(rooms).toEqual(["cli", "litmus", "output"]);
    },
  );

  it("neither workers nor measured rows for a single run", () => {
    const { packages, rooms } = loadedBy(["run", "exit-flood", "--vmas", "1000"]);
    expect(packages).toEqual(
      ["@assemblyscript/loader", "commander", "fastest-levenshtein", "yaml", "zod"].sort(),
    );
    expect(rooms).not.toContain("validate");
    expect(rooms).not.toContain("calibrate");
  });

  it("no engine of machines for litmus tests", () => {
    const { rooms } = loadedBy(["litmus", "L7-twin-no-rcu-6.12", "--seed", "53"]);
    expect(rooms).not.toContain("engine");
  });
});

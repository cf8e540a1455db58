// The installed package in Node: library, command line and types.

import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { plainEnvironment } from "../../scripts/scratch.mjs";
import { OUTCOMES, type Outcome } from "./outcome.ts";

const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: inject("project") }).toString();
}

function cli(...args: string[]) {
  const command = join(inject("project"), "node_modules/.bin/vma-teardown");
  const options = { cwd: inject("project"), env: plainEnvironment(), input: "" };
  const { status, stdout, stderr } = spawnSync(command, args, options);
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

describe("the library", () => {
  it("finds its modules and answers the same bytes twice", () => {
    const first = node("node.js");
    const outcomes = JSON.parse(first) as Outcome[];
    expect(outcomes).toHaveLength(OUTCOMES);
    const [index, ...runs] = outcomes;
    expect(index!.digest.split("\n").length).toBeGreaterThan(30);
    for (const { digest } of runs) expect(digest).toMatch(/^[0-9a-f]{16}$/);
    expect(node("node.js")).toBe(first);
  });

  it("uses workers", () => {
    const program = `
      import { loadScenario, runJobs, strategyJobs } from "vma-teardown/node";
      const resolved = await loadScenario("node-server", {
        overrides: [{ path: ["address_space", "scale_to"], value: 20_000, option: "test" }],
      });
      const jobs = resolved.scenario.strategies.flatMap((each) => strategyJobs(resolved, each));
      const digests = async (workers) => (await runJobs(jobs, { workers })).map((run) => run.digest);
      console.log(JSON.stringify([await digests(0), await digests(2)]));
    `;
    const [alone, together] = JSON.parse(node("--input-type=module", "--eval", program));
    expect(alone).toHaveLength(5);
    expect(together).toEqual(alone);
  });

  it.each(["nodenext", "bundler"])("type-checks in a strict program (%s)", (resolution) => {
    const module = resolution === "bundler" ? "esnext" : resolution;
    const flags = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2023,dom"];
    const how = ["--module", module, "--moduleResolution", resolution];
    const args = [TSC, ...flags, ...how, "typed.ts"];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: inject("project") });
    expect(stdout.toString()).toBe("");
    expect(status).toBe(0);
  });
});

describe("the command", () => {
  it("compares strategies of a ready scenario found by name", () => {
    const args = ["compare", "node-server", "--vmas", "20000", "--json"];
    const { status, stdout, stderr } = cli(...args);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(() => JSON.parse(stdout)).not.toThrow();
    expect(cli(...args, "--workers", "0").stdout).toBe(stdout);
  });

  it("says its version", () => {
    expect(cli("--version")).toEqual({ status: 0, stdout: "0.1.0\n", stderr: "" });
  });

  it("ends with 2 and one line that names the problem when input is bad", () => {
    const { status, stdout, stderr } = cli("compare", "node-server", "--set", "machine.hz=7");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("machine.hz");
  });
});

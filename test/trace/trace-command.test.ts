// `trace --perfetto`: one file for all strategies of a scenario, and one clear line for what cannot be.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, type Outcome } from "../cli/in-process.ts";
import { type Drawn, tracks } from "./timeline-run.ts";

let folder: string;
let scenario: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
  scenario = join(folder, "exit.yaml");
  const space = "address_space: {generate: alternating, vma_count: 3000}";
  const strategies = "strategies: [direct, call_rcu, batch-32, throttle, single]";
  writeFileSync(scenario, `version: 1\ntitle: a small exit\n${space}\n${strategies}\n`);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The engine itself, in this thread. */
function trace(...args: readonly string[]): Promise<Outcome> {
  return cli(["trace", scenario, "--workers", "0", ...args], { engine: undefined });
}

const eventsIn = (file: string): Drawn[] =>
  (JSON.parse(readFileSync(file, "utf8")) as { traceEvents: Drawn[] }).traceEvents;

describe("trace --perfetto", () => {
  it("puts all strategies side by side, each with its CPU, its phases and what it was", async () => {
    const file = join(folder, "all.json");
    const { code, stdout, stderr } = await trace("--perfetto", file, "--seed", "7");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const names = ["direct", "call_rcu", "batch-32", "throttle", "single"];
    expect(stdout.replace(/\s+/g, " ")).toContain(`Timeline of ${names.join(", ")}: ${file}.`);
    const events = eventsIn(file);
    const named = events.filter(({ name }) => name === "process_name");
    expect(named.map(({ pid, args }) => [pid, args.name])).toEqual(
      names.map((name, at) => [at + 1, name]),
    );
    for (const [at, strategy] of names.entries()) {
      const found = tracks(events.filter(({ pid }) => pid === at + 1));
      const [about] = found.get("this run")!;
      expect(about!.args).toMatchObject({ scenario: "a small exit", strategy, seed: "7" });
      const phases = found.get("exiting process")!.map(({ name }) => name);
      expect(phases).toEqual(expect.arrayContaining(["exit_mmap", "removal loop", "mt_destroy"]));
      expect(found.get("CPU 0")!.some(({ name }) => name === "exiting process")).toBe(true);
    }
  });

  it("writes the same bytes every time, whatever else is asked for", async () => {
    const [one, two] = [join(folder, "one.json"), join(folder, "two.json")];
    await trace("--perfetto", one);
    await trace("--perfetto", two, "--json", "--csv", join(folder, "series.csv"));
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });

  it("says what it had no room for, and how much room there would have to be", async () => {
    const file = join(folder, "short.json");
    const { code, stdout } = await trace("--perfetto", file, "--events", "20");
    expect(code).toBe(0);
    const text = stdout.replace(/\s+/g, " ");
    const [, enough] = /direct: full, [\d,]+ later events are not there \(--events ([\d_]+) /.exec(
      text,
    )!;
    expect(eventsIn(file).filter(({ ph }) => ph === "i").length).toBeGreaterThan(0);
    const again = join(folder, "long.json");
    const options = ["--perfetto", again, "--strategies", "direct", "--events", enough!];
    expect((await trace(...options)).stdout).not.toContain("full");
    expect(eventsIn(again).filter(({ ph }) => ph === "i")).toEqual([]);
  });

  it.each([
    ["no/such/exit.json", "cannot write: found no such folder"],
    ["", "cannot write: found a directory, expected a file"],
  ])("refuses %j before it simulates", async (name, says) => {
    const file = join(folder, name);
    const before = readdirSync(folder);
    expect(await trace("--perfetto", file)).toEqual({
      code: 2,
      stdout: "",
      stderr: `vma-teardown: ${file}: ${says}\n`,
    });
    expect(readdirSync(folder)).toEqual(before);
  });

  it.each(["0", "many", "100_000_001"])("refuses --events %s", async (events) => {
    const file = join(folder, "never.json");
    const { code, stderr } = await trace("--perfetto", file, "--events", events);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^vma-teardown: bad value of --events: found .* from 1 to 100,000,000\n$/,
    );
    expect(existsSync(file)).toBe(false);
  });

  it("refuses more events than a memory holds, with both numbers", async () => {
    const file = join(folder, "never.json");
    const most = ["--events", "100_000_000", "--vmas", "10_000_000"];
    const { code, stderr } = await trace("--perfetto", file, ...most);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /do not fit one wasm32 memory: found [\d,]+ bytes needed, expected at most/,
    );
    expect(existsSync(file)).toBe(false);
  });
});

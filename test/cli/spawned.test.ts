import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../api/built.ts";
import { start, untilReading, vmaTeardown } from "./spawned.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const SMALL = ["--vmas", "2_000", "--no-calibration"];

describe("the command", () => {
  it("prints a comparison and nothing else", async () => {
    const { code, stdout, stderr } = await vmaTeardown(["compare", "node-server", ...SMALL]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^exit total, ms +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+$/m);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("prints the same bytes with any number of workers", async () => {
    const args = [
      "compare",
      "scenarios/node-server.yaml",
      ...SMALL,
      "--json",
      "--tick-phases",
      "3",
    ];
    const texts: string[] = [];
    for (const workers of ["0", "1", "2"]) {
      texts.push((await vmaTeardown([...args, "--workers", workers])).stdout);
    }
    expect(JSON.parse(texts[0]!).strategies).toHaveLength(5);
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).toBe(texts[0]);
  });

  it("writes a file in one step, and nothing to standard output", async () => {
    const file = join(folder, "result.json");
    writeFileSync(file, "old");
    const args = ["run", "node-server", "--vmas", "2000", "--json", "--out", file];
    expect(await vmaTeardown(args)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ format: "vma-teardown run" });
    expect(readdirSync(folder)).toEqual(["result.json"]);
  });

  it("takes maps from a pipe", async () => {
    const maps = readFileSync("/proc/self/maps", "utf8");
    const { code, stdout } = await vmaTeardown(["describe", "--maps", "-"], maps);
    expect(code).toBe(0);
    expect(stdout).toContain("maps from standard input");
  });

  it("takes a scenario from a pipe, whose maps it finds from here", async () => {
    const maps = "test/fixtures/maps/static.maps";
    const scenario = `version: 1\naddress_space: { maps: ${maps} }\n`;
    const { code, stdout } = await vmaTeardown(["describe", "-"], scenario);
    expect([code, stdout]).toEqual([0, expect.stringContaining("maps of static.maps")]);
  });

  it("reads a pipe once", async () => {
    const scenario = "version: 1\naddress_space: { maps: '-' }\n";
    expect(await vmaTeardown(["run", "-"], scenario)).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        "vma-teardown: <stdin>:2:24: both the scenario and its maps are standard input: " +
        "expected one of them (name a file for the other)\n",
    });
  });

  it("names a pipe in what it says of it", async () => {
    const { code, stderr } = await vmaTeardown(["run", "-"], "version: 1\nmachine: 3\n");
    expect([code, stderr]).toEqual([2, expect.stringContaining("<stdin>:2:10: ")]);
  });

  it("takes maps of a running process", async () => {
    const { code, stdout } = await vmaTeardown(["run", "--maps", String(process.pid), "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).scenario.address_space.vma_count).toBeGreaterThan(10);
  });

  it("prints the published JSON Schema", async () => {
    const { code, stdout } = await vmaTeardown(["schema"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ title: "vma-teardown scenario, version 1" });
  });

  it("says in one line that standard output is full", async () => {
    const full = openSync("/dev/full", "w");
    const running = start(["schema"], undefined, full);
    closeSync(full);
    expect(await running.ended).toMatchObject({
      code: 2,
      stderr: "vma-teardown: standard output: cannot write: found no space left on the device\n",
    });
  });

  it.each([
    ["is full", () => openSync("/dev/full", "w")],
    ["has no reader", () => undefined],
  ])("keeps its result and exit code where standard error %s", async (_how, errors) => {
    const file = join(folder, "result.csv");
    const args = ["sweep", "node-server", "--vary", "vmas=1000,2000", "--strategies", "direct"];
    const full = errors();
    const running = start([...args, "--out", file], undefined, undefined, full);
    running.child.stderr?.destroy();
    if (full !== undefined) closeSync(full);
    expect(await running.ended).toMatchObject({ code: 0, stdout: "" });
    expect(readFileSync(file, "utf8")).toContain("2,000");
  });

  it("ends with the code of bad input where standard error is full", async () => {
    const full = openSync("/dev/full", "w");
    const running = start(["run", "nowhere"], undefined, undefined, full);
    closeSync(full);
    expect(await running.ended).toMatchObject({ code: 2 });
  });

  it("finds out before the run that a plot could not be written", async () => {
    const svg = join(folder, "no/such/plot.svg");
    const args = ["trace", "node-server", "--vmas", "60_000_000", "--svg", svg];
    expect(await vmaTeardown(args)).toMatchObject({
      code: 2,
      stderr: `vma-teardown: ${svg}: cannot write: found no such folder\n`,
    });
  });

  it("survives a reader that closes the pipe", async () => {
    const running = start(["schema"]);
    running.child.stdout?.destroy();
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  });
});

/** Maps of many lines: longer than a pipe holds, so that who writes them knows they are read. */
function manyMaps(): string {
  const lines = Array.from({ length: 20_000 }, (_, i) => {
    const [start, end] = [(0x400 + 2 * i) * 4096, (0x401 + 2 * i) * 4096];
    return `${start.toString(16)}-${end.toString(16)} rw-p 00000000 00:00 0\n`;
  });
  return lines.join("");
}

function paddedRows(): string {
  const rows = readFileSync(join(ROOT, "profiles/icount-6.12.measured.csv"), "utf8");
  return `# ${"padding ".repeat(150_000)}\n${rows}`;
}

const LONG = ["compare", "--maps", "-", "--vmas", "30_000_000", "--no-calibration"];

describe("Ctrl-C", () => {
  it.each([
    ["in workers", LONG, manyMaps, 300],
    ["in one thread", [...LONG, "--workers", "0"], manyMaps, 300],
    ["while reading", LONG, manyMaps, 0],
    ["while validating", ["validate", "--data", "-", "--phases", "1000"], paddedRows, 300],
  ])("%s ends with 130 and leaves nothing half-written", async (_where, args, input, wait_ms) => {
    const file = join(folder, "result.txt");
    const running = start([...args, "--out", file], input());
    await untilReading(running);
    await new Promise((resolve) => setTimeout(resolve, wait_ms));
    running.child.kill("SIGINT");
    const ended = await running.ended;
    expect(ended).toEqual({
      code: 130,
      signal: null,
      stdout: "",
      stderr: "vma-teardown: interrupted\n",
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("while exploring ends with 130", async () => {
    const running = start(["litmus", "mixed", "--strategy", "direct", "--seeds", "100_000_000"]);
    // long enough for the first schedules to be under way
    await new Promise((resolve) => setTimeout(resolve, 3000));
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130, signal: null, stdout: "" });
  });

  it.each(["SIGTERM", "SIGHUP"] as const)(
    "is not the only signal that takes away what lies in /tmp: %s",
    async (signal) => {
      const { TMPDIR } = process.env;
      process.env.TMPDIR = folder;
      const running = start([
        "measure",
        "--sizes",
        "1000",
        "--seconds",
        "600",
        "--repeats",
        "1000",
      ]);
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
      while (!readdirSync(folder, { recursive: true }).some((name) => /measure$/.test(`${name}`)))
        await new Promise((resolve) => setTimeout(resolve, 50));
      running.child.kill(signal);
      expect(await running.ended).toMatchObject({ code: 130, signal: null, stdout: "" });
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

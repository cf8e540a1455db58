// The command in this process: what it refuses before anything runs, and what its documents hold.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LimitError } from "../../src/errors.ts";
import { fakeEngine } from "../api/fake-engine.ts";
import { cli } from "../cli/in-process.ts";

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
  writeFileSync(
    at("s.yaml"),
    "version: 1\nname: s\naddress_space: { generate: alternating, vma_count: 100 }\nstrategies: [direct, single]\n",
  );
  writeFileSync(
    at("beside.yaml"),
    "version: 1\nmachine: { cpus: 2, exit_cpu: 1 }\naddress_space: { generate: alternating, vma_count: 9 }\n",
  );
  writeFileSync(at("notes.txt"), "not a journal\n");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a line in which `@name` is a file of the folder; no run may begin where the line is refused. */
async function sweep(line: string) {
  const engine = fakeEngine(1);
  const args = line.split(" ").map((word) => word.replace("@", `${folder}/`));
  const { code, stdout, stderr } = await cli(["sweep", ...args], { engine });
  return { code, stdout, stderr: stderr.replaceAll(`${folder}/`, "@"), runs: engine.runs.length };
}

describe("sweep refuses before anything runs", () => {
  it.each([
    ["@s.yaml", 2, "nothing to vary: expected at least one --vary KEY=VALUES"],
    ["--vary vmas=1,2", 2, "nothing to simulate: expected a scenario file, or --maps"],
    ["@no.yaml --vary vmas=1", 2, "@no.yaml: cannot read scenario: found no such file"],
    [
      "@s.yaml --vary machine.cpus=1,300",
      2,
      "--vary machine.cpus=300: bad value of machine.cpus: f",
    ],
    [
      "@s.yaml --vary machine.cpuz=1",
      2,
      "--vary machine.cpuz=1: unknown key machine.cpuz (did you",
    ],
    [
      "@beside.yaml --vary machine.cpus=2,1",
      2,
      "@beside.yaml:2:31: bad value of machine.exit_cpu: found 1, expected one of the 1 CPUs, counted from 0 (at the point machine.cpus=1)",
    ],
    [
      "@s.yaml --vary workload.type=exit,munmap",
      2,
      "workload.type=munmap: another workload than at the points before: found munmap, expected exit",
    ],
    [
      "@s.yaml --vary vmas=100,90_000_000",
      3,
      "vmas=90_000_000: run does not fit: found 5,760,065,536 bytes needed, expected at most 4,294,901,760",
    ],
    [
      "@s.yaml --vary vmas=1..9_999_999+1",
      3,
      "--vary vmas: too many values: found 9,999,999 values",
    ],
    ["@s.yaml --vary vmas=1,2 --vmas 3", 2, "--vary vmas and --vmas 3 write one key"],
    ["@s.yaml --vary seed=1,2 --seed 3", 2, "--vary seed and --seed 3 write one key"],
    [
      "@s.yaml --vary vmas=1,2 --metrics exit_totl_ns",
      2,
      'bad value of --metrics: found "exit_totl_ns", expected a metric of the workload exit (did you mean `exit_total_ns`?)',
    ],
    ["@s.yaml --vary vmas=1,2 --metrics oom_kills", 2, 'bad value of --metrics: found "oom_kills"'],
    ["@s.yaml --vary vmas=1,2 --limit 10ms", 2, '--limit: no METRIC=VALUE: found "10ms"'],
    ["@s.yaml --vary vmas=1,2 --limit dead_peak=10ms", 2, "bad value of --limit dead_peak: found "],
    ["@s.yaml --vary vmas=1,2 --limit nothing=1", 2, 'bad value of --limit: found "nothing"'],
    [
      "@s.yaml --vary machine.preempt=none,full --svg @x.svg",
      2,
      "nothing to draw lines over: found --vary machine.preempt, expected a key with at least two numbers",
    ],
    [
      "@s.yaml --vary machine.rcu.blimit=1..31+1 --vary seed=1..31+1 --svg @x.svg --metrics dead_peak,loop_ns",
      3,
      "too many panels for a drawing: found 62 panels needed, expected at most 60",
    ],
    ["@s.yaml --vary vmas=1 --csv @x --svg @x", 2, '--csv and --svg name one file: found "@x"'],
    ["@s.yaml --vary vmas=1 --csv @s.yaml", 2, "--csv names a file that is read"],
    ["@s.yaml --vary vmas=1 --journal @s.yaml", 2, "--journal names a file that is read"],
    ["@s.yaml --vary vmas=1 --journal @notes.txt", 2, "@notes.txt:1: not a journal: found"],
    ["@s.yaml --vary vmas=1 --out @no/x", 2, "@no/x: cannot write: found no such folder"],
    ["@s.yaml --vary vmas=1 --workers x", 2, 'bad value of --workers: found "x"'],
  ])("%s", async (line, code, message) => {
    const before = readdirSync(folder);
    const outcome = await sweep(line);
    expect(outcome.stderr).toContain(message);
    expect(outcome).toMatchObject({ code, stdout: "", runs: 0 });
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe("sweep", () => {
  it("says how much there is to run, and runs it", async () => {
    const { stderr, runs } = await sweep(
      "@s.yaml --vary vmas=10,20 --vary seed=1..3+1 --tick-phases 2 --quiet",
    );
    expect({ stderr, runs }).toEqual({ stderr: "", runs: 24 });
    const loud = await sweep("@s.yaml --vary vmas=10,20 --vary seed=1..3+1 --tick-phases 2");
    expect(loud.stderr).toBe("vma-teardown: 24 runs (6 points, 2 strategies, 2 tick phases)\n");
  });

  it("names the point of a run that ends with an error", async () => {
    const engine = fakeEngine(1);
    const { create } = engine;
    const failing = Object.assign(engine, {
      create(spec: Parameters<typeof create>[0]) {
        if (spec.space.vma_count !== 20) return create(spec);
        throw new LimitError({ problem: "outgrown", needed: 2, available: 1, unit: "bytes" });
      },
    });
    const args = ["sweep", at("s.yaml"), "--vary", "vmas=10,20", "--out", at("x"), "--quiet"];
    const { code, stderr } = await cli(args, { engine: failing as typeof engine });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: "vma-teardown: vmas=20: outgrown: found 2 bytes needed, expected at most 1\n",
    });
    expect(existsSync(at("x"))).toBe(false);
  });

  it("writes a table that other programs read: points in order, strategies in order", async () => {
    await sweep("@s.yaml --vary machine.preempt=none,full --vary vmas=1_000,2_000 --csv @x.csv");
    const rows: Record<string, string>[] = parse(readFileSync(at("x.csv"), "utf8"), {
      columns: true,
    });
    expect(rows.map((row) => [row["machine.preempt"], row.vmas, row.strategy])).toEqual([
      ["none", "1000", "direct"],
      ["none", "1000", "single"],
      ["none", "2000", "direct"],
      ["none", "2000", "single"],
      ["full", "1000", "direct"],
      ["full", "1000", "single"],
      ["full", "2000", "direct"],
      ["full", "2000", "single"],
    ]);
    expect(rows[3]).toMatchObject({ vma_count: "2000", n_vma: "2000", ncall_rcu: "1" });
    expect(rows[3]!.digest).toMatch(/^[0-9a-f]{16}$/);
    expect(Object.keys(rows[0]!).length).toBeGreaterThan(60);
  });

  it("writes ranges over tick phases beside each figure, and quotes what needs it", async () => {
    const line = "--vary load=[],[{type:reader,tasks:2}] --tick-phases 2 --csv @x.csv";
    await sweep(`@s.yaml ${line.replaceAll("type:", '"type":').replace("tasks:", '"tasks":')}`);
    const rows: Record<string, string>[] = parse(readFileSync(at("x.csv"), "utf8"), {
      columns: true,
    });
    expect(rows.map((row) => row.load)).toEqual([
      "[]",
      "[]",
      '[{"type":reader,"tasks":2}]',
      '[{"type":reader,"tasks":2}]',
    ]);
    const { last_free_ns, lowest_last_free_ns, highest_last_free_ns } = rows[1]!;
    expect(last_free_ns).toBe(lowest_last_free_ns);
    expect(Number(highest_last_free_ns) - Number(lowest_last_free_ns)).toBe(2_000_000);
  });

  it("draws a panel a metric and value of other keys, with lines over the numbers", async () => {
    const line = "--vary machine.preempt=none,full --vary vmas=1_000..100_000x10 --svg @x.svg";
    const { code } = await sweep(`@s.yaml ${line} --metrics exit_total_ns,softirq_max_ns`);
    expect(code).toBe(0);
    const svg = readFileSync(at("x.svg"), "utf8");
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(texts.filter((text) => /\(machine/.test(text!))).toEqual([
      "exit total, ms (machine.preempt=none)",
      "exit total, ms (machine.preempt=full)",
      "softirq max, us (machine.preempt=none)",
      "softirq max, us (machine.preempt=full)",
    ]);
    expect(texts).toEqual(expect.arrayContaining(["direct", "single", "1,000", "10,000", "vmas"]));
    expect(svg.match(/mark-line/g)).toHaveLength(8);
    // a decade is as long as the next one
    expect(svg).toMatch(/d="M0,[\d.]+L150,[\d.]+L300,[\d.]+"/);
  });

  it("draws small figures beside large ones with labels that tell them apart", async () => {
    await sweep("@s.yaml --vary vmas=1_000..100_000x10 --svg @x.svg --metrics dead_peak_bytes");
    const svg = readFileSync(at("x.svg"), "utf8");
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text!);
    const figures = texts.filter((text) => /^[\d.,]+$/.test(text)).map(Number);
    expect(figures.some((figure) => figure > 0 && figure < 0.1)).toBe(true);
    expect(figures).not.toContain(0);
    expect(svg).not.toMatch(/ d="[^"]*\.\d\d/);
  });

  it("is one JSON document with a version", async () => {
    const line = "--vary vmas=1_000,9_000 --vary seed=1,2 --tick-phases 2 --json --quiet";
    const { stdout, code } = await sweep(`@s.yaml ${line} --limit softirq_max_ns=1ms`);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual([
      "format",
      "version",
      "axes",
      "strategies",
      "tick_phases",
      "runs",
      "metrics",
      "first_point",
      "points",
      "conclusion",
    ]);
    expect(document).toMatchObject({
      format: "vma-teardown sweep",
      version: 1,
      axes: [
        {
          key: "vmas",
          values: [
            { text: "1_000", number: 1000 },
            { text: "9_000", number: 9000 },
          ],
        },
        { key: "seed", scale: "linear" },
      ],
      strategies: ["direct", "single"],
      tick_phases: 2,
      runs: 16,
    });
    expect(document.points).toHaveLength(4);
    expect(document.points[3]).toMatchObject({
      name: "vmas=9_000, seed=2",
      values: { vmas: "9_000", seed: "2" },
      vma_count: 9000,
      unsafe: [],
    });
    const [direct, single] = document.points[3].strategies;
    expect(direct).toMatchObject({ name: "direct", digest: "0000000000000002" });
    expect(single.values.ncall_rcu).toBe(1);
    expect(single.highest.last_free_ns).toBe(single.lowest.last_free_ns + 2_000_000);
    const { rankings, crossovers, limits, unsafe } = document.conclusion;
    expect(rankings.map(({ metric }: { metric: string }) => metric)).toEqual(document.metrics);
    expect(rankings[0].first).toEqual([["single"], ["single"], ["single"], ["single"]]);
    expect([crossovers, unsafe]).toEqual([[], []]);
    expect(limits).toEqual([
      {
        metric: "softirq_max_ns",
        limit: 1_000_000,
        above: [
          { strategy: "direct", points: [] },
          { strategy: "single", points: [2, 3] },
        ],
      },
    ]);
  });

  it("begins no journal that it does not need", async () => {
    await sweep("@s.yaml --vary vmas=1,2");
    expect(existsSync(at("journal"))).toBe(false);
  });
});

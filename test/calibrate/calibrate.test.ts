// The whole loop against machines whose costs are known, because they are the engine's own.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobSpec, type RunJob } from "../../src/api/job.ts";
import { simulate } from "../../src/api/simulate.ts";
import type { CostProfile, RunResult, WorkloadType } from "../../src/api/types.ts";
import {
  basisOf,
  type CalibrateOptions,
  calibrate,
  profileWithout,
} from "../../src/calibrate/calibrate.ts";
import { kernelOf, readData } from "../../src/calibrate/inputs/read.ts";
import { leaveOneOut, leaveOutValue } from "../../src/calibrate/leave-out.ts";
import type { Observation } from "../../src/calibrate/observation.ts";
import { withCosts } from "../../src/calibrate/response.ts";
import { Engine } from "../../src/engine/engine.ts";
import { parseProfile } from "../../src/profile/profile.ts";
import { ROOT } from "../api/built.ts";
import { cli } from "../cli/in-process.ts";

const BASE = parseProfile(
  readFileSync(join(ROOT, "profiles/icount-6.12.json"), "utf8"),
  "icount-6.12.json",
);

async function run(jobs: readonly RunJob<WorkloadType>[]): Promise<RunResult<WorkloadType>[]> {
  const results: RunResult<WorkloadType>[] = [];
  for (const job of jobs) results.push(await simulate(jobSpec(job)));
  return results;
}

const OLDER = kernelOf("6.12");

const options = (other_clock: boolean): CalibrateOptions => ({
  base: BASE,
  run,
  phases: 1,
  other_clock,
  bytes_per_vma: 250,
});

/** Rows that `measure` would write on a machine with these costs; one repeat is disturbed. */
async function rowsOf(machine: CostProfile, sizes: readonly number[]): Promise<string> {
  const lines: string[] = ["n,op,populate,exit_wait_ns"];
  for (const n of sizes) {
    const one = `n,op,populate,exit_wait_ns\n${n},exit,0,1\n`;
    const { observations } = readData([{ file: "x", text: one }], {
      base: machine,
      traced_vmas: undefined,
      traced_kernel: OLDER,
      hz: 250,
    });
    const [observation] = observations;
    if (observation === undefined || !("key" in observation)) throw new Error("no run");
    const waited = Math.round(observation.simulated(await run(observation.jobs))!);
    for (const slower of [1, 1.3, 1.01, 1.02]) {
      lines.push(`${n},exit,0,${Math.round(waited * slower)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

const SIZES = [1_000, 2_000, 4_000, 8_000, 16_000];
const observationsOf = (text: string) =>
  readData([{ file: "m.csv", text }], {
    base: BASE,
    traced_vmas: undefined,
    traced_kernel: OLDER,
    hz: 250,
  }).observations;

const leftOut = (one: Observation) => leaveOutValue(one, "n") === String(SIZES[0]);

describe("a calibration", () => {
  it("finds another machine's speed and what VMAs cost on it", async () => {
    const machine = withCosts(BASE, (name, ps) => (name === "exit_notify" ? ps : ps * 0.4));
    const found = await calibrate(observationsOf(await rowsOf(machine, SIZES)), options(true));
    for (const { error } of found.residuals) expect(Math.abs(error)).toBeLessThan(0.02);
    const vma = found.groups.find(({ costs }) => costs.includes("unmap_vma"))!;
    expect(vma.costs).toContain("free_pgtables_vma");
    expect(found.common_factor * vma.factor).toBeCloseTo(0.4, 1);
    expect([...found.kept, ...found.untouched]).toContain("call_rcu");
    expect(found.untouched).toContain("vma_made"); // a pace: figures move by it in steps
    expect(found.untouched).toContain("munmap_gather_vma");
    expect(found.caches.vmas).toEqual([]);
  });

  it("finds a cache that large address spaces outgrow", async () => {
    const cold = new Set(["unmap_vma", "free_pgtables_vma", "vma_next", "remove_vma_direct"]);
    const costs = Object.entries(BASE.costs).map(([name, cost]) => {
      return [name, cold.has(name) ? { ...cost, cold_ps: [cost.ps] } : cost] as const;
    });
    const caches = [{ bytes: 250 * 4_000, bytes_per_vma: 250, source: "a test" }];
    const machine = { ...BASE, caches, costs: Object.fromEntries(costs) };
    const found = await calibrate(observationsOf(await rowsOf(machine, SIZES)), options(true));
    expect(found.caches.vmas).toHaveLength(1);
    expect(found.caches.vmas[0]).toBeGreaterThan(2_500);
    expect(found.caches.vmas[0]).toBeLessThan(6_500);
    for (const { error } of found.residuals) expect(Math.abs(error)).toBeLessThan(0.05);
  });

  it("finds costs that fall where address spaces are large, and predicts sizes between", async () => {
    // As pages do that come out of whole free blocks; nothing grows here.
    const cheaper = new Set(["unmap_vma", "free_pgtables_vma", "vma_next", "remove_vma_direct"]);
    const costs = Object.entries(BASE.costs).map(([name, cost]) => {
      const cold_ps = [-Math.round(cost.ps * 0.6)];
      return [name, cheaper.has(name) ? { ...cost, cold_ps } : cost] as const;
    });
    const caches = [{ bytes: 250 * 4_000, bytes_per_vma: 250, source: "a test" }];
    const machine = { ...BASE, caches, costs: Object.fromEntries(costs) };
    const observations = observationsOf(await rowsOf(machine, [...SIZES, 32_000]));
    const { profile, residuals } = await calibrate(observations, options(true));
    for (const { error } of residuals) expect(Math.abs(error)).toBeLessThan(0.05);
    const { ps, cold_ps } = profile.costs.unmap_vma!;
    expect(cold_ps![0]! / ps).toBeLessThan(-0.3);
    const reports = await leaveOneOut(observations, "n", options(true));
    for (const { value, worst } of reports.slice(1, -1)) expect(worst, value).toBeLessThan(0.08);
  });

  it("predicts a size that it was not shown", async () => {
    const machine = withCosts(BASE, (_, ps) => ps * 0.5);
    const observations = observationsOf(await rowsOf(machine, SIZES.slice(0, 3)));
    const reports = await leaveOneOut(observations, "n", options(true));
    expect(reports.map(({ value }) => value)).toEqual(["1000", "2000", "4000"]);
    for (const { worst } of reports) expect(worst).toBeLessThan(0.05);
  });

  it("looks at nothing of a size that it was not shown", async () => {
    const machine = withCosts(BASE, (name, ps) => (name.startsWith("exit_") ? ps * 4 : ps * 0.7));
    const observations = observationsOf(await rowsOf(machine, SIZES.slice(0, 3)));
    const shown = [...observations.keys()].filter((i) => !leftOut(observations[i]!));
    // Were it looked at, so sharp a figure would have costs told apart that no other can.
    const others = observations.map((one) =>
      leftOut(one) ? { ...one, measured_ns: one.measured_ns / 3, sigma: 1e-5 } : one,
    );
    const profiles = [];
    for (const seen of [observations, others]) {
      const basis = await basisOf(seen, options(true));
      profiles.push(await profileWithout(seen, shown, basis, options(true)));
    }
    expect(profiles[1]).toEqual(profiles[0]);
  });

  it("predicts measured rows of a size and a strategy left out within 5 % at the median", async () => {
    const file = join(ROOT, "profiles/icount-6.12.measured.csv");
    const all = readFileSync(file, "utf8").trim().split("\n");
    const [header, ...lines] = all.filter((line) => !line.startsWith("#"));
    // Subsets that are quick; the command does it with all rows.
    const subsets = { n: /-(direct|single)-n10{3,4}-nocboff/, strategy: /-n1000-nocboff/ } as const;
    for (const key of ["n", "strategy"] as const) {
      const text = [header, ...lines.filter((line) => subsets[key].test(line))].join("\n");
      const reports = await leaveOneOut(observationsOf(text), key, options(false));
      expect(reports.length, key).toBe(key === "n" ? 2 : 5);
      for (const { value, median } of reports) expect(median, value).toBeLessThan(0.05);
    }
  });
});

describe("the command", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vma-teardown-calibrate-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("writes a profile that says where each cost comes from", async () => {
    const machine = withCosts(BASE, (_, ps) => ps * 0.5);
    const data = join(folder, "here.csv");
    const out = join(folder, "mine.json");
    writeFileSync(data, await rowsOf(machine, SIZES.slice(0, 3)));
    const args = ["calibrate", "--data", data, "--base", "icount-6.12", "--out", out];
    const { code, stdout, stderr } = await cli([...args, "--workers", "0"], { engine: Engine });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/All costs x 0\.[45]/);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const profile = parseProfile(readFileSync(out, "utf8"), out);
    expect(profile).toMatchObject({
      name: "mine",
      range: { generations: ["6.12"], vma_count_min: 1_000, vma_count_max: 4_011, cpus_max: 1 },
    });
    expect(profile.costs.unmap_vma!.source).toMatch(
      /^fitted to 3 figures of here\.csv: x (1\.0|0\.9)/,
    );
    expect(profile.costs.call_rcu!.source).toMatch(/^kept, but x 0\.[45]\d+ as all costs/);
    const judged = await cli(["validate", "--data", data, "--profile", out, "--workers", "0"], {
      engine: Engine,
    });
    expect(judged.code).toBe(0);
  });

  it("refuses figures of two clocks, nothing to fit and a size that is not there", async () => {
    const wall = join(folder, "wall.csv");
    const icount = join(folder, "icount.csv");
    const none = join(folder, "none.csv");
    writeFileSync(wall, "n,op,populate,exit_wait_ns\n1000,exit,0,400000\n");
    const rows = readFileSync(join(ROOT, "profiles/icount-6.12.measured.csv"), "utf8");
    const [header, first] = rows.split("\n").filter((line) => !line.startsWith("#"));
    writeFileSync(icount, `${header}\n${first}\n`);
    const touched = join(folder, "touched.csv");
    writeFileSync(touched, "n,op,populate,exit_wait_ns\n32000,exit,1,40000000\n");
    writeFileSync(none, "n,op,populate,exit_wait_ns\n1000,fork,0,400000\n");
    // As many figures as factors are met by any fit.
    const few = (await cli(["calibrate", "--data", touched])).stdout;
    expect(few).toMatch(/Only 1 figure for 1 factor: that they are met says nothing/);
    const said = async (...args: string[]) => {
      const { code, stderr } = await cli(["calibrate", "--data", ...args]);
      return [code, stderr];
    };
    expect(await said(wall, icount)).toEqual([
      2,
      expect.stringMatching(/figures of two clocks: found 1 in seconds, \d+ in instructions/),
    ]);
    expect(await said(none)).toEqual([
      2,
      `vma-teardown: ${none}: no figure to fit to: found operation fork is not modelled on a real machine\n`,
    ]);
    expect(await said(wall, "--leave-out", "n=7")).toEqual([
      2,
      'vma-teardown: bad value of --leave-out: found "n=7", expected n= and one of 1000, not all there is\n',
    ]);
    expect(await said(wall, "--leave-one-out", "kernel")).toEqual([
      2,
      'vma-teardown: bad value of --leave-one-out: found "kernel", expected n or strategy\n',
    ]);
  });
});

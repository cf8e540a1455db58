// The measuring program on the kernel at hand, and what is said where it cannot run. No time is judged.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileMeasure, findCompiler } from "../../src/measure/compiler.ts";
import { checkSizes, defaultSizes, type Machine, raiseHint } from "../../src/measure/machine.ts";
import { cellsOf, measure, measureCsv, parseSample } from "../../src/measure/measure.ts";
import { measureText } from "../../src/output/measure-text.ts";
import { parseTable } from "../../src/validate/table.ts";
import { cli } from "../cli/in-process.ts";

const MACHINE: Machine = {
  name: "some processor x 2",
  kernel: "6.18.0",
  date: "2026-01-31",
  max_map_count: 65_530,
};
const SAMPLES = [
  "1000,exit,0,1,2000,0,400000",
  "1000,munmap,0,1,2000,500000,90000",
  "2000,exit,0,1,2000,0,700000",
  "1000,exit,0,2,2000,0,300000",
  "1000,exit,0,3,2000,0,350000",
].map(parseSample);

describe("a measurement", () => {
  it("is read line by line; anything else is a fault", () => {
    expect(parseSample("1000,munmap,1,3,2000,5,6")).toEqual({
      n: 1000,
      op: "munmap",
      populate: 1,
      rep: 3,
      build_ns_per_call: 2000,
      munmap_ns: 5,
      exit_wait_ns: 6,
    });
    expect(() => parseSample("1000,fork,1,3,2000,5,6")).toThrow(/printed "1000,fork/);
  });

  it("gives minimum, typical time and median of a cell's repeats", () => {
    expect(cellsOf(SAMPLES)).toEqual([
      {
        n: 1000,
        op: "exit",
        populate: 0,
        min_ns: 300_000,
        typical_ns: 350_000,
        median_ns: 350_000,
        repeats: 3,
        repeats_used: 3,
        noise: expect.closeTo((2 * Math.sqrt(5e9 / 9)) / 350_000, 12),
      },
      {
        n: 2000,
        op: "exit",
        populate: 0,
        min_ns: 700_000,
        typical_ns: 700_000,
        median_ns: 700_000,
        repeats: 1,
        repeats_used: 1,
        noise: 0.08,
      },
      {
        n: 1000,
        op: "munmap",
        populate: 0,
        min_ns: 500_000,
        typical_ns: 500_000,
        median_ns: 500_000,
        repeats: 1,
        repeats_used: 1,
        noise: 0.08,
      },
    ]);
  });

  it("becomes a CSV file with machine, kernel and date in every row", () => {
    const table = parseTable(measureCsv({ samples: SAMPLES, pinned: true }, MACHINE), "m.csv");
    expect(table.records).toHaveLength(SAMPLES.length);
    const row = table.records[1]!;
    expect([row.needed("n"), row.needed("munmap_ns"), row.needed("pinned")]).toEqual([
      1000, 500_000, 1,
    ]);
    expect([row.word("kernel"), row.word("machine"), row.word("date")]).toEqual([
      "6.18.0",
      "some processor x 2",
      "2026-01-31",
    ]);
  });

  it("is printed with what to raise for larger sizes", () => {
    const text = measureText({ samples: SAMPLES, pinned: false }, MACHINE);
    expect(text).toContain("Linux 6.18.0, some processor x 2, 2026-01-31; 3 repeats, not pinned");
    expect(text).toMatch(/1,000 +300\.0 +350\.0 +350\.0 +350\.0 +\d+\.\d % +3 +noisy/);
    expect(text.replaceAll("\n", " ")).toContain("sudo sysctl -w vm.max_map_count=250064");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("stays within vm.max_map_count, and says what would allow more", () => {
    expect(defaultSizes(MACHINE).at(-1)).toBe(65_000);
    expect(defaultSizes({ ...MACHINE, max_map_count: 5_000 })).toEqual([
      1_000, 1_500, 2_000, 3_000, 4_000,
    ]);
    expect(() => checkSizes([1_000, 65_466], MACHINE)).not.toThrow();
    expect(() => checkSizes([1_000, 65_467], MACHINE)).toThrow(
      "vm.max_map_count allows fewer VMAs: found 65,531 VMAs needed, expected at most 65,530 (sudo sysctl -w vm.max_map_count=65531 allows it)",
    );
    expect(raiseHint(1)).toBe("sudo sysctl -w vm.max_map_count=65");
  });
});

describe("without a compiler", () => {
  it("says so in one line, and ends with 3", async () => {
    await expect(findCompiler("no-such-compiler")).rejects.toMatchObject({
      code: 3,
      message: expect.stringMatching(/^no C compiler: found none of no-such-compiler runs/),
    });
  });

  it("nothing is left behind when it fails", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vma-teardown-cc-"));
    const broken = join(folder, "cc");
    writeFileSync(broken, "#!/bin/sh\necho 'measure.c:1: fatal error: no stdio.h' >&2\nexit 1\n", {
      mode: 0o755,
    });
    await expect(compileMeasure(broken, new AbortController().signal)).rejects.toMatchObject({
      code: 3,
      found: "measure.c:1: fatal error: no stdio.h",
    });
    rmSync(folder, { recursive: true });
  });
});

function why(): string | undefined {
  if (platform() !== "linux") return "no Linux here";
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "no C compiler here (cc)";
  }
}

const REASON = why();

describe.skipIf(REASON !== undefined)(`on this kernel${REASON ? `: ${REASON}` : ""}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vma-teardown-measured-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("the command measures, prints and writes rows", async () => {
    const out = join(folder, "here.csv");
    const args = [
      "measure",
      "--sizes",
      "500,1000",
      "--repeats",
      "2",
      "--seconds",
      "0",
      "--out",
      out,
      "--json",
    ];
    const { code, stdout, stderr } = await cli(args);
    expect([code, stderr]).toEqual([0, ""]);
    const { cells } = JSON.parse(stdout);
    expect(cells).toHaveLength(8);
    for (const { n, min_ns, median_ns, repeats } of cells) {
      expect(min_ns, String(n)).toBeGreaterThan(0);
      expect(median_ns).toBeGreaterThanOrEqual(min_ns);
      expect(repeats).toBe(2);
    }
    const { records } = parseTable(readFileSync(out, "utf8"), out);
    expect(records.map((row) => `${row.word("op")} ${row.needed("n")}`).slice(0, 8)).toEqual([
      ...["exit 500", "exit 500", "munmap 500", "munmap 500"],
      ...["exit 1000", "exit 1000", "munmap 1000", "munmap 1000"],
    ]);
  });

  it("refuses a CPU that it cannot have, and says which it can", async () => {
    const { code, stdout, stderr } = await cli(["measure", "--sizes", "500", "--cpu", "4095"]);
    expect([code, stdout]).toEqual([2, ""]);
    const says = "cannot pin to the CPU of --cpu: found 4095, expected one of ";
    expect(stderr).toContain(says);
    expect(stderr.slice(stderr.indexOf(says) + says.length)).toMatch(/^[\d,-]+, or none$/m);
  });

  it("the program ends with a message when the kernel refuses", async () => {
    const signal = new AbortController().signal;
    const program = await compileMeasure("cc", signal);
    const request = {
      sizes: [100_000_000],
      repeats: 1,
      seconds: 0,
      populate: 0,
      cpu: undefined,
    } as const;
    const refused = measure(program.file, request, { signal, onProgress: () => {} });
    await expect(refused).rejects.toMatchObject({
      code: 3,
      found: expect.stringMatching(/^(mmap|mprotect): /),
    });
    await program.remove();
  });

  it("an abort ends it", async () => {
    const controller = new AbortController();
    const program = await compileMeasure("cc", controller.signal);
    const request = {
      sizes: [1000],
      repeats: 1000,
      seconds: 0,
      populate: 0,
      cpu: undefined,
    } as const;
    const running = measure(program.file, request, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(running).rejects.toThrow("enough");
    await program.remove();
  });
});

// Interrupted sweeps: what is over is kept, and who goes on gets the bytes of an uninterrupted one.

import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtNode } from "../api/built.ts";
import { start, vmaTeardown } from "../cli/spawned.ts";

let folder: string;
let journal: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
  journal = join(folder, "runs.journal");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Whole lines of the journal but its first one. */
function kept(): number {
  return existsSync(journal) ? readFileSync(journal, "utf8").split("\n").length - 2 : 0;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const LINE = [
  ...["sweep", "exit-flood", "--vary", "vmas=60_000..240_000+60_000"],
  ...["--strategies", "direct,call_rcu,batch-32", "--tick-phases", "2"],
];
const RUNS = 24;

describe("a sweep that Ctrl-C ended", () => {
  it("goes on where it was, with fewer threads, after a torn line, and says so", async () => {
    const documents = ["--json", "--csv", join(folder, "x.csv"), "--svg", join(folder, "x.svg")];
    const files = () => ["x.csv", "x.svg"].map((name) => readFileSync(join(folder, name), "utf8"));
    const whole = await vmaTeardown([...LINE, ...documents, "--workers", "2"]);
    expect(whole.code).toBe(0);
    const whole_files = files();

    const first = start([...LINE, ...documents, "--workers", "2", "--journal", journal]);
    await until(() => kept() >= 5);
    first.child.kill("SIGINT");
    expect(await first.ended).toMatchObject({ code: 130, stdout: "" });
    const after_first = kept();
    expect(after_first).toBeLessThan(RUNS);

    // as if the second one had been ended in the middle of a line
    truncateSync(journal, readFileSync(journal).length - 100);
    const second = start([...LINE, ...documents, "--workers", "0", "--journal", journal]);
    await until(() => kept() >= after_first + 3);
    second.child.kill("SIGINT");
    const ended = await second.ended;
    expect(ended).toMatchObject({ code: 130, stdout: "" });
    expect(ended.stderr).toContain(`of which ${journal} has ${after_first - 1}\n`);

    const known = kept();
    const third = await vmaTeardown([
      ...LINE,
      ...documents,
      "--workers",
      "0",
      "--journal",
      journal,
    ]);
    expect(third.stderr).toContain(`24 runs (4 points, 3 strategies, 2 tick phases), of which `);
    expect(third.stderr).toContain(` has ${known}\n`);
    expect(third.stdout).toBe(whole.stdout);
    expect(files()).toEqual(whole_files);
    expect(kept()).toBe(RUNS);
  });
});

const SMALL = `version: 1
address_space: { generate: alternating, vma_count: 100 }
strategies: [direct, batch-8]
`;

describe("the library's sweep", () => {
  const small = () => {
    const file = join(folder, "small.yaml");
    writeFileSync(file, SMALL);
    return file;
  };
  const vary = ["vmas=1_000..5_000+1_000", "machine.cpus=1,2"];

  it("is the same with any number of workers", async () => {
    const { sweep } = await builtNode();
    const file = small();
    const results: string[] = [];
    for (const workers of [0, 2, undefined]) {
      results.push(JSON.stringify(await sweep(file, { vary, workers })));
    }
    expect(new Set(results).size).toBe(1);
    expect(JSON.parse(results[0]!)).toMatchObject({
      workload: "exit",
      strategies: ["direct", "batch-8"],
      runs: 20,
      tick_phases: 1,
    });
  });

  it("ends when it is aborted, and goes on with what its journal has", async () => {
    const { sweep } = await builtNode();
    const file = small();
    const whole = await sweep(file, { vary });
    const controller = new AbortController();
    const reason = new Error("enough");
    const fractions: number[] = [];
    const onProgress = (fraction: number) => {
      fractions.push(fraction);
      if (kept() >= 7) controller.abort(reason);
    };
    const aborted = sweep(file, {
      vary,
      journal,
      onProgress,
      workers: 0,
      signal: controller.signal,
    });
    await expect(aborted).rejects.toBe(reason);
    expect(kept()).toBe(7);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));

    const found: number[] = [];
    const onFound = (runs: number) => found.push(runs);
    expect(await sweep(file, { vary, journal, onFound })).toEqual(whole);
    expect(await sweep(file, { vary, journal, onFound })).toEqual(whole);
    expect(found).toEqual([7, 20]);
  });

  it("takes nothing out of a journal that another run would have", async () => {
    const { sweep } = await builtNode();
    const file = small();
    const found: number[] = [];
    const onFound = (runs: number) => found.push(runs);
    const own = (release: string) =>
      SMALL.replace("[direct", `[{name: own, exit: {collect: none, release: ${release}}}`);
    const cells = async (override: string, text = own("direct")) => {
      writeFileSync(file, text);
      const { parseOverride } = await builtNode();
      const overrides = override === "" ? [] : [parseOverride(override)];
      return (await sweep(file, { vary: ["vmas=500,600"], overrides, journal, onFound })).points;
    };
    const first = await cells("");
    await cells("seed=2");
    await cells("machine.hz=1000");
    await cells("machine.tick_phase=1ms");
    await cells("", own("call-rcu"));
    await cells("", own("direct").replace("alternating", "contiguous"));
    expect(found).toEqual([0, 0, 0, 0, 2, 0]);
    // names and titles make no other run
    expect(await cells("title=another")).toEqual(first);
    expect(found.at(-1)).toBe(4);
  });
});

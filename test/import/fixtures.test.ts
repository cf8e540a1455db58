// Real traces, from the command line: imported and run at once, the same bytes and digests each time.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { cli } from "../cli/in-process.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/strace");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vma-teardown-import-"));
});
afterAll(() => rm(folder, { recursive: true }));

const imported = (file: string, ...more: string[]) =>
  cli(["import", join(FIXTURES, file), ...more]);

interface Run {
  readonly runs: readonly {
    readonly digest: string;
    readonly metrics: Record<string, number>;
  }[];
}

async function run(scenario: string): Promise<Run> {
  const args = ["run", scenario, "--strategies", "call_rcu", "--json", "--workers", "0"];
  const { code, stdout, stderr } = await cli(args, { engine: Engine });
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Run;
}

const CASES = [
  ["churn.strace", "1 process, 5 threads, 0 execs"],
  ["jit.strace", "1 process, 1 thread, 0 execs"],
  ["exitmany.strace.gz", "1 process, 1 thread, 0 execs"],
  ["shell.strace", "9 processes, 9 threads, 5 execs"],
] as const;

describe.each(CASES)("%s", (file, who) => {
  it("becomes a scenario that runs, the same each time", async () => {
    const out = join(folder, `${file}.yaml`);
    const { code, stdout, stderr } = await imported(file, "--out", out);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain(who);
    const text = await readFile(out, "utf8");
    expect((await imported(file)).stdout).toBe(text);
    for (const line of stderr.trim().split("\n")) expect(text).toContain(`# ${line}\n`);
    const [one, two] = [await run(out), await run(out)];
    const [first, second] = [one.runs[0]!, two.runs[0]!];
    expect(first.digest).toBe(second.digest);
    expect(first.digest).toMatch(/^[0-9a-f]{16}$/);
    expect(first.metrics.breaches).toBe(0);
    // all but the one VMA of the scenario's own address space, which is nobody's
    expect(first.metrics.vmas_freed).toBe(first.metrics.vmas_allocated! - 1);
  });
});

it("an exit of 400 mappings frees them", async () => {
  const out = join(folder, "many.yaml");
  await imported("exitmany.strace.gz", "--out", out, "--time", "none");
  expect((await run(out)).runs[0]!.metrics.vmas_allocated).toBeGreaterThan(400);
});

describe("the command", () => {
  it.each([
    [["--time", "some"], /bad value of --time: found "some", expected as-recorded or none/],
    [["--touch", "some"], /bad value of --touch/],
    [["--first", "0"], /--first/],
    [["--out", join(FIXTURES, "jit.strace")], /--out names a file that is read/],
    [["--maps", "/nonexistent"], /cannot read maps/],
  ])("%j is refused", async (more, message) => {
    const { code, stdout, stderr } = await imported("jit.strace", ...more);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  it("a file that is none", async () => {
    const { code, stderr } = await imported("none.strace");
    expect(code).toBe(2);
    expect(stderr).toMatch(/none\.strace: cannot read the trace: found no such file/);
  });
});

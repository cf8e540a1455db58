// The texts as a whole. They come from a tiny engine of plain arithmetic, so they move only when the
// layout does; `npx vitest run test/output -u` takes a new layout over.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COST_NAMES } from "../../src/profile/profile.ts";
import { cli } from "../cli/in-process.ts";

const HERE = new URL(".", import.meta.url).pathname;
const SCENARIO = join(HERE, "scenario.yaml");
const MEASURED = join(HERE, "measured.csv");

const PAGE_COLUMNS = 80;

// A profile of its own: the texts of the real one may change. Its name finds the measured rows.
const FOLDER = mkdtempSync(join(tmpdir(), "vma-teardown-golden-"));
const PROFILE = join(FOLDER, "profile.json");

beforeAll(() => {
  const costs = Object.fromEntries(COST_NAMES.map((name) => [name, { ps: 1, source: "none" }]));
  const profile = {
    name: "icount-6.12",
    title: "title of the profile",
    machine: "a machine that never was, described in a line long enough to be broken at blanks",
    date: "2026-01-31",
    valid: "nothing at all.",
    costs,
  };
  writeFileSync(PROFILE, JSON.stringify(profile));
});

afterAll(() => rmSync(FOLDER, { recursive: true }));

const withProfile = (args: readonly string[]): string[] =>
  args[0] === "validate"
    ? [...args, "--profile", PROFILE]
    : [...args, "--set", `profile=${PROFILE}`];

const CASES: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
}[] = [
  { name: "compare", args: ["compare", SCENARIO, "--no-calibration"], code: 0 },
  {
    name: "compare-calibrated",
    args: ["compare", SCENARIO, "--strategies", "call_rcu,direct,batch-7"],
    code: 0,
  },
  {
    name: "compare-phases",
    args: ["compare", SCENARIO, "--tick-phases", "4", "--no-calibration", "--vmas", "5000"],
    code: 0,
  },
  {
    name: "compare-many",
    args: [
      "compare",
      SCENARIO,
      "--no-calibration",
      "--strategies",
      "direct,batch-1,batch-8,batch-64,batch-512,batch-4096,batch-1000000",
      "--set",
      "machine.cpus=4",
      "--set",
      "machine.rcu.blimit=100",
      "--set",
      "machine.tick_phase=1.5ms",
    ],
    code: 0,
  },
  { name: "run", args: ["run", SCENARIO], code: 0 },
  { name: "run-phases", args: ["run", SCENARIO, "--tick-phases", "16"], code: 0 },
  {
    name: "sweep",
    args: [
      "sweep",
      SCENARIO,
      "--quiet",
      "--vary",
      "vmas=1_000..100_000x10",
      "--limit",
      "softirq_max_ns=10ms",
    ],
    code: 0,
  },
  {
    name: "sweep-grid",
    args: [
      "sweep",
      SCENARIO,
      "--quiet",
      "--vary",
      "machine.preempt=none,full",
      "--vary",
      "vmas=1_000,2_000",
      "--tick-phases",
      "2",
      "--metrics",
      "last_free_ns,ncall_rcu,cpu_kthread_ns",
    ],
    code: 0,
  },
  {
    name: "sweep-one-strategy",
    args: [
      "sweep",
      SCENARIO,
      "--quiet",
      "--vary",
      "vmas=1_000..3_000+1_000",
      "--strategies",
      "single",
    ],
    code: 0,
  },
  {
    name: "sweep-many",
    args: [
      "sweep",
      SCENARIO,
      "--quiet",
      "--vary",
      "vmas=1000",
      "--vary",
      "machine.slab.vm_area_struct.object_size=176B,192B",
      "--vary",
      "machine.rcu.jiffies_till_first_fqs=1,2",
      "--vary",
      "machine.slab.vm_area_struct.slab_order=0,1",
      "--vary",
      "machine.slab.vma_lock.slab_order=0",
      "--strategies",
      "direct,batch-1,batch-8,batch-64,batch-512,batch-4096,batch-1000000",
      "--metrics",
      "exit_total_ns",
    ],
    code: 0,
  },
  { name: "describe", args: ["describe", SCENARIO, "--tick-phases", "2"], code: 0 },
  { name: "validate", args: ["validate", "--data", MEASURED, "--phases", "4"], code: 1 },
];

describe("the text of", () => {
  it.each(CASES)("$name", async ({ name, args, code }) => {
    const outcome = await cli(withProfile(args));
    expect(outcome.stderr).toBe("");
    expect(outcome.code).toBe(code);
    const text = outcome.stdout.replaceAll(HERE, "");
    for (const line of text.split("\n")) {
      expect(line.length, line).toBeLessThanOrEqual(name === "validate" ? 100 : PAGE_COLUMNS);
      expect(line, "trailing blanks").toBe(line.trimEnd());
    }
    await expect(text).toMatchFileSnapshot(join(HERE, "golden", `${name}.txt`));
  });
});

describe("JSON", () => {
  it.each(CASES)("of $name is one document, the same every time", async ({ name, args, code }) => {
    const [first, second] = [
      await cli(withProfile([...args, "--json"])),
      await cli(withProfile([...args, "--json"])),
    ];
    expect(first.code).toBe(code);
    expect(first).toEqual(second);
    expect(JSON.parse(first.stdout)).toMatchObject({ version: name === "validate" ? 2 : 1 });
    expect(first.stdout.endsWith("}\n")).toBe(true);
  });
});

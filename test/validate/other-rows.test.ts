// Rows that are not given: cells, sizes and tunables of measured files changed at random. Each gets
// a verdict on every figure that it has, or all the reasons why it cannot be expressed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jobSpec } from "../../src/api/job.ts";
import { runJobs } from "../../src/api/pool.ts";
import { Engine } from "../../src/engine/engine.ts";
import { profileSource } from "../../src/validate/profiles.ts";
import { parseTable } from "../../src/validate/table.ts";
import { judgeValidation, planValidation } from "../../src/validate/validate.ts";
import { ROOT } from "../api/built.ts";
import { propertyOptions } from "../queue/load.ts";

const OTHERS = "test/fixtures/measured";
const FILES = [
  "profiles/icount-6.12.measured.csv",
  "profiles/icount-6.12.munmap.measured.csv",
  "profiles/icount-7.2.measured.csv",
  `${OTHERS}/async.csv`,
  `${OTHERS}/fork.csv`,
  `${OTHERS}/fault.csv`,
  `${OTHERS}/rss.csv`,
  `${OTHERS}/vmalloc.csv`,
  `${OTHERS}/vmalloc_held.csv`,
  `${OTHERS}/vmalloc_stress.csv`,
  `${OTHERS}/vmalloc_lockbreak.csv`,
];

/** Header and rows of a file, without its comments. */
function rowsOf(file: string): { header: string[]; rows: string[][] } {
  const text = readFileSync(join(ROOT, file), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const [header, ...rows] = lines.map((line) => line.split(","));
  return { header: header!, rows };
}

const oneOf = (...words: string[]) => fc.constantFrom(...words);
const number = (min: number, max: number) => fc.integer({ min, max }).map(String);

/** What a column may say in rows that somebody else has measured, sensible or not. */
const COLUMNS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  n: oneOf("0", "1", "2", "27", "28", "29", "500", "1000", "2047", "5000"),
  kernel: oneOf("6.12", "7.2", "6.1", ""),
  strategy: oneOf("direct", "rcu", "batch", "throttle", "single", "typesafe", "other", ""),
  batch_max: oneOf("", "0", "1", "8", "32", "128", "512", "100000"),
  nocb: oneOf("off", "all", "1-3", ""),
  op: oneOf("exit", "munmap", "fork", ""),
  create: oneOf("mprotect", "mmap", "brk"),
  populate: oneOf("0", "1", "2"),
  accel: oneOf("icount", "mttcg", "tcg", ""),
  cpus: oneOf("0", "1", "2", "4", "8", "70000"),
  concurrent: oneOf("0", "1", "2", "101"),
  blimit: number(1, 10_000),
  qhimark: number(0, 100_000),
  flags: number(0, 31),
  extra_cmdline: oneOf(
    "",
    "rcutree.use_softirq=0",
    "rcutree.qlowmark=5",
    "rcutree.qovld=0",
    "rcutree.rcu_divisor=2",
    "rcutree.rcu_resched_ns=100000",
    "rcutree.jiffies_till_first_fqs=0",
    "rcutree.jiffies_till_next_fqs=5 rcutree.jiffies_till_first_fqs=7",
    "rcutree.nocb_nobypass_lim_per_jiffy=0",
    "rcutree.kthread_prio=1",
    "rcutree.blimit=3",
    "rcupdate.rcu_expedited=1",
    "rcu_nocb_poll",
    "kgt_settle=300 loglevel=0",
    "kgt_arm=0",
    "preempt=full",
    "rcutree.blimit=many",
  ),
};

/** Where every kind of rows was measured. */
const PLACES: typeof COLUMNS = { kernel: COLUMNS.kernel!, cpus: COLUMNS.cpus! };

/** What the columns of the other kinds may say. */
const OTHER_COLUMNS: typeof COLUMNS = {
  mode: oneOf("mmput", "mmput_async", "other"),
  children: oneOf("0", "1", "2", "5", "300"),
  rss_mib_each: oneOf("0", "1", "3", "40", "5000"),
  vmas_each: oneOf("0", "1", "2", "27", "700"),
  n_vma_requested: oneOf("0", "1", "2", "100", "1500"),
  populated: oneOf("0", "1", "2"),
  n_vma: oneOf("0", "1", "499", "500", "1500"),
  path: oneOf("vma_lock", "mmap_lock_fallback", "other"),
  touch: oneOf("first_page_of_vma", "second_page_of_vma", "other"),
  faults: oneOf("0", "1", "500", "5000"),
  rss_mib: oneOf("0", "1", "16", "4000", "50000"),
  vmas_in_area: oneOf("0", "1", "7", "1000", "10000000"),
  percpu_high_fraction: oneOf("auto", "0", "7", "8", "1000", "other"),
  vmap_nodes: oneOf("0", "1", "2", "8", "1000"),
  mask: oneOf("0", "1", "2", "4", "63", "512", "2047", "4096"),
  pattern: oneOf("held_contiguous_then_vmalloc_vfree_loop", "other"),
  held_areas: oneOf("0", "1", "1000", "1200000", "100000000"),
  alloc_pages_without_guard: oneOf("0", "1", "2", "100"),
  threads: oneOf("0", "1", "3", "70000"),
  lock_break_rule: oneOf("never", "other"),
};

/** Columns whose figures decide how long a row takes: what they are at most here. */
const AT_MOST: Readonly<Record<string, string>> = { loops: "10" };

/** A row of a file with up to four columns changed. */
function changedRow({ header, rows }: ReturnType<typeof rowsOf>): fc.Arbitrary<string[]> {
  const columns = header.includes("strategy") ? COLUMNS : { ...OTHER_COLUMNS, ...PLACES };
  const known = header.filter((name) => name in columns);
  const change = fc.constantFrom(...known).chain((name) => columns[name]!.map((to) => [name, to]));
  const at = header.indexOf("n");
  const small = rows.filter((row) => at === -1 || Number(row[at]) <= 10_000);
  return fc
    .tuple(fc.constantFrom(...small), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([row, changes]) => {
      const copy = row.map((field, at) => AT_MOST[header[at]!] ?? field);
      for (const [name, to] of changes) copy[header.indexOf(name!)] = to!;
      return copy;
    });
}

describe("a row that is not given", () => {
  it.each(FILES)("gets verdicts or reasons, never a crash: like those of %s", async (file) => {
    const table = rowsOf(file);
    const { header } = table;
    const profile = await profileSource();
    const plan = (job: Parameters<typeof jobSpec>[0]) => Engine.plan(jobSpec(job));
    const changed = fc.array(changedRow(table), { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changed, async (rows) => {
        const text = [table.header, ...rows].map((row) => row.join(",")).join("\n");
        const options = { phases: 2, tolerance: 0.1, profile, plan };
        const validation = planValidation([parseTable(text, "rows.csv")], options);
        const report = judgeValidation(validation, await runJobs(validation.jobs, { workers: 0 }));
        const judged = report.rows.reduce((sum, row) => sum + row.repeats, 0);
        expect(judged + report.inexpressible.length).toBe(rows.length);
        for (const { verdicts } of report.rows) {
          expect(verdicts.length).toBeGreaterThan(0);
          for (const { error } of verdicts) expect(error).not.toBeNaN();
        }
        for (const { reasons } of report.inexpressible) {
          expect(reasons.length).toBeGreaterThan(0);
          for (const reason of reasons) expect(reason).toMatch(/\w+ \w+/);
        }
      }),
      propertyOptions(header.includes("strategy") ? 40 : 15),
    );
  });
});

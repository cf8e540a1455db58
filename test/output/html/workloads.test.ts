// Pages of every workload, and what each has that others have not.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WorkloadType } from "../../../src/api/types.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { ranksOf, textOfWorkload } from "../../../src/output/workload-texts.ts";
import { cli } from "../../cli/in-process.ts";
import { all, type Element, read, tableOf, textOf } from "./read.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-html-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The page of a line, in which `@name` is a file of the folder. */
async function pageOf(line: string): Promise<{ page: Element; text: string; stdout: string }> {
  const file = join(folder, "page.html");
  const args = line.split(" ").map((word) => word.replace("@", `${folder}/`));
  const outcome = await cli(["--quiet", ...args, "--html", file], { engine: Engine });
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  const text = readFileSync(file, "utf8");
  return { page: read(text), text, stdout: outcome.stdout };
}

const titles = (page: Element): string[] => all(page, "figcaption").map(textOf);
const sections = (page: Element): string[] => all(page, "h2").map(textOf);

const WORKLOADS: readonly WorkloadType[] = [
  "exit",
  "munmap",
  "exits",
  "rcu_flood",
  "rcu_post",
  "vmalloc",
  "mm",
];

it.each(WORKLOADS)("what is drawn of %s are milliseconds, or rows of its table", (type) => {
  const { lines, charts } = textOfWorkload<WorkloadType>(type);
  const drawn = [...charts.stacks.flatMap(({ parts }) => parts), ...charts.longest];
  for (const { metric } of drawn) expect(String(metric)).toMatch(/_ns(?:_max)?$/);
  const rows = lines.map(({ metric }) => metric);
  expect(rows).toEqual(expect.arrayContaining([...(charts.leading ?? [])]));
  // something is drawn of each
  expect((charts.leading ?? []).length > 0 || ranksOf(type, false) !== undefined).toBe(true);
});

describe("the page of", () => {
  it.each([
    ["compare munmap-churn --vmas 500", "munmap by phase, all calls, ms"],
    ["compare exits/async-one-cpu --tick-phases 2", "last wait, ms"],
    ["compare rcu-flood", "n_max_cbs"],
    ["compare callbacks", "pending peak"],
    ["compare vmalloc/memory-suffices", "lazy peak, pages"],
    ["compare threads-munmap --strategies call_rcu,batch-32", "threads done, ms"],
  ])(
    "%s has a chart of %s",
    async (line, title) => {
      const { page, text } = await pageOf(line);
      expect(titles(page).some((one) => one.startsWith(title))).toBe(true);
      expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
      expect(text.length).toBeLessThan(500_000);
    },
    60_000,
  );
});

it("stacks add up to what they are parts of, with a rest where it shows", async () => {
  const { page } = await pageOf("compare munmap-churn --vmas 500 --strategies direct");
  const [chart] = all(page, "figure");
  expect(all(chart!, "li").map(textOf)).toContain("rest");
  const [row] = tableOf(page, "Figures").slice(1);
  const label = all(chart!, "svg").find(({ attributes }) => attributes.role === "img")!.attributes;
  expect(label["aria-label"]).toBe(`munmap by phase, all calls, ms: direct ${row![1]}`);
});

it("a strategy that is unsafe is marked in the charts", async () => {
  writeFileSync(
    join(folder, "unsafe.yaml"),
    `version: 1
workload: { type: munmap, vma_count: 50 }
address_space: { generate: alternating, vma_count: 200 }
strategies:
  - call_rcu
  - name: at-once
    unsafe: true
    exit: { collect: none, release: direct }
    munmap: { collect: none, release: direct }
`,
  );
  const { page } = await pageOf("compare @unsafe.yaml");
  const texts = all(page, "svg").flatMap((svg) => all(svg, "text").map(textOf));
  expect(texts).toContain("at-once (unsafe)");
  expect(texts).toContain("call_rcu");
  expect(texts).not.toContain("at-once");
});

it("tick phases have their ranges, and a digest each", async () => {
  const { page } = await pageOf(
    "compare node-server --vmas 2_000 --tick-phases 3 --no-calibration",
  );
  expect(sections(page)).toContain("Range over 3 tick phases");
  expect(tableOf(page, "Digests").slice(1).flat()).toHaveLength(3 * 6);
  expect(titles(page).some((one) => one.includes("range over the tick phases"))).toBe(true);
});

it("bystanders and memory have their tables", async () => {
  const line =
    "compare memory-pressure --vmas 20_000 --strategies direct,throttle --no-calibration";
  const { page, stdout } = await pageOf(line);
  const flat = stdout.replace(/\s+/g, " ");
  for (const name of ["Bystanders", "Memory"]) {
    const rows = tableOf(page, name).slice(1);
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(flat).toContain(row.filter((one) => one !== "").join(" "));
  }
}, 60_000);

it("run has what is no single number, of its first strategy alone", async () => {
  const { page, stdout } = await pageOf("run rcu-flood");
  expect(sections(page)).toContain("Details");
  expect(sections(page)).toContain("Charts");
  const details = all(page, "pre")
    .map(textOf)
    .find((text) => text.includes("n_launders_hist"))!;
  expect(stdout).toContain(details);
  const run = await pageOf("run node-server --vmas 2_000 --strategies call_rcu,direct");
  expect(tableOf(run.page, "Figures")[0]).toEqual(["", "call_rcu"]);
  expect(sections(run.page)).not.toContain("Conclusion");
  expect(textOf(all(run.page, "code")[0]!)).toBe(
    "vma-teardown run node-server --vmas 2_000 --strategies call_rcu,direct",
  );
});

it("long lists in the scenario are cut, and say so", async () => {
  const { page, text } = await pageOf("run execl-loop --strategies call_rcu");
  const scenario = JSON.parse(textOf(all(page, "pre").at(-1)!)).scenario;
  expect(scenario.workload.mms).toHaveLength(9);
  expect(scenario.workload.mms.at(-1)).toMatch(/^[\d,]+ more: --json has all$/);
  expect(text.length).toBeLessThan(300_000);
}, 60_000);

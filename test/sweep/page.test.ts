// The page of a sweep: it says what the text says, its figures are those of the JSON document, and nothing in it is
// anybody else's.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { loadScenario, planSweep, runSweep, sweepHtml } from "../../src/node.ts";
import { cell } from "../../src/output/strategy-table.ts";
import type { SweepConclusion } from "../../src/sweep/conclude.ts";
import type { SweepPoint } from "../../src/sweep/sweep.ts";
import { cli } from "../cli/in-process.ts";
import { expectAlone, expectFigures, expectOwnColours } from "../output/html/alone.ts";
import { all, type Element, read, tableOf, textOf } from "../output/html/read.ts";

const TITLE = `<script>alert("1")</script> & 'two' {{datum}}`;
const HOSTILE = `"><img/src=x`;
const SCENARIO = `version: 1
name: page
title: ${JSON.stringify(TITLE)}
address_space: { generate: alternating, vma_count: 300 }
strategies:
  - direct
  - call_rcu
  - name: ${JSON.stringify(HOSTILE)}
    exit: { collect: private-list, drain: { when: end }, release: call-rcu }
`;
const GRID = ["--vary", "vmas=300..30_000x10", "--vary", "machine.cpus=1,2"];
const LIMIT = ["--limit", "softirq_max_ns=1ms"];

let folder: string;
let html: string;
let page: Element;
let text: string;
let json: { points: SweepPoint[]; conclusion: SweepConclusion; strategies: string[] };

const at = (name: string): string => join(folder, name);
const run = (...args: readonly string[]) =>
  cli(["--quiet", "sweep", at("s.yaml"), ...args], { engine: Engine });
const flat = (words: string): string => words.replace(/\s+/g, " ").trim();

/** The page of a line, and what it says besides. */
async function pageOf(...args: readonly string[]) {
  const outcome = await run(...args, "--html", at("other.html"));
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  const written = readFileSync(at("other.html"), "utf8");
  return { page: read(written), html: written, stdout: outcome.stdout };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-html-"));
  writeFileSync(at("s.yaml"), SCENARIO);
  ({ html, page, stdout: text } = await pageOf(...GRID, ...LIMIT));
  json = JSON.parse((await run(...GRID, ...LIMIT, "--json")).stdout);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

const titles = (one: Element): string[] => all(one, "figcaption").map(textOf);

describe("the figures", () => {
  it("are those of the JSON document, a table a metric", () => {
    const [head, ...rows] = tableOf(page, "exit total, ms");
    expect(head).toEqual(["vmas", "cpus", ...json.strategies]);
    expect(rows).toHaveLength(json.points.length);
    json.points.forEach(({ values, strategies }, i) => {
      const figures = strategies.map((one) => cell(one.values.exit_total_ns!, "ms"));
      const vmas = Number(values.vmas!.replaceAll("_", "")).toLocaleString("en");
      expect(rows[i]).toEqual([vmas, values["machine.cpus"], ...figures]);
    });
  });

  it("are bold where the conclusion has the strategy first", () => {
    const ranking = json.conclusion.rankings.find(({ metric }) => metric === "exit_total_ns")!;
    const [table] = all(page, "table");
    const bold = all(table!, "tr")
      .slice(1)
      .map((row) => all(row, "td").map(({ attributes }) => attributes.class === "first"));
    expect(bold).toEqual(
      ranking.first.map((names) => json.strategies.map((name) => names.includes(name))),
    );
    expect(bold.flat()).toContain(true);
  });

  it("are drawn as well: a picture says them to who cannot see it", () => {
    const labels = all(page, "svg").flatMap(({ attributes }) => attributes["aria-label"] ?? []);
    const label = labels.find((one) =>
      one.startsWith("exit total, ms (machine.cpus=2), over vmas"),
    )!;
    const second = json.points.filter(({ values }) => values["machine.cpus"] === "2");
    expect(second).toHaveLength(3);
    json.strategies.forEach((name, i) => {
      const figures = second.map(({ strategies }) => strategies[i]!.values.exit_total_ns!);
      const [first, , last] = figures.map((figure) => cell(figure, "ms"));
      expect(label).toContain(`${name} ${first} at 300, `);
      expect(label).toContain(`, ${last} at 30,000`);
    });
  });

  it("have a panel for each metric and each value of the other key", () => {
    expect(titles(page)).toHaveLength(2 * json.conclusion.rankings.length);
    expectFigures(page, 10);
  });

  it("have their digests", () => {
    const rows = tableOf(page, "Digests").slice(1);
    expect(rows.map((row) => row.slice(2))).toEqual(
      json.points.map(({ strategies }) => strategies.map(({ digest }) => digest)),
    );
  });
});

describe("the words", () => {
  it("of the conclusion are those of the text, with every crossing", () => {
    const conclusion = flat(text.slice(text.indexOf("Conclusion")));
    const terms = all(page, "dt").map(textOf);
    expect(terms).toContain("exits first");
    all(page, "dd").forEach((one, i) => {
      const said = all(one, "p").map(textOf);
      expect(conclusion).toContain(flat([terms[i], ...said].join(" ")));
    });
    const crossings = all(page, "dd").flatMap((one) => all(one, "p").map(textOf));
    expect(json.conclusion.crossovers.length).toBeGreaterThan(0);
    expect(crossings.some((one) => / passes /.test(one))).toBe(true);
    expect(textOf(page)).toMatch(/softirq max above 1ms: /);
  });

  it("of every paragraph are those of the text", () => {
    const sentences = all(page, "p").map((one) => flat(textOf(one)));
    const own = sentences.filter((one) => one.length > 60 && !flat(text).includes(one));
    expect(own).toEqual([expect.stringMatching(/^vma-teardown \d.* The same scenario, seed/)]);
    const long = sentences.filter((one) => one.length > 40);
    expect(new Set(long).size).toBe(long.length);
  });

  it("say how to run it again, with all that the figures hang on", () => {
    const [again] = all(page, "code");
    expect(textOf(again!)).toBe(
      `vma-teardown sweep ${at("s.yaml")} --vary vmas=300..30_000x10 --vary machine.cpus=1,2 --limit softirq_max_ns=1ms`,
    );
    const asked = JSON.parse(textOf(all(page, "pre").at(-1)!));
    expect(asked.scenario).toMatchObject({ title: TITLE, machine: { cpus: 1 } });
    expect(asked.strategies[2]).toMatchObject({ name: HOSTILE });
  });

  it("are text, whatever is in them", () => {
    expect(all(page, "h1").map(textOf)).toEqual([TITLE]);
    expect(tableOf(page, "Digests")[0]).toContain(HOSTILE);
    expect(all(page, "li").map(textOf)).toContain(HOSTILE);
  });
});

describe("the page", () => {
  it("loads and runs nothing", () => expectAlone(page));

  it("uses only colours that its style has", () => expectOwnColours(page, html));

  it("names rows and columns of its tables", () => {
    for (const table of all(page, "table")) {
      const heads = all(table, "th");
      expect(heads.every(({ attributes }) => attributes.scope !== undefined)).toBe(true);
      for (const row of all(table, "tr").slice(1)) expect(all(row, "th")).toHaveLength(2);
    }
  });

  it("is the same again, from a program too, and changes nothing beside it", async () => {
    const again = await pageOf(...GRID, ...LIMIT, "--workers", "0");
    expect(again.html).toBe(html);
    expect((await run(...GRID, ...LIMIT)).stdout).toBe(text);
    const plan = await planSweep(at("s.yaml"), {
      vary: ["vmas=300..30_000x10", "machine.cpus=1,2"],
    });
    const result = await runSweep(plan);
    const command = textOf(all(page, "code")[0]!);
    const made = await sweepHtml(plan, result, { limits: ["softirq_max_ns=1ms"], command });
    expect(made).toBe(html);
    expect((await loadScenario(at("s.yaml"))).vma_count).toBe(300);
    await expect(sweepHtml(plan, { ...result, points: [] })).rejects.toThrow(
      /^not the result of this sweep: found 0 points, expected the 6 points of the plan/,
    );
    await expect(sweepHtml(plan, result, { limits: ["x=1"] })).rejects.toThrow(
      /^bad value of --limit/,
    );
  }, 60_000);
});

describe("other sweeps", () => {
  it("over words have dots and no lines", async () => {
    const other = await pageOf(
      "--vary",
      "machine.preempt=none,full",
      "--strategies",
      "direct,single",
    );
    const [figure] = all(other.page, "figure");
    const drawn = textOf(figure!);
    expect(drawn).toContain("machine.preempt");
    expect(drawn).toContain("full");
    expect(all(figure!, "path").length).toBeGreaterThanOrEqual(4);
    const long = all(figure!, "path").filter(({ attributes }) =>
      /^M[^Z]*L[^Z]*$/.test(attributes.d ?? ""),
    );
    expect(long).toEqual([]);
  });

  it("of one strategy have one table, and no conclusion", async () => {
    const other = await pageOf("--vary", "vmas=300,600", "--strategies", "direct");
    const [head, ...rows] = tableOf(other.page, "Figures");
    expect(head!.slice(0, 2)).toEqual(["vmas", "exit total, ms"]);
    expect(rows.map(([vmas]) => vmas)).toEqual(["300", "600"]);
    expect(all(other.page, "h2").map(textOf)).not.toContain("Conclusion");
    expect(other.html).not.toContain("Bold");
  });

  it("over tick phases draw the range and say so", async () => {
    const other = await pageOf("--vary", "vmas=300,3_000", "--tick-phases", "2");
    expect(titles(other.page).every((one) => one.includes("range over the tick phases"))).toBe(
      true,
    );
    expect(textOf(other.page)).toContain("Figures are those of the first tick phase.");
  });

  it("of one point have tables and no charts", async () => {
    const other = await pageOf("--vary", "vmas=300");
    expect(all(other.page, "figure")).toEqual([]);
    expect(tableOf(other.page, "exit total, ms")).toHaveLength(2);
  });

  it("of figures that are zero are drawn, without a number that is none", async () => {
    const metrics = ["--metrics", "stranded_vmas,exit_total_ns"];
    const other = await pageOf("--vary", "vmas=1,2,3", "--strategies", "direct,single", ...metrics);
    expect(other.html).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(titles(other.page)).toHaveLength(2);
  });

  it.each([
    [["--html", "@"], /^vma-teardown: @: cannot write/],
    [["--html", "@no/such.html"], /cannot write: found no such folder/],
    [["--html", "@s.yaml"], /--html names a file that is read/],
    [["--html", "@x", "--csv", "@x"], /--csv and --html name one file|--html and --csv name one/],
    [
      ["--html", "@x", "--vary", "seed=1..4+1", "--vary", "machine.cpus=1..4+1"],
      /too many panels for a drawing: found 80 panels needed, expected at most 60/,
    ],
  ])("%j is refused", async (more, message) => {
    const args = more.map((word) => word.replace("@", `${folder}/`));
    const { code, stdout, stderr } = await run("--vary", "vmas=1..4+1", ...args);
    expect([code > 1, stdout]).toEqual([true, ""]);
    expect(stderr.replaceAll(`${folder}/`, "@")).toMatch(message);
  });
});

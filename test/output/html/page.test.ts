// The page of a comparison: it says what the other reports say, and nothing in it is anybody else's.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunMetrics } from "../../../src/api/types.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { EXIT_TEXT } from "../../../src/output/exit-text.ts";
import { grouped } from "../../../src/output/format.ts";
import { cell } from "../../../src/output/strategy-table.ts";
import { cli } from "../../cli/in-process.ts";
import { expectAlone, expectFigures, expectOwnColours } from "./alone.ts";
import { all, type Element, read, tableOf, textOf } from "./read.ts";

const TITLE = `<script>alert("1")</script> & 'two' {{datum}}`;
const HOSTILE = `"><img/src=x`;
const SCENARIO = `version: 1
name: page
title: ${JSON.stringify(TITLE)}
address_space: { generate: alternating, vma_count: 3_000 }
strategies:
  - direct
  - call_rcu
  - name: ${JSON.stringify(HOSTILE)}
    exit: { collect: private-list, drain: { when: end }, release: call-rcu }
`;

let folder: string;
let html: string;
let page: Element;
let text: string;
let json: {
  strategies: { name: string; digest: string; metrics: RunMetrics; verdict: { runs: number } }[];
};

const at = (name: string): string => join(folder, name);
const compare = (...more: readonly string[]) =>
  cli(["--quiet", "compare", at("s.yaml"), ...more], { engine: Engine });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-html-"));
  writeFileSync(at("s.yaml"), SCENARIO);
  const outcome = await compare("--html", at("page.html"));
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  text = outcome.stdout;
  html = readFileSync(at("page.html"), "utf8");
  page = read(html);
  json = JSON.parse((await compare("--json", "--no-calibration")).stdout);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe("the figures", () => {
  it("are those of the JSON document, every metric of every strategy", () => {
    const [head, ...rows] = tableOf(page, "Every metric");
    expect(head).toEqual(["", ...json.strategies.map(({ name }) => name)]);
    const names = Object.keys(json.strategies[0]!.metrics);
    expect(rows.map(([name]) => name)).toEqual(names);
    for (const [name, ...cells] of rows) {
      const decimals = name === "dead_byte_seconds" ? 1 : 0;
      const figures = json.strategies.map(({ metrics }) => metrics[name as keyof RunMetrics]);
      expect(cells, name).toEqual(figures.map((figure) => grouped(figure, decimals)));
    }
  });

  it("stand in the main table in the units of its rows", () => {
    const [, ...rows] = tableOf(page, "Figures");
    const told = EXIT_TEXT.lines.filter(
      ({ where_any, metric }) =>
        where_any !== true || json.strategies.some(({ metrics }) => metrics[metric] !== 0),
    );
    expect(rows.map(([label]) => label)).toEqual([
      ...told.map(({ label }) => label.trim()),
      "verdict",
    ]);
    told.forEach(({ metric, unit, once }, i) => {
      const cells = json.strategies.map(({ metrics }) =>
        once !== undefined && metrics[once] === 0 ? "-" : cell(metrics[metric], unit),
      );
      expect(rows[i]!.slice(1), String(metric)).toEqual(cells);
    });
    expect(rows.at(-1)!.slice(1)).toEqual(["safe", "safe", "safe"]);
  });

  it("are drawn as well: a picture says them to who cannot see it", () => {
    const labels = all(page, "svg").flatMap(({ attributes }) => attributes["aria-label"] ?? []);
    const exits = json.strategies.map(({ name, metrics }) => {
      return `${name} ${cell(metrics.exit_total_ns, "ms")}`;
    });
    expect(labels).toContain(`Exit by phase, ms: ${exits.join(", ")}`);
    const dead = labels.find((label) => label.startsWith("Dead VMAs over time: "))!;
    const peaks = [...dead.matchAll(/(\S+) up to ([\d,]+)/g)].map(([, name, peak]) => {
      return { name, peak: Number(peak!.replaceAll(",", "")) };
    });
    expect(peaks.map(({ name }) => name)).toEqual(json.strategies.map(({ name }) => name));
    json.strategies.forEach(({ metrics: { dead_peak } }, i) => {
      // the counters are looked at now and then: a peak may lie between
      expect(peaks[i]!.peak).toBeLessThanOrEqual(dead_peak);
      expect(peaks[i]!.peak).toBeGreaterThanOrEqual(Math.floor(0.9 * dead_peak) - 1);
    });
  });

  it("are bold where the conclusion has the strategy first", () => {
    const [table] = all(page, "table");
    const rows = all(table!, "tr");
    const row = rows.find((one) => textOf(one).startsWith("softirq max"))!;
    const bold = all(row, "td").map(({ attributes }) => attributes.class === "first");
    expect(bold).toEqual([true, false, false]);
  });
});

describe("the words", () => {
  /** Without the lines that the text is broken into. */
  const flat = (words: string): string => words.replace(/\s+/g, " ").trim();

  it("of the conclusion are those of the text report", () => {
    const terms = all(page, "dt").map(textOf);
    const statements = all(page, "dd").map(textOf);
    expect(terms).toContain("trade");
    const conclusion = flat(text.slice(text.indexOf("Conclusion")));
    terms.forEach((term, i) => {
      expect(conclusion).toContain(flat(`${term} ${statements[i]}`));
    });
  });

  it("of every part are those of the text report", () => {
    const said = all(page, "p").concat(all(page, "li"));
    const sentences = said.map((one) => flat(textOf(one))).filter((one) => one.length > 60);
    const report = flat(text.replaceAll("\n- ", "\n"));
    const own = sentences.filter((sentence) => !report.includes(sentence));
    expect(own).toEqual([
      expect.stringMatching(/^vma-teardown \d+\.\d+\.\d+\. The same scenario, seed and version/),
    ]);
  });

  it("have the measured rows of the text report", () => {
    const rows = tableOf(page, "Measured beside simulated").slice(1);
    expect(rows.length).toBeGreaterThan(5);
    const report = flat(text);
    for (const row of rows) expect(report).toContain(flat(row.join(" ")));
  });

  it("say how to run it again, with all that the figures hang on", () => {
    const [again] = all(page, "code");
    expect(textOf(again!)).toBe(`vma-teardown compare ${at("s.yaml")}`);
    const [scenario] = all(page, "pre").slice(-1);
    const asked = JSON.parse(textOf(scenario!));
    expect(asked.scenario).toMatchObject({ title: TITLE, seed: "1", machine: { hz: 250 } });
    expect(asked.strategies[2]).toMatchObject({ name: HOSTILE, exit: { release: "call-rcu" } });
    const digests = tableOf(page, "Runs").slice(1);
    expect(digests.map(([name, , digest]) => [name, digest])).toEqual(
      json.strategies.map(({ name, digest }) => [name, digest]),
    );
  });
});

describe("names and titles", () => {
  it("are text, whatever is in them", () => {
    expect(all(page, "h1").map(textOf)).toEqual([TITLE]);
    expect(all(page, "title").map(textOf)).toEqual([TITLE]);
    const columns = tableOf(page, "Figures")[0]!;
    expect(columns).toEqual(["", "direct", "call_rcu", HOSTILE]);
  });

  it("are text in the charts too", () => {
    const drawn = all(page, "svg").flatMap((svg) => all(svg, "text").map(textOf));
    expect(drawn.filter((one) => one === HOSTILE).length).toBeGreaterThan(5);
  });
});

describe("the page", () => {
  it("loads and runs nothing", () => expectAlone(page));

  it("is the same to the last byte when it is made again", async () => {
    await compare("--html", at("again.html"), "--workers", "0");
    expect(readFileSync(at("again.html"), "utf8")).toBe(html);
  }, 60_000);

  it("is small", () => {
    expect(html.length).toBeLessThan(250_000);
    expect(html.endsWith("</html>\n")).toBe(true);
  });

  it("has headers for rows and columns of its tables, and captions for its figures", () => {
    for (const table of all(page, "table")) {
      expect(all(table, "th").every(({ attributes }) => attributes.scope !== undefined)).toBe(true);
      const [body] = all(table, "tbody");
      const named = all(body!, "th").map(({ attributes }) => Number(attributes.rowspan ?? 1));
      expect(named.reduce((sum, rows) => sum + rows)).toBe(all(body!, "tr").length);
    }
    expectFigures(page, 8);
  });

  it("uses only colours that its style has, by day, by night and on paper", () => {
    expectOwnColours(page, html);
  });
});

describe("beside other reports", () => {
  it("the page changes nothing in them", async () => {
    const plain = await compare("--json", "--no-calibration");
    const with_page = await compare("--json", "--no-calibration", "--html", at("other.html"));
    expect(with_page).toEqual(plain);
    expect(readFileSync(at("other.html"), "utf8")).toContain("--no-calibration</code>");
  }, 60_000);
});

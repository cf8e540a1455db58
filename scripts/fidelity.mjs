// Judges all measured rows and writes what comes out into docs/: the tables of docs/fidelity.md, between
// its markers, and one picture a kind of rows, simulated against measured for each metric.
//
// usage: npm run fidelity

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as vega from "vega";
import { jobSpec } from "../dist/src/api/job.js";
import { runJobs } from "../dist/src/api/pool.js";
import { Engine } from "../dist/src/engine/engine.js";
import { InputError } from "../dist/src/errors.js";
import { kindsOf } from "../dist/src/validate/kinds/index.js";
import { profileSource } from "../dist/src/validate/profiles.js";
import { parseTable } from "../dist/src/validate/table.js";
import { judgeValidation, planValidation } from "../dist/src/validate/validate.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const DATA = join(ROOT, "test", "fixtures", "measured");
const DOCUMENT = join(ROOT, "docs", "fidelity.md");
const PICTURES = join(ROOT, "docs", "fidelity");
const PHASES = 16;
const TOLERANCE = 0.1;
const [BEGIN, END] = ["<!-- written by npm run fidelity -->", "<!-- end of what it writes -->"];

const percent = (share) => (share === 0 ? "0" : `${(share * 100).toFixed(1)} %`);
const count = (number) =>
  number.toLocaleString("en-US", { maximumFractionDigits: number >= 1000 ? 0 : 3 });

/** Whether any kind of rows knows a file's columns. */
function isKnown(table) {
  try {
    return kindsOf(table).length > 0;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

async function judged() {
  const files = readdirSync(DATA)
    .filter((name) => name.endsWith(".csv"))
    .sort();
  const all = files.map((name) => parseTable(readFileSync(join(DATA, name), "utf8"), name));
  const strangers = all.filter((table) => !isKnown(table));
  const tables = all.filter(isKnown);
  const plan = planValidation(tables, {
    profile: await profileSource(),
    phases: PHASES,
    tolerance: TOLERANCE,
    plan: (job) => Engine.plan(jobSpec(job)),
  });
  const report = judgeValidation(plan, await runJobs(plan.jobs));
  const unknown = strangers.flatMap(({ file, records }) =>
    records.map(({ id, line }) => {
      return { file, id, line, kind: "none", reasons: ["no kind knows these columns"] };
    }),
  );
  return { ...report, inexpressible: [...report.inexpressible, ...unknown] };
}

function comparedText({ comparisons }) {
  return Object.entries(comparisons)
    .map(([way, figures], _, all) => (all.length === 1 ? way : `${way} ${figures}`))
    .join(", ");
}

function kindSection(report, kind) {
  const rows = kind.metrics.map((metric) => {
    const { count: figures, median, p90, worst, misses } = metric;
    const errors = [percent(median), percent(p90), percent(worst)].join(" | ");
    return `| \`${metric.metric}\` | ${comparedText(metric)} | ${figures} | ${errors} | ${misses} |`;
  });
  const pairs = kind.ranks.reduce(
    (sum, { agree, undecided, wrong }) => ({
      agree: sum.agree + agree,
      undecided: sum.undecided + undecided,
      wrong: sum.wrong + wrong.length,
    }),
    { agree: 0, undecided: 0, wrong: 0 },
  );
  const wrong = kind.ranks.flatMap(({ metric, group, wrong: list }) =>
    list.map((pair) => `- ${group}, \`${metric}\`: measured ${pair}`),
  );
  const cells = kind.ranks.filter(({ wrong }) => wrong.length === 0).length;
  const order =
    kind.ranks.length === 0
      ? []
      : [
          `Order of strategies: right in ${cells} of ${kind.ranks.length} cells (${pairs.agree} pairs right, ${pairs.undecided} undecided, ${pairs.wrong} wrong).`,
          "",
          ...(wrong.length === 0 ? [] : [...wrong, ""]),
        ];
  const misses = report.rows
    .filter((row) => row.kind === kind.kind)
    .flatMap((row) =>
      row.verdicts
        .filter(({ ok }) => !ok)
        .map(({ metric, measured, low, high }) => {
          const found = low === high ? count(low) : `${count(low)} - ${count(high)}`;
          return `| ${row.id}, line ${row.line} | \`${metric}\` | ${count(measured)} | ${found} |`;
        }),
    );
  const repeats = kind.repeats === undefined ? "" : `; of repeats the ${kind.repeats} one counts`;
  return [
    `### ${kind.kind}`,
    "",
    `${kind.title[0].toUpperCase()}${kind.title.slice(1)}: ${kind.rows} cells${repeats}.`,
    "",
    "| metric | compared | figures | median error | 90 % | worst | misses |",
    "|---|---|---|---|---|---|---|",
    ...rows,
    "",
    ...order,
    `![simulated against measured](fidelity/${kind.kind}.svg)`,
    "",
    ...(misses.length === 0
      ? []
      : [
          `<details><summary>${misses.length} ${misses.length === 1 ? "figure" : "figures"} outside their tolerance</summary>`,
          "",
          "| row | metric | measured | simulated |",
          "|---|---|---|---|",
          ...misses,
          "",
          "</details>",
          "",
        ]),
  ];
}

function refusedSection({ inexpressible }) {
  const reasons = new Map();
  for (const { file, kind, reasons: list } of inexpressible) {
    const key = `| \`${file}\` | ${kind} | ${list.join("; ")} |`;
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
  }
  if (reasons.size === 0) return [];
  return [
    "### Rows that cannot be expressed",
    "",
    "| file | kind | reason | rows |",
    "|---|---|---|---|",
    ...[...reasons].map(([line, rows]) => `${line} ${rows} |`),
    "",
  ];
}

function rangeSection() {
  const folder = join(ROOT, "profiles");
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")))
    .map(({ name, range, valid = "" }) => {
      const words = valid.replaceAll("|", "\\|");
      if (range === undefined) return `| \`${name}\` | not stated | | | ${words} |`;
      const { generations, vma_count_min, vma_count_max, cpus_max } = range;
      const sizes = `${count(vma_count_min)} to ${count(vma_count_max)}`;
      return `| \`${name}\` | ${generations.join(", ")} | ${sizes} | ${cpus_max} | ${words} |`;
    });
  return [
    "### Valid range of each profile",
    "",
    "A run beyond `range` says so in its heading.",
    "",
    "| profile | kernels | VMAs | CPUs up to | in words |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ];
}

function summarySection(report) {
  const { overall, predictions, rows, inexpressible, kinds } = report;
  const line = ({ kind, rows: cells, metrics, ranks }) => {
    const figures = metrics.reduce((sum, metric) => sum + metric.count, 0);
    const misses = metrics.reduce((sum, metric) => sum + metric.misses, 0);
    const wrong = ranks.filter((rank) => rank.wrong.length > 0).length;
    const order = ranks.length === 0 ? "" : `${ranks.length - wrong} of ${ranks.length}`;
    const own = rows.filter((row) => row.kind === kind && row.predicted).length;
    return `| [${kind}](#${kind}) | ${cells} | ${own} | ${count(figures)} | ${misses} | ${order} |`;
  };
  return [
    `${rows.length} cells, ${count(overall.count)} figures, simulated at ${PHASES} tick phases, tolerance ${percent(TOLERANCE)}: ` +
      `median error ${percent(overall.median)}, 90 % below ${percent(overall.p90)}, ${overall.misses} misses. ` +
      `${inexpressible.length} rows cannot be expressed.`,
    "",
    "| kind | cells | predictions | figures | misses | cells in the right order |",
    "|---|---|---|---|---|---|",
    ...kinds.map(line),
    "",
    `Predictions are the ${predictions.rows} cells that no cost was derived from (\`derived_from\` of the profiles): ` +
      `${count(predictions.count)} figures, median error ${percent(predictions.median)}, 90 % below ` +
      `${percent(predictions.p90)}, ${predictions.misses} misses. How the others are met without themselves: ` +
      "leave-one-out, below.",
    "",
  ];
}

/** Small multiples: one square a metric, both axes logarithmic, the diagonal where both are equal. */
function picture(values) {
  const SIDE = 150;
  const ends = [
    { data: "one", field: "measured" },
    { data: "one", field: "simulated" },
  ];
  const scale = (name, range) => ({
    name,
    type: "log",
    domain: { fields: ends },
    range,
    nice: true,
  });
  const axis = (orient, name) => ({
    orient,
    scale: name,
    format: ".1s",
    tickCount: 3,
    labelFontSize: 9,
    labelOverlap: true,
    grid: true,
  });
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    background: "white",
    padding: 8,
    layout: { columns: 4, padding: 28, align: "each", bounds: "full" },
    data: [{ name: "figures", values }],
    marks: [
      {
        type: "group",
        from: { facet: { name: "one", data: "figures", groupby: "metric" } },
        title: { text: { signal: "parent.metric" }, fontSize: 11, anchor: "start" },
        encode: { enter: { width: { value: SIDE }, height: { value: SIDE } } },
        data: [
          {
            name: "ranges",
            source: "one",
            transform: [{ type: "filter", expr: "datum.high > datum.low * 1.02" }],
          },
        ],
        scales: [scale("x", [0, SIDE]), scale("y", [SIDE, 0])],
        axes: [axis("bottom", "x"), axis("left", "y")],
        marks: [
          {
            type: "rule",
            encode: {
              enter: {
                x: { value: 0 },
                y: { value: SIDE },
                x2: { value: SIDE },
                y2: { value: 0 },
                stroke: { value: "#bbb" },
              },
            },
          },
          {
            type: "rule",
            aria: false,
            from: { data: "ranges" },
            encode: {
              enter: {
                x: { scale: "x", field: "measured" },
                y: { scale: "y", field: "low" },
                y2: { scale: "y", field: "high" },
                stroke: { value: "#888" },
              },
            },
          },
          {
            type: "symbol",
            aria: false,
            from: { data: "one" },
            encode: {
              enter: {
                x: { scale: "x", field: "measured" },
                y: { scale: "y", field: "simulated" },
                size: { value: 18 },
                fill: { signal: "datum.ok ? '#1f6fb2' : '#d1242f'" },
              },
            },
          },
        ],
      },
    ],
  };
}

/** Points that would lie on one drawn already are left out. */
function unlessDrawn() {
  const drawn = new Set();
  const place = (value) => Math.round(Math.log(value) * 50);
  return ({ metric, measured, simulated, low, high, ok }) => {
    const key = [metric, ok, ...[measured, simulated, low, high].map(place)].join(" ");
    return !drawn.has(key) && drawn.add(key);
  };
}

async function writePicture(report, kind) {
  const values = report.rows
    .filter((row) => row.kind === kind.kind)
    .flatMap(({ verdicts }) => verdicts)
    .filter(({ measured, low }) => measured > 0 && low > 0)
    .map(({ metric, measured, simulated, low, high, ok }) => {
      return { metric, measured, simulated, low, high, ok };
    })
    .filter(unlessDrawn());
  const view = new vega.View(vega.parse(picture(values)), { renderer: "none" });
  const svg = await view.toSVG();
  const short = svg.replace(/\d+\.\d{2,}/g, (number) => Number(number).toFixed(1));
  writeFileSync(join(PICTURES, `${kind.kind}.svg`), `${short}\n`);
  view.finalize();
}

const report = await judged();
mkdirSync(PICTURES, { recursive: true });
for (const kind of report.kinds) await writePicture(report, kind);
const text = readFileSync(DOCUMENT, "utf8");
const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
if (from === -1 || to < from) throw new Error(`docs/fidelity.md lacks "${BEGIN}" or "${END}"`);
const written = [
  BEGIN,
  "",
  ...summarySection(report),
  ...report.kinds.flatMap((kind) => kindSection(report, kind)),
  ...refusedSection(report),
  ...rangeSection(),
].join("\n");
writeFileSync(DOCUMENT, `${text.slice(0, from)}${written}${text.slice(to)}`);
process.stdout.write(
  `${report.rows.length} cells, ${report.overall.count} figures, ${report.overall.misses} misses\n`,
);

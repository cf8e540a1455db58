// Keeps what the documentation prints what the commands really print: the sample in README.md, all of
// `npm start` but the measured rows and the notes, the lines that docs/strategies.md chose of
// the comparison of its own strategy, and what docs/scenarios.md names the command of.
//
// usage: node scripts/readme-sample.mjs [--write]      needs a build

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const SAMPLE = /(<!-- sample: npm run readme -->\n```\n).*?(```\n<!-- end of sample -->)/s;
const STRATEGY = /```yaml\n(.*?)```/s;
const CHOSEN = /(prints among other lines:\n\n```\n)(.*?)(```)/s;
const PRINTED = /(<!-- printed by: vma-teardown (.*?) -->\n```\n).*?(```\n)/gs;
/** Columns of a line of a comparison before its first figure. */
const LABEL_COLUMNS = 21;

function printed(args) {
  const options = { cwd: ROOT, maxBuffer: 1 << 24 };
  return execFileSync(process.execPath, ["dist/src/cli/main.js", ...args], options).toString();
}

const compared = (file) => printed(["compare", file, "--no-calibration"]);

function renewReadme(text) {
  if (!SAMPLE.test(text)) throw new Error("README.md has no sample to keep");
  const [table, rest] = compared("scenarios/node-server.yaml").split("\n\nNotes\n");
  const conclusion = rest.slice(rest.indexOf("\nConclusion"));
  const shown = `${table}\n\n[measured rows beside simulated ones, notes]\n${conclusion}`;
  return text.replace(SAMPLE, (_, before, after) => `${before}${shown}${after}`);
}

function renewStrategies(text) {
  if (!CHOSEN.test(text)) throw new Error("docs/strategies.md has no lines to keep");
  const folder = mkdtempSync(join(tmpdir(), "vma-teardown-readme-"));
  try {
    const file = join(folder, "own.yaml");
    writeFileSync(file, STRATEGY.exec(text)[1]);
    const label = (line) => line.slice(0, LABEL_COLUMNS);
    const lines_of = new Map(
      compared(file)
        .split("\n")
        .map((line) => [label(line), line]),
    );
    return text.replace(CHOSEN, (_, before, lines, after) => {
      const renewed = lines
        .trimEnd()
        .split("\n")
        .map((line) => lines_of.get(label(line)) ?? line);
      return `${before}${renewed.join("\n")}\n${after}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function renewScenarios(text) {
  if (!PRINTED.test(text)) throw new Error("docs/scenarios.md names no command");
  return text.replace(PRINTED, (_, before, command, after) => {
    return `${before}${printed([...command.split(" "), "--quiet"])}${after}`;
  });
}

for (const [name, renew] of [
  ["README.md", renewReadme],
  ["docs/strategies.md", renewStrategies],
  ["docs/scenarios.md", renewScenarios],
]) {
  const path = join(ROOT, name);
  const text = readFileSync(path, "utf8");
  const right = renew(text);
  if (right === text) continue;
  if (process.argv.includes("--write")) {
    writeFileSync(path, right);
  } else {
    process.stderr.write(`${name} shows other output than its command prints: npm run readme\n`);
    process.exitCode = 1;
  }
}

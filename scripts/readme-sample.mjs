// Keeps the sample in README.md what `npm start` really prints, up to the line before the
// measured rows.
//
// usage: node scripts/readme-sample.mjs [--write]      needs a build

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const README = join(ROOT, "README.md");
const SAMPLE = /(<!-- sample: npm run readme -->\n```\n).*?(```\n<!-- end of sample -->)/s;

const args = ["dist/src/cli/main.js", "compare", "scenarios/node-server.yaml", "--no-calibration"];
const printed = execFileSync(process.execPath, args, { cwd: ROOT, maxBuffer: 1 << 24 }).toString();
const shown = `${printed.split("\n\nNotes\n")[0].trimEnd()}\n`;

const readme = readFileSync(README, "utf8");
if (!SAMPLE.test(readme)) throw new Error("README.md has no sample to keep");
const right = readme.replace(SAMPLE, (_, before, after) => `${before}${shown}${after}`);
if (process.argv.includes("--write")) {
  writeFileSync(README, right);
} else if (readme !== right) {
  process.stderr.write("README.md shows other output than `npm start` prints: npm run readme\n");
  process.exitCode = 1;
}

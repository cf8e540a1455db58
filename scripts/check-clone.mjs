// Clones the repository into an empty place and runs the README's commands there, letter by letter.
// Only what is committed takes part.
//
// usage: node scripts/check-clone.mjs

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeScratch, plainEnvironment, removeScratch } from "./scratch.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What the README promises, and what its output has to show. */
const COMMANDS = [
  {
    command: "npm ci && npm start",
    shows: [/^direct\b/m, /^call_rcu\b/m, /^batch-32\b/m, /^throttle\b/m, /^single\b/m],
  },
  { command: "npm cit", shows: [/Test Files.* passed/] },
];
const TIMEOUT_MS = 8 * 60_000;
const OUTPUT_BYTES_MAX = 1 << 26;
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

function clone(scratch) {
  const config = join(scratch, "gitconfig");
  // The checkout may belong to somebody else, as in containers.
  writeFileSync(config, "[safe]\n\tdirectory = *\n");
  const env = plainEnvironment({ GIT_CONFIG_GLOBAL: config });
  const folder = join(scratch, "clone");
  execFileSync("git", ["clone", "--quiet", ROOT, folder], { env, stdio: "inherit" });
  const dirty = execFileSync("git", ["status", "--porcelain"], { cwd: ROOT, env }).toString();
  if (dirty !== "") {
    process.stdout.write(`note: uncommitted changes take no part:\n${dirty}`);
  }
  return folder;
}

/** Commands are code blocks of their own or lines of them. */
function readmeCommands(folder) {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  return new Set(
    [...readme.matchAll(/^```sh\n(.*?)^```$/gms)]
      .flatMap(([, block]) => block.split("\n"))
      .map((line) => line.replace(/\s+#.*$/, "").trim()),
  );
}

function runCommand(folder, { command, shows }) {
  process.stdout.write(`\n$ ${command}\n`);
  const start_ms = Date.now();
  const { status, signal, stdout } = spawnSync("sh", ["-c", command], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ["ignore", "pipe", "inherit"],
    timeout: TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  const output = stdout.toString();
  process.stdout.write(output);
  const seconds = ((Date.now() - start_ms) / 1000).toFixed(1);
  if (status !== 0) throw new Error(`${command}: ended with ${signal ?? status} in a fresh clone`);
  const plain = output.replaceAll(COLOURS, "");
  for (const pattern of shows) {
    if (!pattern.test(plain)) throw new Error(`${command}: printed nothing like ${pattern}`);
  }
  process.stdout.write(`${command}: fine after ${seconds} s\n`);
}

const scratch = makeScratch("clone");
try {
  const folder = clone(scratch);
  const documented = readmeCommands(folder);
  for (const entry of COMMANDS) {
    if (!documented.has(entry.command)) throw new Error(`README.md lacks \`${entry.command}\``);
    runCommand(folder, entry);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  removeScratch(scratch);
}

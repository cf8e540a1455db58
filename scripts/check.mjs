// Everything CI checks, in order, up to the first failure.
//
// usage: npm run check [-- --skip=name,name] [-- --only=name,name]

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Names, commands as one would type them, and how long each may take before it counts as hung. */
const STEPS = [
  { name: "lint", command: "npm run lint", minutes: 2 },
  { name: "build", command: "npm run build", minutes: 3 },
  { name: "types", command: "npm run types", minutes: 2 },
  { name: "test", command: "npm test", minutes: 8 },
  { name: "readme", command: "npm run check:readme", minutes: 1 },
  { name: "package", command: "npm run check:package", minutes: 2 },
  { name: "install", command: "npm run test:package", minutes: 4 },
  { name: "clone", command: "npm run check:clone", minutes: 14 },
];

/** Runs a command with its output passed through; answers whether it succeeded. */
function run(command, minutes) {
  return new Promise((resolve) => {
    // A group of its own, so that a hung command ends with all its children.
    const child = spawn(command, { cwd: ROOT, shell: true, stdio: "inherit", detached: true });
    const end = () => {
      process.stderr.write(`\n${command}: no end after ${minutes} minutes\n`);
      process.kill(-child.pid, "SIGKILL");
    };
    const timer = setTimeout(end, minutes * 60_000);
    const interrupt = () => process.kill(-child.pid, "SIGTERM");
    process.once("SIGINT", interrupt);
    child.on("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(false);
    });
    child.on("exit", (code) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupt);
      resolve(code === 0);
    });
  });
}

function chosenSteps() {
  const list = { type: "string", default: "" };
  const { values } = parseArgs({ options: { skip: list, only: list } });
  const names = (text) => text.split(",").filter((name) => name !== "");
  const [skip, only] = [names(values.skip), names(values.only)];
  for (const name of [...skip, ...only]) {
    if (!STEPS.some((step) => step.name === name)) {
      throw new Error(`no step ${name}: there are ${STEPS.map((step) => step.name).join(", ")}`);
    }
  }
  return STEPS.filter(({ name }) => !skip.includes(name)).filter(
    ({ name }) => only.length === 0 || only.includes(name),
  );
}

const done = [];
for (const { name, command, minutes } of chosenSteps()) {
  process.stdout.write(`\n=== ${name}: ${command}\n`);
  const start_ms = Date.now();
  const passed = await run(command, minutes);
  done.push({ name, passed, seconds: (Date.now() - start_ms) / 1000 });
  if (!passed) break;
}

const failed = done.filter(({ passed }) => !passed).length;
process.stdout.write("\n");
for (const { name, passed, seconds } of done) {
  const time = `${seconds.toFixed(1)} s`.padStart(9);
  process.stdout.write(`${name.padEnd(10)}${time}  ${passed ? "passed" : "FAILED"}\n`);
}
process.stdout.write(`check: ${done.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

// The README's commands and scenario, its programs and those of docs/, and the examples, run as they stand in the installed package.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { parse } from "yaml";
import { plainEnvironment } from "../../scripts/scratch.mjs";

const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const TYPES = fileURLToPath(new URL("../../node_modules/@types", import.meta.url));

function blocks(language: string, document = "README.md"): string[] {
  const file = fileURLToPath(new URL(`../../${document}`, import.meta.url));
  const pattern = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms");
  return [...readFileSync(file, "utf8").matchAll(pattern)].map(([, text]) => text!);
}

function run(command: string, args: readonly string[]) {
  const options = { cwd: inject("project"), env: plainEnvironment(), input: "" };
  const { status, stdout, stderr } = spawnSync(command, args, options);
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

const TRACE = fileURLToPath(new URL("../fixtures/strace/churn.strace", import.meta.url));
const FEW_SAMPLES = "--sizes 1000,4000,16000 --repeats 3 --seconds 1";

const commands = blocks("sh")
  .flatMap((block) => block.split("\n"))
  .map((line) => line.replace(/\s+#.*$/, ""))
  .filter((line) => line.startsWith("npx vma-teardown"))
  // Any process will do, and the rows that the package has; measuring well takes minutes.
  .map((line) => line.replace("--maps 1234", `--maps ${process.pid}`))
  .map((line) => line.replace("measure", `measure ${FEW_SAMPLES}`))
  .map((line) => line.replace("trace.strace", TRACE))
  .map((line) => line.replace("rows.csv", "node_modules/vma-teardown/profiles/*.measured.csv"));

describe("commands", () => {
  it("are found", () => expect(commands.length).toBeGreaterThan(3));

  it.each(commands)("%s", (command) => {
    const { status, stdout, stderr } = run("sh", ["-c", command]);
    // 1: a figure is off. How well the model fits is for the tests of the model to say.
    expect(command.includes(" validate ") ? [0, 1] : [0], stderr).toContain(status);
    // what it imports goes to a file, what it says of it to standard error
    expect(command.includes(" import ") ? stderr : stdout).not.toBe("");
  });
});

describe("programs", () => {
  const documents = ["README.md", "docs/cli.md", "docs/scenario.md", "docs/strategies.md"];
  const programs = documents
    .flatMap((document) => blocks("js", document))
    .map((text, at) => ({ name: `program-${at + 1}.js`, text }));

  it("are found", () => expect(programs.length).toBeGreaterThan(4));

  it("are TypeScript as well", () => {
    const names = programs.map(({ name, text }) => {
      const as_typescript = name.replace(".js", ".ts");
      writeFileSync(join(inject("project"), as_typescript), text);
      return as_typescript;
    });
    const flags = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2023,dom"];
    const node = ["--typeRoots", TYPES, "--types", "node"];
    const modules = ["--module", "nodenext", "--resolveJsonModule", ...names];
    const { status, stdout } = run(process.execPath, [TSC, ...flags, ...node, ...modules]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });

  it.each(programs)("$name prints what it found", ({ name, text }) => {
    writeFileSync(join(inject("project"), name), text);
    const { status, stdout, stderr } = run(process.execPath, ["--no-warnings", name]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/\d/);
    expect(stdout).not.toContain("undefined");
  });
});

describe("examples", () => {
  const folder = "node_modules/vma-teardown/examples";
  const names = readdirSync(join(inject("project"), folder));

  it("are found", () => expect(names.length).toBeGreaterThan(2));

  it.each(names)("%s runs in the installed package", (name) => {
    const { status, stdout, stderr } = run(process.execPath, ["--no-warnings", join(folder, name)]);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/\d/);
    expect(stdout).not.toMatch(/undefined|NaN/);
  });
});

it("the scenario is one", () => {
  const [text] = blocks("yaml");
  const scenario = parse(text!) as { address_space: { vma_count: number } };
  scenario.address_space.vma_count = 10_000;
  writeFileSync(join(inject("project"), "readme.json"), JSON.stringify(scenario));
  const { status, stderr } = run("node_modules/.bin/vma-teardown", ["compare", "readme.json"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

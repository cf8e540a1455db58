// Whoever reads the documentation or asks for help learns of every command.

import { describe, expect, it } from "vitest";
import { cli } from "../cli/in-process.ts";
import { textOf } from "./sources.ts";

const help = await cli(["--help"]);
const listed = help.stdout.slice(help.stdout.indexOf("Commands:"));
const COMMANDS = [...listed.matchAll(/^ {2}([a-z][\w-]+) /gm)]
  .map(([, name]) => name!)
  .filter((name) => name !== "help" && name !== "vma-teardown");

it("commands are found", () => {
  expect(COMMANDS).toEqual(expect.arrayContaining(["run", "compare", "sweep", "schema"]));
});

describe.each(COMMANDS)("%s", (name) => {
  it("is in the table of docs/cli.md and in the changelog", () => {
    expect(textOf("docs/cli.md")).toMatch(new RegExp(`^\\| \`${name}\\b`, "m"));
    expect(textOf("CHANGELOG.md")).toContain(`\`${name}\``);
  });

  it("has help with examples that begin with it", async () => {
    const { stdout, code } = await cli([name, "--help"]);
    expect(code).toBe(0);
    const [, examples] = stdout.split("\nExamples:\n");
    expect(examples).toMatch(new RegExp(`^ {2}(?:\\S.*\\| )?vma-teardown ${name}\\b`, "m"));
  });
});

describe("options of sweep", () => {
  it("are in docs/cli.md, every one", async () => {
    const { stdout } = await cli(["sweep", "--help"]);
    const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name]) => name!);
    const document = textOf("docs/cli.md");
    const own = options.filter((name) => !["--help", "--version"].includes(name));
    expect(own.length).toBeGreaterThan(12);
    expect(own.filter((name) => !document.includes(`\`${name}`))).toEqual([]);
  });
});

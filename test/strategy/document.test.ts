// docs/strategies.md: the strategy written from scratch runs, and its figures are those of this build.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Engine } from "../../src/engine/engine.ts";
import { ROOT } from "../api/built.ts";
import { cli } from "../cli/in-process.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "vma-teardown-strategies-"));
const DOCUMENT = readFileSync(join(ROOT, "docs/strategies.md"), "utf8");

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(DOCUMENT);
  if (found === null) throw new Error(`docs/strategies.md has no ${language || "plain"} block`);
  return found[1]!;
}

afterAll(() => {
  rmSync(FOLDER, { recursive: true });
});

describe("a strategy written from scratch", () => {
  it("gives the comparison that the documentation prints", async () => {
    const file = join(FOLDER, "own.yaml");
    writeFileSync(file, block("yaml"));
    const { code, stdout } = await cli(["compare", file, "--no-calibration"], { engine: Engine });
    expect(code).toBe(0);
    const printed = stdout.split("\n");
    // between the two fences that follow the command
    const after = DOCUMENT.slice(DOCUMENT.indexOf("prints among other lines"));
    const told = after.split("```")[1]!.trimEnd().split("\n").slice(1);
    expect(told.length).toBeGreaterThan(10);
    for (const line of told) expect(printed).toContain(line);
  });
});

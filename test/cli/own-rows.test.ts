// Rows of one's own, as docs/cli.md shows them.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../api/built.ts";
import { cli } from "./in-process.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function validated(text: string): Promise<{ code: number; stdout: string }> {
  const file = join(folder, "rows.csv");
  writeFileSync(file, text);
  const own = text.startsWith("kernel,n") ? ["--profile", "wall-clock-6.18"] : [];
  const args = ["validate", "--data", file, "--phases", "1", "--workers", "0", ...own];
  const { code, stdout, stderr } = await cli(args, { engine: undefined });
  expect(stderr).toBe("");
  return { code, stdout };
}

const SHOWN = [
  ...readFileSync(join(ROOT, "docs/cli.md"), "utf8").matchAll(/^```csv\n(.*?)^```$/gms),
].map(([, text]) => text!);

describe("the rows that docs/cli.md shows", () => {
  it("are two files", () => expect(SHOWN).toHaveLength(2));

  it.each(SHOWN)("can all be expressed, with every figure compared: %s", async (text) => {
    const { stdout } = await validated(text);
    expect(stdout).not.toContain("Not expressible");
    const [header = "", ...rows] = text.trim().split("\n");
    const metrics = header.split(",").filter((column) => /_ns$|^dead_peak$/.test(column));
    for (const metric of metrics) expect(stdout).toMatch(new RegExp(`^  ${metric} +[\\d,]+ `, "m"));
    expect(stdout).toContain(`${rows.length} cell`);
  });
});

it("a row with its figure in another's column is not called ok", async () => {
  const { code, stdout } = await validated(
    "kernel,n,op,populate,exit_wait_ns\n6.18,8000,munmap,0,8200000\n",
  );
  expect(stdout).toContain("munmap, 8,000 VMAs: no figure to compare");
  expect(code).toBe(1);
});

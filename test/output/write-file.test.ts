import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkWritable, writeFileAtomic } from "../../src/output/write-file.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vma-teardown-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("a written file", () => {
  it("appears whole, replaces the old one, and leaves nothing beside it", async () => {
    const file = join(folder, "result.json");
    writeFileSync(file, "old");
    await writeFileAtomic(file, "new\n");
    expect(readFileSync(file, "utf8")).toBe("new\n");
    expect(readdirSync(folder)).toEqual(["result.json"]);
  });

  it("is refused early where it could not be written", async () => {
    await expect(checkWritable(folder)).rejects.toThrow(
      `${folder}: cannot write: found a directory, expected a file`,
    );
    const lost = join(folder, "no/such/result.json");
    await expect(checkWritable(lost)).rejects.toThrow(
      `${lost}: cannot write: found no such folder`,
    );
    await checkWritable(join(folder, "fine.json"));
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves nothing behind when the last step fails", async () => {
    await expect(writeFileAtomic(folder, "x")).rejects.toThrow("cannot write");
    await expect(writeFileAtomic(join(folder, "a/b"), "x")).rejects.toThrow("no such folder");
    expect(readdirSync(folder)).toEqual([]);
  });
});

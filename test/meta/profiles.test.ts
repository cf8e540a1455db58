// Cost profiles as files: what the parser of JSON would let pass.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LineCounter, parseDocument } from "yaml";
import { ROOT } from "../api/built.ts";

/** Keys that occur twice in one mapping, with their lines: JSON.parse keeps the last of them in silence. */
function doubledKeys(text: string): string[] {
  const lines = new LineCounter();
  const { errors } = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  return errors.map(({ code, pos }) => `${code} in line ${lines.linePos(pos[0]).line}`);
}

const FOLDER = join(ROOT, "profiles");
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

describe("cost profiles", () => {
  it.each(FILES)("%s has every key once", (name) => {
    expect(doubledKeys(readFileSync(join(FOLDER, name), "utf8"))).toEqual([]);
  });

  it("a doubled key would be seen", () => {
    expect(doubledKeys('{\n"a": 1,\n"b": {"c": 1},\n"a": 2\n}')).toEqual([
      "DUPLICATE_KEY in line 4",
    ]);
  });
});

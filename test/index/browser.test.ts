// The library must load where there is no Node: nothing it imports may need one.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const FOLDER = "src/vma-index";
const NODE_ONLY = ["replay-files.ts"];

describe("src/vma-index", () => {
  it.each(readdirSync(FOLDER).filter((name) => !NODE_ONLY.includes(name)))("%s", (name) => {
    const text = readFileSync(`${FOLDER}/${name}`, "utf8");
    expect(text).not.toMatch(/from "node:/);
    expect(text).not.toMatch(/\b(Buffer|process|require)\b\s*[.(]/);
    for (const file of NODE_ONLY) expect(text).not.toContain(`./${file}`);
  });
});

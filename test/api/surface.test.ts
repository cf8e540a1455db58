import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./built.ts";

const NODE_ONLY = /^(node:|piscina|csv-parse|commander|cli-progress)/;

/** Modules that `file` imports at run time, type-only imports left out. */
function imports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const statements = text.matchAll(/^(?:import|export)\s(?!type[\s{])[^;]*?from\s+"([^"]+)"/gms);
  return [...statements].map(([, from]) => from!);
}

function reachable(entry: string): Map<string, string[]> {
  const seen = new Map<string, string[]>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    const found = imports(file);
    seen.set(file, found);
    const own = found.filter((from) => from.startsWith("."));
    waiting.push(...own.map((from) => join(dirname(file!), from)));
  }
  return seen;
}

describe("the browser-safe entry", () => {
  it("reaches no module of Node", () => {
    const found = reachable(join(ROOT, "src/index.ts"));
    expect(found.size).toBeGreaterThan(15);
    for (const [file, from] of found) {
      expect(
        from.filter((name) => NODE_ONLY.test(name)),
        relative(ROOT, file),
      ).toEqual([]);
    }
  });

  it("is part of the entry for Node, which does reach it", () => {
    const found = [...reachable(join(ROOT, "src/node.ts")).values()].flat();
    expect(found.some((name) => NODE_ONLY.test(name))).toBe(true);
  });
});

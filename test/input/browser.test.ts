// Everything but opening files runs in a browser: no import leads to a module of Node.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

function importsOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!file.endsWith(".ts")) return seen;
  for (const [, target] of readFileSync(file, "utf8").matchAll(/from "([^"]+)"/g)) {
    importsOf(target!.startsWith(".") ? join(dirname(file), target!) : target!, seen);
  }
  return seen;
}

it.each(["maps", "scale", "generate", "random"])("%s.ts", (name) => {
  const outside = [...importsOf(`src/input/${name}.ts`)].filter((file) => !file.endsWith(".ts"));
  expect(outside).toEqual([]);
});

it("maps-file.ts is the one that does", () => {
  expect([...importsOf("src/input/maps-file.ts")]).toContain("node:fs/promises");
});

// The scenarios that come with the package, and the examples of its documentation.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadScenario } from "../../src/scenario/files.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";
import { scenarioJsonSchema } from "../../src/scenario/schema.ts";
import { ROOT } from "../api/built.ts";

const READY = readdirSync(join(ROOT, "scenarios")).filter((name) => name.endsWith(".yaml"));
const FOLDERS = ["exits", "vmalloc"];
const DOCUMENT = readFileSync(join(ROOT, "docs/scenario.md"), "utf8");

describe("a ready scenario", () => {
  it.each(READY)("%s is found by its name and resolves", async (file) => {
    const name = file.replace(".yaml", "");
    const resolved = await loadScenario(name);
    expect(resolved.scenario.name).toBe(name);
    const { type } = resolved.scenario.workload;
    const least = { exit: 1000, munmap: 1000, mm: 10 } as Readonly<Record<string, number>>;
    if (type in least) expect(resolved.vma_count).toBeGreaterThan(least[type]!);
    else expect(resolved.vma_count).toBe(0);
  });
});

describe("docs/scenarios.md", () => {
  it("lists every ready scenario once, with its title", () => {
    const inner = FOLDERS.flatMap((folder) =>
      readdirSync(join(ROOT, "scenarios", folder)).map((file) => `${folder}/${file}`),
    );
    const rows = [...READY, ...inner].map((file) => {
      const text = readFileSync(join(ROOT, "scenarios", file), "utf8");
      return `| \`${file.replace(".yaml", "")}\` | ${parseScenario(text, file).title} |`;
    });
    const listed = readFileSync(join(ROOT, "docs/scenarios.md"), "utf8").match(/^\| `.*$/gm);
    expect(listed?.toSorted()).toEqual(rows.toSorted());
  });
});

describe("docs/scenario.md", () => {
  const examples = [...DOCUMENT.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text!);

  it.each(examples)("has an example that is right: %s", (text) => {
    const missing = [
      text.includes("version:") ? "" : "version: 1\n",
      text.includes("address_space:") ? "" : "address_space: { maps: x }\n",
    ];
    expect(() => parseScenario(`${text}\n${missing.join("")}`, "example")).not.toThrow();
  });

  it("names every key", () => {
    const keys = (schema: { properties?: Record<string, object>; anyOf?: object[] }): string[] => {
      const own = Object.entries(schema.properties ?? {});
      const inner = [...own.map(([, value]) => value), ...(schema.anyOf ?? [])];
      return [...own.map(([key]) => key), ...inner.flatMap((value) => keys(value))];
    };
    const all = keys(scenarioJsonSchema());
    expect(all.length).toBeGreaterThan(30);
    for (const key of new Set(all)) expect(DOCUMENT, key).toContain(key);
  });
});

// Ready scenarios with a slip in them: any mistake is told in one line with its place, and nothing else
// comes out than a scenario or that line.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNode, parseDocument, visit } from "yaml";
import { InputError, LimitError } from "../../src/errors.ts";
import { parseLitmus } from "../../src/litmus/file.ts";
import type { LitmusSpec } from "../../src/litmus/spec.ts";
import { LitmusWorld } from "../../src/litmus/world.ts";
import { parseScenario } from "../../src/scenario/scenario.ts";

/** Other slips: FC_SEED=number; a failure prints what it came from. */
const seed = Number(process.env.FC_SEED ?? 6_180);

const FOLDER = join(import.meta.dirname, "../../scenarios");

const textsIn = (folder: string): string[] =>
  readdirSync(join(FOLDER, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => readFileSync(join(FOLDER, folder, name), "utf8"));

const SCENARIOS = ["", "exits", "vmalloc"].flatMap(textsIn);
const LITMUS = textsIn("litmus");

/** What may stand where a value was: bounds, other types, other words, and what only YAML has. */
const VALUES = [
  ...["0", "-1", "1", "257", "65536", "2147483648", "4294967296", "9007199254740993", "1e400"],
  ...["18446744073709551616", ".nan", "-.inf", "0.5", "0x10", "null", "true", '""', "[]", "{}"],
  ...["[1]", "{a: 1}", "direct", "batch-0", "batch-99999999999999999999", '"\\u0000"', "漢字"],
  ...["1ns", "9999999999s", "0.1ns", "1024GiB", "all", "0-255", "3-0", "&a [*a]", "*a", "exits"],
  ...["!!binary aGk=", "!!set {a}", "2001-12-14", "munmap", "mm", "vmalloc", "random", "found"],
];
/** What may stand in a litmus test, and often means something there. */
const LITMUS_VALUES = [
  ...["0", "1", "3", "16", "17", "63", "1000000", "A", "B", "C", "direct", "mm-list", "exit"],
  ...["{ fault: 17 }", "{ munmap: [0, 1073741824] }", "{ mmap: [anywhere, 1073741824, 3] }"],
  ...["{ mmap-fixed: [17, 1, 1] }", "{ brk: 34359738368 }", "{ fork: C }", "{ exec: A, vmas: 1 }"],
  ...["{ exec: C, vmas: 64, cut: 64 }", "{ oom-reap: A }", "{ kill: A }", "{ wait: C }"],
  ...["{ touch: [16, 4, 1000000] }", "{ illegal-read: [A, 16] }", "[[16, 4, 1, 4], [30, 1]]"],
  ...["{ A: { vmas: [[16, 4]] }, C: { later: true } }", "[[0, 1073741824, 0, 1073741824]]", "[]"],
];
/** Keys with the least that they may be. */
const LITMUS_KEYS = [
  ...["memory_pages: 1", "max_map_count: 1", "seq_bits: 1", "list_max: 0"],
  ...["objects_per_slab: 64", "cpus: 64", "title: longer"],
];
const SCRAPS = [
  "",
  ":",
  "-",
  "\t",
  "\n",
  "{",
  "]",
  '"',
  "#",
  "&",
  "%",
  "\u0000",
  "\ufeff",
  "---\n",
];

/** A value replaced, a key left out or misspelt, or a few characters that are no YAML. */
const replaced = (values: readonly string[]) =>
  fc.tuple(fc.constant("value"), fc.nat(), fc.constantFrom(...values));
const slip = fc.oneof(
  { weight: 6, arbitrary: replaced(VALUES) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("delete"), fc.nat(), fc.constant("")) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constant("key"), fc.nat(), fc.constantFrom("x", "__proto__", "", "1")),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant("scrap"), fc.nat(), fc.constantFrom(...SCRAPS)) },
);

function slipped(text: string, [kind, where, what]: [string, number, string]): string {
  const spans: [number, number][] = [];
  const note = (node: unknown): void => {
    if (isNode(node) && node.range) spans.push([node.range[0], node.range[1]]);
  };
  const document = parseDocument(text);
  visit(document, {
    Pair(_, pair) {
      const [key, value] = [pair.key, pair.value];
      if (kind === "value") note(value);
      if (kind === "key") note(key);
      if (kind !== "delete" || !isNode(key) || !key.range) return;
      const end = isNode(value) && value.range ? value.range[1] : key.range[1];
      spans.push([key.range[0], end]);
    },
  });
  if (kind === "scrap" || spans.length === 0) {
    const at = where % (text.length + 1);
    return text.slice(0, at) + what + text.slice(at + 1);
  }
  const [from, to] = spans[where % spans.length]!;
  return text.slice(0, from) + what + text.slice(to);
}

const mistakes = (texts: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...texts), fc.array(slip, { minLength: 1, maxLength: 3 }))
    .map(([text, slips]) => slips.reduce(slipped, text));

function litmusOf(text: string): LitmusSpec | undefined {
  try {
    return parseLitmus(text, "s.yaml");
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function expectOneLine(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^s\.yaml:\d+:\d+: [^\n\r\0]{5,450}$/);
    expect(error.message).not.toMatch(/undefined|\[object|Invalid input|NaN/);
  }
}

describe("a file with slips in it parses, or is refused in one line with its place:", () => {
  it("a scenario", () => {
    fc.assert(
      fc.property(mistakes(SCENARIOS), (text) => {
        expectOneLine(() => parseScenario(text, "s.yaml"));
      }),
      { numRuns: 600, seed },
    );
  });

  it("a litmus test that still means something, which then runs as well", () => {
    const other = fc.array(replaced(LITMUS_VALUES), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom(...LITMUS),
        other,
        fc.constantFrom(...LITMUS_KEYS),
        (text, slips, key) => {
          const whole = text.includes(key.split(":")[0]!) ? text : `${text}${key}\n`;
          const spec = litmusOf(slips.reduce(slipped, whole));
          if (spec === undefined) return;
          const world = new LitmusWorld();
          try {
            for (const seed of [1n, 2n]) world.run(spec, seed);
          } catch (error) {
            expect(error).toBeInstanceOf(LimitError); // memory_pages
          }
        },
      ),
      { numRuns: 600, seed },
    );
  });

  it("a litmus test", () => {
    fc.assert(
      fc.property(mistakes(LITMUS), (text) => {
        expectOneLine(() => parseLitmus(text, "s.yaml"));
      }),
      { numRuns: 300, seed },
    );
  });
});

// House rules that a machine can check, checked on the code base itself.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { FILES, filesIn, importsOf, linesLike, ROOT, textOf, withoutComments } from "./sources.ts";

const LINES_MAX = 500;
const COLUMNS_MAX = 100;
const CODE = filesIn(
  ["assembly", "src", "test", "bench", "scripts", "examples"],
  /\.(ts|js|mjs|html)$/,
).filter((name) => !name.startsWith("test/fixtures/"));
const CORE = filesIn(["assembly"], /\.ts$/);
const TESTS = filesIn(["test"], /\.ts$/);
const DOCUMENTS = FILES.filter((name) => name.endsWith(".md"));

/** Lines of the core's code, comments blanked, that match. */
function coreLinesLike(pattern: RegExp): string[] {
  return CORE.flatMap((name) =>
    withoutComments(textOf(name))
      .split("\n")
      .flatMap((line, at) => (pattern.test(line) ? [`${name}:${at + 1}: ${line.trim()}`] : [])),
  );
}

it("sees the code base", () => {
  expect(CORE.length).toBeGreaterThan(50);
  expect(CODE.length).toBeGreaterThan(150);
  expect(CODE).toContain("test/meta/tidy.test.ts");
});

describe("the core", () => {
  it("computes with integers only", () => {
    expect(coreLinesLike(/\bf(?:32|64)\b|\bMath\b|\bNaN\b|\bInfinity\b|\d\.\d|\d[eE]-\d/)).toEqual(
      [],
    );
  });

  it("knows no clock and no chance but its own", () => {
    expect(coreLinesLike(/\b(?:Date|performance|crypto|seed\(\))/)).toEqual([]);
  });

  it("manages no objects: no heap, no strings, no closures", () => {
    expect(coreLinesLike(/\bnew\s+[A-Z]|\bheap\.|\b(?:Static)?Array\b|\bMap<|\bSet<|=>/)).toEqual(
      [],
    );
  });

  it(`is formatted by hand: two spaces, no tabs, no trailing blanks, ${COLUMNS_MAX} columns`, () => {
    expect(linesLike(CORE, /\t|\s$|^(?: {2})* (?=[^\s*])/)).toEqual([]);
    const long = CORE.flatMap((name) =>
      textOf(name)
        .split("\n")
        .flatMap((line, at) => ([...line].length > COLUMNS_MAX ? [`${name}:${at + 1}`] : [])),
    );
    expect(long).toEqual([]);
    expect(CORE.filter((name) => !/[^\n]\n$/.test(textOf(name)))).toEqual([]);
  });

  it("exports nothing that nobody names", () => {
    const words = new Map<string, number>();
    for (const [word] of CORE.flatMap((name) => [...textOf(name).matchAll(/\b\w+\b/g)])) {
      words.set(word, (words.get(word) ?? 0) + 1);
    }
    // an entry's exports are called by name from outside; batch.ts is one that two entries share
    const inside = CORE.filter((name) => !/\/(?:entry|index|index\/batch)\.ts$/.test(name));
    const unused = inside.flatMap((name) =>
      [...textOf(name).matchAll(/^export (?:function|const|let|class|enum) (\w+)/gm)]
        .filter(([, exported]) => words.get(exported!) === 1)
        .map(([, exported]) => `${name}: ${exported}`),
    );
    expect(unused).toEqual([]);
  });

  it("begins every file by saying what it is", () => {
    expect(CORE.filter((name) => !/^\/[/*]/.test(textOf(name)))).toEqual([]);
  });
});

describe("kernel behaviour", () => {
  const FILE_NAMED = /[\w-]+\.(?:c|h|S|rst)\b|\bpatch(?:es)?\b/;
  const TAG = /\[(same|simplified|left out)\b/;

  /** Comments, consecutive lines of `//` taken together. */
  function comments(text: string): string[] {
    return text.match(/(?:^[ \t]*\/\/[^\n]*\n?)+|\/\*.*?\*\//gms) ?? [];
  }

  it("marked as modelled names the kernel's file, or the patch it was posted in", () => {
    const uncited = CORE.flatMap((name) =>
      comments(textOf(name))
        .filter((comment) => TAG.test(comment) && !FILE_NAMED.test(comment))
        .map((comment) => `${name}: ${comment.trim()}`),
    );
    expect(uncited).toEqual([]);
  });

  it("marked as the same names it in the mark", () => {
    const marks = CORE.flatMap((name) =>
      comments(textOf(name))
        .flatMap((comment) => comment.match(/\[same\b[^\]]*\]/g) ?? [])
        .map((mark) => `${name}: ${mark}`),
    );
    expect(marks.length).toBeGreaterThan(5);
    expect(marks.filter((mark) => !FILE_NAMED.test(mark))).toEqual([]);
  });
});

describe("every file", () => {
  it(`has at most ${LINES_MAX} lines`, () => {
    const lines = (name: string) => textOf(name).split("\n").length - 1;
    expect(CODE.filter((name) => lines(name) > LINES_MAX)).toEqual([]);
  });

  it("is finished", () => {
    const names = [...CODE, ...DOCUMENTS];
    // Brackets keep these lines from finding themselves.
    expect(linesLike(names, /\bTO[D]O\b|\bFIX[M]E\b|\bHA[C]K\b/)).toEqual([]);
    expect(linesLike(names, /\bplace[h]older|\blorem [i]psum|\bnot [i]mplemented/i)).toEqual([]);
  });

  it("is about the project, not about the machine it was written on", () => {
    const names = FILES.filter((name) => /\.(ts|js|mjs|json|md|yaml|html)$/.test(name));
    const places = ["/work", "/tmp/bash_", "/home", "/root"].map((place) => `${place}(?=[/_a-z])`);
    const pattern = new RegExp(`(?<![\\w.])(?:${places.join("|")})|\\b${"shared"}/`);
    const found = linesLike(names, pattern).filter(
      // Maps of other processes show where their files lay.
      (line) => !/^(?:test\/fixtures|scenarios\/maps|test\/meta)\//.test(line),
    );
    expect(found).toEqual([]);
  });
});

describe("tests", () => {
  it("are all run", () => {
    const focused = /\b(?:it|test|describe|suite|bench)\s*(?:\.\w+)*\.(?:only|skip|todo|fails)\b/;
    expect(linesLike(TESTS, focused)).toEqual([]);
    expect(linesLike(TESTS, /\b(?:xit|xdescribe|fit|fdescribe|xtest)\(/)).toEqual([]);
    // But where the machine lacks what a test is about: a condition with a name.
    expect(linesLike(TESTS, /\b(?:skipIf|runIf)\((?![A-Z])/)).toEqual([]);
  });

  it("lie where the runner looks for them", () => {
    const like = FILES.filter((name) => /\.(?:test|spec)\.[cm]?[jt]s$/.test(name));
    expect(like.filter((name) => !/^test\/.*\.test\.ts$/.test(name))).toEqual([]);
  });
});

describe("rooms", () => {
  const rooms = [...new Set(CORE.map((name) => name.split("/")[1]!))].filter(
    (room) => !room.endsWith(".ts"),
  );

  it("are found", () => expect(rooms.length).toBeGreaterThan(8));

  it.each(rooms)("assembly/%s/ is on the map and documented", (room) => {
    const row = textOf("docs/architecture.md")
      .split("\n")
      .find((line) => line.startsWith("|") && line.includes(`\`assembly/${room}/\``));
    expect(row, `docs/architecture.md has no row for assembly/${room}/`).toBeDefined();
    for (const [, document] of row!.matchAll(/`(docs\/[\w./-]+)`/g)) {
      expect(existsSync(join(ROOT, document!)), `${document} is missing`).toBe(true);
    }
  });
});

describe("documents", () => {
  it("link to what exists", () => {
    const broken = DOCUMENTS.flatMap((name) =>
      [...textOf(name).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(ROOT, dirname(name), target)))
        .map((target) => `${name}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("promise two commands, and CI runs them letter by letter", () => {
    for (const command of ["npm ci && npm start", "npm cit"]) {
      expect(textOf("README.md").split("\n")).toContain(command);
      expect(textOf(".ci/run")).toMatch(new RegExp(`^timeout .*\\b${command}(?:'|$)`, "m"));
    }
  });

  it("name commands that exist", () => {
    const { scripts } = JSON.parse(textOf("package.json"));
    const named = ["README.md", "CONTRIBUTING.md", ".ci/run"].flatMap((name) =>
      [...textOf(name).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script]) => script!),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe("imports", () => {
  it("name the loader of WebAssembly modules in one file", () => {
    const users = filesIn(["src", "test", "bench", "scripts"], /\.(ts|js|mjs)$/).filter((name) =>
      /from "@assemblyscript\/loader"/.test(textOf(name)),
    );
    expect(users).toEqual(["src/engine/abi.ts"]);
  });

  it("are declared: what ships in dependencies, tools in devDependencies", () => {
    const { dependencies, devDependencies } = JSON.parse(textOf("package.json"));
    const packageOf = (target: string) => /^(?:@[^/]+\/)?[^/]+/.exec(target)![0];
    const bare = (names: readonly string[]) =>
      names
        .filter((name) => !name.startsWith("test/package/consumer/"))
        .flatMap((name) => importsOf(name).map((target) => ({ name, target })))
        .filter(({ target }) => !target.startsWith(".") && !target.startsWith("node:"))
        .map(({ name, target }) => ({ name, wanted: packageOf(target) }));
    const shipped = bare(filesIn(["src"], /\.ts$/));
    expect(shipped.filter(({ wanted }) => !(wanted in dependencies))).toEqual([]);
    const tools = bare(filesIn(["test", "bench", "scripts"], /\.(ts|mjs)$/));
    const declared = { ...dependencies, ...devDependencies };
    expect(tools.filter(({ wanted }) => !(wanted in declared))).toEqual([]);
  });

  it("of the browser's entry lead to nothing of Node", () => {
    const seen = new Set<string>();
    const outside = new Set<string>();
    const follow = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const target of importsOf(name)) {
        if (target.startsWith(".")) follow(join(dirname(name), target));
        else outside.add(target);
      }
    };
    follow("src/index.ts");
    expect(seen.size).toBeGreaterThan(20);
    expect(seen).toContain("src/engine/abi.ts");
    const portable = ["@assemblyscript/loader", "fastest-levenshtein", "yaml", "zod"];
    expect([...outside].filter((target) => !portable.includes(target))).toEqual([]);
  });
});

describe("the lockfile", () => {
  const lock = JSON.parse(textOf("package-lock.json"));
  interface Entry {
    readonly resolved?: string;
    readonly optionalDependencies?: Record<string, string>;
  }
  const entries = Object.entries(lock.packages as Record<string, Entry>);

  it("prescribes no registry", () => {
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it("names every platform's packages: node scripts/complete-lockfile.mjs adds them", () => {
    const missing = entries.flatMap(([name, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (wanted) =>
          !(`node_modules/${wanted}` in lock.packages) &&
          !(`${name}/node_modules/${wanted}` in lock.packages),
      ),
    );
    expect(missing).toEqual([]);
  });
});

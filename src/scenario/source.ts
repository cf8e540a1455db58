// A YAML or JSON text with a way back from every value to its line and column. JSON is read by the
// same parser: it is YAML as well.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { InputError, type InputPlace, LimitError, quoteFound } from "../errors.ts";

export type Path = readonly (string | number)[];

/** Settings files are small; a huge one is another file given by mistake. */
const TEXT_CHARACTERS_MAX = 1_048_576;

export interface Source {
  /** The document as plain values; whole numbers beyond 2^53 are bigints. */
  readonly tree: unknown;
  /** Where the value at `path` (or, with `key`, that key of it) stands; else its nearest parent. */
  place(path: Path, key?: string): InputPlace;
  /** The value at `path` as it was written. */
  found(path: Path): string;
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** A value as an error message shows it. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value))
    return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? quoteFound(value) : String(value);
}

/** What the parser says, where that is for programmers, in other words. */
const PARSER_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Source contains multiple documents/, "more than one document in a file"],
  [/call stack/, "nested too deeply, or an alias inside of what it stands for"],
  [/^Unresolved alias/, "an alias of an anchor that is not set before it"],
  [/^Excessive alias count/, "aliases that stand for a hundred times what is written"],
];

function parserProblem({ message }: Error): string {
  const first = (message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
  const words = PARSER_WORDS.find(([pattern]) => pattern.test(first));
  return `not YAML or JSON: ${words?.[1] ?? first}`;
}

// Where the alias stands that has no anchor before it, else the first alias; 0 where there is none.
function aliasOffset(document: Document.Parsed): number {
  let first: number | undefined;
  let unset: number | undefined;
  visit(document, {
    Alias(_, alias) {
      first ??= alias.range?.[0];
      if (alias.resolve(document) !== undefined) return undefined;
      unset = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return unset ?? first ?? 0;
}

/** Keys are words: nothing, a mapping or a list as a key would become one that nobody wrote. */
function checkKeys(document: Document.Parsed, at: (offset: number) => InputPlace): void {
  visit(document, {
    Pair(_, { key }) {
      const node = isAlias(key) ? key.resolve(document) : key;
      if (isScalar(node) && node.value !== null) return;
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      const found = isMap(node) ? "a mapping" : isSeq(node) ? "a list" : "nothing";
      throw new InputError({ ...at(offset), problem: "bad key", found, expected: "a word" });
    },
  });
}

/** Value at a path of a plain tree. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree;
  for (const step of path) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/**
 * The value of a text that JSON.parse reads without loss, a hundred times as fast as a reader of YAML that
 * keeps every place: undefined where written again it would be another text (a key twice, digits lost) or
 * a number might be one that is kept as a bigint.
 */
function plainJson(text: string): unknown {
  const squeezed = (json: string) => json.replace(/\s+/g, "");
  if (!/^\s*\{/.test(text) || /\d{16}/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return squeezed(JSON.stringify(value)) === squeezed(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The reader of YAML, which reads JSON as well. */
function yamlSource(text: string, file: string): Source {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    intAsBigInt: true,
    lineCounter: counter,
    prettyErrors: true,
    // Warnings are errors here; the parser need not print them besides.
    logLevel: "error",
  });
  const at = (offset: number): InputPlace => {
    const { line, col } = counter.linePos(Math.min(offset, text.length));
    return { file, line, column: col };
  };
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken !== undefined) {
    throw new InputError({ ...at(broken.pos[0]), problem: parserProblem(broken) });
  }
  if (document.contents === null) {
    throw new InputError({ ...at(0), problem: "empty file", expected: "YAML or JSON" });
  }
  checkKeys(document, at);
  let tree: unknown;
  try {
    tree = plain(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    const problem = parserProblem(error as Error);
    throw new InputError({ ...at(aliasOffset(document)), problem, cause: error });
  }

  const nodeAt = (path: Path): Node | undefined => {
    if (path.length === 0) return document.contents ?? undefined;
    const node: unknown = document.getIn([...path], true);
    return isNode(node) ? node : undefined;
  };
  const place = (path: Path, key?: string): InputPlace => {
    for (let length = path.length; length >= 0; length--) {
      const node = nodeAt(path.slice(0, length));
      if (node === undefined) continue;
      const searched = length === path.length ? key : path[length];
      if (isMap(node) && searched !== undefined) {
        const pair = node.items.find(
          (item) => isScalar(item.key) && String(item.key.value) === String(searched),
        );
        if (pair !== undefined && isNode(pair.key)) return at(pair.key.range?.[0] ?? 0);
      }
      return at(node.range?.[0] ?? 0);
    }
    return at(0);
  };
  const found = (path: Path): string => {
    const node = nodeAt(path);
    if (isScalar(node) && node.range) {
      const written = text.slice(node.range[0], node.range[1]);
      if (typeof node.value !== "string")
        return written === "" ? "nothing" : quoteFound(written).slice(1, -1);
      return quoteFound(node.value);
    }
    return describeValue(valueAt(tree, path));
  };
  return { tree, place, found };
}

/**
 * Parses YAML or JSON. `file` is only a name for messages.
 * Throws InputError with line and column where the text is neither.
 */
export function parseSource(text: string, file: string): Source {
  if (typeof text !== "string") {
    throw new InputError({
      file,
      problem: "no text",
      found: typeof text,
      expected: "YAML or JSON",
    });
  }
  if (text.length > TEXT_CHARACTERS_MAX) {
    throw new LimitError({
      file,
      problem: "file too long for a settings file",
      needed: text.length,
      available: TEXT_CHARACTERS_MAX,
      unit: "characters",
      hint: "is this the right file?",
    });
  }
  const tree = plainJson(text);
  if (tree === undefined) return yamlSource(text, file);
  // places are for messages
  let placed: Source | undefined;
  const source = () => {
    placed ??= yamlSource(text, file);
    return placed;
  };
  return {
    tree,
    place: (path, key) => source().place(path, key),
    found: (path) => source().found(path),
  };
}

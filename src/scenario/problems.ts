// From what zod says to the one line a person needs: place, key, what was found, what was expected,
// and the nearest known word.

import type { z } from "zod";
import { InputError, type InputPlace, quoteFound } from "../errors.ts";
import { describeValue, type Path, valueAt } from "./source.ts";
import { hintFor } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

/** One problem, not yet placed in a file. */
export interface Problem {
  readonly path: Path;
  /** Set when the problem is a key that nobody knows. */
  readonly unknown_key?: string;
  readonly expected?: string;
  readonly hint?: string;
}

/** A branch of a union that names a literal the value does not have is the wrong branch. */
const WRONG_LITERAL = 100;

function weight(issues: readonly Issue[], keys: number): number {
  let sum = 0;
  for (const issue of issues) {
    if (issue.code === "unrecognized_keys") {
      // A branch that knows none of the keys is not what was meant.
      if (issue.path.length === 0 && issue.keys.length >= keys) return Number.POSITIVE_INFINITY;
      sum += issue.keys.length;
    } else if (issue.path.length === 0) return Number.POSITIVE_INFINITY;
    else if (issue.code === "invalid_value" && issue.values.length === 1) sum += WRONG_LITERAL;
    else sum += 1;
  }
  return sum;
}

// The branch of a union that the writer most likely meant, as issues with full paths.
function meantBranch(
  issue: Issue & { code: "invalid_union" },
  value: unknown,
): Issue[] | undefined {
  const branches = issue.errors as readonly Issue[][];
  let chosen: Issue[] | undefined;
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value).length;
    let best = WRONG_LITERAL;
    for (const branch of branches) {
      const w = keys === 0 ? best : weight(branch, keys);
      if (w >= best) continue;
      best = w;
      chosen = branch;
    }
  } else {
    chosen = branches.find((branch) => branch.every((inner) => inner.code === "custom"));
  }
  return chosen?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as Issue);
}

function flatten(issues: readonly Issue[], tree: unknown): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union") return [issue];
    const branch = meantBranch(issue, valueAt(tree, issue.path as Path));
    return branch === undefined ? [issue] : flatten(branch, tree);
  });
}

// zod keeps the definition of every schema under `_zod.def`; only the shapes used here are walked.
function definition(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  return (schema as { _zod?: { def: Record<string, unknown> } } | undefined)?._zod?.def;
}

/** Is a branch of a union one of another literal than the value has: of another `type`, `when`, `generate`? */
function isOtherBranch(branch: unknown, value: unknown): boolean {
  const shape = definition(branch)?.shape as Readonly<Record<string, unknown>> | undefined;
  if (shape === undefined || value === null || typeof value !== "object") return false;
  return Object.entries(shape).some(([key, schema]) => {
    const def = definition(schema);
    if (def?.type !== "literal" || !Object.hasOwn(value, key)) return false;
    return !(def.values as unknown[]).includes((value as Record<string, unknown>)[key]);
  });
}

/**
 * Keys that a schema knows at a path, over all branches of its unions; with a value those of the branches
 * that it may belong to.
 */
function knownKeys(schema: unknown, path: Path, value?: unknown): string[] {
  const def = definition(schema);
  if (def === undefined) return [];
  if (def.type === "union") {
    const branches = (def.options as unknown[]).filter((option) => !isOtherBranch(option, value));
    return branches.flatMap((option) => knownKeys(option, path, value));
  }
  if (def.type === "pipe") return knownKeys(def.in, path, value);
  if (def.innerType !== undefined) return knownKeys(def.innerType, path, value);
  const [step, ...rest] = path;
  if (step === undefined) return def.type === "object" ? Object.keys(def.shape as object) : [];
  const inner = valueAt(value, [step]);
  if (def.type === "array") return knownKeys(def.element, rest, inner);
  if (def.type === "record") return knownKeys(def.valueType, rest, inner);
  if (def.type !== "object") return [];
  const shape = def.shape as Record<string, unknown>;
  return Object.hasOwn(shape, step) ? knownKeys(shape[step], rest, inner) : [];
}

// No branch of a union has the literal that the value has: then the literals are what to choose
// from, as for the `when` of a drain rule or the layout of an address space.
function literalProblem(issue: Issue, tree: unknown): Problem | undefined {
  const value = valueAt(tree, issue.path as Path);
  if (issue.code !== "invalid_union" || value === null || typeof value !== "object")
    return undefined;
  const wrong = (issue.errors as readonly Issue[][]).flat().filter((inner) => {
    return inner.code === "invalid_value" && inner.values.length === 1 && inner.path.length === 1;
  }) as (Issue & { code: "invalid_value" })[];
  const key = wrong[0]?.path[0];
  if (key === undefined || !Object.hasOwn(value, key)) return undefined;
  const words = wrong.filter(({ path }) => path[0] === key).map(({ values }) => String(values[0]));
  const path = [...issue.path, key] as Path;
  const found = valueAt(tree, path);
  const suggestion = typeof found === "string" ? hintFor(found, words) : "";
  return {
    path,
    expected: `one of ${words.join(", ")}`,
    ...(suggestion.startsWith("did you mean") ? { hint: suggestion } : {}),
  };
}

// A mapping none of whose keys any branch knows: the first one is the mistake.
function strangeKeyProblem(issue: Issue, schema: unknown, tree: unknown): Problem | undefined {
  const path = issue.path as Path;
  const value = valueAt(tree, path);
  if (issue.code !== "invalid_union" || value === null || typeof value !== "object")
    return undefined;
  if (Array.isArray(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  const known = [...new Set(knownKeys(schema, path))];
  if (key === undefined || [key, ...others].some((one) => known.includes(one))) return undefined;
  return { path, unknown_key: key, hint: hintFor(key, known) };
}

// Every branch of a union has a literal at one key, which the value has not got.
function missingLiteralProblem(issue: Issue, tree: unknown): Problem | undefined {
  const value = valueAt(tree, issue.path as Path);
  if (issue.code !== "invalid_union" || value === null || typeof value !== "object")
    return undefined;
  if (Array.isArray(value)) return undefined;
  const lacking = (issue.errors as readonly Issue[][]).map((branch) =>
    branch.find((inner) => {
      return inner.code === "invalid_value" && inner.values.length === 1 && inner.path.length === 1;
    }),
  ) as (Issue & { code: "invalid_value" })[];
  const key = lacking[0]?.path[0];
  if (key === undefined || Object.hasOwn(value, key)) return undefined;
  if (lacking.some((inner) => inner?.path[0] !== key)) return undefined;
  const words = lacking.map(({ values }) => String(values[0]));
  return { path: [...issue.path, key] as Path, expected: `one of ${words.join(", ")}` };
}

/** Types as a writer of YAML knows them. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: "a mapping",
  record: "a mapping",
  array: "a list",
  boolean: "true or false",
  string: "a text",
};

// What zod says by itself of a bound, where a schema has no words of its own.
function boundWords(issue: Issue): string | undefined {
  if (issue.code !== "too_small" && issue.code !== "too_big") return undefined;
  if (!/^Too (small|big)/.test(issue.message)) return undefined;
  const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const words = `${issue.code === "too_small" ? "at least" : "at most"} ${bound}`;
  return issue.origin === "array" ? `a list of ${words}` : words;
}

function hintForKey(key: string, schema: unknown, path: Path, tree: unknown): string {
  // { cpus: 0,3 } has a key 3 without a value
  if (valueAt(tree, [...path, key]) === null && /^\d+(-\d+)?$/.test(key))
    return "a list with commas needs quotes or brackets here";
  // Known in another branch of a union: right word, wrong company.
  if (knownKeys(schema, path).includes(key)) return "it does not go with the keys beside it";
  return hintFor(key, [...new Set(knownKeys(schema, path, tree))]);
}

function toProblem(issue: Issue, schema: unknown, tree: unknown): Problem {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    return { path, unknown_key: key, hint: hintForKey(key, schema, path, tree) };
  }
  let expected = boundWords(issue) ?? issue.message;
  let hint = (issue as { params?: { hint?: string } }).params?.hint;
  const value = valueAt(tree, path);
  if (issue.code === "invalid_type" && /^Invalid input/.test(expected)) {
    expected = TYPE_WORDS[issue.expected] ?? `a ${issue.expected}`;
  }
  if (issue.code === "invalid_value" && typeof value === "string") {
    const words = issue.values.filter((word) => typeof word === "string");
    const suggestion = hintFor(value, words);
    if (suggestion.startsWith("did you mean")) hint = suggestion;
  }
  return { path, expected, ...(hint === undefined ? {} : { hint }) };
}

/** The problem to tell first: unknown keys, for they often explain what seems to be missing. */
export function firstProblem(error: z.ZodError, schema: unknown, tree: unknown): Problem {
  const issues = flatten(error.issues as Issue[], tree);
  const issue = issues.find((one) => one.code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) throw new Error("a ZodError without issues");
  return (
    literalProblem(issue, tree) ??
    strangeKeyProblem(issue, schema, tree) ??
    missingLiteralProblem(issue, tree) ??
    toProblem(issue, schema, tree)
  );
}

/** To YAML 6.120 and 6.12 are one number, but no kernel had both names. */
export function versionProblem(
  path: Path,
  value: unknown,
  written: string | undefined,
): Problem | undefined {
  if (typeof value !== "number" || written === undefined || written === String(value))
    return undefined;
  const hint = "a version is no number: what follows its point counts as it stands";
  return { path, expected: `"${value}"`, hint };
}

/** Keys as they are written, or quoted where that would hide something: blanks, controls, nothing. */
const dotted = (path: Path): string =>
  path.map((step) => (/^[\w#-]+$/.test(String(step)) ? step : quotedKey(String(step)))).join(".");

const quotedKey = (key: string): string => (key === "" ? '""' : quoteFound(key));

/** How a problem is worded; `where` places it in a file or on the command line. */
export function problemError(
  problem: Problem,
  tree: unknown,
  where: {
    readonly place: InputPlace;
    readonly prefix?: string | undefined;
    readonly found?: string | undefined;
  },
): InputError {
  const prefix = where.prefix === undefined ? "" : `${where.prefix}: `;
  const { path, hint } = problem;
  if (problem.unknown_key !== undefined) {
    const key = dotted([...path, problem.unknown_key]);
    return new InputError({ ...where.place, problem: `${prefix}unknown key ${key}`, hint });
  }
  const value = valueAt(tree, path);
  const name = path.length === 0 ? "the whole" : dotted(path);
  const missing = value === undefined;
  return new InputError({
    ...where.place,
    problem: prefix + (missing ? `missing key ${name}` : `bad value of ${name}`),
    found: missing ? undefined : (where.found ?? describeValue(value)),
    expected: problem.expected,
    hint: missing ? undefined : hint,
  });
}

// Litmus files: YAML in, a checked LitmusSpec out.

import { z } from "zod";
import type { InputError } from "../errors.ts";
import { firstProblem, type Problem, problemError, versionProblem } from "../scenario/problems.ts";
import {
  duration,
  generationOf,
  oneOf,
  text,
  trueOrFalse,
  wholeNumber,
} from "../scenario/scalars.ts";
import { parseSource, valueAt } from "../scenario/source.ts";
import { litmusProblem } from "./fit.ts";
import { GENERATIONS } from "./generation.ts";
import { resolveMms, resolveThreads } from "./resolve.ts";
import type { LitmusSpec } from "./spec.ts";
import { ACCESSES, BREACHES, FREE_WAYS, HAPPENED, listOf, MISSING, OPS, TWINS } from "./words.ts";

const page = wholeNumber(0, 2 ** 35);
const pages = wholeNumber(1, 2 ** 30);
const protection = wholeNumber(0, 255);
const name = text("the name of an address space");

/** `anywhere` searches a gap. */
const place = z.union([page, z.literal("anywhere")], { error: () => "a page, or anywhere" });

const listed = (items: string) => ({ error: () => `a list: ${items}` });
const range = z.tuple([page, pages], listed("first page, pages"));
const series = z.tuple([page, pages, pages], listed("first page, faults, pages between"));
const fixed = z.tuple([page, pages, protection], listed("first page, pages, protection"));
const placed = z.tuple(
  [place, pages, protection],
  listed("first page or anywhere, pages, protection"),
);
const foreign = z.tuple([name, page], listed("address space, page"));

/** VMAs that an exec maps at most, and turns of a repetition. */
const EXEC_VMAS_MAX = 64;
const REPEAT_MAX = 10_000;

/** How long a series of faults sleeps between two of them; no time in the explorer. */
const between = duration("1us", "1s").optional();

const operations = [
  z.strictObject({ fault: page }),
  z.strictObject({ "kernel-fault": page }),
  z.strictObject({ touch: series, pause: between }),
  z.strictObject({ munmap: range }),
  z.strictObject({ mmap: placed }),
  z.strictObject({ "mmap-fixed": fixed }),
  z.strictObject({ "read-file": series, pause: between }),
  z.strictObject({ mprotect: fixed }),
  z.strictObject({ brk: page }),
  z.strictObject({ fork: name, "fail-at": wholeNumber(1, 1_000_000).optional() }),
  z.strictObject({
    exec: name,
    vmas: wholeNumber(1, EXEC_VMAS_MAX),
    cut: wholeNumber(0, EXEC_VMAS_MAX).optional(),
  }),
  z.strictObject({ "read-maps": name }),
  z.strictObject({ "remote-access": foreign }),
  z.strictObject({ "oom-reap": name }),
  z.strictObject({ "process-mrelease": name }),
  z.strictObject({ khugepaged: name }),
  z.strictObject({
    "illegal-read": foreign,
    holding: oneOf(["vma-lock", "nothing"]).default("vma-lock"),
  }),
  z.strictObject({ kill: name }),
  z.strictObject({ "touch-slowly": series, pause: between }),
  z.strictObject({ pause: duration("1ns", "1000s") }),
  z.strictObject({ run: duration("1ns", "1000s") }),
  z.strictObject({ wait: name }),
  z.literal("exit"),
] as const;

const error = (): string => `an operation: ${listOf(OPS).join(", ")}, or repeat`;
const operation = z.union(operations, { error });
/** The same again and again: `#` in a name is the number of the turn. */
const turns = z.strictObject({
  repeat: wholeNumber(1, REPEAT_MAX),
  do: z.array(operation).min(1, { error: "at least one operation" }),
});
const step = z.union([turns, ...operations], { error });

const touched = wholeNumber(0, 2 ** 30);
const vma = z.union(
  [
    z.tuple([page, pages]),
    z.tuple([page, pages, protection]),
    z.tuple([page, pages, protection, touched]),
  ],
  listed("first page, pages, and if need be protection and touched pages"),
);

const count = wholeNumber(1, REPEAT_MAX);

export const addressSpace = z.strictObject({
  /** Made by a fork or an exec of the run. */
  later: trueOrFalse().default(false),
  /** So many of them: `#` in the name is their number. */
  count: count.optional(),
  heap: page.default(1024),
  vmas: z.array(vma).default([]),
});

export const thread = z.strictObject({
  name: text("a name"),
  mm: name.optional(),
  born: trueOrFalse().default(false),
  /** So many of them: `#` in the names is their number. */
  count: count.optional(),
  do: z.array(step).min(1, { error: "at least one operation" }),
});

const condition = z.strictObject({
  breach: z
    .enum(["any", ...listOf(BREACHES)], { error: () => `any, ${listOf(BREACHES).join(", ")}` })
    .optional(),
  access: oneOf(listOf(ACCESSES)).optional(),
  missing: oneOf(listOf(MISSING)).optional(),
  happened: z.array(oneOf(listOf(HAPPENED))).optional(),
});

const litmusSchema = z.strictObject({
  version: z.literal(1, { error: () => "1" }),
  litmus: text("a name"),
  title: text("a one-line title"),
  generation: generationOf(GENERATIONS),
  munmap: oneOf(listOf(FREE_WAYS)),
  exit: oneOf(listOf(FREE_WAYS)),
  without: z.array(oneOf(listOf(TWINS))).default([]),
  max_map_count: wholeNumber(1, 1_000_000).default(65_530),
  seq_bits: wholeNumber(1, 32).default(32),
  list_max: wholeNumber(0, 1_000_000).default(32),
  objects_per_slab: wholeNumber(1, 64).default(4),
  memory_pages: wholeNumber(0, 2 ** 30).default(0),
  cpus: wholeNumber(1, 64).default(1),
  mms: z.record(z.string(), addressSpace),
  threads: z.array(thread).min(1, { error: "at least one thread" }),
  observe: condition,
  expect: oneOf(["never", "sometimes", "always"]),
  tolerate: z.array(oneOf(listOf(BREACHES))).default([]),
  seeds: wholeNumber(1, 10_000_000).default(1000),
});

type File = z.infer<typeof litmusSchema>;
export type Operation = z.infer<typeof operation>;
export type Step = z.infer<typeof step>;
export type MmFile = z.infer<typeof addressSpace>;
export type ThreadFile = z.infer<typeof thread>;

/** Checks a litmus file. Throws InputError with file, line and column. */
export function parseLitmus(text: string, file: string): LitmusSpec {
  const source = parseSource(text, file);
  const fail = (problem: Problem): InputError =>
    problemError(problem, source.tree, {
      place: source.place(problem.path, problem.unknown_key),
      found: source.found(problem.path),
    });
  const parsed = litmusSchema.safeParse(source.tree);
  if (!parsed.success) throw fail(firstProblem(parsed.error, litmusSchema, source.tree));
  const version = valueAt(source.tree, ["generation"]);
  const problem =
    versionProblem(["generation"], version, source.found(["generation"])) ??
    litmusProblem(parsed.data);
  if (problem !== undefined) throw fail(problem);
  return resolve(parsed.data);
}

function resolve(file: File): LitmusSpec {
  const { version: _, litmus, mms, threads, observe, ...rest } = file;
  return {
    ...rest,
    name: litmus,
    observe: Object.fromEntries(Object.entries(observe).filter(([, value]) => value !== undefined)),
    mms: resolveMms(mms),
    threads: resolveThreads(threads),
  };
}

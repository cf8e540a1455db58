// Litmus files: YAML in, a checked LitmusSpec out.

import { z } from "zod";
import type { InputError } from "../errors.ts";
import { firstProblem, type Problem, problemError } from "../scenario/problems.ts";
import {
  duration,
  generationOf,
  oneOf,
  text,
  trueOrFalse,
  wholeNumber,
} from "../scenario/scalars.ts";
import { parseSource } from "../scenario/source.ts";
import { hintFor } from "../scenario/suggest.ts";
import { GENERATIONS } from "./generation.ts";
import type { LitmusMm, LitmusOp, LitmusSpec, LitmusThread } from "./spec.ts";
import { ACCESSES, BREACHES, FREE_WAYS, HAPPENED, listOf, MISSING, TWINS } from "./words.ts";

/** How the engine takes "anywhere". */
const ANYWHERE = -1;

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
const NS_PER_US = 1000;

/** Faults one after the other. */
const SERIES = ["touch", "touch-slowly", "read-file"];

const OPERATIONS = [
  ...["fault", "kernel-fault", "touch", "munmap", "mmap", "mmap-fixed", "mprotect", "brk", "fork"],
  ...["exec", "read-file"],
  ...["read-maps", "remote-access", "oom-reap", "process-mrelease", "khugepaged"],
  ...["illegal-read", "kill", "touch-slowly", "pause", "run", "wait", "exit"],
];

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

const error = (): string => `an operation: ${OPERATIONS.join(", ")}, or repeat`;
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
type Operation = z.infer<typeof operation>;
type Step = z.infer<typeof step>;
type MmFile = z.infer<typeof addressSpace>;
type ThreadFile = z.infer<typeof thread>;

function op(name: string, x = 0, y = 0, z = 0): LitmusOp {
  return { op: name, x, y, z };
}

function on(name: string, mm: string, y = 0, z = 0): LitmusOp {
  return { op: name, mm, x: 0, y, z };
}

function resolveOp(one: Operation): LitmusOp {
  if (one === "exit") return op("exit");
  if ("fork" in one) return on("fork", one.fork, one["fail-at"] ?? 0);
  if ("exec" in one) return on("exec", one.exec, one.vmas, one.cut ?? 0);
  if ("illegal-read" in one) {
    const [mm, page] = one["illegal-read"];
    return on("illegal-read", mm, page, one.holding === "nothing" ? 1 : 0);
  }
  const series = SERIES.find((name) => name in one);
  if (series !== undefined) {
    const { pause = 0 } = one as { pause?: number };
    const [first, faults, step] = (one as Record<string, readonly number[]>)[series]!;
    return op(series, first, faults, step! + Math.round(pause / NS_PER_US) * 2 ** 32);
  }
  const [[name, argument]] = Object.entries(one) as [[string, unknown]];
  if (typeof argument === "number") return op(name, argument);
  if (typeof argument === "string") return on(name, argument);
  const [first, ...rest] = argument as readonly (number | string)[];
  const [y = 0, z = 0] = rest.map(Number);
  if (name === "remote-access") return on(name, String(first), y);
  return op(name, first === "anywhere" ? ANYWHERE : Number(first), y, z);
}

/** A name with the number of what it belongs to. */
const numbered = (name: string, number: number): string => name.replaceAll("#", String(number));

/** All names that one with `#` stands for. */
function namesFor(name: string, count = 1): string[] {
  if (!name.includes("#")) return [name];
  return Array.from({ length: count }, (_, number) => numbered(name, number));
}

function mmNames(mms: Record<string, MmFile>): string[] {
  return Object.entries(mms).flatMap(([name, { count }]) => namesFor(name, count));
}

/** An operation as it is written, in how many turns, and where. */
interface Written {
  readonly one: Operation;
  readonly turns?: number;
  readonly at: readonly (string | number)[];
}

function written(list: readonly Step[]): Written[] {
  return list.flatMap((one, index): Written[] =>
    typeof one === "object" && "repeat" in one
      ? one.do.map((inner, i) => ({ one: inner, turns: one.repeat, at: [index, "do", i] }))
      : [{ one, at: [index] }],
  );
}

/** Does the operation make the address space that it names? */
const made = (one: Operation): boolean =>
  typeof one === "object" && ("fork" in one || "exec" in one);

/** Names of address spaces that operations and threads use must exist. */
export function namesProblem(
  file: { readonly mms: Record<string, MmFile>; readonly threads: readonly ThreadFile[] },
  at: readonly (string | number)[] = [],
  others: readonly string[] = [],
): Problem | undefined {
  const known = new Set([...others, ...mmNames(file.mms)]);
  const later = new Set(
    mmNames(Object.fromEntries(Object.entries(file.mms).filter(([, mm]) => mm.later))),
  );
  const missing = (wanted: string, count: number | undefined): string | undefined =>
    namesFor(wanted, count).find((name) => !known.has(name));
  const unknown = (path: (string | number)[], wanted: string): Problem => ({
    path: [...at, ...path],
    expected: "the name of an address space",
    hint: hintFor(wanted, [...known]),
  });
  for (const [index, { mm, count, do: list }] of file.threads.entries()) {
    const lacks = mm === undefined ? undefined : missing(mm, count);
    if (lacks !== undefined) return unknown(["threads", index, "mm"], lacks);
    for (const { one, turns, at: place } of written(list)) {
      const { mm: named } = resolveOp(one);
      if (named === undefined) continue;
      const gone = missing(named, turns ?? count);
      if (gone !== undefined) return unknown(["threads", index, "do", ...place], gone);
      if (!made(one) || namesFor(named, turns ?? count).every((name) => later.has(name))) continue;
      const expected = "an address space with `later: true`, which this makes";
      return { path: [...at, "threads", index, "do", ...place], expected, hint: named };
    }
  }
  for (const [name, { vmas, count }] of Object.entries(file.mms)) {
    if (count !== undefined && !name.includes("#")) {
      const expected = "a name with `#`, which becomes the number";
      return { path: [...at, "mms", name, "count"], expected };
    }
    let end = 0;
    for (const [index, [start, pages_of]] of vmas.entries()) {
      if (start < end) {
        return { path: [...at, "mms", name, "vmas", index], expected: "VMAs in ascending order" };
      }
      end = start + pages_of;
    }
  }
  return undefined;
}

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
  const problem = namesProblem(parsed.data);
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

export function resolveMms(mms: Record<string, MmFile>): LitmusMm[] {
  return Object.entries(mms).flatMap(([name, { later, heap, vmas, count }]) =>
    namesFor(name, count).map((own) => ({
      name: own,
      later,
      heap,
      vmas: vmas.map(([start, pages, protection = 0, touched = 0]) => ({
        start,
        pages,
        protection,
        touched,
      })),
    })),
  );
}

/** An operation whose name has the number of a turn or of its thread. */
function resolveNumbered(one: Operation, number: number): LitmusOp {
  const resolved = resolveOp(one);
  return resolved.mm === undefined ? resolved : { ...resolved, mm: numbered(resolved.mm, number) };
}

function resolveSteps(list: readonly Step[], thread: number): LitmusOp[] {
  return list.flatMap((one) => {
    if (typeof one !== "object" || !("repeat" in one)) return [resolveNumbered(one, thread)];
    return Array.from({ length: one.repeat }, (_, turn) =>
      one.do.map((inner) => resolveNumbered(inner, turn)),
    ).flat();
  });
}

export function resolveThreads(threads: readonly ThreadFile[]): LitmusThread[] {
  return threads.flatMap(({ name, mm, born, count = 1, do: list }) =>
    Array.from({ length: count }, (_, number) => ({
      name: numbered(name, number),
      ...(mm === undefined ? {} : { mm: numbered(mm, number) }),
      born,
      ops: resolveSteps(list, number),
    })),
  );
}

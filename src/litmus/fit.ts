// What a schema of single values cannot say of address spaces and threads: which names there are, who makes
// what, and how many of all there may be. One function a rule; the first problem is told.

import { formatCount } from "../errors.ts";
import type { Problem } from "../scenario/problems.ts";
import { hintFor } from "../scenario/suggest.ts";
import type { MmFile, Operation, Step, ThreadFile } from "./file.ts";
import { namesFor, resolveOp } from "./resolve.ts";

/** Address spaces and threads as they are written. */
export interface Cast {
  readonly mms: Readonly<Record<string, MmFile>>;
  readonly threads: readonly ThreadFile[];
}

/** What a run plans for at most. */
export interface CastLimits {
  readonly threads: number;
  /** Of all threads, with their turns. */
  readonly operations: number;
}

/** The explorer notes whose step it was in a byte, of which one value is RCU's. */
const LITMUS_LIMITS: CastLimits = {
  threads: 255,
  // a schedule has no more steps (world.ts)
  operations: 100_000,
};

/** An operation as it is written, in how many turns of which thread, and where. */
interface Written {
  readonly one: Operation;
  readonly turns: number | undefined;
  readonly thread: ThreadFile;
  readonly path: readonly (string | number)[];
}

function writtenSteps(thread: ThreadFile, path: readonly (string | number)[]): Written[] {
  return thread.do.flatMap((step: Step, index): Written[] => {
    if (typeof step !== "object" || !("repeat" in step)) {
      return [{ one: step, turns: undefined, thread, path: [...path, index] }];
    }
    const { repeat: turns } = step;
    return step.do.map((one, i) => ({ one, turns, thread, path: [...path, index, "do", i] }));
  });
}

function written(threads: readonly ThreadFile[]): Written[] {
  return threads.flatMap((thread, index) => writtenSteps(thread, ["threads", index, "do"]));
}

/** The address spaces that an operation names, one a turn or a thread. */
function namedBy({ one, turns, thread }: Written): string[] {
  const { mm } = resolveOp(one);
  return mm === undefined ? [] : namesFor(mm, turns ?? thread.count);
}

const times = ({ turns = 1, thread: { count = 1 } }: Written): number => turns * count;

/** More than a run plans for; before anything is written out. */
function sizeProblem({ threads }: Cast, limits: CastLimits): Problem | undefined {
  const in_all = threads.reduce((sum, { count = 1 }) => sum + count, 0);
  if (in_all > limits.threads) {
    return { path: ["threads"], expected: `at most ${limits.threads} threads in all` };
  }
  const operations = written(threads).reduce((sum, step) => sum + times(step), 0);
  if (operations <= limits.operations) return undefined;
  const most = `at most ${formatCount(limits.operations)} operations in all, with all turns`;
  return { path: ["threads"], expected: most, hint: `there are ${formatCount(operations)}` };
}

function mmProblem({ mms }: Cast, others: readonly string[]): Problem | undefined {
  const taken = new Set(others);
  for (const [name, { vmas, count, later }] of Object.entries(mms)) {
    const path = ["mms", name];
    if (count !== undefined && !name.includes("#")) {
      const expected = "a name with `#`, which becomes the number";
      return { path: [...path, "count"], expected };
    }
    for (const own of namesFor(name, count)) {
      if (taken.has(own)) return { path, expected: "a name of its own", hint: `${own} is another` };
      taken.add(own);
    }
    if (later && vmas.length > 0) {
      const expected = "none beside `later: true`: what makes the address space maps them";
      return { path: [...path, "vmas"], expected };
    }
    const order = vmas.findIndex(([start], index) => {
      const before = vmas[index - 1];
      return before !== undefined && start < before[0] + before[1];
    });
    if (order !== -1) {
      return { path: [...path, "vmas", order], expected: "VMAs in ascending order" };
    }
    const full = vmas.findIndex(([, pages, , touched = 0]) => touched > pages);
    if (full === -1) continue;
    const expected = `at most ${formatCount(vmas[full]![1])} touched pages, as the VMA has no more`;
    return { path: [...path, "vmas", full], expected };
  }
  return undefined;
}

/** Names of address spaces that operations and threads use must exist. */
function namesProblem({ threads }: Cast, known: ReadonlySet<string>): Problem | undefined {
  const unknown = (path: readonly (string | number)[], names: string[]): Problem | undefined => {
    const wanted = names.find((name) => !known.has(name));
    if (wanted === undefined) return undefined;
    return { path, expected: "the name of an address space", hint: hintFor(wanted, [...known]) };
  };
  for (const [index, { mm, count }] of threads.entries()) {
    if (mm === undefined) continue;
    const problem = unknown(["threads", index, "mm"], namesFor(mm, count));
    if (problem !== undefined) return problem;
  }
  for (const step of written(threads)) {
    const problem = unknown(step.path, namedBy(step));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Who begins where, and when: with the fork or exec that makes the address space, or at once. */
function threadProblem({ threads }: Cast, later: ReadonlySet<string>): Problem | undefined {
  for (const [index, { mm, count, born }] of threads.entries()) {
    const names = mm === undefined ? [] : namesFor(mm, count);
    if (born && (mm === undefined || names.some((name) => !later.has(name)))) {
      const expected = "false, or an `mm` with `later: true`, whose fork or exec starts the thread";
      return { path: ["threads", index, "born"], expected };
    }
    if (born || !names.some((name) => later.has(name))) continue;
    const expected = "one that is there from the start, or `born: true` beside it";
    return { path: ["threads", index, "mm"], expected };
  }
  return undefined;
}

/** Does the operation make the address space that it names? */
const makes = (one: Operation): boolean =>
  typeof one === "object" && ("fork" in one || "exec" in one);

/** What fork and exec make must be there to be made, and each once. */
function makingProblem({ threads }: Cast, later: ReadonlySet<string>): Problem | undefined {
  const made = new Set<string>();
  for (const step of written(threads)) {
    if (!makes(step.one)) continue;
    const names = namedBy(step);
    const alive = names.find((name) => !later.has(name));
    if (alive !== undefined) {
      const expected = "an address space with `later: true`, which this makes";
      return { path: step.path, expected, hint: alive };
    }
    const again = names.length < times(step) ? names[0] : names.find((name) => made.has(name));
    if (again !== undefined) {
      const expected = "an address space that nothing else makes, nor another turn";
      return { path: step.path, expected, hint: again };
    }
    for (const name of names) made.add(name);
  }
  return undefined;
}

/** What a thread without an address space can do: look at others, wait, work. */
const WITHOUT_MM = new Set([
  ...["read-maps", "remote-access", "oom-reap", "process-mrelease", "khugepaged", "illegal-read"],
  ...["kill", "pause", "run", "wait", "exit"],
]);

function homelessProblem({ threads }: Cast): Problem | undefined {
  const step = written(threads).find(({ one, thread }) => {
    return thread.mm === undefined && !WITHOUT_MM.has(resolveOp(one).op);
  });
  if (step === undefined) return undefined;
  const expected = "what a thread without an address space (`mm`) can do";
  return { path: step.path, expected, hint: [...WITHOUT_MM].join(", ") };
}

/** The first thing that does not fit; `others` are address spaces there are besides. */
export function castProblem(
  cast: Cast,
  limits: CastLimits,
  others: readonly string[] = [],
): Problem | undefined {
  const names = (list: [string, MmFile][]) =>
    list.flatMap(([name, { count }]) => namesFor(name, count));
  const all = Object.entries(cast.mms);
  const later = new Set(names(all.filter(([, mm]) => mm.later)));
  return (
    sizeProblem(cast, limits) ??
    mmProblem(cast, others) ??
    namesProblem(cast, new Set([...others, ...names(all)])) ??
    threadProblem(cast, later) ??
    makingProblem(cast, later) ??
    homelessProblem(cast)
  );
}

/** The same for the cast of a litmus test. */
export function litmusProblem(cast: Cast): Problem | undefined {
  return castProblem(cast, LITMUS_LIMITS);
}

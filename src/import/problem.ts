// What is wrong with a line of a trace, and which other format it may be.

import { InputError, quoteFound } from "../errors.ts";
import type { TraceLine } from "./lines.ts";

/** How a trace is recorded. */
export const RECORDING = "strace -f -ttt -e trace=%memory,%process -o FILE PROGRAM";

const TABLE = /^% time\s+seconds/;

/** Is it the head of what strace -c and -C say of calls in all? */
export const isTable = (text: string): boolean => TABLE.test(text);

/** Formats that people take for it, by one of their lines. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [TABLE, "this is the table of strace -c: record the calls themselves"],
  [/^\s*\d+\.\d+ \(\s*(\d|\))/, "this looks like perf trace: record with strace"],
  [/^[\w.-]+\s+\d+ \[\d+\]\s+\d+\.\d+:/, "this looks like perf script: record with strace"],
  [/^(\S+ +)?([\w.-]+->\w+|__libc_start_main|malloc|free|SYS_\w+)\(/, "this looks like ltrace"],
  [/^[0-9a-f]+-[0-9a-f]+ [-r][-w][-x][-ps] /, "these are maps: give them with --maps"],
  [/^version:/, "this is a scenario already"],
  [/^\s*[{<]/, "the text of strace is neither JSON nor HTML"],
];

function hintFor(text: string): string {
  const match = FOREIGN.find(([pattern]) => pattern.test(text));
  return match?.[1] ?? `record with -o, so that nothing else is among its lines: ${RECORDING}`;
}

/** Does the line belong to another tool, though it reads like a call? */
export function isForeign(text: string): boolean {
  return FOREIGN.slice(0, 4).some(([pattern]) => pattern.test(text));
}

/** An error at character `at` (from 0) of a line. */
export function traceError(
  file: string,
  { text, number }: TraceLine,
  at: number,
  problem: string,
  expected: string,
): InputError {
  return new InputError({
    file,
    line: number,
    column: at + 1,
    problem,
    found: at >= text.length ? "the end of the line" : quoteFound(text.slice(at)),
    expected,
    hint: hintFor(text),
  });
}

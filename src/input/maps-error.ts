// Errors about a line of maps: where the cursor stood, what was there, what should have been.

import { InputError, quoteFound } from "../errors.ts";

/** The line being parsed; `line` counts from 1. */
export interface LineContext {
  readonly file: string | undefined;
  line: number;
}

export interface LineProblem {
  readonly problem: string;
  /** Taken from the line (up to the next blank) when absent. */
  readonly found?: string;
  readonly expected?: string;
  readonly hint?: string;
}

const NUL = 0x00;
const SPACE = 0x20;
const CARRIAGE_RETURN = 0x0d;
const SHOWN_BYTES_MAX = 64;

/** An error at byte `at` of the line `bytes[from, to)`. */
export function lineError(
  context: LineContext,
  bytes: Uint8Array,
  from: number,
  to: number,
  at: number,
  what: LineProblem,
): InputError {
  if (bytes.subarray(from, to).includes(NUL)) return binaryError(context, bytes, from, to);
  return new InputError({
    file: context.file ?? "maps",
    line: context.line,
    column: at - from + 1,
    found: wordAt(bytes, at, to),
    hint: context.line === 1 ? foreignHint(decode(bytes, from, to)) : undefined,
    ...what,
  });
}

function binaryError(context: LineContext, bytes: Uint8Array, from: number, to: number) {
  return new InputError({
    file: context.file ?? "maps",
    line: context.line,
    column: bytes.subarray(from, to).indexOf(NUL) + 1,
    problem: "binary data",
    found: "a NUL byte",
    expected: "the text of /proc/PID/maps or smaps",
  });
}

/** The word at `at`: up to the next space or the end of the line. */
function wordAt(bytes: Uint8Array, at: number, to: number): string {
  if (at >= to) return "the end of the line";
  if (bytes[at] === SPACE) return "a space";
  let end = at;
  while (end < to && bytes[end] !== SPACE) end++;
  if (end === to && bytes[end - 1] === CARRIAGE_RETURN && end - 1 > at) end--;
  return quoteFound(decode(bytes, at, end));
}

function decode(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder().decode(bytes.subarray(from, Math.min(to, from + SHOWN_BYTES_MAX)));
}

/** Formats that people take for maps, by their first line. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/^Address\s|^\d+:\s{3}/, "this looks like the output of pmap: give /proc/PID/maps itself"],
  [/^(cat|head|ls): /, "this is a message of the command that should have read the maps"],
  [/^Start Addr|^\s+Start Addr/, "this looks like a debugger's table: give /proc/PID/maps itself"],
  [/^\s*[<{[]/, "maps are plain text, neither HTML nor JSON"],
  [/^0x/, "addresses stand without 0x"],
];

function foreignHint(line: string): string {
  const match = FOREIGN.find(([pattern]) => pattern.test(line));
  return match === undefined ? "is this a copy of /proc/PID/maps or smaps?" : match[1];
}

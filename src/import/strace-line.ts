// One line of strace:
//
//   123 1700000000.000123 mmap(NULL, 8192, ...) = 0x7f2752933000 <0.000070>
//   who when              a call, a part of one, a signal or an end

import type { TraceLine } from "./lines.ts";
import { isForeign, traceError } from "./problem.ts";

/** A time as it was written: its kind, seconds and nanoseconds. */
export interface WrittenTime {
  readonly kind: "clock" | "plain";
  readonly s: number;
  readonly ns: number;
}

export type LineBody =
  | { readonly what: "call"; readonly name: string; readonly rest: string; readonly at: number }
  | { readonly what: "unfinished"; readonly name: string; readonly rest: string }
  | { readonly what: "resumed"; readonly name: string; readonly rest: string; readonly at: number }
  | { readonly what: "end"; readonly superseded_by?: number }
  | { readonly what: "note" };

export interface StraceLine {
  /** Absent where strace wrote none. */
  readonly pid?: number;
  readonly time?: WrittenTime;
  readonly body: LineBody;
}

const PID = /(?:\[pid\s+(\d{1,10})(?:<[^>]*>)?\]|(\d{1,10})(?:<[^>]*>)?)\s+/y;
const TIME =
  /\s*(?:(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?|(\d{1,12})\.(\d{1,9}))(?:\s+\(\+\s*\d+\.\d+\))?\s+/y;
/** -n and -i: number of the call, instruction pointer. */
const BRACKET = /\s*\[\s*[0-9a-f?]+\]\s+/y;
const CALL = /\s*([a-z_][a-z0-9_]*)\(/iy;
const RESUMED = /\s*<\.\.\. (?:([a-z_?][a-z0-9_?]*) )?resumed> ?/iy;
const UNFINISHED = "<unfinished ...>";
/** strace let go of the thread, in the middle of a call or before one. */
const DETACHED = "<detached ...>";
const SUPERSEDED = /^\+\+\+ superseded by execve in pid (\d{1,10})/;

/** @throws InputError at the first character that is none of strace. */
export function parseStraceLine(file: string, line: TraceLine): StraceLine {
  const { text } = line;
  if (text.trim() === "" || /^strace: |^ > /.test(text)) return { body: { what: "note" } };
  if (isForeign(text)) throw traceError(file, line, 0, "no line of strace", "a system call");
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const who = match(PID);
  const time = readTime(match(TIME));
  match(BRACKET);
  match(BRACKET);
  const body = readBody(text, at, match);
  if (body === undefined) {
    const expected = "a system call, `<... resumed>`, `---` or `+++`";
    throw traceError(file, line, at, "no line of strace", expected);
  }
  return {
    ...(who === null ? {} : { pid: Number(who[1] ?? who[2]) }),
    ...(time === undefined ? {} : { time }),
    body,
  };
}

function readTime(found: RegExpExecArray | null): WrittenTime | undefined {
  if (found === null) return undefined;
  const [, h, m, s, fraction = "", seconds, parts = ""] = found;
  const ns = (text: string): number => Number(text.padEnd(9, "0"));
  if (seconds !== undefined) return { kind: "plain", s: Number(seconds), ns: ns(parts) };
  return { kind: "clock", s: Number(h) * 3600 + Number(m) * 60 + Number(s), ns: ns(fraction) };
}

function readBody(
  text: string,
  from: number,
  match: (pattern: RegExp) => RegExpExecArray | null,
): LineBody | undefined {
  const marked = text.slice(from).trimStart();
  if (marked.startsWith("+++ ")) {
    const by = SUPERSEDED.exec(marked)?.[1];
    return { what: "end", ...(by === undefined ? {} : { superseded_by: Number(by) }) };
  }
  if (marked.startsWith("--- ") || marked.trimEnd().endsWith(DETACHED)) return { what: "note" };
  const resumed = match(RESUMED);
  if (resumed !== null) {
    const at = RESUMED.lastIndex;
    return { what: "resumed", name: resumed[1] ?? "", rest: text.slice(at), at };
  }
  const call = match(CALL);
  if (call === null) return undefined;
  const at = CALL.lastIndex;
  const rest = text.slice(at).trimEnd();
  const name = call[1]!;
  if (!rest.endsWith(UNFINISHED)) return { what: "call", name, rest, at };
  return { what: "unfinished", name, rest: rest.slice(0, -UNFINISHED.length).trimEnd() };
}

// What stands between the parentheses of a call, and behind them.

/** An argument and where it begins in the text it was split from. */
export interface Argument {
  readonly text: string;
  readonly at: number;
}

export interface Finished {
  readonly args: readonly Argument[];
  /** As written: an address, a number, or ?; of a process what strace knows it by. */
  readonly result: string;
  /** Its errno, where it failed. */
  readonly error?: string;
}

const OPEN = "([{";
const CLOSE = ")]}";

/** Behind the closing quote of a string at `at`. */
function skipString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end;
}

/** Of a number, or of AT_FDCWD. */
const DESCRIPTOR_END = /[0-9D]/;

/** Behind what -y says of a descriptor; a `<` without end is a character like others. */
function skipPath(text: string, at: number): number {
  const end = text.indexOf(">", at);
  return end === -1 ? at : end;
}

/** `= -1 ENOENT (...)`, `= 0x7f0000`, `= 2<a name>`, `= 2 /* 21266 in strace's PID NS *\/`. */
const RESULT =
  /^\s*= ([^\s<]+)(?:<[^>]*>)?(?: (E[A-Z0-9]+))?(?: \/\* (\d{1,10}) in strace's PID NS)?/;

/** Splits `a, b) = 0`, the text behind the opening parenthesis; undefined where it does not end so. */
export function splitCall(text: string): Finished | undefined {
  const args: Argument[] = [];
  let depth = 0;
  let from = 0;
  const take = (to: number): void => {
    const raw = text.slice(from, to);
    const at = from + (raw.length - raw.trimStart().length);
    if (raw.trim() !== "") args.push({ text: raw.trim(), at });
    from = to + 1;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') i = skipString(text, i);
    else if (c === "<" && DESCRIPTOR_END.test(text[i - 1] ?? "")) i = skipPath(text, i);
    else if (OPEN.includes(c)) depth++;
    else if (CLOSE.includes(c) && depth > 0) depth--;
    else if (c === "," && depth === 0) take(i);
    else if (c === ")") {
      take(i);
      const found = RESULT.exec(text.slice(i + 1));
      if (found === null) return undefined;
      const [, result, error, outside] = found;
      return { args, result: outside ?? result!, ...(error === undefined ? {} : { error }) };
    }
  }
  return undefined;
}

const NUMBER = /^(?:NULL|(0x[0-9a-f]{1,16}|\d{1,20}))(?![0-9a-z])/i;

/** A number, an address or NULL; undefined for anything else. Comments behind it are let be. */
export function numberOf(text: string): bigint | undefined {
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  return found[1] === undefined ? 0n : BigInt(found[1]);
}

/** Bits of flags by name or number; names that are not in the table have none. */
export function bitsOf(text: string, table: Readonly<Record<string, number>>): number {
  return text
    .replace(/\/\*.*\*\//, "")
    .split("|")
    .map((part) => part.trim())
    .reduce((bits, part) => {
      const number = numberOf(part);
      return bits | (number === undefined ? (table[part] ?? 0) : Number(number & 0xffff_ffffn));
    }, 0);
}

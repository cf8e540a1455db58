// Errors that a user's input causes. They carry the exit code and everything one line needs to say.

/** Exit codes of the command line: 2 is bad input, 3 is a limit. */
export type InputErrorCode = 2 | 3;

/** Where in the input something is wrong. Lines and columns count from 1. */
export interface InputPlace {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** What is wrong, as separate parts, so that a caller may also print them as JSON. */
export interface InputErrorParts extends InputPlace {
  readonly code?: InputErrorCode;
  /** What is wrong, in a few words: "empty mapping". */
  readonly problem: string;
  /** The offending text or number; quote text with `quoteFound`. */
  readonly found?: string | undefined;
  readonly expected?: string | undefined;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Bad input. `message` is one line:
 * "file:line:column: what is wrong: found X, expected Y (hint)", absent parts left out.
 */
export class InputError extends Error {
  override readonly name: string = "InputError";
  /** Exit code of the command line. */
  readonly code: InputErrorCode;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly problem: string;
  readonly found?: string;
  readonly expected?: string;
  readonly hint?: string;

  constructor(parts: InputErrorParts) {
    super(formatInputError(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code ?? 2;
    this.problem = parts.problem;
    if (parts.file !== undefined) this.file = parts.file;
    if (parts.line !== undefined) this.line = parts.line;
    if (parts.column !== undefined) this.column = parts.column;
    if (parts.found !== undefined) this.found = parts.found;
    if (parts.expected !== undefined) this.expected = parts.expected;
    if (parts.hint !== undefined) this.hint = parts.hint;
  }
}

/** What a limit needs to say; `needed` and `available` are counts of `unit`. */
export interface LimitErrorParts extends InputPlace {
  readonly problem: string;
  readonly needed: number;
  readonly available: number;
  /** Plural noun: "bytes", "pages". */
  readonly unit: string;
  readonly hint?: string | undefined;
}

/** Good input that does not fit: exit code 3, with both numbers. */
export class LimitError extends InputError {
  override readonly name: string = "LimitError";
  readonly needed: number;
  readonly available: number;
  readonly unit: string;

  constructor(parts: LimitErrorParts) {
    super({
      code: 3,
      file: parts.file,
      line: parts.line,
      column: parts.column,
      problem: parts.problem,
      found: `${formatCount(parts.needed)} ${parts.unit} needed`,
      expected: `at most ${formatCount(parts.available)}`,
      hint: parts.hint,
    });
    this.needed = parts.needed;
    this.available = parts.available;
    this.unit = parts.unit;
  }
}

/** The one line of an `InputError`. */
function formatInputError(parts: InputErrorParts): string {
  const place = [parts.file, parts.line, parts.line === undefined ? undefined : parts.column]
    .filter((part) => part !== undefined)
    .join(":");
  const expectation = [
    parts.found === undefined ? undefined : `found ${parts.found}`,
    parts.expected === undefined ? undefined : `expected ${parts.expected}`,
  ]
    .filter((part) => part !== undefined)
    .join(", ");
  const line =
    (place === "" ? "" : `${place}: `) +
    parts.problem +
    (expectation === "" ? "" : `: ${expectation}`) +
    (parts.hint === undefined ? "" : ` (${parts.hint})`);
  return escapeControls(line);
}

/** Names of files and arguments of options are the user's: a newline in one must not break the line. */
function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, escapedCharacter);
}

function escapedCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const FOUND_CHARACTERS_MAX = 40;

/** Quotes a piece of input for `found`: one printable line of at most 40 characters. */
export function quoteFound(text: string): string {
  if (text === "") return "nothing";
  const cut = text.length > FOUND_CHARACTERS_MAX;
  const shown = cut ? text.slice(0, FOUND_CHARACTERS_MAX - 3) : text;
  const escaped = JSON.stringify(shown).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/g,
    escapedCharacter,
  );
  return cut ? `${escaped.slice(0, -1)}..."` : escaped;
}

/** "1234567" as "1,234,567", without depending on the locale. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "a directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "a loop of symbolic links",
  ENAMETOOLONG: "a name that is too long",
};

/** Why a file could not be read, in a few words. */
export function readProblem(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  return READ_PROBLEMS[code ?? ""] ?? message;
}

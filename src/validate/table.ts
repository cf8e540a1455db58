// A CSV file of measured rows, whatever they measure: records that know their place in the file.

import { type CsvError, parse } from "csv-parse/sync";
import { InputError, quoteFound } from "../errors.ts";

export interface MeasuredTable {
  readonly file: string;
  readonly header: readonly string[];
  /** The line that the header stands in: comments may come before it. */
  readonly header_line: number;
  readonly records: readonly MeasuredRecord[];
}

interface RawRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly raw: string;
  readonly info: { readonly lines: number };
}

/**
 * Where field `index` of a record starts. `raw` is the text of the record, with the comments and
 * blank lines before it; `last_line` is the line it ends on.
 */
export function fieldPlace(raw: string, index: number, last_line: number) {
  const text = raw.replace(/^(?:[\r\n]|#[^\n]*\n)+/, "").replace(/[\r\n]+$/, "");
  let at = 0;
  let quoted = false;
  for (let field = 0; field < index && at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === "," && !quoted) field++;
  }
  const lines_after = text.slice(at).split("\n").length - 1;
  return { line: last_line - lines_after, column: at - text.lastIndexOf("\n", at - 1) };
}

/** One row. Blank figures are absent; figures that are none are refused with their place. */
export class MeasuredRecord {
  readonly file: string;
  /** Line of the file on which the record ends, from 1. */
  readonly line: number;
  /** Column `id`, or the number of the row. */
  readonly id: string;
  readonly #header: readonly string[];
  readonly #raw: RawRecord;

  constructor(table: { file: string; header: readonly string[] }, raw: RawRecord, index: number) {
    this.file = table.file;
    this.line = raw.info.lines;
    this.#header = table.header;
    this.#raw = raw;
    this.id = this.word("id") || `row ${index + 1}`;
  }

  /** Text of a column, without blanks around it; empty when there is no such column. */
  word(name: string): string {
    return (this.#raw.record[name] ?? "").trim();
  }

  /** An error about one column of this row. */
  error(name: string, parts: { problem: string; found?: string; expected?: string }): InputError {
    const place = fieldPlace(this.#raw.raw, this.#header.indexOf(name), this.line);
    return new InputError({ file: this.file, ...place, ...parts });
  }

  #number(name: string, shape: RegExp, expected: string): number | undefined {
    const written = this.word(name);
    if (written === "") return undefined;
    const value = shape.test(written) ? Number(written) : Number.NaN;
    if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    const found = quoteFound(written);
    throw this.error(name, { problem: `bad figure in column ${name}`, found, expected });
  }

  /** A whole number, or undefined for a blank. Throws InputError. */
  figure(name: string): number | undefined {
    return this.#number(name, /^-?\d+$/, "a whole number or nothing");
  }

  /** A number that may have a fraction or an exponent, or undefined for a blank. Throws InputError. */
  decimal(name: string): number | undefined {
    return this.#number(name, /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i, "a number or nothing");
  }

  /** A whole number that has to be there and must not be negative. Throws InputError. */
  needed(name: string): number {
    const value = this.figure(name);
    if (value !== undefined && value >= 0) return value;
    throw this.error(name, {
      problem: `no figure in column ${name}`,
      found: value === undefined ? "nothing" : String(value),
      expected: "a whole number, not negative",
    });
  }
}

function csvError(error: CsvError, file: string): InputError {
  const line = typeof error.lines === "number" ? error.lines : 1;
  const problem = `not CSV: ${error.message.replace(/\s+/g, " ")}`;
  return new InputError({ file, line, column: 1, problem, cause: error });
}

/** Reports print words of rows: none may steer a terminal. */
function refuseControls(text: string, file: string): void {
  const at = text.search(/[^\P{Cc}\t\r\n]/u);
  if (at === -1) return;
  const before = text.slice(0, at).split("\n");
  const place = { line: before.length, column: before.at(-1)!.length + 1 };
  const found = quoteFound(text[at]!);
  throw new InputError({ file, ...place, problem: "a control character", found, expected: "text" });
}

/** The first line that is neither blank nor a comment; the first of all where there is none. */
function headerLine(text: string): number {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
  return (
    Math.max(
      0,
      lines.findIndex((line) => line !== "" && !line.startsWith("#")),
    ) + 1
  );
}

/** Other separators than commas leave one column of it all. */
function refuseSeparator(
  [only = "", ...others]: readonly string[],
  place: { readonly file: string; readonly line: number; readonly column: number },
): void {
  const separator = /[;\t|]/.exec(only)?.[0];
  if (others.length > 0 || separator === undefined) return;
  throw new InputError({
    ...place,
    problem: "one column",
    found: quoteFound(only),
    expected: "several, separated by commas",
    hint: `here they are separated by ${quoteFound(separator)}`,
  });
}

/**
 * Reads a CSV file of measured rows. Lines that start with # are comments.
 * Throws InputError with file, line and column for what is no CSV.
 */
export function parseTable(text: string, file: string): MeasuredTable {
  refuseControls(text, file);
  let header: string[] = [];
  let raw: RawRecord[];
  try {
    raw = parse(text, {
      bom: true,
      columns: (names: string[]) => {
        header = names;
        return names;
      },
      comment: "#",
      comment_no_infix: true,
      info: true,
      raw: true,
      skip_empty_lines: true,
    }) as unknown as RawRecord[];
  } catch (error) {
    throw csvError(error as CsvError, file);
  }
  const header_line = headerLine(text);
  const place = { file, line: header_line, column: 1 };
  if (header.length === 0) throw new InputError({ ...place, problem: "empty CSV file" });
  refuseSeparator(header, place);
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new InputError({ ...place, problem: `column ${quoteFound(twice)} occurs twice` });
  }
  return {
    file,
    header,
    header_line,
    records: raw.map((row, i) => new MeasuredRecord({ file, header }, row, i)),
  };
}

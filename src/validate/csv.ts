// Measured rows: a CSV file with the columns of results.csv, in any order, others ignored.

import { type CsvError, parse } from "csv-parse/sync";
import { InputError, quoteFound } from "../errors.ts";
import { nearest } from "../scenario/suggest.ts";
import { METRIC_RULES, type MetricName } from "./metrics.ts";

/** One measured run. Blank figures are absent. */
export interface MeasuredRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly id: string;
  readonly kernel: string;
  readonly strategy: string;
  readonly batch_max: number | undefined;
  readonly n: number;
  readonly nocb: string;
  readonly op: string;
  readonly create: string;
  readonly populate: number;
  readonly accel: string;
  readonly cpus: number;
  readonly blimit: number | undefined;
  readonly qhimark: number | undefined;
  readonly extra_cmdline: string;
  readonly flags: number;
  readonly concurrent: number;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
}

/** Columns that say what was measured. Without them no row can be mapped to a scenario. */
export const CELL_COLUMNS = [
  "kernel",
  "strategy",
  "batch_max",
  "n",
  "nocb",
  "op",
  "create",
  "populate",
  "accel",
  "cpus",
  "blimit",
  "qhimark",
  "extra_cmdline",
  "flags",
  "concurrent",
] as const;

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

function csvError(error: CsvError, file: string): InputError {
  const line = typeof error.lines === "number" ? error.lines : 1;
  const problem = `not CSV: ${error.message.replace(/\s+/g, " ")}`;
  return new InputError({ file, line, column: 1, problem, cause: error });
}

function parseCsv(text: string, file: string): { header: string[]; records: RawRecord[] } {
  let header: string[] = [];
  try {
    const records = parse(text, {
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
    return { header, records };
  } catch (error) {
    throw csvError(error as CsvError, file);
  }
}

function checkHeader(header: readonly string[], file: string): void {
  const place = { file, line: 1, column: 1 };
  if (header.length === 0) throw new InputError({ ...place, problem: "empty CSV file" });
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new InputError({ ...place, problem: `column ${quoteFound(twice)} occurs twice` });
  }
  const missing = CELL_COLUMNS.filter((name) => !header.includes(name));
  const strangers = header.filter((name) => !(CELL_COLUMNS as readonly string[]).includes(name));
  if (missing.length > 0) {
    const near = nearest(missing[0]!, strangers);
    throw new InputError({
      ...place,
      problem: `missing column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}`,
      hint: near === undefined ? undefined : `is it \`${near}\`?`,
    });
  }
  if (!METRIC_RULES.some(({ name }) => header.includes(name))) {
    const expected = `at least one of ${METRIC_RULES.slice(1, 4)
      .map(({ name }) => name)
      .join(", ")}, ...`;
    throw new InputError({ ...place, problem: "no column with a measured figure", expected });
  }
}

/**
 * Reads measured rows. Lines that start with # are comments.
 * Throws InputError with file, line and column for what is no CSV, lacks a column or holds a figure
 * that is no number.
 */
export function parseMeasured(text: string, file: string): MeasuredRow[] {
  const { header, records } = parseCsv(text, file);
  checkHeader(header, file);
  return records.map(({ record, raw, info }, i) => {
    const figure = (name: string): number | undefined => {
      const written = (record[name] ?? "").trim();
      if (written === "") return undefined;
      const value = /^-?\d+$/.test(written) ? Number(written) : Number.NaN;
      if (Number.isSafeInteger(value)) return value;
      throw new InputError({
        file,
        ...fieldPlace(raw, header.indexOf(name), info.lines),
        problem: `bad figure in column ${name}`,
        found: quoteFound(written),
        expected: "a whole number or nothing",
      });
    };
    const needed = (name: string): number => {
      const value = figure(name);
      if (value !== undefined && value >= 0) return value;
      throw new InputError({
        file,
        ...fieldPlace(raw, header.indexOf(name), info.lines),
        problem: `no figure in column ${name}`,
        found: value === undefined ? "nothing" : String(value),
        expected: "a whole number, not negative",
      });
    };
    const word = (name: string): string => (record[name] ?? "").trim();
    const figures = METRIC_RULES.map(({ name }) => [name, figure(name)] as const);
    return {
      line: info.lines,
      id: word("id") || `row ${i + 1}`,
      kernel: word("kernel"),
      strategy: word("strategy"),
      batch_max: figure("batch_max"),
      n: needed("n"),
      nocb: word("nocb"),
      op: word("op"),
      create: word("create"),
      populate: needed("populate"),
      accel: word("accel"),
      cpus: needed("cpus"),
      blimit: figure("blimit"),
      qhimark: figure("qhimark"),
      extra_cmdline: word("extra_cmdline"),
      flags: needed("flags"),
      concurrent: needed("concurrent"),
      metrics: Object.fromEntries(figures.filter(([, value]) => value !== undefined)),
    };
  });
}

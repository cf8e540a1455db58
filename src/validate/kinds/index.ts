// All kinds of measured rows. Where several have the same columns the first that claims a row has
// it, so the narrower ones come first.

import { InputError, quoteFound } from "../../errors.ts";
import { nearest } from "../../scenario/suggest.ts";
import type { RowKind } from "../kind.ts";
import type { MeasuredTable } from "../table.ts";
import { asyncKind } from "./async.ts";
import { exitKind } from "./exit.ts";
import { faultKind } from "./fault.ts";
import { forkKind } from "./fork.ts";
import { munmapKind } from "./munmap.ts";
import { rssKind } from "./rss.ts";
import { twoCpusKind } from "./two-cpus.ts";
import { vmallocKind } from "./vmalloc.ts";
import { vmallocHeldKind } from "./vmalloc-held.ts";
import { vmallocLockbreakKind, vmallocStressKind } from "./vmalloc-stress.ts";
import { wallClockKind } from "./wall-clock.ts";

export const KINDS: readonly RowKind[] = [
  faultKind,
  forkKind,
  munmapKind,
  rssKind,
  twoCpusKind,
  asyncKind,
  exitKind,
  wallClockKind,
  vmallocLockbreakKind,
  vmallocStressKind,
  vmallocHeldKind,
  vmallocKind,
];

function known(kind: RowKind): string[] {
  return [...kind.columns, ...kind.rules.map(({ name }) => name)];
}

/** The kind whose columns a header has most of: what its author meant. */
function meant(header: readonly string[], kinds: readonly RowKind[]): RowKind {
  const score = (kind: RowKind) => known(kind).filter((name) => header.includes(name)).length;
  // the last of equals is the one that leaves no row to others
  return kinds.reduce((best, kind) => (score(kind) >= score(best) ? kind : best));
}

/**
 * The kinds that a file's columns allow.
 * Throws InputError that names the missing columns of the kind it is nearest to, or says that there
 * are no rows.
 */
export function kindsOf(table: MeasuredTable, kinds: readonly RowKind[] = KINDS): RowKind[] {
  const { file, header, header_line } = table;
  const place = { file, line: header_line, column: 1 };
  const fitting = kinds.filter(({ columns }) => columns.every((name) => header.includes(name)));
  if (fitting.length === 0) {
    const kind = meant(header, kinds);
    if (!known(kind).some((name) => header.includes(name))) {
      const names = [...new Set(kinds.map(({ name }) => name))].join(", ");
      throw new InputError({
        ...place,
        problem: "no column of measured rows",
        found: header.map(quoteFound).slice(0, 4).join(", "),
        expected: `the columns of one of ${names}`,
        hint: "see docs/cli.md",
      });
    }
    const missing = kind.columns.filter((name) => !header.includes(name));
    const strangers = header.filter((name) => !known(kind).includes(name));
    const near = nearest(missing[0]!, strangers);
    const columns = `column${missing.length > 1 ? "s" : ""} ${missing.join(", ")}`;
    throw new InputError({
      ...place,
      problem: `missing ${columns} of ${kind.name} rows`,
      hint: near === undefined ? undefined : `is it \`${near}\`?`,
    });
  }
  const rules = fitting.flatMap((kind) => kind.rules);
  if (!rules.some(({ name }) => header.includes(name))) {
    const names = fitting
      .at(-1)!
      .rules.slice(1, 4)
      .map(({ name }) => name);
    const expected = `at least one of ${names.join(", ")}, ...`;
    throw new InputError({ ...place, problem: "no column with a measured figure", expected });
  }
  if (table.records.length === 0) {
    const expected = "rows of figures below it";
    throw new InputError({ ...place, problem: "no rows", found: "a header alone", expected });
  }
  return fitting;
}

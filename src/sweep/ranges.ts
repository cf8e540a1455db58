// Ranges of whole numbers, durations and sizes: `10..100+10`, `1_000..1_000_000x10`.

import { InputError, LimitError, quoteFound } from "../errors.ts";
import {
  DURATION_UNITS,
  type Parsed,
  parseDurationNs,
  parseInteger,
  parseSizeBytes,
  SIZE_UNITS,
} from "../scenario/units.ts";

export interface SweepValue {
  /** As `--set` takes it. */
  readonly text: string;
  /** Nanoseconds of a duration, bytes of a size; null of what is no number. */
  readonly number: number | null;
}

/** Points of a sweep, hence values of a key: what is beyond is a slip of the finger. */
export const POINTS_MAX = 100_000;

const NUMBER = "-?\\d[\\d_]*(?:\\.\\d[\\d_]*)?";
const UNIT = `\\s*(?:${[...DURATION_UNITS, ...SIZE_UNITS].join("|")})?`;
const RANGE = new RegExp(
  `^(${NUMBER}${UNIT})\\s*\\.\\.\\s*(${NUMBER}${UNIT})\\s*([+x*])\\s*(${NUMBER}${UNIT})$`,
);
const RANGE_EXPECTED = "FROM..TO+STEP or FROM..TOxFACTOR, such as 10..100+10 or 1_000..100_000x10";

/** What a number of a range counts. */
type Kind = "" | "ns" | "B";

const PARSERS: Readonly<Record<Kind, (text: string) => Parsed>> = {
  "": parseInteger,
  ns: parseDurationNs,
  B: parseSizeBytes,
};

const kindOf = (text: string): Kind => {
  const unit = /[A-Za-z]+$/.exec(text)?.[0] ?? "";
  if (unit === "") return "";
  return SIZE_UNITS.includes(unit) ? "B" : "ns";
};

/** The number that a scenario would read; undefined of another text. */
export function numberOf(
  text: string,
): { readonly value: number; readonly kind: Kind } | undefined {
  const kind = kindOf(text);
  const parsed = PARSERS[kind](text);
  return "value" in parsed ? { value: parsed.value, kind } : undefined;
}

const UNITS: Readonly<Record<Kind, readonly (readonly [string, number])[]>> = {
  "": [["", 1]],
  ns: [
    ["s", 1e9],
    ["ms", 1e6],
    ["us", 1e3],
    ["ns", 1],
  ],
  B: [
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
    ["B", 1],
  ],
};

/** In the largest unit that leaves a whole number. */
function textOf(value: number, kind: Kind): string {
  const [unit, size] = UNITS[kind].find(([, size]) => value % size === 0)!;
  return `${value / size}${unit}`;
}

function linearSteps(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}

/** Rounded to whole numbers; small ones that are the same then come once. */
function geometricSteps(from: number, to: number, factor: number): number[] {
  const steps: number[] = [];
  for (let exact = from; Math.round(exact) <= to; exact *= factor) {
    if (Math.round(exact) !== steps.at(-1)) steps.push(Math.round(exact));
  }
  return steps;
}

/** The values of one range; `option` says where it was written. */
export function rangeValues(
  text: string,
  option: string,
): { readonly values: SweepValue[]; readonly geometric: boolean } {
  const bad = (expected: string, found = quoteFound(text)): InputError =>
    new InputError({ problem: `${option}: bad range`, found, expected });
  const parts = RANGE.exec(text);
  if (parts === null) throw bad(RANGE_EXPECTED);
  const [, first = "", last = "", sign, by = ""] = parts;
  const [from, to] = [numberOf(first), numberOf(last)];
  if (from === undefined || to === undefined || from.kind !== to.kind) {
    throw bad("two whole numbers, two durations or two sizes", `${first} and ${last}`);
  }
  if (from.value >= to.value) throw bad("a range that ascends");
  const many = (needed: number): void => {
    if (needed <= POINTS_MAX) return;
    const problem = `${option}: too many values`;
    throw new LimitError({ problem, needed, available: POINTS_MAX, unit: "values" });
  };
  const valuesOf = (numbers: readonly number[]): SweepValue[] =>
    numbers.map((number) => ({ text: textOf(number, from.kind), number }));
  if (sign === "+") {
    const step = numberOf(by);
    if (step === undefined || step.kind !== from.kind || step.value <= 0) {
      throw bad(`a step above 0 in the unit of ${first}`, by);
    }
    many(Math.floor((to.value - from.value) / step.value) + 1);
    return { values: valuesOf(linearSteps(from.value, to.value, step.value)), geometric: false };
  }
  const factor = kindOf(by) === "" ? Number(by.replaceAll("_", "")) : Number.NaN;
  if (!(factor > 1)) throw bad("a factor above 1", by);
  if (from.value < 1) throw bad("a range of factors that begins above 0", first);
  many(Math.floor(Math.log(to.value / from.value) / Math.log(factor)) + 1);
  return { values: valuesOf(geometricSteps(from.value, to.value, factor)), geometric: true };
}

/** Begins like a number and has two dots: not the name of a file. */
export const isRange = (item: string): boolean => /^-?\d[^/]*\.\./.test(item);

// The values that a key takes in a sweep, as they are written: `10,30,100`, `10..100+10`, `1_000..1_000_000x10`.

import { InputError, quoteFound } from "../errors.ts";
import { namedOverride, type OverrideRule, vmasOverride } from "../scenario/overrides.ts";
import { isRange, numberOf, rangeValues, type SweepValue } from "./ranges.ts";

/** One key of a sweep, and what it is in turn. */
export interface SweepAxis {
  /** `vmas`, or a key of the scenario. */
  readonly key: string;
  /** At least one, all different. */
  readonly values: readonly SweepValue[];
  /** Geometric: numbers that grow by factors, which drawings show on a logarithmic axis. */
  readonly scale: "list" | "linear" | "geometric";
}

const VARY_EXPECTED = "a key of the scenario and its values, such as vmas=1_000..1_000_000x10";

/** Splits at commas that are in no brackets and no quotes. */
function listItems(text: string): string[] {
  const items: string[] = [];
  let [item, depth, quote] = ["", 0, ""];
  for (const sign of text) {
    if (quote !== "") quote = sign === quote ? "" : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "[" || sign === "{") depth++;
    else if (sign === "]" || sign === "}") depth--;
    if (sign === "," && depth === 0 && quote === "") {
      items.push(item.trim());
      item = "";
    } else item += sign;
  }
  return [...items, item.trim()];
}

/** Keys that the columns of a sweep, or every point alike, are made of. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  strategies: "--strategies: strategies are the columns of a sweep",
  tick_phases: "--tick-phases: all points have the same",
};

function checkKey(key: string): void {
  const expected = Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : undefined;
  if (expected === undefined) return;
  throw new InputError({ problem: "--vary: a key that does not vary", found: key, expected });
}

function checkDifferent(key: string, values: readonly SweepValue[]): void {
  const seen = new Set<string>();
  for (const { text, number } of values) {
    const same = number === null ? text : String(number);
    if (seen.has(same)) {
      const expected = "different values";
      throw new InputError({ problem: `--vary ${key}: a value twice`, found: text, expected });
    }
    seen.add(same);
  }
}

/**
 * Parses the argument of --vary. Values are YAML, as those of --set, and ranges of whole numbers, durations
 * and sizes. Throws InputError that says what was found and expected.
 */
export function parseAxis(argument: string): SweepAxis {
  const equals = argument.indexOf("=");
  const key = argument.slice(0, Math.max(0, equals)).trim();
  if (key === "") {
    const found = quoteFound(argument);
    throw new InputError({ problem: "--vary: no KEY=VALUES", found, expected: VARY_EXPECTED });
  }
  checkKey(key);
  let factors = 0;
  const items = listItems(argument.slice(equals + 1));
  const values = items.flatMap((item): SweepValue[] => {
    const option = `--vary ${key}`;
    if (item === "") {
      const expected = "values, separated by commas";
      throw new InputError({
        problem: `${option}: a value is missing`,
        found: "nothing",
        expected,
      });
    }
    if (!isRange(item)) return [{ text: item, number: numberOf(item)?.value ?? null }];
    const range = rangeValues(item, option);
    if (range.geometric) factors++;
    return range.values;
  });
  checkDifferent(key, values);
  for (const value of values) ruleOf(key, value);
  const numbers = values.every(({ number }) => number !== null);
  const scale = !numbers ? "list" : factors > 0 || growsByFactors(values) ? "geometric" : "linear";
  return { key, values, scale };
}

/** Numbers of a list of which each is at least half as large again as the one before: 10, 30, 100. */
function growsByFactors(values: readonly SweepValue[]): boolean {
  return (
    values.length > 2 &&
    values.every(
      ({ number }, i) => number! > 0 && (i === 0 || number! >= 1.5 * values[i - 1]!.number!),
    )
  );
}

/** What puts a value in its place. Throws InputError where the key or the value is none. */
export function ruleOf(key: string, { text }: SweepValue): OverrideRule {
  const option = `--vary ${key}=${text}`;
  if (key === "vmas") return vmasOverride(text, option);
  return namedOverride(`${key}=${text}`, "--vary");
}

// Values of options.

import { formatCount, InputError, quoteFound } from "../errors.ts";
import { parseInteger } from "../scenario/units.ts";

/** A whole number given to an option. Throws InputError that names the option. */
export function numberOption(option: string, text: string, min: number, max: number): number {
  const parsed = parseInteger(text);
  if ("value" in parsed && parsed.value >= min && parsed.value <= max) return parsed.value;
  throw new InputError({
    problem: `bad value of ${option}`,
    found: quoteFound(text),
    expected: `a whole number from ${formatCount(min)} to ${formatCount(max)}`,
  });
}

/** Worker threads as asked for; undefined leaves it to the pool. */
export function workersOption(text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberOption("--workers", text, 0, 256);
}

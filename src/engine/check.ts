// Checks of what callers of the library may have got wrong; scenarios are checked before.

import { InputError } from "../errors.ts";

/** A whole number in a range. Throws InputError. */
export function check(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new InputError({
    problem: `bad ${what}`,
    found: String(value),
    expected: `a whole number from ${min} to ${max}`,
  });
}

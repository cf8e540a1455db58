// Which measured rows are predictions: those that no cost of the profile was derived from.

import type { CostProfile } from "../api/types.ts";

/** Pattern with `*` for anything, as an expression for the whole text. */
function expression(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

/** Is a row of this kind and id a prediction? Undefined where the profile does not say. */
export function isPredicted(profile: CostProfile, kind: string, id: string): boolean | undefined {
  return profile.derived_from?.every((pattern) => !expression(pattern).test(`${kind} ${id}`));
}

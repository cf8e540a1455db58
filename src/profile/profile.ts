// Cost profiles: named tables of integer costs with provenance, as JSON.

import { z } from "zod";
import { CostSlot } from "../../assembly/abi/cost.ts";
import type { CostProfile } from "../api/types.ts";
import { InputError, quoteFound } from "../errors.ts";
import { firstProblem, problemError } from "../scenario/problems.ts";
import { text, wholeNumber } from "../scenario/scalars.ts";
import { parseSource } from "../scenario/source.ts";
import { hintFor } from "../scenario/suggest.ts";

/** One second: no single operation that a profile prices takes longer. */
const COST_PS_MAX = 1_000_000_000_000;

/** The costs a profile has to give: the engine's slots in lower case. */
export const COST_NAMES: readonly string[] = Object.keys(CostSlot)
  .filter((name) => name !== "COUNT" && !/^\d+$/.test(name))
  .map((name) => name.toLowerCase());

const cost = z.strictObject({
  ps: wholeNumber(0, COST_PS_MAX),
  source: text("where the figure comes from"),
});

export const profileSchema = z.strictObject({
  name: text("a name"),
  title: text("a one-line title"),
  machine: text("the machine the costs were measured on"),
  date: z
    .string({ error: () => "a date such as 2026-01-31" })
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error: "a date such as 2026-01-31" }),
  valid: text("what the costs are valid for"),
  costs: z.record(z.string(), cost, { error: () => "a mapping of cost names" }),
});

/**
 * Checks the text of a profile. Throws InputError with file, line and column; a cost that is
 * missing or unknown is named.
 */
export function parseProfile(text: string, file: string): CostProfile {
  const source = parseSource(text, file);
  const parsed = profileSchema.safeParse(source.tree);
  if (!parsed.success) {
    const problem = firstProblem(parsed.error, profileSchema, source.tree);
    throw problemError(problem, source.tree, {
      place: source.place(problem.path, problem.unknown_key),
      found: source.found(problem.path),
    });
  }
  const { costs } = parsed.data;
  const stranger = Object.keys(costs).find((name) => !COST_NAMES.includes(name));
  if (stranger !== undefined) {
    throw new InputError({
      ...source.place(["costs"], stranger),
      problem: "unknown cost",
      found: quoteFound(stranger),
      hint: hintFor(stranger, COST_NAMES),
    });
  }
  const missing = COST_NAMES.filter((name) => !Object.hasOwn(costs, name));
  if (missing.length > 0) {
    const shown = missing.slice(0, 3).join(", ");
    throw new InputError({
      ...source.place(["costs"]),
      problem: `missing cost ${shown}${missing.length > 3 ? `, and ${missing.length - 3} more` : ""}`,
    });
  }
  return parsed.data;
}

// Cost profiles: named tables of integer costs with provenance, as JSON.

import { z } from "zod";
import { CostSlot } from "../../assembly/abi/cost.ts";
import { MmCost } from "../../assembly/abi/mm.ts";
import type { CostProfile, ProfileCache } from "../api/types.ts";
import { InputError, quoteFound } from "../errors.ts";
import { firstProblem, problemError } from "../scenario/problems.ts";
import { text, wholeNumber } from "../scenario/scalars.ts";
import { parseSource, type Source, valueAt } from "../scenario/source.ts";
import { hintFor } from "../scenario/suggest.ts";
import { vmasThatFit } from "./effective.ts";

/** One second: no single operation that a profile prices takes longer. */
const COST_PS_MAX = 1_000_000_000_000;

/** Levels of a memory hierarchy that a profile may tell apart. */
const CACHES_MAX = 3;

/** Far beyond any measurement. */
const PROFILE_VMAS_MAX = 1_000_000_000;

/** The costs a profile has to give: the engine's slots in lower case. */
export const COST_NAMES: readonly string[] = Object.keys(CostSlot)
  .filter((name) => name !== "COUNT" && !/^\d+$/.test(name))
  .map((name) => name.toLowerCase());

/** Costs of the workload mm, which a profile may leave out: `mm_` and the engine's name. */
export const MM_COST_NAMES: readonly string[] = Object.keys(MmCost)
  .filter((name) => name !== "COUNT" && !/^\d+$/.test(name))
  .map((name) => `mm_${name.toLowerCase()}`);

/** By name alone: those of the package are based on nothing that leads back to them. */
const BASE = "the name of a profile of the package, no path";

const cost = z.strictObject({
  ps: wholeNumber(0, COST_PS_MAX),
  cold_ps: z.array(wholeNumber(-COST_PS_MAX, COST_PS_MAX)).max(CACHES_MAX).optional(),
  source: text("where the figure comes from"),
});

const range = z
  .strictObject({
    generations: z.array(text("a kernel generation")).min(1),
    vma_count_min: wholeNumber(0, PROFILE_VMAS_MAX),
    vma_count_max: wholeNumber(1, PROFILE_VMAS_MAX),
    cpus_max: wholeNumber(1, 1024),
  })
  .refine(({ vma_count_min, vma_count_max }) => vma_count_min <= vma_count_max, {
    path: ["vma_count_max"],
    error: "at least vma_count_min",
  });

const cache = z.strictObject({
  bytes: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  bytes_per_vma: wholeNumber(1, 1_048_576),
  source: text("where the figure comes from"),
});

export const profileSchema = z.strictObject({
  name: text("a name"),
  title: text("a one-line title"),
  machine: text("the machine the costs were measured on"),
  date: z.iso.date({ error: () => "a date such as 2026-01-31" }),
  valid: text("what the costs are valid for"),
  range: range.optional(),
  caches: z.array(cache).max(CACHES_MAX).optional(),
  based_on: text(BASE)
    .regex(/^[\w-][\w.-]*$/, { error: BASE })
    .optional(),
  derived_from: z.array(text("a kind of rows and their ids, as in fork row *")).optional(),
  costs: z.record(z.string(), cost, { error: () => "a mapping of cost names" }),
});

/** Costs that a profile takes from the one it is based on; each says so. */
function inherited(base: CostProfile | undefined): CostProfile["costs"] {
  const costs = Object.entries(base?.costs ?? {});
  return Object.fromEntries(
    costs.map(([name, cost]) => [name, { ...cost, source: `as ${base!.name}: ${cost.source}` }]),
  );
}

/** No address space may have a cost below zero: neither one within all caches nor one beyond any of them. */
function refuseNegative(
  costs: CostProfile["costs"],
  caches: readonly ProfileCache[],
  source: Source,
) {
  const order = [...caches.keys()].sort(
    (a, b) => vmasThatFit(caches[a]!) - vmasThatFit(caches[b]!),
  );
  for (const [name, { ps, cold_ps = [] }] of Object.entries(costs)) {
    let level = ps;
    for (const cache of order) {
      level += cold_ps[cache] ?? 0;
      if (level >= 0) continue;
      throw new InputError({
        ...source.place(["costs", name, "cold_ps"]),
        problem: `${name} falls below zero beyond a cache`,
        found: `${level} ps where large address spaces have outgrown cache ${cache + 1}`,
        expected: "0 or more: cold_ps is added to ps",
      });
    }
  }
}

/** The profile that this text is based on: undefined when it stands alone, or is no profile. */
export function profileBase(text: string, file: string): string | undefined {
  const { tree } = parseSource(text, file);
  const base = profileSchema.shape.based_on.safeParse(valueAt(tree, ["based_on"]));
  return base.success ? base.data : undefined;
}

/**
 * Checks the text of a profile. Throws InputError with file, line and column; a cost that is
 * missing or unknown is named.
 */
export function parseProfile(text: string, file: string, base?: CostProfile): CostProfile {
  const source = parseSource(text, file);
  const parsed = profileSchema.safeParse(source.tree);
  if (!parsed.success) {
    const problem = firstProblem(parsed.error, profileSchema, source.tree);
    throw problemError(problem, source.tree, {
      place: source.place(problem.path, problem.unknown_key),
      found: source.found(problem.path),
    });
  }
  const costs = { ...inherited(base), ...parsed.data.costs };
  const known = [...COST_NAMES, ...MM_COST_NAMES];
  const stranger = Object.keys(costs).find((name) => !known.includes(name));
  if (stranger !== undefined) {
    throw new InputError({
      ...source.place(["costs"], stranger),
      problem: "unknown cost",
      found: quoteFound(stranger),
      hint: hintFor(stranger, known),
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
  const caches = parsed.data.caches?.length ?? 0;
  const cold_mm = MM_COST_NAMES.find((name) => costs[name]?.cold_ps !== undefined);
  if (cold_mm !== undefined) {
    throw new InputError({
      ...source.place(["costs", cold_mm, "cold_ps"]),
      problem: `cold_ps of ${cold_mm} would count for nothing`,
      found: `${costs[cold_mm]!.cold_ps!.length} figures`,
      expected: "none: the workload mm knows no caches",
    });
  }
  const unequal = COST_NAMES.find((name) => (costs[name]!.cold_ps?.length ?? caches) !== caches);
  if (unequal !== undefined) {
    throw new InputError({
      ...source.place(["costs", unequal, "cold_ps"]),
      problem: `cold_ps of ${unequal} does not fit the profile's caches`,
      found: `${costs[unequal]!.cold_ps!.length} figures`,
      expected: `${caches}, one a cache`,
    });
  }
  refuseNegative(costs, parsed.data.caches ?? [], source);
  const { based_on, derived_from, ...profile } = parsed.data;
  if (derived_from === undefined) return { ...profile, costs };
  return { ...profile, derived_from: [...(base?.derived_from ?? []), ...derived_from], costs };
}

// By how much every figure moves when one cost of the base does: a run for each cost that matters.
//
// Most of a profile's costs play no part in any given rows. Raising many at once shows which: what moves no
// figure together moves none alone.

import type { CostProfile } from "../api/types.ts";
import type { Observation } from "./observation.ts";
import { Response, type RunAll, withCosts } from "./response.ts";

const STEP = 0.1;

/**
 * What is no price: at which pace VMAs were made decides where the nodes of their index lie, and so moves figures
 * in steps, this way and that.
 */
const PACES: ReadonlySet<string> = new Set(["vma_made"]);

/** What a cost is raised by to see what moves; tiny ones cannot be raised by a share. */
export const bumpOf = (ps: number): number => Math.max(1, Math.round(ps * STEP));

/** Figures of a profile, and what doubling each cost would add to them. */
export interface Effects {
  /** NaN where no run answers. */
  readonly figures: readonly number[];
  /** Of each cost that has any: nanoseconds for each figure; NaN where they were not looked at. */
  readonly of: ReadonlyMap<string, readonly number[]>;
}

/** Costs are tried in heaps of this many first. */
const HEAP = 16;

function heapsOf(names: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(names.length / HEAP) }, (_, i) =>
    names.slice(i * HEAP, (i + 1) * HEAP),
  );
}

export interface Question {
  readonly observations: readonly Observation[];
  readonly base: CostProfile;
  readonly phases: number;
  readonly run: RunAll;
}

/** Sizes at which single costs are looked at, spread over all there are. */
const SIZES_MAX = 5;

/** Indices of the observations of these sizes, and of those that have none. */
function lookedAt(observations: readonly Observation[]): number[] {
  const sizes = [...new Set(observations.flatMap((one) => ("n" in one ? [one.n] : [])))];
  sizes.sort((a, b) => a - b);
  const steps = Math.min(SIZES_MAX, sizes.length) - 1;
  const chosen = sizes.filter((_, i) => {
    const at = (step: number) => Math.round((step * (sizes.length - 1)) / Math.max(steps, 1));
    return Array.from({ length: steps + 1 }, (_, step) => at(step)).includes(i);
  });
  return [...observations.keys()].filter((i) => {
    const one = observations[i]!;
    return !("n" in one) || chosen.includes(one.n);
  });
}

/** Simulates the observations, and those of a few sizes with each cost raised in turn. */
export async function effectsOf({ observations, base, phases, run }: Question): Promise<Effects> {
  const indices = lookedAt(observations);
  const few = indices.map((i) => observations[i]!);
  const [figures] = await new Response(observations, phases, run).figures([base]);
  const before = indices.map((i) => figures![i]!);
  const response = new Response(few, phases, run);
  const raised = (names: readonly string[]) =>
    withCosts(base, (name, ps) => (names.includes(name) ? ps + bumpOf(ps) : undefined));
  const prices = Object.keys(base.costs).filter((name) => !PACES.has(name));
  const heaps = heapsOf(prices.filter((name) => base.costs[name]!.ps > 0));
  const heaped = await response.figures(heaps.map(raised));
  const moves = (row: readonly number[]) =>
    row.some((value, i) => !Number.isNaN(value) && value !== before[i]);
  const names = heaps.filter((_, i) => moves(heaped[i]!)).flat();
  const alone = await response.figures(names.map((name) => raised([name])));
  const of = new Map<string, readonly number[]>();
  names.forEach((name, i) => {
    if (!moves(alone[i]!)) return;
    const { ps } = base.costs[name]!;
    const doubling = ps / bumpOf(ps);
    const column = observations.map(() => Number.NaN);
    indices.forEach((index, row) => {
      column[index] = (alone[i]![row]! - before[row]!) * doubling;
    });
    of.set(name, column);
  });
  return { figures: figures!, of };
}

/** Figures of a profile, and nanoseconds that doubling each part adds to each of them. */
export interface PartEffects {
  readonly figures: readonly number[];
  readonly parts: readonly (readonly number[])[];
}

/** Simulates all observations with the costs of each part raised together. */
export async function partEffects(
  { observations, base, phases, run }: Question,
  parts: readonly (readonly string[])[],
): Promise<PartEffects> {
  const raised = parts.map((part) =>
    withCosts(base, (name, ps) => (part.includes(name) ? ps + bumpOf(ps) : undefined)),
  );
  const response = new Response(observations, phases, run);
  const [figures, ...moved] = await response.figures([base, ...raised]);
  const effects = parts.map((part, i) => {
    const sum = (of: (ps: number) => number) =>
      part.reduce((total, name) => total + of(base.costs[name]!.ps), 0);
    const doubling = sum((ps) => ps) / sum(bumpOf);
    return moved[i]!.map((value, row) => (value - figures![row]!) * doubling);
  });
  return { figures: figures!, parts: effects };
}

/** The effects of parts of a base: each is simulated once, in however many groupings it stands. */
export class KnownParts {
  readonly #question: Question;
  readonly #effects = new Map<string, readonly number[]>();
  #figures: readonly number[] | undefined;

  constructor(question: Question) {
    this.#question = question;
  }

  async of(parts: readonly (readonly string[])[]): Promise<PartEffects> {
    const unknown = parts.filter((part) => !this.#effects.has(part.join()));
    if (this.#figures === undefined || unknown.length > 0) {
      const asked = await partEffects(this.#question, unknown);
      this.#figures = asked.figures;
      for (const [i, part] of unknown.entries()) this.#effects.set(part.join(), asked.parts[i]!);
    }
    return { figures: this.#figures, parts: parts.map((part) => this.#effects.get(part.join())!) };
  }
}

// Whether a strategy is safe: what the lifetime oracle says of it in small mixed scenarios.

import { munmapPolicy } from "../api/policy.ts";
import type { FreePolicy, Generation, Strategy } from "../api/types.ts";
import { failure } from "./explore.ts";
import { mixedScenario } from "./mixed.ts";
import { LitmusWorld } from "./world.ts";

export interface Verdict {
  /** Scenarios that were explored, one schedule of each. */
  readonly runs: number;
  /** Of these, those with a report of the oracle, a deadlock, or no end. */
  readonly violations: number;
  /** The first of them: its seed, and what happened. */
  readonly first?: { readonly seed: bigint; readonly what: string };
}

/** Enough for the must-fail twin of every rule that a policy can break: direct frees in munmap. */
const VERDICT_RUNS = 300;

/**
 * How the explorer frees: its lists stand for every way to hand over several VMAs at once, and
 * whatever waits for a grace period one by one is a call_rcu().
 */
function wayOf({ collect, release }: FreePolicy): string {
  if (release !== "call-rcu") return "direct";
  if (collect === "mm-list" || collect === "private-list") return collect;
  return "call-rcu";
}

/** A typesafe cache is what the explorer's 7.2 frees into; elsewhere rules of 6.12 apply. */
function generationOf(strategy: Strategy, generation: Generation): Generation {
  const released = [strategy.exit.release, munmapPolicy(strategy).release];
  return generation === "7.2" && released.includes("typesafe") ? "7.2" : "6.12";
}

/** Explores `runs` mixed scenarios, seeds 1 to `runs`. */
export function strategyVerdict(
  strategy: Strategy,
  generation: Generation,
  runs = VERDICT_RUNS,
): Verdict {
  const munmap = wayOf(munmapPolicy(strategy));
  const exit = wayOf(strategy.exit);
  const rules = { name: strategy.name, generation: generationOf(strategy, generation) };
  const world = new LitmusWorld();
  let violations = 0;
  let first: Verdict["first"];
  for (let seed = 1n; seed <= BigInt(runs); seed++) {
    const run = world.run(mixedScenario({ ...rules, munmap, exit }, seed), seed);
    const what = failure(run);
    if (what === undefined) continue;
    violations++;
    first ??= { seed, what };
  }
  return { runs, violations, ...(first !== undefined && { first }) };
}

// Many schedules of one litmus test, and what came of them, as herd7 prints it.

import { Turns } from "../api/pause.ts";
import { mixedScenario } from "./mixed.ts";
import type { SafeStrategy } from "./safe-strategies.ts";
import type { Condition, LitmusSpec } from "./spec.ts";
import { type LitmusRun, LitmusWorld } from "./world.ts";

/** Runs that ended alike. */
export interface LitmusState {
  readonly words: readonly string[];
  readonly runs: number;
  readonly first_seed: bigint;
}

export interface LitmusSummary {
  readonly name: string;
  readonly title: string;
  readonly runs: number;
  /** How many the test asks for: fewer may miss what it looks for. */
  readonly runs_wanted: number;
  /** Runs in which the condition held, and did not. */
  readonly positive: number;
  readonly negative: number;
  readonly observation: "Never" | "Sometimes" | "Always";
  /** Runs with a breach, where the condition asks for something else. */
  readonly unasked: number;
  /** Runs that had not ended when their steps were used up, where the condition does not ask for that. */
  readonly cut_off: number;
  /** As the test expects, every run to its end, and no breach that it did not ask for. */
  readonly ok: boolean;
  readonly states: readonly LitmusState[];
  /** The first run in which the condition held. */
  readonly witness: LitmusRun | undefined;
}

/** Schedules of each strategy in mixed scenarios, if nobody says how many. */
const MIXED_SEEDS = 10_000;

function observed(positive: number, runs: number): LitmusSummary["observation"] {
  return positive === 0 ? "Never" : positive === runs ? "Always" : "Sometimes";
}

/** Does the condition hold at the end of a run? */
export function holds(condition: Condition, { happened, breaches }: LitmusRun): boolean {
  const { breach, access, missing } = condition;
  if ((condition.happened ?? []).some((word) => !happened.includes(word))) return false;
  if (breach === undefined && access === undefined && missing === undefined) return true;
  return breaches.some(
    (one) =>
      (breach === undefined || breach === "any" || breach === one.kind) &&
      (access === undefined || access === one.access) &&
      (missing === undefined || missing === one.missing),
  );
}

function asksNoBreach({ breach, access, missing }: Condition): boolean {
  return breach === undefined && access === undefined && missing === undefined;
}

/** Something broke that the test does not put up with. */
function breaksRules({ breaches }: LitmusRun, { tolerate }: LitmusSpec): boolean {
  return breaches.some(({ kind }) => !tolerate.includes(kind));
}

/** What such a run would still have come to nobody knows. */
function isCutOff({ happened }: LitmusRun, { observe }: LitmusSpec): boolean {
  return happened.includes("endless") && observe.happened?.includes("endless") !== true;
}

/** What a run ended as: what the oracle said, then what happened. */
function wordsOf({ happened, breaches }: LitmusRun): string[] {
  const said = breaches.map(({ kind, access }) =>
    access === "none" ? kind : `${kind} at ${access}`,
  );
  return [...new Set(said), ...happened];
}

export interface ExploreOptions {
  readonly first_seed?: bigint;
  readonly seeds?: number;
  readonly world?: LitmusWorld;
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Hands `runs` seeds to `visit`, one after the other; the event loop has its turn in between. */
async function eachSeed(
  first: bigint,
  runs: number,
  { onProgress, signal }: Pick<ExploreOptions, "onProgress" | "signal">,
  visit: (seed: bigint) => void,
): Promise<void> {
  const turns = new Turns(signal);
  for (let i = 0; i < runs; i++) {
    visit(first + BigInt(i));
    if (!turns.due()) continue;
    onProgress?.(i / runs);
    await turns.give();
  }
}

/** What is wrong with a run of something safe: the first breach, or how it stands still. */
export function failure(run: LitmusRun): string | undefined {
  if (run.breaches.length > 0) return run.breaches[0]!.kind;
  return run.happened.find((what) => what === "deadlock" || what === "endless");
}

/** Explores `seeds` schedules. Rejects with the signal's reason when it is aborted. */
export async function exploreLitmus(
  spec: LitmusSpec,
  options: ExploreOptions = {},
): Promise<LitmusSummary> {
  const world = options.world ?? new LitmusWorld();
  const runs = options.seeds ?? spec.seeds;
  const states = new Map<string, { words: string[]; runs: number; first_seed: bigint }>();
  let positive = 0;
  let unasked = 0;
  let cut_off = 0;
  let witness: LitmusRun | undefined;
  await eachSeed(options.first_seed ?? 1n, runs, options, (seed) => {
    const run = world.run(spec, seed);
    const words = wordsOf(run);
    const key = words.join("; ");
    const state = states.get(key);
    if (state === undefined) states.set(key, { words, runs: 1, first_seed: run.seed });
    else state.runs++;
    if (holds(spec.observe, run)) {
      positive++;
      witness ??= run;
    }
    if (asksNoBreach(spec.observe) && breaksRules(run, spec)) unasked++;
    if (isCutOff(run, spec)) cut_off++;
  });
  const observation = observed(positive, runs);
  return {
    name: spec.name,
    title: spec.title,
    runs,
    runs_wanted: spec.seeds,
    positive,
    negative: runs - positive,
    observation,
    unasked,
    cut_off,
    ok: observation.toLowerCase() === spec.expect && unasked + cut_off === 0,
    states: [...states.values()].sort((a, b) => b.runs - a.runs),
    witness,
  };
}

/** A safe strategy in the mixed scenarios of seeds 1 to `seeds`: nothing may break or stand still. */
export async function exploreMixed(
  strategy: SafeStrategy,
  options: Pick<ExploreOptions, "seeds" | "onProgress" | "signal"> = {},
): Promise<LitmusSummary> {
  const world = new LitmusWorld();
  const runs = options.seeds ?? MIXED_SEEDS;
  let positive = 0;
  let witness: LitmusRun | undefined;
  await eachSeed(1n, runs, options, (seed) => {
    const run = world.run(mixedScenario(strategy, seed), seed);
    if (failure(run) === undefined) return;
    positive++;
    witness ??= run;
  });
  return {
    name: `mixed-${strategy.name}`,
    title: `small mixed scenarios, ${strategy.name}`,
    runs,
    runs_wanted: MIXED_SEEDS,
    positive,
    negative: runs - positive,
    observation: observed(positive, runs),
    unasked: 0,
    cut_off: 0, // counts as a failure here
    ok: positive === 0,
    states: [],
    witness,
  };
}

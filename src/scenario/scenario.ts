// From the text of a scenario file to a checked scenario with every kernel default filled in.

import type { LoadSpec, MachineConfig, Strategy, WorkloadSpec } from "../api/types.ts";
import type { InputError } from "../errors.ts";
import { fitProblem } from "./fit.ts";
import { resolveLoad } from "./load.ts";
import { machineConfig } from "./machine.ts";
import { applyOverride, type Override, type OverrideRule, overrideAt } from "./overrides.ts";
import { firstProblem, type Problem, problemError, versionProblem } from "./problems.ts";
import { type ScenarioFile, scenarioSchema } from "./schema.ts";
import { type Path, parseSource, type Source, valueAt } from "./source.ts";
import { strategyList } from "./strategy-list.ts";
import { tickNs } from "./units.ts";
import { resolveWorkload } from "./workloads/workloads.ts";

/** Where the VMAs come from, as the scenario says it. */
export type AddressSpaceSource = NonNullable<ScenarioFile["address_space"]>;

/** A scenario ready to be resolved: maps and profile are still names. */
export interface Scenario {
  readonly name: string;
  readonly title: string | undefined;
  readonly machine: MachineConfig;
  readonly workload: WorkloadSpec;
  /** Profile name, or path ending in .json. */
  readonly profile: string;
  /** Absent where the workload has none. */
  readonly address_space: AddressSpaceSource | undefined;
  readonly strategies: readonly Strategy[];
  /** Bystanders. */
  readonly load: readonly LoadSpec[];
  readonly seed: bigint;
  /** Runs per strategy, over evenly spaced tick phases. */
  readonly tick_phases: number;
}

interface Read {
  readonly source: Source;
  /** The file's values with the overrides in place. */
  readonly tree: unknown;
  readonly overrides: readonly Override[];
}

function placed(problem: Problem, { source, tree, overrides }: Read): InputError {
  const { path, unknown_key } = problem;
  const full = unknown_key === undefined ? path : [...path, unknown_key];
  const override = overrideAt(overrides, full);
  if (override !== undefined) {
    const found = override.written?.(path.slice(override.path.length));
    return problemError(problem, tree, { place: {}, prefix: override.option, found });
  }
  const missing = valueAt(tree, path) === undefined;
  return problemError(problem, tree, {
    place: source.place(path, unknown_key),
    found: missing ? undefined : source.found(path),
  });
}

/** Keys whose value is the version of a kernel. */
const VERSIONS: readonly Path[] = [
  ["machine", "generation"],
  ["workload", "kernel"],
];

/** The text of a value in the file, or in the last option that speaks of it. */
function writtenAt(path: Path, { source, overrides }: Read): string | undefined {
  const override = overrideAt(overrides, path);
  return override === undefined
    ? source.found(path)
    : override.written?.(path.slice(override.path.length));
}

function generationProblem(read: Read): Problem | undefined {
  return VERSIONS.map((path) => {
    return versionProblem(path, valueAt(read.tree, path), writtenAt(path, read));
  }).find((problem) => problem !== undefined);
}

let last: { readonly text: string; readonly file: string; readonly source: Source } | undefined;

/** The points of a sweep are one text with other options: it is read once. */
function sourceOf(text: string, file: string): Source {
  if (last === undefined || last.text !== text || last.file !== file)
    last = { text, file, source: parseSource(text, file) };
  return last.source;
}

function readTree(text: string, file: string, rules: readonly OverrideRule[]): Read {
  const source = sourceOf(text, file);
  let tree = source.tree;
  const overrides: Override[] = [];
  for (const rule of rules) {
    const override = typeof rule === "function" ? rule(tree) : rule;
    tree = applyOverride(tree, override);
    overrides.push(override);
  }
  return { source, tree, overrides };
}

/** A problem that was found after `parseScenario`, with its place in what was given to that. */
export function scenarioError(
  problem: Problem,
  text: string,
  file: string,
  rules: readonly OverrideRule[] = [],
): InputError {
  return placed(problem, readTree(text, file, rules));
}

/**
 * Checks a scenario. `file` is a name for messages; `rules` are applied, in order, before checking.
 * Throws InputError with file, line and column (or the option) of the first problem.
 */
export function parseScenario(
  text: string,
  file: string,
  rules: readonly OverrideRule[] = [],
): Scenario {
  const read = readTree(text, file, rules);
  const { tree } = read;
  const parsed = scenarioSchema.safeParse(tree);
  if (!parsed.success) {
    const problem = firstProblem(parsed.error, scenarioSchema, tree);
    throw placed(problem, read);
  }
  const problem = generationProblem(read) ?? fitProblem(parsed.data, tree);
  if (problem !== undefined) throw placed(problem, read);
  const { name, title, address_space, seed, tick_phases } = parsed.data;
  const profile = parsed.data.profile ?? `icount-${parsed.data.machine.generation}`;
  const machine = machineConfig(parsed.data.machine);
  const workload = resolveWorkload(parsed.data.workload, machine);
  const strategies = strategyList(parsed.data);
  const load = resolveLoad(parsed.data.load, machine.cpus, machine.exit_cpu);
  const run = { workload, profile, address_space, strategies, load, seed, tick_phases };
  return { name, title, machine, ...run };
}

/** The start of each of `count` evenly spaced tick phases within one jiffy, nanoseconds. */
export function tickPhasesNs(count: number, hz: number, first_ns = 0): number[] {
  const jiffy_ns = tickNs(hz);
  return Array.from({ length: count }, (_, i) => {
    return (first_ns + Math.floor((i * jiffy_ns) / count)) % jiffy_ns;
  });
}

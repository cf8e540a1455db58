// From the text of a scenario file to a checked scenario with every kernel default filled in.

import type {
  FreePolicy,
  Generation,
  LoadSpec,
  MachineConfig,
  MemoryConfig,
  SlabGeometry,
  Strategy,
  WorkloadSpec,
} from "../api/types.ts";
import type { InputError } from "../errors.ts";
import { parseCpuList } from "./cpulist.ts";
import { loadProblem, resolveLoad } from "./load.ts";
import { applyOverride, type Override, type OverrideRule, overrideAt } from "./overrides.ts";
import { defaultPreempt, preemptProblem } from "./preempt.ts";
import { firstProblem, type Problem, problemError } from "./problems.ts";
import { type ScenarioFile, SPACE_EXPECTED, scenarioSchema } from "./schema.ts";
import { parseSource, type Source, valueAt } from "./source.ts";
import { policyProblem, presetStrategy } from "./strategies.ts";
import {
  resolveWorkload,
  usesSpace,
  usesStrategies,
  workloadProblem,
} from "./workloads/workloads.ts";

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

const NS_PER_S = 1_000_000_000;
const PAGE_BYTES = 4096;

/** Bytes of a vm_area_struct and of a vma_lock in a Debian cloud kernel. */
const vmaBytes = (generation: Generation): number => (generation === "7.2" ? 192 : 176);
const VMA_LOCK_BYTES = 40;

/** What is compared when a scenario names nothing: the kernel's own way last or first. */
const DEFAULT_STRATEGIES: Record<Generation, readonly string[]> = {
  "6.12": ["direct", "call_rcu", "batch-32", "throttle", "single"],
  "7.2": ["typesafe", "call_rcu", "batch-32", "throttle", "single"],
};

function memoryConfig({ ram, ...rest }: NonNullable<ScenarioFile["machine"]["memory"]>) {
  return { ...rest, ram_bytes: ram } satisfies MemoryConfig;
}

function machineConfig(file: ScenarioFile["machine"]): MachineConfig {
  const {
    tick_phase,
    kworker_lag,
    ksoftirqd_lag,
    slab,
    rcu_nocbs,
    nohz_full,
    rcu_kthread_cpus,
    memory,
    ...rest
  } = file;
  const kthread_cpus =
    rcu_kthread_cpus === undefined ? undefined : parseCpuList(rcu_kthread_cpus, file.cpus);
  const geometry = (
    { object_size, ...other }: typeof slab.vma_lock,
    bytes: number,
  ): SlabGeometry => ({ object_bytes: object_size ?? bytes, ...other });
  return {
    ...rest,
    preempt: file.preempt ?? defaultPreempt(file.generation),
    hrtick: file.hrtick ?? file.generation === "7.2",
    tick_phase_ns: tick_phase,
    kworker_lag_ns: kworker_lag,
    ksoftirqd_lag_ns: ksoftirqd_lag,
    ...(memory === undefined ? {} : { memory: memoryConfig(memory) }),
    rcu_nocbs: parseCpuList(rcu_nocbs, file.cpus) ?? [],
    nohz_full: parseCpuList(nohz_full, file.cpus) ?? [],
    ...(kthread_cpus === undefined ? {} : { rcu_kthread_cpus: kthread_cpus }),
    slab: {
      vm_area_struct: geometry(slab.vm_area_struct, vmaBytes(file.generation)),
      vma_lock: geometry(slab.vma_lock, VMA_LOCK_BYTES),
      sheaf_capacity: slab.sheaf_capacity,
      allocation_order: slab.allocation_order,
      vmas_freed_before: slab.vmas_freed_before,
    },
  };
}

/** A workload without strategies has one run, called by its type. */
function strategyList(file: ScenarioFile): Strategy[] {
  if (!usesStrategies(file.workload)) {
    const exit = { collect: "none", drain: { when: "end" }, release: "direct" } as const;
    return [{ name: file.workload.type, exit }];
  }
  return strategyEntries(file).map((entry): Strategy => {
    if (typeof entry === "string") {
      const found = presetStrategy(entry, file.machine.hz);
      if ("hint" in found) throw new Error(`preset ${entry} passed the schema and is unknown`);
      return found.strategy;
    }
    const { name, exit, munmap, unsafe } = entry;
    return {
      name,
      exit: freePolicy(exit),
      ...(munmap !== undefined && { munmap: freePolicy(munmap) }),
      ...(unsafe && { unsafe }),
    };
  });
}

function strategyEntries(file: ScenarioFile): NonNullable<ScenarioFile["strategies"]> {
  return file.strategies ?? [...DEFAULT_STRATEGIES[file.machine.generation]];
}

type WrittenPolicy = Exclude<NonNullable<ScenarioFile["strategies"]>[number], string>["exit"];

function freePolicy({ collect, drain, release }: WrittenPolicy): FreePolicy {
  const { shrinker, ...rule } = drain ?? { when: "end" as const };
  const kept = shrinker === true ? { shrinker } : {};
  if (rule.when !== "interval") return { collect, release, drain: { ...rule, ...kept } };
  const { timer, ...interval } = rule;
  const timed = timer === true ? { timer } : {};
  return { collect, release, drain: { ...interval, ...timed, ...kept } };
}

/** Keys that the workload needs, or has no use for. */
function fitProblem(file: ScenarioFile, tree: unknown): Problem | undefined {
  const { workload, address_space } = file;
  const useless = (key: string): Problem | undefined => {
    if (valueAt(tree, [key]) === undefined) return undefined;
    return { path: [key], expected: `no such key: the workload ${workload.type} takes none` };
  };
  if (usesSpace(workload)) {
    if (address_space === undefined) return { path: ["address_space"], expected: SPACE_EXPECTED };
  } else if (address_space !== undefined) return useless("address_space");
  if (!usesStrategies(workload)) return useless("strategies");
  return undefined;
}

function cpuListProblem(machine: ScenarioFile["machine"]): Problem | undefined {
  const { cpus } = machine;
  for (const key of ["rcu_nocbs", "nohz_full", "rcu_kthread_cpus"] as const) {
    const list = machine[key];
    if (list === undefined || parseCpuList(list, cpus) !== undefined) continue;
    const expected = `none, all, or some of the ${cpus} CPUs, counted from 0`;
    return { path: ["machine", key], expected };
  }
  if (parseCpuList(machine.nohz_full, cpus)?.length === cpus) {
    const expected = "a list that leaves at least one CPU for housekeeping";
    return { path: ["machine", "nohz_full"], expected };
  }
  const kthread_cpus = machine.rcu_kthread_cpus;
  if (kthread_cpus !== undefined && parseCpuList(kthread_cpus, cpus)?.length === 0) {
    return { path: ["machine", "rcu_kthread_cpus"], expected: "at least one CPU" };
  }
  return undefined;
}

/** Workloads beside which bystanders can take memory. */
const MEMORY_WORKLOADS: readonly string[] = ["exit", "exits", "munmap"];

/** What needs page frames, where the workload has none or does not know them. */
function memoryProblem({ workload, load }: ScenarioFile): Problem | undefined {
  const row = load.findIndex(({ type }) => type === "memory" || type === "churn");
  if (row !== -1 && !MEMORY_WORKLOADS.includes(workload.type)) {
    const expected = "another: memory is short only beside the workloads exit, exits and munmap";
    return { path: ["load", row, "type"], expected };
  }
  return undefined;
}

/** What a schema of single values cannot say: values that must fit each other. */
function crossProblem(file: ScenarioFile, tree: unknown): Problem | undefined {
  const { machine } = file;
  const unfit = fitProblem(file, tree);
  if (unfit !== undefined) return unfit;
  if (machine.exit_cpu >= machine.cpus) {
    const expected = `one of the ${machine.cpus} CPUs, counted from 0`;
    return { path: ["machine", "exit_cpu"], expected };
  }
  const preempt_problem = preemptProblem(machine);
  if (preempt_problem !== undefined) return preempt_problem;
  // only its locks know that a turn may end inside a hold
  if (machine.cpus_in_turn && file.workload.type !== "vmalloc") {
    return { path: ["machine", "cpus_in_turn"], expected: "false, or the workload vmalloc" };
  }
  // its VMAs come from a cache of their own, not from that of the machine
  if (machine.slab.vmas_freed_before > 0 && file.workload.type === "mm") {
    return { path: ["machine", "slab", "vmas_freed_before"], expected: "0, or another workload" };
  }
  const cpus_problem = cpuListProblem(machine);
  if (cpus_problem !== undefined) return cpus_problem;
  if (machine.tick_phase * machine.hz >= NS_PER_S) {
    const expected = `less than one jiffy: 1 s / ${machine.hz} (HZ)`;
    return { path: ["machine", "tick_phase"], expected };
  }
  for (const cache of ["vm_area_struct", "vma_lock"] as const) {
    const { objects_per_slab, slab_order } = machine.slab[cache];
    const bytes = cache === "vma_lock" ? VMA_LOCK_BYTES : vmaBytes(machine.generation);
    const object_size = machine.slab[cache].object_size ?? bytes;
    const path = ["machine", "slab", cache];
    if (object_size % 8 !== 0) {
      return { path: [...path, "object_size"], expected: "a multiple of 8 bytes" };
    }
    const order = slab_order === -1 ? 3 : slab_order;
    const room = Math.floor((PAGE_BYTES << order) / object_size);
    if (room === 0) {
      const expected = `an order whose slab holds an object of ${object_size} bytes`;
      return { path: [...path, "slab_order"], expected };
    }
    if (objects_per_slab > room || objects_per_slab === 0) {
      const expected = `from 1 to ${room} objects of ${object_size} bytes in a slab of order ${order}`;
      return { path: [...path, "objects_per_slab"], expected };
    }
  }
  const names = strategyEntries(file).map((entry) =>
    typeof entry === "string" ? entry : entry.name,
  );
  const repeated = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (repeated !== -1) {
    const path = ["strategies", repeated];
    return { path, expected: "a strategy that is not in the list yet", hint: names[repeated]! };
  }
  for (const [at, strategy] of strategyList(file).entries()) {
    const unsafe = policyProblem(strategy, machine.generation);
    if (unsafe === undefined) continue;
    const written = typeof strategyEntries(file)[at] === "string";
    const path = written ? ["strategies", at] : ["strategies", at, unsafe.path];
    return { path, expected: unsafe.expected, hint: unsafe.found };
  }
  if (file.load.length > 0 && file.workload.type === "mm") {
    return { path: ["load"], expected: "no bystanders: the workload mm has threads of its own" };
  }
  const kfreepcp = machine.memory?.kfreepcp ?? "inline";
  if (kfreepcp !== "inline" && file.workload.type !== "exits") {
    const expected = "inline: only the workload exits has the threads that empty the lists";
    return { path: ["machine", "memory", "kfreepcp"], expected };
  }
  const memory_problem = memoryProblem(file);
  if (memory_problem !== undefined) return memory_problem;
  const load = loadProblem(file.load, machine.cpus, machine.rcu.kthread_prio);
  if (load !== undefined) return load;
  return workloadProblem(file.workload, machineConfig(machine));
}

function placed(
  problem: Problem,
  tree: unknown,
  source: Source,
  overrides: readonly Override[],
): InputError {
  const { path, unknown_key } = problem;
  const full = unknown_key === undefined ? path : [...path, unknown_key];
  const override = overrideAt(overrides, full);
  if (override !== undefined) {
    return problemError(problem, tree, { place: {}, prefix: override.option });
  }
  const missing = valueAt(tree, path) === undefined;
  return problemError(problem, tree, {
    place: source.place(path, unknown_key),
    found: missing ? undefined : source.found(path),
  });
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
  const source = parseSource(text, file);
  let tree = source.tree;
  const overrides: Override[] = [];
  for (const rule of rules) {
    const override = typeof rule === "function" ? rule(tree) : rule;
    tree = applyOverride(tree, override);
    overrides.push(override);
  }
  const parsed = scenarioSchema.safeParse(tree);
  if (!parsed.success) {
    const problem = firstProblem(parsed.error, scenarioSchema, tree);
    throw placed(problem, tree, source, overrides);
  }
  const problem = crossProblem(parsed.data, tree);
  if (problem !== undefined) throw placed(problem, tree, source, overrides);
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
  const jiffy_ns = Math.floor(NS_PER_S / hz);
  return Array.from({ length: count }, (_, i) => {
    return (first_ns + Math.floor((i * jiffy_ns) / count)) % jiffy_ns;
  });
}

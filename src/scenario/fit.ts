// What a schema of single values cannot say: values of a scenario that must fit each other.

import { mmPolicyProblem } from "../api/mm-policy.ts";
import { type PolicyProblem, policyProblem, samePolicies } from "../api/policy.ts";
import type { Strategy } from "../api/types.ts";
import { formatCount } from "../errors.ts";
import { parseCpuList } from "./cpulist.ts";
import { loadProblem } from "./load.ts";
import { machineConfig, VMA_LOCK_BYTES, vmaBytes } from "./machine.ts";
import { preemptProblem } from "./preempt.ts";
import type { Problem } from "./problems.ts";
import { type ScenarioFile, SPACE_EXPECTED } from "./schema.ts";
import { valueAt } from "./source.ts";
import { lookUpPreset } from "./strategies.ts";
import { strategyEntries, strategyList } from "./strategy-list.ts";
import { NS_PER_S, PAGE_BYTES } from "./units.ts";
import { usesSpace, usesStrategies, workloadProblem } from "./workloads/workloads.ts";

/** The largest order that SLUB takes by itself (slub_max_order). */
const SLAB_ORDER_MAX = 3;

/** Keys that the workload needs, or has no use for. */
function keysProblem(file: ScenarioFile, tree: unknown): Problem | undefined {
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

/** Bounds of a layout that leave nothing between them. */
function spaceProblem({ address_space }: ScenarioFile, tree: unknown): Problem | undefined {
  if (address_space === undefined || !("page_count_min" in address_space)) return undefined;
  const { page_count_min, page_count_max } = address_space;
  if (page_count_min <= page_count_max) return undefined;
  const path = ["address_space", "page_count_max"];
  if (valueAt(tree, path) !== undefined) {
    return { path, expected: `at least page_count_min, ${formatCount(page_count_min)}` };
  }
  const expected = `at most page_count_max, ${formatCount(page_count_max)} by default`;
  return { path: ["address_space", "page_count_min"], expected };
}

/** What one task, one turn or one tick needs of the machine. */
function machineProblem({ machine, workload }: ScenarioFile): Problem | undefined {
  if (machine.exit_cpu >= machine.cpus) {
    const expected = `one of the ${machine.cpus} CPUs, counted from 0`;
    return { path: ["machine", "exit_cpu"], expected };
  }
  const preempt = preemptProblem(machine);
  if (preempt !== undefined) return preempt;
  // only its locks know that a turn may end inside a hold
  if (machine.cpus_in_turn && workload.type !== "vmalloc" && workload.type !== "exits") {
    const expected = "false, or the workload vmalloc or exits";
    return { path: ["machine", "cpus_in_turn"], expected };
  }
  // its VMAs come from a cache of their own, not from that of the machine
  if (machine.slab.vmas_freed_before > 0 && workload.type === "mm") {
    return { path: ["machine", "slab", "vmas_freed_before"], expected: "0, or another workload" };
  }
  if (machine.slab.allocation_order === "random" && workload.type === "mm") {
    const expected = "address, or another workload";
    return { path: ["machine", "slab", "allocation_order"], expected };
  }
  return undefined;
}

function cpuListProblem({ machine }: ScenarioFile): Problem | undefined {
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

function tickProblem({ machine }: ScenarioFile): Problem | undefined {
  if (machine.tick_phase * machine.hz < NS_PER_S) return undefined;
  const expected = `less than one jiffy: 1 s / ${machine.hz} (HZ)`;
  return { path: ["machine", "tick_phase"], expected };
}

function slabProblem({ machine }: ScenarioFile): Problem | undefined {
  for (const cache of ["vm_area_struct", "vma_lock"] as const) {
    const { objects_per_slab, slab_order } = machine.slab[cache];
    const bytes = cache === "vma_lock" ? VMA_LOCK_BYTES : vmaBytes(machine.generation);
    const object_size = machine.slab[cache].object_size ?? bytes;
    const path = ["machine", "slab", cache];
    if (object_size % 8 !== 0) {
      return { path: [...path, "object_size"], expected: "a multiple of 8 bytes" };
    }
    const order = slab_order === -1 ? SLAB_ORDER_MAX : slab_order;
    const room = Math.floor((PAGE_BYTES << order) / object_size);
    if (room === 0) {
      const expected = `an order whose slab holds an object of ${object_size} bytes`;
      return { path: [...path, "slab_order"], expected };
    }
    if (objects_per_slab > room) {
      const expected = `from 1 to ${room} objects of ${object_size} bytes in a slab of order ${order}`;
      return { path: [...path, "objects_per_slab"], expected };
    }
  }
  return undefined;
}

/** What is unsafe in a strategy, or not there in the workload. */
function strategyProblem(
  strategy: Strategy,
  { machine, workload }: ScenarioFile,
): PolicyProblem | undefined {
  const unsafe = policyProblem(strategy, machine.generation);
  if (unsafe !== undefined || workload.type !== "mm") return unsafe;
  return mmPolicyProblem(strategy, workload.kernel ?? machine.generation);
}

function strategiesProblem(file: ScenarioFile): Problem | undefined {
  const entries = strategyEntries(file);
  const names = entries.map((entry) => (typeof entry === "string" ? entry : entry.name));
  const repeated = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (repeated !== -1) {
    const path = ["strategies", repeated];
    return { path, expected: "a strategy that is not in the list yet", hint: names[repeated]! };
  }
  for (const [at, strategy] of strategyList(file).entries()) {
    const preset_of_name = lookUpPreset(strategy.name, file.machine.hz);
    if ("strategy" in preset_of_name && !samePolicies(strategy, preset_of_name.strategy)) {
      const expected = "a name of its own: reports would take it for the preset of that name";
      return { path: ["strategies", at, "name"], expected };
    }
    const problem = strategyProblem(strategy, file);
    if (problem === undefined) continue;
    const preset = typeof entries[at] === "string";
    const path = preset ? ["strategies", at] : ["strategies", at, problem.path];
    return { path, expected: problem.expected, hint: problem.found };
  }
  return undefined;
}

/** Workloads beside which bystanders can take memory. */
const MEMORY_WORKLOADS: readonly string[] = ["exit", "exits", "munmap"];

/** Bystanders and threads that need page frames, where the workload has none or does not know them. */
function memoryProblem({ machine, workload, load }: ScenarioFile): Problem | undefined {
  if (load.length > 0 && workload.type === "mm") {
    return { path: ["load"], expected: "no bystanders: the workload mm has threads of its own" };
  }
  const kfreepcp = machine.memory?.kfreepcp ?? "inline";
  if (kfreepcp !== "inline" && workload.type !== "exits") {
    const expected = "inline: only the workload exits has the threads that empty the lists";
    return { path: ["machine", "memory", "kfreepcp"], expected };
  }
  const row = load.findIndex(({ type }) => type === "memory" || type === "churn");
  if (row !== -1 && !MEMORY_WORKLOADS.includes(workload.type)) {
    const expected = "another: memory is short only beside the workloads exit, exits and munmap";
    return { path: ["load", row, "type"], expected };
  }
  return undefined;
}

/** In the order in which problems are told: the first one only. */
const CHECKS: readonly ((file: ScenarioFile, tree: unknown) => Problem | undefined)[] = [
  keysProblem,
  spaceProblem,
  machineProblem,
  cpuListProblem,
  tickProblem,
  slabProblem,
  strategiesProblem,
  memoryProblem,
  ({ load, machine }) => loadProblem(load, machine.cpus, machine.rcu.kthread_prio),
  ({ workload, machine }) => workloadProblem(workload, machineConfig(machine)),
];

/** The first thing of a scenario that does not fit another; `tree` is its file as plain values. */
export function fitProblem(file: ScenarioFile, tree: unknown): Problem | undefined {
  for (const check of CHECKS) {
    const problem = check(file, tree);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

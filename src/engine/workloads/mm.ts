// The workload `mm` on the engine's side of the border.

import { Workload } from "../../../assembly/abi/config.ts";
import { Metric } from "../../../assembly/abi/metric.ts";
import { FreeWay, MmCost, MmCount, MmSetting } from "../../../assembly/abi/mm.ts";
import { freesByStrategy, mmPolicyProblem } from "../../api/mm-policy.ts";
import { munmapPolicy, reaperTasks } from "../../api/policy.ts";
import type { FreePolicy, MachineConfig, MmMetrics, MmWorkload, RunSpec } from "../../api/types.ts";
import { InputError } from "../../errors.ts";
import { fillMms, fillThreads, happenedWords, readBreach, vmaObjects } from "../../litmus/fill.ts";
import { GENERATION_NUMBER, type Generation } from "../../litmus/generation.ts";
import type { LitmusMm, LitmusThread } from "../../litmus/spec.ts";
import { TWINS } from "../../litmus/words.ts";
import type { EngineMemory } from "../abi.ts";
import { workersForPages, writePages } from "../pages.ts";
import { mmHasMemory } from "../reclaim.ts";
import { PROCESS, shifted } from "./mm-pages.ts";
import type { WorkloadPort } from "./port.ts";

const PS_PER_NS = 1000n;
const LIST_MAX = 2 ** 31;
/** The last thread where memory is the machine's: it waits for victims. */
const OOM_REAPER: LitmusThread = { name: "oom_reaper", born: true, ops: [] };

/** How a policy frees: which way, and by which rule its list is drained. */
interface Way {
  readonly way: FreeWay;
  readonly list_max: number;
  /** Jiffies between two drains; 0: by size. */
  readonly interval: number;
  readonly timer: boolean;
}

const AT_ONCE: Way = { way: FreeWay.DIRECT, list_max: 0, interval: 0, timer: false };

function freeWay({ collect, drain, release }: FreePolicy): Way {
  const by_size = (way: FreeWay, list_max = 0): Way => ({
    way,
    list_max,
    interval: 0,
    timer: false,
  });
  if (release === "direct") return by_size(FreeWay.DIRECT);
  if (collect === "private-list") return by_size(FreeWay.PRIVATE_LIST);
  if (collect === "none") return by_size(FreeWay.CALL_RCU);
  if (collect === "bulk") return by_size(FreeWay.BULK);
  if (drain.when === "size-over") return by_size(FreeWay.MM_LIST, drain.vmas);
  if (drain.when === "end") return by_size(FreeWay.MM_LIST, LIST_MAX);
  const { jiffies, timer = false } = drain;
  return { way: FreeWay.MM_LIST, list_max: 0, interval: jiffies, timer };
}

/** What the scenario reader has checked already: see mmPolicyProblem. Throws InputError. */
function checkStrategy({ strategy }: RunSpec<"mm">, kernel: Generation): void {
  const problem = mmPolicyProblem(strategy, kernel);
  if (problem === undefined) return;
  const { found, expected } = problem;
  throw new InputError({
    problem: `the workload mm cannot do what strategy ${strategy.name} says`,
    found,
    expected,
  });
}

function kernelOf(workload: MmWorkload, spec: RunSpec<"mm">): Generation {
  return workload.kernel ?? spec.machine.generation;
}

/** All address spaces, the scenario's first. */
function mmsOf({ mms }: MmWorkload): LitmusMm[] {
  const heap = 2 ** 34;
  return [{ name: PROCESS, later: false, heap, vmas: [] }, ...mms];
}

function write(memory: EngineMemory, workload: MmWorkload, spec: RunSpec<"mm">): void {
  const { space, machine } = spec;
  if (machine.slab.allocation_order === "random") {
    throw new InputError({
      problem: "the workload mm takes VMAs from a cache of its own, in the order of addresses",
      found: "allocation_order: random",
      expected: "address",
    });
  }
  const kernel = kernelOf(workload, spec);
  const mms = mmsOf(workload);
  const set = (slot: MmSetting, value: number): void => memory.writeMmSetting(slot, BigInt(value));
  checkStrategy(spec, kernel);
  const by_strategy = freesByStrategy(kernel);
  const exit = by_strategy ? freeWay(spec.strategy.exit) : AT_ONCE;
  const munmap = by_strategy ? freeWay(munmapPolicy(spec.strategy)) : AT_ONCE;
  const area = space.area ?? { first_vma: 0, vma_count: space.vma_count };
  set(MmSetting.GENERATION, GENERATION_NUMBER[kernel]);
  set(MmSetting.CPUS, machine.cpus);
  const from_machine = mmHasMemory(spec);
  if (from_machine) writeMemory(memory, workload, spec);
  set(MmSetting.FROM_MACHINE, from_machine ? 1 : 0);
  set(MmSetting.ACTORS, workload.threads.length + (from_machine ? 1 : 0));
  set(MmSetting.MMS, mms.length);
  set(MmSetting.VMAS, vmaObjects({ mms, threads: workload.threads }, space.vma_count));
  set(
    MmSetting.OPS,
    workload.threads.reduce((sum, { ops }) => sum + ops.length, 0),
  );
  memory.writeMmSetting(MmSetting.SEED, spec.seed);
  set(
    MmSetting.TWINS,
    workload.without.reduce((bits, word) => bits | (TWINS.get(word) ?? 0), 0),
  );
  set(MmSetting.MUNMAP_FREE, munmap.way);
  set(MmSetting.EXIT_FREE, exit.way);
  // an mm has one list: where both collect in it, they drain it by the same rule
  const list = exit.way === FreeWay.MM_LIST ? exit : munmap;
  set(MmSetting.LIST_MAX, list.list_max);
  set(MmSetting.LIST_INTERVAL, list.interval);
  set(MmSetting.LIST_TIMER, list.timer ? 1 : 0);
  set(MmSetting.MAX_MAP_COUNT, workload.max_map_count);
  set(MmSetting.SEQ_BITS, 32);
  set(MmSetting.ORACLE, workload.oracle ? 1 : 0);
  set(MmSetting.MEMORY_PAGES, workload.memory_pages);
  set(MmSetting.OBJECTS_PER_SLAB, objectsPerSlab(machine));
  set(MmSetting.AREA_FIRST, area.first_vma);
  set(MmSetting.AREA_VMAS, area.vma_count);
  set(MmSetting.AREA_TOUCHED, workload.touched_pages);
  writeCosts(memory, spec);
}

/** Zones and lists, and one record of frames for each address space. */
function writeMemory(memory: EngineMemory, workload: MmWorkload, spec: RunSpec<"mm">): void {
  if (workload.memory_pages !== 0) {
    throw new InputError({
      problem: "two limits of memory",
      found: `memory_pages: ${workload.memory_pages} beside machine.memory`,
      expected: "one of them",
    });
  }
  writePages(memory, spec, mmsOf(workload).length, true);
}

const PAGE_BYTES = 4096;

/** Of the cache that VMAs of the workload mm have to themselves; its slabs are of one page. */
export function objectsPerSlab({ slab }: MachineConfig): number {
  const { objects_per_slab, object_bytes } = slab.vm_area_struct;
  return objects_per_slab > 0 ? objects_per_slab : Math.floor(PAGE_BYTES / object_bytes);
}

function writeCosts(memory: EngineMemory, { profile }: RunSpec<"mm">): void {
  for (let slot = 0; slot < MmCost.COUNT; slot++) {
    const name = `mm_${MmCost[slot]!.toLowerCase()}`;
    const cost = profile.costs[name];
    if (cost === undefined) {
      throw new InputError({
        problem: `cost profile ${profile.name} lacks a cost of the workload mm`,
        found: "nothing",
        expected: name,
      });
    }
    memory.writeMmCost(slot, BigInt(cost.ps));
  }
}

function read(memory: EngineMemory, spec: RunSpec<"mm">): MmMetrics {
  const workload = spec.workload!;
  const raw = (slot: MmCount): bigint => memory.workloadMetric(slot);
  const count = (slot: MmCount): number => Number(raw(slot));
  const ns = (slot: MmCount): number => Number(raw(slot) / PS_PER_NS);
  const ns_of_machine = (slot: Metric): number => Number(memory.metric(slot) / PS_PER_NS);
  const faults = Math.max(1, count(MmCount.FAULTS));
  const mean = (slot: MmCount): number => Number(raw(slot)) / 1000 / faults;
  const forks = Math.max(1, count(MmCount.FORKS));
  const fork = (slot: MmCount): number => ns(slot) / forks;
  const dup = fork(MmCount.FORK_DUP_TIME);
  const tree_dup = fork(MmCount.FORK_TREE_TIME);
  const loop = fork(MmCount.FORK_LOOP_TIME);
  return {
    // the last event may lie before the end of what a CPU did from it on
    sim_ns: Math.max(ns_of_machine(Metric.NOW), ns(MmCount.THREADS_DONE)),
    threads_done_ns: ns(MmCount.THREADS_DONE),
    steps: count(MmCount.STEPS),
    faults: count(MmCount.FAULTS),
    vma_lock_success: count(MmCount.SUCCESS),
    vma_lock_abort: count(MmCount.ABORT),
    vma_lock_retry: count(MmCount.RETRY),
    vma_lock_miss: count(MmCount.MISS),
    fault_fallbacks: count(MmCount.FALLBACK),
    fault_mean_ns: mean(MmCount.FAULT_TIME),
    fault_min_ns: ns(MmCount.FAULT_TIME_MIN),
    fault_max_ns: ns(MmCount.FAULT_TIME_MAX),
    fault_handler_mean_ns: mean(MmCount.FAULT_TIME) - mean(MmCount.FAULT_ENTRY_TIME),
    fault_lookup_mean_ns: mean(MmCount.FAULT_LOOKUP_TIME),
    fault_mmap_lock_mean_ns: mean(MmCount.FAULT_MMAP_TIME),
    fault_handle_mean_ns: mean(MmCount.FAULT_HANDLE_TIME),
    execs: count(MmCount.EXECS),
    forks: count(MmCount.FORKS),
    fork_vmas: count(MmCount.FORK_VMAS) / forks,
    fork_syscall_ns: fork(MmCount.FORK_SYSCALL_TIME),
    fork_dup_ns: dup,
    fork_tree_dup_ns: tree_dup,
    fork_vma_loop_ns: loop,
    fork_rest_ns: dup - tree_dup - loop,
    fork_write_lock_ns: fork(MmCount.FORK_LOCK_TIME),
    fork_object_dup_ns: fork(MmCount.FORK_OBJECT_TIME),
    fork_anon_vma_ns: fork(MmCount.FORK_ANON_TIME),
    fork_store_ns: fork(MmCount.FORK_STORE_TIME),
    fork_copy_pages_ns: fork(MmCount.FORK_PAGES_TIME),
    mmap_read_waits: count(MmCount.MMAP_READ_WAITS),
    mmap_read_wait_ns: ns(MmCount.MMAP_READ_WAIT),
    mmap_read_wait_max_ns: ns(MmCount.MMAP_READ_WAIT_MAX),
    mmap_write_waits: count(MmCount.MMAP_WRITE_WAITS),
    mmap_write_wait_ns: ns(MmCount.MMAP_WRITE_WAIT),
    mmap_write_wait_max_ns: ns(MmCount.MMAP_WRITE_WAIT_MAX),
    mmap_write_hold_ns: ns(MmCount.MMAP_WRITE_HOLD),
    mmap_write_hold_max_ns: ns(MmCount.MMAP_WRITE_HOLD_MAX),
    vma_write_waits: count(MmCount.VMA_WRITE_WAITS),
    vmas_allocated: count(MmCount.ALLOCATED),
    vmas_freed: count(MmCount.FREED),
    dead_peak: count(MmCount.DEAD_PEAK),
    ncall_rcu: count(MmCount.CALL_RCU),
    call_rcu_sum_ns: ns_of_machine(Metric.CALL_RCU_SUM),
    callback_max_ns: ns_of_machine(Metric.CALLBACK_MAX),
    softirq_max_ns: ns_of_machine(Metric.SOFTIRQ_MAX),
    cpu_task_ns: ns_of_machine(Metric.CPU_TASK),
    cpu_softirq_ns: ns_of_machine(Metric.CPU_SOFTIRQ),
    cpu_kthread_ns: ns_of_machine(Metric.CPU_KTHREAD),
    breaches: count(MmCount.BREACHES),
    happened: happenedWords(raw(MmCount.OUTCOME)),
    reports: memory.breaches().map((at) => readBreach(at, [...workload.threads, OOM_REAPER])),
  };
}

export const MM_PORT: WorkloadPort<"mm"> = {
  id: Workload.MM,
  // what a strategy puts off, and with the machine's memory its workers and oom_reaper
  extraTasks: ({ threads }, spec) => {
    const memory = mmHasMemory(spec) ? workersForPages(spec) + 1 : 0;
    return threads.length + reaperTasks(spec.strategy) + memory;
  },
  write,
  read,
  loader(workload, spec) {
    const { space } = spec;
    const first_vma = space.area?.first_vma ?? 0;
    let seen = 0;
    let area_page = 0;
    return {
      first: (memory) => fillMms(memory.mm_builder, mmsOf(workload), workload.memory_pages),
      see({ length, start_page }) {
        if (first_vma >= seen && first_vma < seen + length) {
          area_page = start_page[first_vma - seen]!;
        }
        seen += length;
      },
      load(memory) {
        const own = shifted(workload.threads, workload.pages_from === "area" ? area_page : 0);
        const threads = mmHasMemory(spec) ? [...own, OOM_REAPER] : own;
        fillThreads(memory.mm_builder, { mms: mmsOf(workload), threads });
      },
    };
  },
};

// From a row of results.csv to the machine and strategy that reproduce it, or to the reasons why none
// can yet.

import type { MachineConfig, MemoryConfig, RcuTunables, SlabGeometry } from "../../api/types.ts";
import { RCU_RANGES } from "../../engine/config.ts";
import { DEFAULT_MEMORY } from "../../engine/pages.ts";
import { KERNEL_RCU } from "../../scenario/defaults.ts";
import { preemptProblem } from "../../scenario/preempt.ts";
import { lookUpPreset } from "../../scenario/strategies.ts";
import type { CaseStart } from "../kind.ts";
import type { MeasuredRecord } from "../table.ts";

/** What to run for a row; the address space is the alternating layout over a small program. */
export interface Cell {
  readonly machine: MachineConfig;
  readonly strategy: string;
  /** VMAs of the alternating area; the program adds its own. */
  readonly alternating_vmas: number;
  readonly probe_flags: number;
  /** Share of the area that is resident. */
  readonly populated: number;
  /** A second process maps and unmaps on the same CPU. */
  /** Processes beside it that map and unmap. */
  readonly concurrent: number;
}

/** Columns that say what was measured. Without them no row can be mapped to a run. */
export const RESULTS_COLUMNS = [
  "kernel",
  "strategy",
  "batch_max",
  "n",
  "nocb",
  "op",
  "create",
  "populate",
  "accel",
  "cpus",
  "blimit",
  "qhimark",
  "extra_cmdline",
  "flags",
  "concurrent",
] as const;

/** What a kind of rows measures. */
export type Operation = "exit" | "munmap";

export type CellOrReasons = { readonly cell: Cell } | { readonly reasons: readonly string[] };

const HZ = 250;

// The slabs of the measuring kernel (small configuration): kmem_cache_create of both caches with
// 144- and 40-byte objects, order 0.
const MEASURED_VMA: SlabGeometry = {
  object_bytes: 144,
  objects_per_slab: 28,
  slab_order: 0,
  cpu_partial_slabs: -1,
  min_partial: -1,
};
/** 7.2: 192 bytes, 21 a page. */
const MEASURED_VMA_72: SlabGeometry = {
  ...MEASURED_VMA,
  object_bytes: 192,
  objects_per_slab: 21,
};
const MEASURED_LOCK: SlabGeometry = { ...MEASURED_VMA, object_bytes: 40, objects_per_slab: 102 };

/** The measured process sleeps a second before it exits or unmaps. [README of the rows: guest workload] */
const SLEEP_BEFORE_NS = 1_000_000_000;

/**
 * No column says what earlier processes left on the list of pages. With so many it becomes too long at the end of
 * unmap_vmas of 10,000 touched VMAs: so in five rows; in free_pgtables in five others, in the loop in one.
 * [docs/model/page.md: where the start comes from]
 */
const MEASURED_MEMORY: MemoryConfig = {
  ...DEFAULT_MEMORY,
  pcp_start_pages: 300,
  pcp_start_high: 1000,
};

const MEASURED_6_12: MachineConfig = {
  generation: "6.12",
  cpus: 1,
  hz: HZ,
  idle_before_ns: SLEEP_BEFORE_NS,
  preempt: "voluntary",
  tick_phase_ns: 0,
  exit_cpu: 0,
  rcu: KERNEL_RCU,
  slab: { vm_area_struct: MEASURED_VMA, vma_lock: MEASURED_LOCK },
  memory: MEASURED_MEMORY,
};

/**
 * What ksoftirqd is owed on the measured machine of 7.2 when an exit begins. Rows of 10,000 VMAs show that it
 * goes before the grace-period kthread, which the same softirq has woken first: it must be owed something. From
 * 10 us to 1 ms the rows do not tell how much.
 */
const KSOFTIRQD_LAG_72_NS = 10_000;

/**
 * The same cell where the grace-period kthread slept alone before the operation, and so is owed nothing. Boots
 * without offloading have that as well as a lag, by what was runnable beside it when it slept; no column says
 * which. [kernel/sched/fair.c:update_entity_lag, finish_delayed_dequeue_entity; docs/model/sched.md]
 */
function owedNothing(cell: Cell): Cell {
  return { ...cell, machine: { ...cell.machine, gp_kthread_lag_ns: 0 } };
}

/**
 * VMAs that take longer to touch, 3.9 us each, than the callbacks of making them need to come back,
 * which is five jiffies at most.
 */
const TOUCHED_LONG = 5000;

/**
 * The same cell where RCU's kthreads of an offloaded CPU last ran beside a process that touched its memory. They
 * wait for their turns there and run for microseconds, so that they are owed time when they sleep, and keep that.
 * Medians of ten boots of 6.12.117 of our own, 10,000 touched VMAs, munmap: 1.34 to 1.83, 0.15 to 1.34 and 0.91 to
 * 2.10 ms. With fewer or untouched VMAs the grace-period kthread and rcuog sleep alone, and are owed nothing (eight).
 */
function owedTime(cell: Cell): Cell {
  const lags = { gp_kthread_lag_ns: 1_560_000, rcuog_lag_ns: 320_000, rcuop_lag_ns: 1_190_000 };
  return { ...cell, machine: { ...cell.machine, ...lags } };
}

/** Cells with what else kthreads may be owed when the operation begins; no column says what they are. */
export function otherPasts(cell: Cell): readonly Cell[] {
  if (cell.concurrent > 0) return []; // beside another process they are owed all they may be
  const { generation, rcu_nocbs = [] } = cell.machine;
  const beside = cell.populated > 0 && cell.alternating_vmas >= TOUCHED_LONG;
  const owed = generation === "6.12" && rcu_nocbs.length > 0 && beside;
  return [owedNothing(cell), ...(owed ? [owedTime(cell)] : [])];
}

/**
 * What no row of 7.2 says: how many index nodes lay in the CPU's sheaves when the measured process made its
 * VMAs. That decides where its tree lies in slabs (docs/model/slab.md), so each tick phase has them filled
 * otherwise, the first as boots of our own were.
 */
const sheavesAt = (phase: number): [number, number, number] => [
  (3 + 5 * phase) % 32,
  (29 + 11 * phase) % 33,
  (27 + 7 * phase) % 32,
];

/**
 * What no row says of a process beside the operation: how much it has had beyond its share. The measured
 * process went to sleep somewhere within a turn of a tick, of which each of the two is given half, so that it
 * was owed up to 2 ms, which it keeps; or had had too much, and then it stays on the queue until it is owed nothing.
 * [kernel/sched/fair.c:update_entity_lag, finish_delayed_dequeue_entity, 6.12 and 7.2]
 */
const aheadAt = (phase: number): number => (phase % 2 === 0 ? 0 : ((5 * phase) % 16) * 125_000);

/** With what a machine may have begun, one for each tick phase. */
export function startsOf({ machine, concurrent }: Cell): { starts: readonly CaseStart[] } {
  const starts = Array.from({ length: 16 }, (_, phase) => ({
    ...(machine.generation === "7.2" && { machine: { node_sheaves: sheavesAt(phase) } }),
    ...(concurrent > 0 && { load: { ahead_ns: aheadAt(phase) } }),
  }));
  return { starts };
}

/** The measured machine with a kernel of this version; undefined where its exit is not modelled. */
export function measuredMachine(version: string): MachineConfig | undefined {
  if (version === "6.12") return MEASURED_6_12;
  if (version !== "7.2") return undefined;
  return {
    ...MEASURED_6_12,
    generation: "7.2",
    preempt: "lazy",
    hrtick: true,
    ksoftirqd_lag_ns: KSOFTIRQD_LAG_72_NS,
    slab: { vm_area_struct: MEASURED_VMA_72, vma_lock: MEASURED_LOCK },
    memory: { ...MEASURED_MEMORY, pcp_generation: "7.2" },
  };
}

/** Parameters that change nothing an exit of an uncontended CPU can see. */
const HARMLESS = new Map([
  ["loglevel", "messages on the console"],
  ["quiet", "messages on the console"],
  ["kgt_settle", "rest between building the address space and the exit"],
  ["kgt_create", "said by the column `create`"],
]);

/**
 * kgt_bench=1: a process of so many VMAs, still alive, has allocated 20,000 more in a row and freed them in
 * that order when it begins to exit. [costs.csv: kmem_cache_alloc(VMA), kmem_cache_free(VMA), 20000 in a row,
 * allocation order, in-kernel loop, process with N VMAs]
 */
const BENCH_VMAS = 20_000;

/** Those of kernel/rcu/update.c; the others are tree.c's. */
const OF_UPDATE = /^rcu_(expedited|normal|(exp_)?cpu_stall_\w+)$/;

const KNOWN_RCU: Readonly<Record<string, keyof RcuTunables>> = Object.fromEntries(
  Object.keys(KERNEL_RCU).map((name) => [
    `${OF_UPDATE.test(name) ? "rcupdate" : "rcutree"}.${name}`,
    name as keyof RcuTunables,
  ]),
);

type Preempt = MachineConfig["preempt"];

/** What a kernel with PREEMPT_DYNAMIC, as both measured ones are, can be switched to. */
const PREEMPT = new Set<string>(["none", "voluntary", "full", "lazy"] satisfies Preempt[]);

interface Cmdline {
  readonly rcu_nocb_poll: boolean;
  readonly preempt?: Preempt;
  readonly vmas_freed_before: number;
  readonly rcu: Partial<Record<keyof RcuTunables, number>>;
  readonly reasons: readonly string[];
}

function parseCmdline(text: string): Cmdline {
  const rcu: Partial<Record<keyof RcuTunables, number>> = {};
  const reasons: string[] = [];
  let rcu_nocb_poll = false;
  let vmas_freed_before = 0;
  let preempt: Preempt | undefined;
  for (const parameter of text.split(/\s+/).filter((part) => part !== "")) {
    const equals = parameter.indexOf("=");
    const key = equals === -1 ? parameter : parameter.slice(0, equals);
    const value = equals === -1 ? "" : parameter.slice(equals + 1);
    const tunable = Object.hasOwn(KNOWN_RCU, key) ? KNOWN_RCU[key] : undefined;
    if (tunable !== undefined && /^-?\d{1,15}$/.test(value)) rcu[tunable] = Number(value);
    else if (key === "rcu_nocb_poll") rcu_nocb_poll = true;
    else if (key === "preempt" && PREEMPT.has(value)) preempt = value as Preempt;
    else if (parameter === "kgt_bench=1") vmas_freed_before = BENCH_VMAS;
    else if (parameter === "kgt_bench=0") vmas_freed_before = 0;
    else if (parameter === "kgt_arm=0")
      reasons.push("nothing was measured in the kernel (kgt_arm=0)");
    else if (!HARMLESS.has(key)) reasons.push(`kernel parameter ${parameter} is not modelled`);
  }
  return { rcu, rcu_nocb_poll, vmas_freed_before, reasons, ...(preempt && { preempt }) };
}

const STRATEGIES: Readonly<Record<string, string>> = {
  direct: "direct",
  rcu: "call_rcu",
  throttle: "throttle",
  single: "single",
  typesafe: "typesafe",
};

function strategyOf(record: MeasuredRecord): string | undefined {
  const strategy = record.word("strategy");
  if (strategy === "batch") {
    const batch_max = record.figure("batch_max");
    return batch_max === undefined ? undefined : `batch-${batch_max}`;
  }
  return Object.hasOwn(STRATEGIES, strategy) ? STRATEGIES[strategy] : undefined;
}

/** What counted the time, and on how many CPUs. */
export interface TimeBase {
  readonly accel: string;
  readonly cpus: number;
}

const CONCURRENT_MAX = 100;
/**
 * What the grace-period kthread is owed beside a process that never sleeps: read off the scheduler when the
 * exit began, in eight boots of our own. 4.00 ms in four of 6.12.117, 3.12 and 3.35 in two of 7.2.13; with
 * offloading 1.57 and 0.53.
 */
const OWED_BESIDE_NS = {
  "6.12": { off: 4_000_000, all: 1_570_000 },
  "7.2": { off: 3_240_000, all: 530_000 },
} as const;

/** One instruction = 1 ns. */
const INSTRUCTIONS: TimeBase = { accel: "icount", cpus: 1 };

function contextReasons(record: MeasuredRecord, op: Operation, base: TimeBase): string[] {
  const reasons: string[] = [];
  const said = (name: string) => record.word(name) || "unknown";
  const kernel = said("kernel");
  if (kernel !== "6.12" && kernel !== "7.2") reasons.push(`kernel ${kernel} is not modelled`);
  if ((said("strategy") === "typesafe") !== (kernel === "7.2")) {
    reasons.push(`kernel ${kernel} has no strategy ${said("strategy")}`);
  }
  if (said("nocb") !== "off" && said("nocb") !== "all") {
    reasons.push(`callback offloading ${said("nocb")} is neither off nor all`);
  }
  if (said("op") !== op) reasons.push(`operation ${said("op")} is not modelled`);
  const populate = record.needed("populate");
  if (populate > 1) reasons.push(`populate ${populate} is neither 0 nor 1`);
  if (said("accel") !== base.accel) {
    reasons.push(`time base ${said("accel")} has no cost profile`);
  }
  const cpus = record.needed("cpus");
  if (cpus !== base.cpus) {
    reasons.push(
      `${cpus} CPUs were measured, the cost profile knows ${base.cpus === 1 ? "one" : base.cpus}`,
    );
  }
  const concurrent = record.needed("concurrent");
  if (concurrent > CONCURRENT_MAX) {
    reasons.push(`${concurrent} processes beside it: up to ${CONCURRENT_MAX} are modelled`);
  }
  if (concurrent > 0 && base !== INSTRUCTIONS) {
    reasons.push(
      "what a round of the second process costs is known on the instruction clock alone",
    );
  }
  if (said("create") !== "mprotect" && said("create") !== "mmap") {
    reasons.push(`way of building the address space ${said("create")} is not known`);
  }
  if (record.needed("n") < 1) reasons.push("no VMA");
  return reasons;
}

/** Maps a row to its cell; with reasons, all of them, when it cannot be expressed. */
export function cellOf(
  record: MeasuredRecord,
  op: Operation = "exit",
  base: TimeBase = INSTRUCTIONS,
): CellOrReasons {
  const reasons = contextReasons(record, op, base);
  const cmdline = parseCmdline(record.word("extra_cmdline"));
  reasons.push(...cmdline.reasons);
  const strategy = strategyOf(record);
  if (strategy === undefined) {
    const written = record.word("strategy");
    const batch = written === "batch" ? " without batch_max" : "";
    reasons.push(`strategy ${written || "unknown"}${batch} is not modelled`);
  } else if ("hint" in lookUpPreset(strategy, HZ)) {
    reasons.push(`strategy ${strategy} is out of range`);
  }
  const columns = { blimit: record.figure("blimit"), qhimark: record.figure("qhimark") };
  for (const [name, column] of Object.entries(columns)) {
    const said = cmdline.rcu[name as keyof RcuTunables];
    if (said !== undefined && column !== undefined && said !== column) {
      reasons.push(`column ${name} says ${column}, extra_cmdline ${said}`);
    }
  }
  const known = Object.entries(columns).filter(([, value]) => value !== undefined);
  const rcu: RcuTunables = { ...KERNEL_RCU, ...cmdline.rcu, ...Object.fromEntries(known) };
  for (const [name, [min, max]] of Object.entries(RCU_RANGES)) {
    const value = rcu[name as keyof RcuTunables];
    if (value < min || value > max) reasons.push(`${name} ${value} is not modelled`);
  }
  const generation = record.word("kernel") === "7.2" ? "7.2" : "6.12";
  const { preempt, vmas_freed_before } = cmdline;
  const concurrent = record.needed("concurrent");
  const nocb = record.word("nocb") === "all" ? "all" : "off";
  const unknown = preemptProblem({ generation, preempt, preempt_rcu: true });
  if (unknown !== undefined) reasons.push(`preempt=${preempt}: ${unknown.hint}`);
  if (reasons.length > 0 || strategy === undefined) return { reasons };
  const measured = measuredMachine(generation)!;
  const machine: MachineConfig = {
    ...measured,
    cpus: base.cpus,
    ...(concurrent > 0 && { gp_kthread_lag_ns: OWED_BESIDE_NS[generation][nocb] }),
    ...(preempt && { preempt }),
    ...(vmas_freed_before > 0 && { slab: { ...measured.slab, vmas_freed_before } }),
    rcu,
    rcu_nocbs: nocb === "all" ? Array.from({ length: base.cpus }, (_, i) => i) : [],
    rcu_nocb_poll: cmdline.rcu_nocb_poll,
  };
  const probe_flags = record.needed("flags");
  const populated = record.needed("populate");
  const alternating_vmas = record.needed("n");
  return { cell: { machine, strategy, alternating_vmas, probe_flags, populated, concurrent } };
}

// From a measured row to the run that reproduces it, or to the reasons why no run can yet.

import type { MachineConfig, RcuTunables, SlabGeometry } from "../api/types.ts";
import { KERNEL_RCU } from "../scenario/defaults.ts";
import { presetStrategy } from "../scenario/strategies.ts";
import type { MeasuredRow } from "./csv.ts";

/** What to run for a row; the address space is the alternating layout over a small program. */
export interface Cell {
  readonly machine: MachineConfig;
  readonly strategy: string;
  /** VMAs of the alternating area; the program adds its own. */
  readonly alternating_vmas: number;
  readonly probe_flags: number;
  /** Equal for rows that are the same run. */
  readonly key: string;
}

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
const MEASURED_LOCK: SlabGeometry = { ...MEASURED_VMA, object_bytes: 40, objects_per_slab: 102 };

/** Parameters that change nothing an exit of an uncontended CPU can see. */
const HARMLESS = new Map([
  ["loglevel", "messages on the console"],
  ["quiet", "messages on the console"],
  ["kgt_settle", "rest between building the address space and the exit"],
  ["kgt_create", "said by the column `create`"],
  ["kgt_bench", "micro-benchmarks before the workload"],
]);

const KNOWN_RCU: Readonly<Record<string, keyof RcuTunables>> = Object.fromEntries(
  Object.keys(KERNEL_RCU).map((name) => [`rcutree.${name}`, name as keyof RcuTunables]),
);

interface Cmdline {
  readonly rcu: Partial<Record<keyof RcuTunables, number>>;
  readonly reasons: readonly string[];
}

function parseCmdline(text: string): Cmdline {
  const rcu: Partial<Record<keyof RcuTunables, number>> = {};
  const reasons: string[] = [];
  for (const parameter of text.split(/\s+/).filter((part) => part !== "")) {
    const equals = parameter.indexOf("=");
    const key = equals === -1 ? parameter : parameter.slice(0, equals);
    const value = equals === -1 ? "" : parameter.slice(equals + 1);
    const tunable = Object.hasOwn(KNOWN_RCU, key) ? KNOWN_RCU[key] : undefined;
    if (tunable !== undefined && /^-?\d{1,15}$/.test(value)) rcu[tunable] = Number(value);
    else if (parameter === "kgt_arm=0")
      reasons.push("nothing was measured in the kernel (kgt_arm=0)");
    else if (!HARMLESS.has(key)) reasons.push(`kernel parameter ${parameter} is not modelled`);
  }
  return { rcu, reasons };
}

const STRATEGIES: Readonly<Record<string, string>> = {
  direct: "direct",
  rcu: "call_rcu",
  throttle: "throttle",
  single: "single",
};

function strategyOf(row: MeasuredRow): string | undefined {
  if (row.strategy === "batch") {
    return row.batch_max === undefined ? undefined : `batch-${row.batch_max}`;
  }
  return Object.hasOwn(STRATEGIES, row.strategy) ? STRATEGIES[row.strategy] : undefined;
}

function contextReasons(row: MeasuredRow): string[] {
  const reasons: string[] = [];
  if (row.kernel !== "6.12") reasons.push(`kernel ${row.kernel || "unknown"} is not modelled`);
  if (row.nocb !== "off" && row.nocb !== "all") {
    reasons.push(`callback offloading ${row.nocb || "unknown"} is neither off nor all`);
  }
  if (row.op !== "exit") reasons.push(`operation ${row.op || "unknown"} is not modelled`);
  if (row.populate !== 0) reasons.push("populated pages are not modelled");
  if (row.accel !== "icount") {
    reasons.push(`time base ${row.accel || "unknown"} has no cost profile`);
  }
  if (row.cpus !== 1) reasons.push(`${row.cpus} CPUs were measured, the cost profile knows one`);
  if (row.concurrent !== 0) reasons.push("a second process at work is not modelled");
  if (row.create !== "mprotect" && row.create !== "mmap") {
    reasons.push(`way of building the address space ${row.create || "unknown"} is not known`);
  }
  if (row.n < 1) reasons.push("no VMA");
  return reasons;
}

/** Maps a row to its cell; with reasons, all of them, when it cannot be expressed. */
export function cellOf(row: MeasuredRow): CellOrReasons {
  const reasons = contextReasons(row);
  const cmdline = parseCmdline(row.extra_cmdline);
  reasons.push(...cmdline.reasons);
  const strategy = strategyOf(row);
  if (strategy === undefined) {
    const batch = row.strategy === "batch" ? " without batch_max" : "";
    reasons.push(`strategy ${row.strategy || "unknown"}${batch} is not modelled`);
  } else if ("hint" in presetStrategy(strategy, HZ)) {
    reasons.push(`strategy ${strategy} is out of range`);
  }
  for (const name of ["blimit", "qhimark"] as const) {
    const said = cmdline.rcu[name];
    if (said !== undefined && row[name] !== undefined && said !== row[name]) {
      reasons.push(`column ${name} says ${row[name]}, extra_cmdline ${said}`);
    }
  }
  if (reasons.length > 0 || strategy === undefined) return { reasons };
  const columns = { blimit: row.blimit, qhimark: row.qhimark };
  const known = Object.entries(columns).filter(([, value]) => value !== undefined);
  const machine: MachineConfig = {
    generation: "6.12",
    cpus: 1,
    hz: HZ,
    preempt: "voluntary",
    tick_phase_ns: 0,
    exit_cpu: 0,
    rcu: { ...KERNEL_RCU, ...cmdline.rcu, ...Object.fromEntries(known) },
    rcu_nocbs: row.nocb === "all" ? [0] : [],
    slab: { vm_area_struct: MEASURED_VMA, vma_lock: MEASURED_LOCK },
  };
  const cell = { machine, strategy, alternating_vmas: row.n, probe_flags: row.flags };
  return { cell: { ...cell, key: JSON.stringify(cell) } };
}

// From measured rows of kernel address space to the runs that reproduce them.

import { firstAreaRecords } from "../../api/area-records.ts";
import type { RunJob } from "../../api/job.ts";
import type { CostProfile, MachineConfig } from "../../api/types.ts";
import type { VmallocMetrics, VmallocWorkload } from "../../api/vmalloc.ts";
import { KERNEL_RCU } from "../../scenario/defaults.ts";
import { lazyMaxPages } from "../../scenario/workloads/vmalloc.ts";
import type { CaseOrReasons, PlanContext } from "../kind.ts";
import type { MetricRule, RunsOfPhase } from "../rules.ts";
import type { MeasuredRecord } from "../table.ts";

const HZ = 250;
const PAGES_OF_4_GIB = 1_000_000;
/** Managed pages of the zone Normal of such a machine, in boots of our own of both kernels. */
const ZONE_PAGES = 243_978;
/** Kernel stacks in boots of our own of 6.12.117 and 7.2.13, counted where the test thread begins. */
const BOOT_STACKS = 25;
type OtherWork = Pick<
  VmallocWorkload,
  "other_work_ns" | "other_purge_gap_ns" | "other_ahead_ns" | "boot_lazy_areas"
>;
/**
 * What else the boots of the given rows did. Total less the test thread's and the purges' CPU time is
 * 12.3 ms in every row of 6.12, whatever was tested, and there are two purges more than drain work:
 * another task of that boot. Neither of the two is empty in three rows of four, so they lie apart; where
 * in its work the first one is, is an assumption. Two areas with five pages more are purged than the
 * tests can have freed, in each of the three rows whose areas have known sizes; in one of them that was
 * before the test had freed anything.
 */
const OTHER_WORK: Readonly<Record<string, OtherWork>> = {
  "6.12": { other_work_ns: 12_300_000, other_purge_gap_ns: 6_150_000, boot_lazy_areas: 2 },
};
/**
 * What the worker that drains is owed when the tests begin, read off the scheduler in eight boots of
 * 6.12.117: 1.33 ms in four; nothing in four, where it had been woken for nothing before. No
 * row says which it was, so tick phases take turns.
 */
export const KWORKER_LAGS_NS = [1_330_000, 0];
/**
 * When the timer that ends a slice of 7.2 interrupts, within a hundredth of the slice: as well as costs
 * are known. It decides at which instruction of its loop a thread makes way for the purge, and that
 * what an area costs to purge (docs/model/vmap.md), whatever the tick.
 */
const HRTICK_LATENCIES_NS = Array.from({ length: 16 }, (_, phase) => phase * 437);
const STARTS = HRTICK_LATENCIES_NS.map((hrtick_latency_ns, phase) => ({
  machine: {
    hrtick_latency_ns,
    kworker_lag_ns: KWORKER_LAGS_NS[phase % KWORKER_LAGS_NS.length]!,
  },
}));
/** Records of areas for what the tests allocate. */
const MORE_RECORDS = 2_000_000;
const ANY_SLAB = {
  object_bytes: 176,
  objects_per_slab: -1,
  slab_order: -1,
  cpu_partial_slabs: -1,
  min_partial: -1,
};

/** What a row says of its kernel: version as in its first word. */
export function kernelOf(record: MeasuredRecord): string {
  return record.word("kernel").split(" ")[0] ?? "";
}

/** A row that says how long another task of its boot worked had no purges apart and no areas left. */
export function otherWork(record: MeasuredRecord): OtherWork {
  const other_work_ns = record.figure("other_work_ns");
  const other_ahead_ns = record.figure("other_ahead_ns") ?? 0;
  if (other_work_ns !== undefined) return { other_work_ns, other_ahead_ns };
  return OTHER_WORK[kernelOf(record)] ?? { other_work_ns: 0 };
}

export interface VmallocCell {
  readonly kernel: string;
  readonly cpus: number;
  /** Where the row's kernel was built otherwise than usual. */
  readonly preempt?: MachineConfig["preempt"];
  readonly workload: Partial<VmallocWorkload>;
}

function machineOf({ kernel, cpus, preempt }: VmallocCell): MachineConfig {
  return {
    generation: "6.12",
    cpus,
    hz: HZ,
    hrtick: kernel === "7.2",
    // the measured machine: QEMU -icount executes all CPUs in one thread
    cpus_in_turn: cpus > 1,
    preempt: preempt ?? (kernel === "7.2" ? "lazy" : "voluntary"),
    tick_phase_ns: 0,
    exit_cpu: 0,
    rcu: KERNEL_RCU,
    slab: { vm_area_struct: ANY_SLAB, vma_lock: { ...ANY_SLAB, object_bytes: 40 } },
  };
}

function workloadOf({ kernel, cpus, workload }: VmallocCell): VmallocWorkload {
  const whole: VmallocWorkload = {
    type: "vmalloc",
    generation: "vmap-nodes",
    nodes: 1,
    range: "sorted",
    lazy_max_pages: lazyMaxPages(cpus),
    driver: "test_vmalloc",
    threads: 1,
    run_test_mask: 1,
    test_loop_count: 1,
    test_repeat_count: 1,
    nr_pages: 1,
    sequential_test_order: true,
    nr_pcpu_objects: 35_000,
    held_areas: 0,
    held_every_second: false,
    memory_pages: PAGES_OF_4_GIB,
    boot_stacks: BOOT_STACKS,
    other_work_ns: 0,
    area_records: 0,
    small_pools_stay: kernel === "7.2",
    large_orders: kernel === "7.2",
    zone_pages: ZONE_PAGES,
    ...workload,
  };
  return { ...whole, area_records: firstAreaRecords(whole) + MORE_RECORDS };
}

/** The job of a cell, on the profile of its kernel. */
export function planCell(what: string, cell: VmallocCell, context: PlanContext): CaseOrReasons {
  const { kernel } = cell;
  if (kernel !== "6.12" && kernel !== "7.2") {
    return { reasons: [`kernel ${kernel || "unknown"} is not modelled`] };
  }
  if (cell.cpus < 1) return { reasons: [`${cell.cpus} CPUs`] };
  const profile: CostProfile | undefined = context.profile(`icount-${kernel}`);
  if (profile === undefined) return { reasons: [`there is no cost profile icount-${kernel}`] };
  const exit = { collect: "none", drain: { when: "end" }, release: "direct" } as const;
  const job: RunJob<"vmalloc"> = {
    workload: workloadOf(cell),
    machine: machineOf(cell),
    space: { generate: "nothing" },
    strategy: { name: "vmalloc", exit },
    profile,
    seed: 1n,
    probe_flags: 0,
  };
  return { what, jobs: [job], starts: STARTS, key: JSON.stringify(cell) };
}

export function vmallocMetrics(runs: RunsOfPhase): VmallocMetrics {
  return runs[0]!.metrics as VmallocMetrics;
}

/** A figure that a row has as a share of two of the run's. */
export function ratio(
  name: string,
  of: (metrics: VmallocMetrics, record: MeasuredRecord) => readonly [number, number],
  rest: Omit<MetricRule, "name" | "simulated" | "fraction">,
): MetricRule {
  return {
    name,
    fraction: true,
    ...rest,
    simulated: (runs, record) => {
      const [sum, count] = of(vmallocMetrics(runs), record);
      return count === 0 ? undefined : sum / count;
    },
  };
}

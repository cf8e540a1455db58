// What goes into one run of the engine and what comes out. Names are the kernel's and those of the
// measured rows; units come last (`_ns`, `_bytes`, `_pages`; jiffies where the kernel counts jiffies).

import type { AddressSpace } from "../input/address-space.ts";
import type { ExitsMetrics, ExitsWorkload, PageMetrics } from "./exits-types.ts";
import type { LoadReport, LoadSpec } from "./load.ts";
import type { MemoryPlan } from "./plan.ts";

export type { ExitsMetrics, ExitsWorkload, PageMetrics } from "./exits-types.ts";
export type { LoadReport, LoadSpec } from "./load.ts";
export type { MemoryPlan, MemoryRegion, Progress } from "./plan.ts";

import type { MmMetrics, MmWorkload } from "./mm.ts";
import type { MunmapWorkload } from "./munmap.ts";
import type {
  RcuFloodMetrics,
  RcuFloodWorkload,
  RcuPostMetrics,
  RcuPostWorkload,
} from "./rcu-load.ts";
import type { ReclaimReport } from "./reclaim.ts";
import type { RcuStalls } from "./stalls.ts";
import type { Trace, TraceRequest } from "./trace.ts";
import type { VmallocMetrics, VmallocWorkload } from "./vmalloc.ts";

export type { MmMetrics, MmWorkload } from "./mm.ts";
export type { CallOrder, MunmapWorkload } from "./munmap.ts";
export type {
  FloodReport,
  RcuFloodMetrics,
  RcuFloodWorkload,
  RcuLoadMetrics,
  RcuPostMetrics,
  RcuPostWorkload,
} from "./rcu-load.ts";
export type { OomKill, ReclaimReport } from "./reclaim.ts";
export type { RcuStall, RcuStalls, StalledCpu, StalledTask } from "./stalls.ts";
export type { SpanName, SpanOperation, Timeline, TimelineEvent } from "./timeline.ts";
export type { Trace, TracedBatch, TracedHand, TraceRequest } from "./trace.ts";
export type {
  VmallocCase,
  VmallocDriverName,
  VmallocMetrics,
  VmallocWorkload,
  VmapGeneration,
  VmapRange,
  VmapYield,
} from "./vmalloc.ts";

/** Kernel generations whose mechanisms the engine models. */
export type Generation = "6.12" | "7.2";

/** RCU settings under their kernel parameter names (kernel/rcu/tree.c, 6.12). */
export interface RcuTunables {
  readonly blimit: number;
  readonly qhimark: number;
  readonly qlowmark: number;
  /** Per-CPU overload mark; 0 disables, -1 computes 2 * qhimark. */
  readonly qovld: number;
  readonly rcu_divisor: number;
  readonly rcu_resched_ns: number;
  /** Jiffies; -1 computes the kernel's default from HZ and CPUs. */
  readonly jiffies_till_first_fqs: number;
  readonly jiffies_till_next_fqs: number;
  readonly jiffies_till_sched_qs: number;
  /** 1: rcu_core runs in softirq; 0: in one rcuc kthread a CPU. */
  readonly use_softirq: number;
  /** CPUs that share an rcuog; -1 computes CPUs over their square root. */
  readonly rcu_nocb_gp_stride: number;
  /** Calls of an offloaded CPU in one jiffy before its bypass list is used; -1 computes 16,000 a second. */
  readonly nocb_nobypass_lim_per_jiffy: number;
  /** How long lazy callbacks wait; -1 computes 10 s. */
  readonly jiffies_lazy_flush: number;
  /** SCHED_FIFO priority of the grace-period kthread and the rcuogs; 0 is the fair class. */
  readonly kthread_prio: number;
  /** 1: synchronize_rcu() waits for an expedited grace period. */
  readonly rcu_expedited: number;
  /** 1: who asks for an expedited grace period waits for a normal one. */
  readonly rcu_normal: number;
  /** 1: the grace-period kthread wakes who waits in synchronize_rcu(); -1: as the kernel has it. */
  readonly rcu_normal_wake_from_gp: number;
  /** Seconds until a grace period that does not end is reported. */
  readonly rcu_cpu_stall_timeout: number;
  /** The same for expedited ones, in milliseconds; 0: as for normal ones. */
  readonly rcu_exp_cpu_stall_timeout: number;
  /** 1: stalls are not reported. */
  readonly rcu_cpu_stall_suppress: number;
}

/** Geometry of one slab cache; -1 computes the kernel's choice (mm/slub.c:calculate_order, 6.12). */
export interface SlabGeometry {
  readonly object_bytes: number;
  readonly objects_per_slab: number;
  readonly slab_order: number;
  readonly cpu_partial_slabs: number;
  readonly min_partial: number;
}

export interface MachineConfig {
  readonly generation: Generation;
  /** 1 to 256 in scenarios; up to 1,024 here, of which lists of CPUs know the first 256. */
  readonly cpus: number;
  /**
   * Ticks per second: 100, 250, 300 or 1000 as kernels have it, or any other number from 1 to 1000. A jiffy
   * is a whole number of nanoseconds, as in the kernel (TICK_NSEC): 3,003,003 of them at 333.
   */
  readonly hz: number;
  /** Preemption model; `lazy` exists from 6.13 on. */
  readonly preempt: "none" | "voluntary" | "full" | "lazy";
  /**
   * CONFIG_PREEMPT_RCU, as every kernel with PREEMPT_DYNAMIC has it (the default). False: RCU of a
   * kernel built without preemption, for which no tick in the kernel is a quiescent state.
   */
  readonly preempt_rcu?: boolean;
  /** HRTICK: with `lazy` preemption a task makes way when its slice is over, not at the tick. */
  readonly hrtick?: boolean;
  /** How long after its time the timer of HRTICK interrupts, ns. */
  readonly hrtick_latency_ns?: number;
  /**
   * Index nodes in the CPU's sheaves of 7.2 when a process begins to make its VMAs: main (0 to 31), spare
   * (0 to 32) and the one that fills for RCU (0 to 31); [3, 29, 27] by default.
   */
  readonly node_sheaves?: readonly [main: number, spare: number, waiting: number];
  /** One emulator thread executes all CPUs in turn, on one clock, as QEMU 7.2 does with -icount. */
  readonly cpus_in_turn?: boolean;
  /** Where they do: what each tick is late, 1 to 16 ns, follows from costs, or is drawn. */
  readonly tick_lateness?: "counted" | "drawn";
  /** What kworkers are owed when the run begins (their lag), ns. */
  readonly kworker_lag_ns?: number;
  /** The same of the ksoftirqds. */
  readonly ksoftirqd_lag_ns?: number;
  /** The same of the grace-period kthread; 10,000 by default. */
  readonly gp_kthread_lag_ns?: number;
  /** The same of the rcuogs, and of the rcuops. */
  readonly rcuog_lag_ns?: number;
  readonly rcuop_lag_ns?: number;
  /** How long the CPU of an exit or a munmap was idle before it began, ns. */
  readonly idle_before_ns?: number;
  /** False is `nohz=off`: idle CPUs tick. */
  readonly nohz?: boolean;
  /** CPUs that do not tick while they run one task (`nohz_full=`); their callbacks are offloaded. */
  readonly nohz_full?: readonly number[];
  /** CPUs that RCU's kthreads may use, as set with taskset; all but `nohz_full` by default. */
  readonly rcu_kthread_cpus?: readonly number[];
  /** CONFIG_RCU_BOOST: rcuc kthreads have `kthread_prio`. */
  readonly rcu_boost?: boolean;
  /** CONFIG_RCU_NOCB_CPU_CB_BOOST: so have rcuop kthreads. */
  readonly rcu_nocb_cpu_cb_boost?: boolean;
  /** When the first tick after the start of the exit falls, ns; of more than a jiffy what is beyond full ones. */
  readonly tick_phase_ns: number;
  /** CPU on which the exiting task runs. */
  readonly exit_cpu: number;
  readonly rcu: RcuTunables;
  /** CPUs whose callbacks are offloaded to kthreads (`rcu_nocbs=`); none by default. */
  readonly rcu_nocbs?: readonly number[];
  /** rcuogs look for callbacks every jiffy instead of being woken (`rcu_nocb_poll`). */
  readonly rcu_nocb_poll?: boolean;
  /** CONFIG_RCU_LAZY: callbacks of offloaded CPUs wait for company. */
  readonly rcu_lazy?: boolean;
  /** Memory; 4 GiB and 6.12's lists where it is left out. */
  readonly memory?: MemoryConfig;
  readonly slab: {
    readonly vm_area_struct: SlabGeometry;
    /** 6.12 only: in 7.2 the lock is part of the VMA. */
    readonly vma_lock: SlabGeometry;
    /** Objects in a sheaf of the VMA cache, 7.2; -1 computes the kernel's choice. */
    readonly sheaf_capacity?: number;
    /**
     * Which slab objects the VMAs have, in address order: those of a process that mapped upwards
     * (`address`, the default), or any, as in a process that has mapped and unmapped for long (`random`).
     */
    readonly allocation_order?: "address" | "random";
    /**
     * VMAs that others allocated in a row and freed in the same order on the CPU of the exit, once the
     * address space was built; 0 by default. They leave the CPU's sheaves and the barn full (7.2: from 720
     * on), or partial slabs (6.12).
     */
    readonly vmas_freed_before?: number;
  };
}

/** Memory of the machine, for runs with resident pages. */
export interface MemoryConfig {
  readonly ram_bytes: number;
  /** Whose per-CPU page lists: 5.15 stands for 5.15 to 6.6, 6.12 for 6.7 to 6.19, 7.2 for 7.0 on. */
  readonly pcp_generation: "5.15" | "6.12" | "7.2";
  /** vm.percpu_pagelist_high_fraction; 0: the lists tune themselves (6.7 on) or follow the watermark. */
  readonly percpu_pagelist_high_fraction: number;
  /** Pages on the exiting CPU's list before anything is populated, and its `high`; 0: the least. */
  readonly pcp_start_pages: number;
  readonly pcp_start_high: number;
  /** Who empties lists that are too long: the freeing task, or the kfreepcp patch of 2021. */
  readonly kfreepcp: "inline" | "posted" | "intended";
  /** Rounds of the periodic trimming of lists between the last touch and the exit. */
  readonly vmstat_rounds_before: number;
  /** Rounds of the periodic trimming of lists after the run, before the lists are counted. */
  readonly vmstat_rounds_after: number;
}

/**
 * When a list of dead VMAs is handed over. With `shrinker` also when memory is short: the list of the
 * mm has a shrinker, as none that was posted had.
 */
export type DrainRule = { readonly shrinker?: boolean } & (
  | { readonly when: "end" }
  /** As soon as the list is longer than this: 32 makes groups of 33. */
  | { readonly when: "size-over"; readonly vmas: number }
  /** On a free that finds `jiffies > last_drain + jiffies_since` (raw, strict, as posted). */
  | {
      readonly when: "interval";
      readonly jiffies: number;
      /** As it was meant: also by a timer that runs from the first VMA on the list. */
      readonly timer?: boolean;
    }
);

/** How one path (exit or munmap) gets rid of dead VMAs: a point in the policy space. */
export interface FreePolicy {
  /**
   * Where dead VMAs wait: nowhere, on the mm's spinlocked list, on a list private to the operation, in
   * kvfree_rcu's pages of pointers, or in a sheaf of their cache (7.2).
   */
  readonly collect: "none" | "mm-list" | "private-list" | "bulk" | "sheaf";
  /** Ignored when nothing is collected. */
  readonly drain: DrainRule;
  /**
   * `direct` frees at once; `call-rcu` defers each object (or each drained group) by call_rcu();
   * `typesafe` frees at once into a cache whose empty slabs wait for a grace period (7.2).
   */
  readonly release: "direct" | "call-rcu" | "typesafe";
}

export interface Strategy {
  /** Preset name (`direct`, `call_rcu`, `batch-32`, ...) or the user's own. */
  readonly name: string;
  readonly exit: FreePolicy;
  /** What munmap does; left out: the same, or call_rcu() where exit frees at once. */
  readonly munmap?: FreePolicy;
  /** It may free what others can still reach; reports say so. */
  readonly unsafe?: boolean;
}

/** One cost of a profile. */
export interface Cost {
  /** Picoseconds of CPU time. */
  readonly ps: number;
  /** Picoseconds more (or, below zero, less) in address spaces beyond a cache: one figure each of `caches`. */
  readonly cold_ps?: readonly number[] | undefined;
  /** Where the figure comes from: file, row, derivation. */
  readonly source: string;
}

/** A cache that VMAs and what belongs to them fit into or not: see src/profile/effective.ts. */
export interface ProfileCache {
  readonly bytes: number;
  /** What one VMA and its share of index and page tables take of it. */
  readonly bytes_per_vma: number;
  readonly source: string;
}

/** Between what a profile was measured; a run outside says so. */
export interface ProfileRange {
  readonly generations: readonly string[];
  readonly vma_count_min: number;
  readonly vma_count_max: number;
  readonly cpus_max: number;
}

/** A named table of costs with provenance. Keys are those of `CostName`. */
export interface CostProfile {
  readonly name: string;
  readonly title: string;
  readonly machine: string;
  readonly date: string;
  /** What it holds for, in words. */
  readonly valid: string;
  readonly range?: ProfileRange | undefined;
  readonly caches?: readonly ProfileCache[] | undefined;
  /**
   * Measured rows from which some cost was derived, as "kind id", where `*` stands for anything. All
   * others are predictions. Absent where it is not known.
   */
  readonly derived_from?: readonly string[] | undefined;
  readonly costs: Readonly<Record<string, Cost>>;
}

/** The workload `exit`: a process tears its address space down while its parent waits for it. */
export interface ExitWorkload {
  readonly type: "exit";
}

/** What a run can do: one key a workload type, with the type of its specification. */
export interface WorkloadSpecs {
  readonly exit: ExitWorkload;
  readonly munmap: MunmapWorkload;
  readonly exits: ExitsWorkload;
  readonly rcu_flood: RcuFloodWorkload;
  readonly rcu_post: RcuPostWorkload;
  readonly vmalloc: VmallocWorkload;
  readonly mm: MmWorkload;
}

/** What its result says: the same keys, with the type of the metrics. */
export interface WorkloadMetrics {
  readonly exit: RunMetrics;
  readonly munmap: MunmapMetrics;
  readonly exits: ExitsMetrics;
  readonly rcu_flood: RcuFloodMetrics;
  readonly rcu_post: RcuPostMetrics;
  readonly vmalloc: VmallocMetrics;
  readonly mm: MmMetrics;
}

export type WorkloadType = keyof WorkloadSpecs;
export type WorkloadSpec<W extends WorkloadType = WorkloadType> = WorkloadSpecs[W];

/** Everything one run needs. */
export interface RunSpec<W extends WorkloadType = "exit"> {
  /** What is simulated; an exit where it is left out. */
  readonly workload?: WorkloadSpecs[W] | undefined;
  readonly machine: MachineConfig;
  readonly space: AddressSpace;
  readonly strategy: Strategy;
  readonly profile: CostProfile;
  readonly seed: bigint;
  /** Charge the measuring brackets that the measured rows carry (their `flags` column); 0 = none. */
  readonly probe_flags: number;
  /** Bystanders; none by default. */
  readonly load?: readonly LoadSpec[] | undefined;
  /** Series to record; none where it is left out. */
  readonly trace?: TraceRequest | undefined;
}

/** Metrics of an exit; times relative to the entry of exit_mmap, as in the measured rows. */
export interface RunMetrics {
  readonly n_vma: number;
  readonly exit_total_ns: number;
  readonly unmap_vmas_ns: number;
  readonly free_pgtables_ns: number;
  readonly tlb_finish_ns: number;
  readonly loop_ns: number;
  readonly loop_start_ns: number;
  readonly loop_end_ns: number;
  readonly final_drain_ns: number;
  readonly mt_destroy_ns: number;
  readonly user_wait_latency_ns: number;
  readonly task_cpu_ns: number;
  readonly ctx_switches: number;
  readonly ncall_rcu: number;
  readonly call_rcu_sum_ns: number;
  readonly call_rcu_max_ns: number;
  /** Largest number of VMAs handed over for freeing and not yet back in the slab. */
  readonly dead_peak: number;
  readonly dead_peak_bytes: number;
  /** Integral of dead kernel bytes over time, byte seconds. */
  readonly dead_byte_seconds: number;
  readonly freed_at_loop_end: number;
  readonly freed_at_end: number;
  readonly freed_final: number;
  /** When the last VMA went back to the slab; 0 where some never did (`stranded_vmas`). */
  readonly last_free_ns: number;
  readonly gp_at_loop_end: number;
  readonly gp_at_last_free: number;
  readonly rcu_batches: number;
  readonly rcu_batches_softirq: number;
  readonly rcu_cbs: number;
  readonly rcu_cbs_in_exit: number;
  readonly rcu_batch_cpu_ns: number;
  readonly rcu_batch_wall_ns: number;
  readonly rcu_batch_in_exit_ns: number;
  readonly rcu_batch_max_cbs: number;
  readonly rcu_batch_max_ns: number;
  readonly group_cb_n: number;
  readonly group_cb_max_ns: number;
  readonly group_cb_sum_ns: number;
  /** Longest callback and longest stretch of softirq on a CPU. */
  readonly callback_max_ns: number;
  readonly softirq_max_ns: number;
  /** CPU time by context. */
  readonly cpu_task_ns: number;
  readonly cpu_softirq_ns: number;
  readonly cpu_kthread_ns: number;
  /** Kernel memory of the VMA cache: at the start, at its end, and pages given back to the buddy allocator. */
  readonly vma_slab_start_bytes: number;
  readonly vma_slab_end_bytes: number;
  readonly vma_slabs_discarded: number;
  /** Slab pages of a typesafe cache: handed to call_rcu, given back, when the last one was. */
  readonly slab_pages_rcu: number;
  readonly slab_pages_done: number;
  readonly slab_last_ns: number;
  readonly gp_at_slab_last: number;
  /** VMAs left in a sheaf that nothing fills: dead for as long as nobody else comes. */
  readonly stranded_vmas: number;
  readonly lock_slabs_discarded: number;
  /**
   * When the last slab page that a measured VMA (or its lock) had went back to the page allocator; slabs that
   * the cache keeps never do. 0: none went back.
   */
  readonly memory_back_ns: number;
  /** Holds of mmap_lock by the operation: all together and the longest. */
  readonly mmap_write_hold_ns: number;
  readonly mmap_write_hold_max_ns: number;
  readonly mmap_read_hold_ns: number;
  readonly mmap_read_hold_max_ns: number;
  /** The spinlock of the list of dead VMAs (the mm's, or kvfree_rcu's): how often taken, and not at once. */
  readonly list_lock_acquisitions: number;
  readonly list_lock_contended: number;
  /** nocb_lock and nocb_bypass_lock of offloaded CPUs: how often taken, not at once, and waited for in all. */
  readonly nocb_lock_acquisitions: number;
  readonly nocb_lock_contended: number;
  readonly nocb_lock_wait_ns: number;
  readonly bypass_lock_acquisitions: number;
  readonly bypass_lock_contended: number;
  readonly bypass_lock_wait_ns: number;
  readonly index_height: number;
  readonly index_nodes: number;
  readonly nr_accounted_pages: number;
  /** Events handled by the event loop. */
  readonly events: number;
}

/**
 * Metrics of a munmap run: sums over its calls, and what became of the VMAs they unmapped. Times
 * that are points in time count from the first call.
 */
export interface MunmapMetrics
  extends Omit<
    RunMetrics,
    "free_pgtables_ns" | "tlb_finish_ns" | "exit_total_ns" | "index_height" | "index_nodes"
  > {
  readonly calls: number;
  /** Calls refused because a hole in one VMA would have gone beyond max_map_count. */
  readonly failed_calls: number;
  readonly splits: number;
  /** From just before gathering to after the side tree is destroyed. */
  readonly munmap_total_ns: number;
  readonly gather_ns: number;
  readonly clear_range_ns: number;
  /** Time of the system calls; its quantiles are within 3 %. */
  readonly user_munmap_latency_ns: number;
  readonly munmap_latency_p50_ns: number;
  readonly munmap_latency_p99_ns: number;
  readonly munmap_latency_max_ns: number;
  /** What clearing the ranges handed to RCU: nodes or subtrees of the index, and their nodes. */
  readonly index_items_deferred: number;
  readonly index_nodes_deferred: number;
  /** Unmapped VMAs that were back in the slab when the process woke to exit. */
  readonly post_sleep_freed: number;
  /** The exit of what was left. */
  readonly later_exit_ns: number;
}

/** A result; its metrics are those of its workload. */
export interface RunResult<W extends WorkloadType = "exit"> {
  readonly workload: W;
  readonly strategy: string;
  readonly metrics: WorkloadMetrics[W];
  /** Only where memory was resident. */
  readonly pages?: PageMetrics;
  /** Grace periods that did not end in time; absent where none was reported. */
  readonly stalls?: RcuStalls;
  /** Only where a bystander takes memory. */
  readonly reclaim?: ReclaimReport;
  /** One report a group of bystanders; absent where there are none. */
  readonly load?: readonly LoadReport[];
  /** 16 hex digits: hash of the final engine state including the PRNG. */
  readonly digest: string;
  /** What the specification asked to record. */
  readonly trace?: Trace;
  readonly plan: MemoryPlan;
}

// The workload `vmalloc` on the engine's side of the border.

import { Config, Workload } from "../../../assembly/abi/config.ts";
import { Metric } from "../../../assembly/abi/metric.ts";
import {
  CASE_METRICS,
  CaseMetric,
  FlushRange,
  HoleSearch,
  PurgeRelease,
  TestCase,
  VmallocDriver,
  VmapMetric,
  YieldRule,
} from "../../../assembly/abi/vmalloc.ts";
import { firstAreaRecords } from "../../api/area-records.ts";
import type { RunSpec } from "../../api/types.ts";
import type { VmallocCase, VmallocMetrics, VmallocWorkload, VmapYield } from "../../api/vmalloc.ts";
import { VMALLOC_LIMITS } from "../../api/vmalloc-limits.ts";
import { InputError, LimitError } from "../../errors.ts";
import type { EngineMemory } from "../abi.ts";
import { check } from "../check.ts";
import { pageListLimits } from "./page-list-limits.ts";
import type { WorkloadPort } from "./port.ts";

const PS_PER_NS = 1000n;
const NEVER = 2n ** 64n - 1n;
/** Workers of a CPU's pool: one that drains, one that helps, and as many that wait. */
const KWORKERS = 4;
/** workqueue.cpu_intensive_thresh_us */
const CPU_INTENSIVE_PS = 10_000_000_000n;
const LONG_BUSY_HOLDERS = 15_000;
/** Areas of a chunk of per-CPU memory and of what describes it, and the array of pointers. */
const CHUNK_PARTS = 5;

const RANGES = { loop: FlushRange.LOOP, "on-add": FlushRange.ON_ADD, sorted: FlushRange.SORTED };
const DRIVERS = {
  test_vmalloc: VmallocDriver.TEST_MODULE,
  "hold-then-loop": VmallocDriver.HOLD_THEN_LOOP,
  "hold-then-batch": VmallocDriver.HOLD_THEN_BATCH,
};

/** Names of the cases as the module prints them. */
const CASE_NAMES = Array.from({ length: TestCase.COUNT }, (_, which) => {
  return `${TestCase[which]!.toLowerCase()}_test`;
});

function yieldNumber(rule: VmapYield | undefined): number {
  if (rule === undefined || rule === "never") return YieldRule.NEVER;
  return rule === "every-element" ? YieldRule.ALWAYS : rule;
}

/** What a thread holds at most, over the cases it may run. */
function handles(workload: VmallocWorkload): number {
  const has = (which: TestCase) => (workload.run_test_mask & (1 << which)) !== 0;
  const held = workload.held_areas * (workload.held_every_second ? 2 : 1);
  if (workload.driver === "hold-then-batch") return Math.max(held, workload.test_loop_count);
  if (workload.driver !== "test_vmalloc") return held;
  return Math.max(
    held,
    has(TestCase.FULL_FIT_ALLOC) ? 2 * workload.lazy_max_pages + 2 : 0,
    has(TestCase.LONG_BUSY_LIST_ALLOC) ? LONG_BUSY_HOLDERS + 1 : 0,
    has(TestCase.PCPU_ALLOC) ? workload.nr_pcpu_objects + CHUNK_PARTS : 0,
    1,
  );
}

function checkNumbers(workload: VmallocWorkload): void {
  for (const [key, [least, most]] of Object.entries(VMALLOC_LIMITS)) {
    const value = workload[key as keyof typeof VMALLOC_LIMITS];
    check(`${key} of the workload vmalloc`, value, least, most);
  }
}

function checkRecords(workload: VmallocWorkload): void {
  const needed = firstAreaRecords(workload);
  if (needed <= workload.area_records) return;
  throw new LimitError({
    problem: "what lies there before the run needs more records of areas than planned",
    needed,
    available: workload.area_records,
    unit: "records",
    hint: "raise workload.area_records",
  });
}

function checkGeneration({ generation, nodes, range, yield: rule }: VmallocWorkload): void {
  const old = generation !== "vmap-nodes";
  const bad = (problem: string, found: string, expected: string): never => {
    throw new InputError({ problem, found, expected });
  };
  if (old && nodes !== 1) bad("vmap nodes before 6.9", String(nodes), "one node");
  if (old && range === "sorted") bad("a sorted lazy list in 2019", range, "loop, or on-add");
  if (!old && nodes > 1 && (rule !== undefined || range !== "sorted")) {
    bad("a rule of the one lock with several nodes", `${nodes} nodes`, "nodes: 1");
  }
}

function write(memory: EngineMemory, workload: VmallocWorkload, spec: RunSpec<"vmalloc">): void {
  checkNumbers(workload);
  checkGeneration(workload);
  checkRecords(workload);
  const put = (slot: Config, value: number): void => memory.writeConfig(slot, BigInt(value));
  const old = workload.generation !== "vmap-nodes";
  put(Config.VMAP_SEARCH, old ? HoleSearch.LINEAR : HoleSearch.TREE);
  const each = old || workload.yield !== undefined;
  put(Config.VMAP_RELEASE, each ? PurgeRelease.EACH : PurgeRelease.LIST);
  put(Config.VMAP_RANGE, RANGES[workload.range]);
  put(Config.VMAP_YIELD, yieldNumber(workload.yield));
  put(Config.VMAP_CALLER_PURGES, old ? 1 : 0);
  put(Config.VMAP_NODES, workload.nodes);
  put(Config.VMAP_LAZY_MAX_PAGES, workload.lazy_max_pages);
  put(Config.VMAP_AREAS, workload.area_records);
  put(Config.VMAP_MEMORY_PAGES, workload.memory_pages);
  put(Config.VMAP_LAZY_HOLDS, workload.lazy_holds_pages === true ? 1 : 0);
  put(Config.VMAP_SMALL_POOLS_STAY, workload.small_pools_stay === true ? 1 : 0);
  put(Config.VMAP_LARGE_ORDERS, workload.large_orders === true ? 1 : 0);
  const limits = pageListLimits(workload, spec.machine.cpus);
  put(Config.VMAP_LIST_HIGH_MIN, limits.high_min_pages);
  put(Config.VMAP_LIST_HIGH_MAX, limits.high_max_pages);
  put(Config.VMAP_BOOT_STACKS, workload.boot_stacks);
  put(Config.VMAP_BOOT_LAZY, workload.boot_lazy_areas ?? 0);
  const putTime = (slot: Config, ns = 0): void => memory.writeConfig(slot, BigInt(ns) * PS_PER_NS);
  putTime(Config.VMAP_OTHER_WORK_PS, workload.other_work_ns);
  putTime(Config.VMAP_OTHER_GAP_PS, workload.other_purge_gap_ns);
  putTime(Config.VMAP_OTHER_AHEAD_PS, workload.other_ahead_ns);
  put(Config.VMAP_DRIVER, DRIVERS[workload.driver]);
  put(Config.VMAP_HELD_AREAS, workload.held_areas);
  put(Config.VMAP_HELD_EVERY_SECOND, workload.held_every_second ? 1 : 0);
  put(Config.TEST_THREADS, workload.threads);
  put(Config.TEST_MASK, workload.run_test_mask);
  put(Config.TEST_LOOPS, workload.test_loop_count);
  put(Config.TEST_REPEAT, workload.test_repeat_count);
  put(Config.TEST_NR_PAGES, workload.nr_pages);
  put(Config.TEST_SHUFFLED, workload.sequential_test_order ? 0 : 1);
  put(Config.TEST_PCPU_OBJECTS, workload.nr_pcpu_objects);
  put(Config.TEST_HANDLES, handles(workload));
  putTime(Config.TEST_STOP_PS, workload.stop_after_ns);
  put(Config.TEST_FINAL_PURGE, workload.final_purge === true ? 1 : 0);
  put(Config.KWORKERS_PER_CPU, KWORKERS);
  put(Config.UNBOUND_KWORKERS, 0);
  memory.writeConfig(Config.WQ_CPU_INTENSIVE_THRESH_PS, CPU_INTENSIVE_PS);
}

function extraTasks({ threads, other_work_ns }: VmallocWorkload, spec: RunSpec<"vmalloc">): number {
  return threads + (other_work_ns > 0 ? 1 : 0) + KWORKERS * spec.machine.cpus;
}

function readCases(memory: EngineMemory, workload: VmallocWorkload): VmallocCase[] {
  const { run_test_mask, test_repeat_count, test_loop_count } = workload;
  return CASE_NAMES.flatMap((name, which) => {
    const base = CASE_METRICS + which * CaseMetric.COUNT;
    const slot = (metric: CaseMetric) => Number(memory.workloadMetric(base + metric));
    if ((run_test_mask & (1 << which)) === 0) return [];
    const us = (metric: CaseMetric, share = 1): number =>
      Math.floor(slot(metric) / 1_000_000 / test_repeat_count / share);
    return {
      name,
      passed: slot(CaseMetric.PASSED),
      failed: slot(CaseMetric.FAILED),
      xfailed: slot(CaseMetric.XFAILED),
      repeat: test_repeat_count,
      loops: test_loop_count,
      avg_us: us(CaseMetric.TIME_SUM, Math.max(1, slot(CaseMetric.FINISHED))),
      min_us: us(CaseMetric.TIME_MIN),
      max_us: us(CaseMetric.TIME_MAX),
    };
  });
}

/** To one decimal, as the measured rows have it. */
function mean(sum: number, count: number): number {
  return count === 0 ? 0 : Math.round((10 * sum) / count) / 10;
}

function read(memory: EngineMemory, spec: RunSpec<"vmalloc">): VmallocMetrics {
  const workload = spec.workload!;
  const slot = (metric: VmapMetric): bigint => memory.workloadMetric(metric);
  const count = (metric: VmapMetric): number => Number(slot(metric));
  const ns = (metric: VmapMetric): number => Number(slot(metric) / PS_PER_NS);
  const least = (metric: VmapMetric): number => (slot(metric) === NEVER ? 0 : ns(metric));
  const mean_ns = (sum: VmapMetric, calls: VmapMetric) =>
    mean(Number(slot(sum)) / 1000, count(calls));
  const short_ns = (short: VmapMetric) => mean(Number(slot(short + 1)) / 1000, count(short));
  if (count(VmapMetric.RECORDS_EXHAUSTED) !== 0) {
    throw new LimitError({
      problem: "the run needs more records of areas than it planned for",
      needed: workload.area_records + 1,
      available: workload.area_records,
      unit: "records",
      hint: "raise workload.area_records",
    });
  }
  const oom = slot(VmapMetric.OOM_AT) !== NEVER;
  const between = (from: VmapMetric, to: VmapMetric) => {
    return Math.max(ns(to) - ns(from), 0);
  };
  return {
    oom: oom ? 1 : 0,
    oom_ns: oom ? ns(VmapMetric.OOM_AT) : -1,
    total_ns: ns(VmapMetric.FINISHED_AT),
    test_thread_cpu_ns: ns(VmapMetric.THREADS_CPU_SUM),
    lazy_max_pages: count(VmapMetric.LAZY_MAX_PAGES),
    lazy_peak_pages: count(VmapMetric.LAZY_PEAK_PAGES),
    lazy_peak_over_max:
      Math.round((1000 * count(VmapMetric.LAZY_PEAK_PAGES)) / workload.lazy_max_pages) / 1000,
    lazy_end_pages: count(VmapMetric.LAZY_END_PAGES),
    busy_peak_areas: count(VmapMetric.BUSY_PEAK_AREAS),
    used_peak_pages: count(VmapMetric.USED_PEAK_PAGES),
    page_table_pages: count(VmapMetric.PAGE_TABLE_PAGES),
    pages_to_buddy: count(VmapMetric.PAGES_TO_BUDDY),
    zone_lock_holds: count(VmapMetric.ZONE_LOCK_HOLDS),
    failed_allocations: count(VmapMetric.FAILED_ALLOCATIONS),
    overflow_purges: count(VmapMetric.OVERFLOW_PURGES),
    purge_runs: count(VmapMetric.PURGE_RUNS),
    purge_runs_empty: count(VmapMetric.PURGE_RUNS_EMPTY),
    areas_purged: count(VmapMetric.AREAS_PURGED),
    areas_per_purge_max: count(VmapMetric.AREAS_PER_PURGE_MAX),
    pages_purged: count(VmapMetric.PAGES_PURGED),
    pages_per_purge_max: count(VmapMetric.PAGES_PER_PURGE_MAX),
    purge_wall_ns_sum: ns(VmapMetric.PURGE_WALL_SUM),
    purge_wall_ns_max: ns(VmapMetric.PURGE_WALL_MAX),
    purge_cpu_ns_sum: ns(VmapMetric.PURGE_CPU_SUM),
    purge_cpu_ns_max: ns(VmapMetric.PURGE_CPU_MAX),
    range_collect_ns_sum: ns(VmapMetric.RANGE_COLLECT_SUM),
    range_collect_ns_max: ns(VmapMetric.RANGE_COLLECT_MAX),
    tlb_flush_ns_sum: ns(VmapMetric.TLB_FLUSH_SUM),
    tlb_flush_ns_max: ns(VmapMetric.TLB_FLUSH_MAX),
    pool_decay_ns_sum: ns(VmapMetric.POOL_DECAY_SUM),
    free_wall_ns_sum: ns(VmapMetric.FREE_WALL_SUM),
    free_wall_ns_max: ns(VmapMetric.FREE_WALL_MAX),
    merge_under_lock_ns_sum: ns(VmapMetric.MERGE_UNDER_LOCK_SUM),
    merge_under_lock_ns_max: ns(VmapMetric.MERGE_UNDER_LOCK_MAX),
    merge_lock_holds: count(VmapMetric.MERGE_LOCK_HOLDS),
    lock_breaks: count(VmapMetric.LOCK_BREAKS),
    drain_work_delay_n: count(VmapMetric.DRAIN_WORK_DELAY_N),
    drain_work_delay_ns_sum: ns(VmapMetric.DRAIN_WORK_DELAY_SUM),
    drain_work_delay_ns_max: ns(VmapMetric.DRAIN_WORK_DELAY_MAX),
    alloc_area_calls: count(VmapMetric.ALLOC_AREA_CALLS),
    alloc_area_pool_hits: count(VmapMetric.ALLOC_AREA_POOL_HITS),
    alloc_area_ns_mean_all: mean_ns(VmapMetric.ALLOC_AREA_SUM, VmapMetric.ALLOC_AREA_CALLS),
    alloc_area_ns_mean_uninterrupted: short_ns(VmapMetric.ALLOC_AREA_SHORT_N),
    alloc_area_ns_min: least(VmapMetric.ALLOC_AREA_MIN),
    alloc_area_ns_max: ns(VmapMetric.ALLOC_AREA_MAX),
    free_noflush_calls: count(VmapMetric.FREE_NOFLUSH_CALLS),
    free_noflush_ns_mean_all: mean_ns(VmapMetric.FREE_NOFLUSH_SUM, VmapMetric.FREE_NOFLUSH_CALLS),
    free_noflush_ns_mean_uninterrupted: short_ns(VmapMetric.FREE_NOFLUSH_SHORT_N),
    free_noflush_ns_min: least(VmapMetric.FREE_NOFLUSH_MIN),
    find_unlink_calls: count(VmapMetric.FIND_UNLINK_CALLS),
    find_unlink_ns_mean_uninterrupted: short_ns(VmapMetric.FIND_UNLINK_SHORT_N),
    find_unlink_ns_min: least(VmapMetric.FIND_UNLINK_MIN),
    free_tree_search_and_clip_ns_mean: mean(
      ns(VmapMetric.SEARCH_CLIP_SUM),
      count(VmapMetric.ALLOC_AREA_CALLS) - count(VmapMetric.ALLOC_AREA_POOL_HITS),
    ),
    busy_tree_insert_ns_mean: mean_ns(VmapMetric.BUSY_INSERT_SUM, VmapMetric.ALLOC_AREA_CALLS),
    lazy_tree_insert_ns_mean: mean_ns(VmapMetric.LAZY_INSERT_SUM, VmapMetric.FREE_NOFLUSH_CALLS),
    page_table_unmap_ns_mean: mean_ns(
      VmapMetric.PAGE_TABLE_UNMAP_SUM,
      VmapMetric.FREE_NOFLUSH_CALLS,
    ),
    areas_passed: count(VmapMetric.AREAS_PASSED),
    lock_acquisitions: count(VmapMetric.LOCK_ACQUISITIONS),
    lock_contended: count(VmapMetric.LOCK_CONTENDED),
    lock_wait_ns_sum: ns(VmapMetric.LOCK_WAIT_SUM),
    lock_wait_ns_max: ns(VmapMetric.LOCK_WAIT_MAX),
    lock_hold_ns_max: ns(VmapMetric.LOCK_HOLD_MAX),
    loop_total_ns: between(VmapMetric.LOOP_START, VmapMetric.LOOP_END),
    freeloop_total_ns: between(VmapMetric.LOOP_END, VmapMetric.FREE_LOOP_END),
    loop_cpu_ns: ns(VmapMetric.LOOP_CPU),
    last_case_wall_ns_max: ns(VmapMetric.LAST_CASE_MAX),
    events: Number(memory.metric(Metric.EVENTS)),
    cases: workload.driver === "test_vmalloc" ? readCases(memory, workload) : [],
  };
}

export const VMALLOC_PORT: WorkloadPort<"vmalloc"> = {
  id: Workload.VMALLOC,
  extraTasks,
  write,
  clockShare: ({ stop_after_ns = 0 }, sim_ns) => (stop_after_ns === 0 ? 0 : sim_ns / stop_after_ns),
  read,
};

// What every workload must say of itself: the types say so to who writes TypeScript, and here everybody
// else is told, before half of it has become numbers of the engine.

import type { WorkloadSpecs, WorkloadType } from "../../api/types.ts";

/** Keys of `T` that have values of `V`, all of them named. */
type Keys<T, V> = { readonly [K in keyof T as T[K] extends V ? K : never]-?: true };

const WHOLE: { readonly [W in WorkloadType]: Keys<WorkloadSpecs[W], number> } = {
  exit: {},
  munmap: {
    first_vma: true,
    vma_count: true,
    calls: true,
    every: true,
    pause_ns: true,
    exit_after_ns: true,
    max_map_count: true,
  },
  exits: {
    children: true,
    put_async_min: true,
    encrypted: true,
    parent_busy_ns: true,
    work_ns: true,
    restart_pages: true,
    restart_threads: true,
    cpu_intensive_thresh_ns: true,
  },
  rcu_flood: {
    start_ns: true,
    jiffies_max: true,
    min_launders: true,
    min_laundered: true,
    callbacks_max: true,
  },
  rcu_post: {
    callbacks: true,
    burst: true,
    interval_ns: true,
    start_ns: true,
    end_ns: true,
    callbacks_max: true,
  },
  vmalloc: {
    nodes: true,
    lazy_max_pages: true,
    threads: true,
    run_test_mask: true,
    test_loop_count: true,
    test_repeat_count: true,
    nr_pages: true,
    nr_pcpu_objects: true,
    held_areas: true,
    memory_pages: true,
    boot_stacks: true,
    other_work_ns: true,
    area_records: true,
  },
  mm: { touched_pages: true, max_map_count: true, memory_pages: true },
};

const LISTS: { readonly [W in WorkloadType]: Keys<WorkloadSpecs[W], readonly unknown[]> } = {
  exit: {},
  munmap: {},
  exits: {},
  rcu_flood: { cpus: true },
  rcu_post: { cpus: true },
  vmalloc: {},
  mm: { without: true, mms: true, threads: true },
};

/** The first key that is not what it must be; undefined where all are. */
export function workloadMisfit(
  type: WorkloadType,
  workload: Readonly<Record<string, unknown>>,
): { readonly key: string; readonly expected: string } | undefined {
  for (const key of Object.keys(WHOLE[type])) {
    const value = workload[key];
    if (typeof value === "number" && Number.isSafeInteger(value)) continue;
    return { key, expected: "a whole number" };
  }
  for (const key of Object.keys(LISTS[type])) {
    if (!Array.isArray(workload[key])) return { key, expected: "a list" };
  }
  return undefined;
}

// The workload `munmap` on the engine's side of the border.

import { Config, Workload } from "../../../assembly/abi/config.ts";
import { Metric } from "../../../assembly/abi/metric.ts";
import { reaperTasks } from "../../api/policy.ts";
import type { MunmapMetrics, MunmapWorkload, RunSpec } from "../../api/types.ts";
import { InputError } from "../../errors.ts";
import type { EngineMemory } from "../abi.ts";
import { readMetrics } from "../metrics.ts";
import { workersForPages } from "../pages.ts";
import { CallPlanner, callCount, checkedSpan } from "./munmap-calls.ts";
import type { WorkloadPort } from "./port.ts";

const PS_PER_NS = 1000n;
/** Page numbers end below this: 57-bit addresses. */
const PAGES_END = 2 ** 45;

function checkRanges({ ranges }: MunmapWorkload): void {
  for (const { start_page, page_count } of ranges ?? []) {
    const whole = Number.isInteger(start_page) && Number.isInteger(page_count);
    if (whole && start_page >= 0 && page_count >= 1 && start_page + page_count <= PAGES_END)
      continue;
    throw new InputError({
      problem: "bad range to unmap",
      found: `${page_count} pages from page ${start_page}`,
      expected: "at least one page below 2^45",
    });
  }
}

function write(memory: EngineMemory, workload: MunmapWorkload, spec: RunSpec<"munmap">): void {
  checkRanges(workload);
  const calls = callCount(workload, checkedSpan(workload, spec.space));
  const splits = workload.ranges === undefined ? 0 : 2 * calls;
  memory.writeConfig(Config.MUNMAP_CALLS, BigInt(calls));
  memory.writeConfig(Config.MUNMAP_SPLITS, BigInt(splits));
  memory.writeConfig(Config.MUNMAP_PAUSE_PS, BigInt(workload.pause_ns) * PS_PER_NS);
  memory.writeConfig(Config.MUNMAP_EXIT_AFTER_PS, BigInt(workload.exit_after_ns) * PS_PER_NS);
  memory.writeConfig(Config.MAX_MAP_COUNT, BigInt(workload.max_map_count));
}

function read(memory: EngineMemory): MunmapMetrics {
  const ns = (slot: Metric): number => Number(memory.metric(slot) / PS_PER_NS);
  const count = (slot: Metric): number => Number(memory.metric(slot));
  const { free_pgtables_ns, tlb_finish_ns, exit_total_ns, index_height, index_nodes, ...rest } =
    readMetrics(memory);
  return {
    ...rest,
    calls: count(Metric.MUNMAP_CALLS_DONE),
    failed_calls: count(Metric.MUNMAP_CALLS_FAILED),
    splits: count(Metric.MUNMAP_SPLITS_DONE),
    munmap_total_ns: ns(Metric.MUNMAP_TOTAL),
    gather_ns: ns(Metric.MUNMAP_GATHER),
    clear_range_ns: ns(Metric.MUNMAP_CLEAR_RANGE),
    unmap_vmas_ns: ns(Metric.MUNMAP_UNMAP),
    loop_ns: ns(Metric.MUNMAP_LOOP),
    final_drain_ns: ns(Metric.MUNMAP_DRAIN),
    mt_destroy_ns: ns(Metric.MUNMAP_MT_DESTROY),
    user_munmap_latency_ns: ns(Metric.MUNMAP_LATENCY_SUM),
    munmap_latency_p50_ns: ns(Metric.MUNMAP_LATENCY_P50),
    munmap_latency_p99_ns: ns(Metric.MUNMAP_LATENCY_P99),
    munmap_latency_max_ns: ns(Metric.MUNMAP_LATENCY_MAX),
    index_items_deferred: count(Metric.MUNMAP_NODE_ITEMS),
    index_nodes_deferred: count(Metric.MUNMAP_NODES_DEFERRED),
    post_sleep_freed: count(Metric.POST_SLEEP_FREED),
    later_exit_ns: exit_total_ns,
  };
}

export const MUNMAP_PORT: WorkloadPort<"munmap"> = {
  id: Workload.MUNMAP,
  extraTasks: (_, spec) => workersForPages(spec) + reaperTasks(spec.strategy),
  write,
  loader(workload, spec) {
    const planner = new CallPlanner(workload, checkedSpan(workload, spec.space), spec.seed);
    return {
      see: (chunk) => planner.see(chunk),
      load(memory) {
        const { start_page, page_count } = planner.columns();
        for (let from = 0; from < start_page.length; from += memory.staging_vmas) {
          const to = Math.min(from + memory.staging_vmas, start_page.length);
          if (memory.loadCalls(start_page, page_count, from, to) !== 0) {
            throw new Error("more munmap calls than were planned");
          }
        }
      },
    };
  },
  read,
};

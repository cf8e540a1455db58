// Memory pressure across the border: whether a run has it, and what it says.

import { Config } from "../../assembly/abi/config.ts";
import { PAGE_STATS_FIRST, PageStat } from "../../assembly/abi/page.ts";
import type { OomKill, ReclaimReport } from "../api/reclaim.ts";
import type { RunSpec, WorkloadType } from "../api/types.ts";
import type { EngineMemory } from "./abi.ts";
import { loadTasks, takesPages } from "./load.ts";

const PS_PER_NS = 1000n;

type Takers = Pick<RunSpec<WorkloadType>, "load" | "workload" | "machine">;

/** Has the workload mm the machine's memory? It has where the scenario says how much that is. */
export function mmHasMemory({ machine, workload }: Pick<Takers, "machine" | "workload">): boolean {
  return workload?.type === "mm" && machine.memory !== undefined;
}

/** Does anybody take memory that others may lack? Then the run has page frames, and a kswapd. */
export function takesMemory(spec: Takers): boolean {
  const { load = [], workload } = spec;
  if (mmHasMemory(spec)) return true;
  const restarts = workload?.type === "exits" && workload.restart_pages > 0;
  return restarts || load.some(takesPages);
}

/** Whose task has this number: bystanders count through their groups. */
function victimName(victim: number, { load = [], workload }: Takers): string {
  if (workload?.type === "mm") return victim === 0 ? "process" : workload.mms[victim - 1]!.name;
  if (victim === 0) return workload?.type === "exits" ? "restarted process" : "process";
  let before = 0;
  for (const group of load) {
    before += loadTasks([group]);
    if (victim <= before) return group.name;
  }
  throw new Error(`the OOM killer chose task ${victim} of ${before}`);
}

function readOom(memory: EngineMemory, spec: Takers): OomKill {
  const raw = (stat: PageStat) => memory.workloadMetric(PAGE_STATS_FIRST + stat);
  const count = (stat: PageStat) => Number(raw(stat));
  const vma_bytes = memory.readConfig(Config.VMA_BYTES) + memory.readConfig(Config.LOCK_BYTES);
  return {
    at_ns: Number(raw(PageStat.OOM_TIME) / PS_PER_NS),
    victim: victimName(count(PageStat.OOM_VICTIM), spec),
    victim_pages: count(PageStat.OOM_VICTIM_PAGES),
    free_pages: count(PageStat.OOM_FREE),
    dead_vmas: count(PageStat.OOM_DEAD),
    dead_bytes: Number(raw(PageStat.OOM_DEAD) * vma_bytes),
    listed_vmas: count(PageStat.OOM_LISTED),
    ...(mmHasMemory(spec) && {
      listed_vmas_of_victim: count(PageStat.OOM_LISTED_VICTIM),
      victim_gone_ns: Number(raw(PageStat.OOM_GONE) / PS_PER_NS),
      reaped_pages: count(PageStat.OOM_REAPED),
    }),
  };
}

/** The part of a result that speaks of memory pressure; empty where nobody takes memory. */
export function readReclaim(
  memory: EngineMemory,
  spec: RunSpec<WorkloadType>,
): { reclaim?: ReclaimReport } {
  if (!takesMemory(spec)) return {};
  const raw = (stat: PageStat) => memory.workloadMetric(PAGE_STATS_FIRST + stat);
  const count = (stat: PageStat) => Number(raw(stat));
  const ns = (stat: PageStat) => Number(raw(stat) / PS_PER_NS);
  const oom_kills = count(PageStat.OOM_KILLS);
  return {
    reclaim: {
      free_min_pages: count(PageStat.FREE_MIN),
      alloc_stalls: count(PageStat.ALLOC_STALLS),
      alloc_stall_ns_sum: ns(PageStat.ALLOC_STALL),
      alloc_stall_ns_max: ns(PageStat.ALLOC_STALL_MAX),
      reclaim_passes: count(PageStat.RECLAIM_PASSES),
      shrink_scans: count(PageStat.SHRINK_SCANS),
      shrink_objects: count(PageStat.SHRINK_OBJECTS),
      oom_kills,
      ...(oom_kills > 0 && { oom: readOom(memory, spec) }),
      ...(raw(PageStat.OOM_PANIC) > 0n && { panic_ns: ns(PageStat.OOM_PANIC) }),
    },
  };
}

// The pages of a slab of the typesafe VMA cache, 7.2: they wait for a grace period, one call_rcu a
// slab. [same: mm/slub.c:free_slab, 7.2: SLAB_TYPESAFE_BY_RCU]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric, Region } from "../abi/metric";
import { addMetric, config, cost, setMetric } from "../memory/slots";
import { regionBase } from "../memory/map";
import { gpsSinceStart } from "../metrics/dead";
import { freeSlabFrames } from "../page/slab-frames";
import { hasPages } from "../page/state";
import { Cpu } from "../sched/cpu";
import { slabPageReturn } from "../slab/slab";

/** The callback: pages go back to the page allocator. */
export function returnSlabPage(cpu: Cpu, slab: u32): void {
  cpu.now += cost(CostSlot.RCU_SLAB_CALLBACK);
  slabPageReturn(regionBase(Region.VMA_CACHE), slab);
  if (hasPages()) freeSlabFrames(cpu, 1, <u32>config(Config.VMA_SLAB_ORDER));
  addMetric(Metric.SLAB_PAGES_DONE, 1);
  setMetric(Metric.SLAB_LAST, cpu.now);
  setMetric(Metric.MEMORY_BACK, cpu.now);
  setMetric(Metric.GP_AT_SLAB_LAST, gpsSinceStart());
}

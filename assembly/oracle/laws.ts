// Laws that must hold when nothing is left to happen. A broken one is a bug of the engine: a trap.

import { Metric, Region } from "../abi/metric";
import { metric } from "../memory/slots";
import { regionBase } from "../memory/map";
import { nrCpus } from "../sched/cpu";
import { listLength } from "../rcu/segcblist";
import { callbackList, rcuData } from "../rcu/state";
import { cacheObjectsLive } from "../slab/slab";
import { MM_TREE, theMm } from "../vma/mm";
import { treeNodes } from "../index/tree";

/** Everything that was handed over is back, and RCU and the index hold nothing. */
export function checkFinalLaws(): void {
  assert(metric(Metric.EXIT_ENDED) != 0); // exit_mmap ended
  assert(metric(Metric.FREED) == metric(Metric.N_VMA)); // every VMA came back
  assert(metric(Metric.DEAD) == 0); // and none twice
  assert(theMm().listHead == 0); // no list was left on the mm
  assert(treeNodes(MM_TREE) == 0);
  assert(cacheObjectsLive(regionBase(Region.VMA_CACHE)) == 0);
  assert(cacheObjectsLive(regionBase(Region.LOCK_CACHE)) == 0);
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    assert(listLength(callbackList(rcuData(cpu))) == 0); // callbacks queued = callbacks invoked
  }
}

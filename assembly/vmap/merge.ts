// Back to the free-space tree: a node's local list, in one hold of the lock that allocations take.
//
// [same: mm/vmalloc.c:reclaim_list_global, 6.12 and 7.2: nothing is done for an empty list; the
//  lock is held for the whole list, without a break]

import { VmapMetric } from "../abi/vmalloc";
import { spinLock, spinUnlock } from "../lock/spinlock";
import { addWorkloadMetric, maxWorkloadMetric } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { areaAt } from "./area";
import { giveBack } from "./free-space";
import { listRemove } from "./list";
import { localList, nodeProgress } from "./node";
import { OpAnswer } from "./op";
import { chargeMerge } from "./price";
import { freeLock, freeTree, transfer } from "./state";

/** Returns what is on the node's local list; AGAIN until all is back. */
export function mergeLocal(cpu: Cpu, node: usize): OpAnswer {
  const list = localList(node);
  const progress = nodeProgress(node);
  if (progress.holding == 0) {
    if (list.count == 0) return OpAnswer.DONE;
    if (!spinLock(cpu, freeLock(), transfer())) return OpAnswer.AGAIN;
    progress.holding = 1;
    progress.holdAt = cpu.now;
  }
  while (list.count != 0) {
    if (cpu.now > horizon) return OpAnswer.AGAIN; // the lock stays held
    const area = areaAt(list.first);
    listRemove(list, area);
    giveBack(freeTree(), area);
    chargeMerge(cpu);
  }
  noteHold(cpu.now - progress.holdAt);
  spinUnlock(cpu, freeLock(), transfer());
  progress.holding = 0;
  return OpAnswer.DONE;
}

/** A hold of the lock by a purge is over. */
export function noteHold(held: u64): void {
  addWorkloadMetric(VmapMetric.MERGE_UNDER_LOCK_SUM, held);
  maxWorkloadMetric(VmapMetric.MERGE_UNDER_LOCK_MAX, held);
  addWorkloadMetric(VmapMetric.MERGE_LOCK_HOLDS, 1);
}

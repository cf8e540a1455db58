// One node's share of a purge, by whoever does it: the drainer or a helper on another CPU.
//
// [same: mm/vmalloc.c:purge_vmap_node, 6.12 and 7.2: each area goes to its home's pool unless that
//  is to be emptied, else onto a local list, newest first; vmap_lazy_nr drops once by the node's
//  pages; then the list is returned]

import { CostSlot } from "../abi/cost";
import { Span } from "../abi/timeline";
import { VmapMetric } from "../abi/vmalloc";
import { addWorkloadMetric, cost, maxWorkloadMetric } from "../memory/slots";
import { timelineSpan } from "../metrics/timeline";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { mustMakeWay } from "../sched/preempt";
import { Task } from "../sched/task";
import { areaAt, areaPages, AreaState, changeState } from "./area";
import { listPush, listRemove } from "./list";
import { purgedPagesBack } from "./memory";
import { mergeLocal } from "./merge";
import { localList, nodeProgress, poolPut, purgingList } from "./node";
import { OpAnswer } from "./op";
import { notePurged } from "./purge-counts";
import { subtractLazy } from "./state";

enum Phase {
  WALK,
  MERGE,
}

export function beginNode(node: usize, skipPools: bool): void {
  const progress = nodeProgress(node);
  progress.phase = Phase.WALK;
  progress.skipPools = skipPools ? 1 : 0;
  progress.purgedPages = 0;
  progress.purgedAreas = 0;
  progress.startedAt = 0;
}

/** Works on a node up to the horizon; DONE when its areas are where they belong. */
export function stepNode(cpu: Cpu, node: usize): OpAnswer {
  const progress = nodeProgress(node);
  if (progress.startedAt == 0) progress.startedAt = cpu.now;
  if (progress.phase == Phase.WALK && !walk(cpu, node)) return OpAnswer.AGAIN;
  const answer = mergeLocal(cpu, node);
  if (answer != OpAnswer.DONE) return answer;
  addWorkloadMetric(VmapMetric.FREE_WALL_SUM, cpu.now - progress.startedAt);
  maxWorkloadMetric(VmapMetric.FREE_WALL_MAX, cpu.now - progress.startedAt);
  timelineSpan(cpu, Span.PURGE_NODE, progress.startedAt, <u32>progress.purgedAreas);
  return OpAnswer.DONE;
}

/** False at the horizon; true when all areas have left the list. */
function walk(cpu: Cpu, node: usize): bool {
  const progress = nodeProgress(node);
  const list = purgingList(node);
  while (list.count != 0) {
    if (cpu.now > horizon || mustMakeWay(cpu, changetype<Task>(cpu.curr))) return false;
    const area = areaAt(list.first);
    const pages = areaPages(area);
    listRemove(list, area);
    changeState(area, AreaState.LAZY, AreaState.IN_HAND);
    cpu.now += cost(CostSlot.VMAP_PURGE_AREA);
    purgedPagesBack(cpu, area);
    progress.purgedPages += pages;
    progress.purgedAreas++;
    if (area.home != 0 && progress.skipPools == 0 && poolPut(node, area)) {
      cpu.now += cost(CostSlot.VMAP_POOL_PUT);
      continue;
    }
    area.home = 0;
    listPush(localList(node), area);
  }
  subtractLazy(progress.purgedPages);
  notePurged(progress.purgedAreas, progress.purgedPages);
  progress.phase = Phase.MERGE;
  return true;
}

// Decay of a node's pools at every purge: a quarter of each pool, or all of it, becomes free space.
//
// [same: mm/vmalloc.c:decay_va_pool_node, 6.12 and 7.2: len >> 2 of each pool; neighbours are
//  joined before they go back; they go back in one hold]
// [same: mm/vmalloc.c:decay_va_pool_node, 6.12: of up to three areas a quarter is none, and it
//  counts down from that before it looks, so the pool is emptied; 7.2 lets them stay]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { areaAt, AreaState, changeState } from "./area";
import { giveBack } from "./free-space";
import { listAppend, listRemove } from "./list";
import { mergeLocal } from "./merge";
import { localList, nodeProgress, poolOf, POOLS } from "./node";
import { freeGone } from "./objects";
import { OpAnswer } from "./op";
import { AREA_TREE_BYTES, AreaTree } from "./rbtree";
import { resetSteps } from "./steps";

/** decay_root and decay_list */
const DECAY: usize = memory.data(16, 16);

/** Lets a node's pools decay; AGAIN until all is back in the free space. */
export function decayNode(cpu: Cpu, node: usize, full: bool): OpAnswer {
  const progress = nodeProgress(node);
  if (progress.decayed == 0) {
    takeDecayed(cpu, node, full);
    progress.decayed = 1;
  }
  const answer = mergeLocal(cpu, node);
  if (answer == OpAnswer.DONE) progress.decayed = 0;
  return answer;
}

function takeDecayed(cpu: Cpu, node: usize, full: bool): void {
  cpu.now += cost(CostSlot.VMAP_DECAY);
  memory.fill(DECAY, 0, AREA_TREE_BYTES);
  const joined = changetype<AreaTree>(DECAY);
  let areas: u32 = 0;
  let pools: u32 = 0;
  for (let pages: u32 = 1; pages <= POOLS; pages++) {
    const pool = poolOf(node, pages);
    let goes = full ? pool.count : pool.count >> 2;
    if (goes == 0 && config(Config.VMAP_SMALL_POOLS_STAY) == 0) goes = pool.count;
    areas += goes;
    if (pool.count != 0) pools++;
    for (; goes != 0; goes--) {
      const area = areaAt(pool.first);
      listRemove(pool, area);
      changeState(area, AreaState.POOLED, AreaState.IN_HAND);
      area.home = 0;
      giveBack(joined, area);
      cpu.now += freeGone(cpu.id);
    }
  }
  resetSteps(); // the cost of an area that decays has them in it
  cpu.now +=
    cost(CostSlot.VMAP_DECAY_POOL) * <u64>pools + cost(CostSlot.VMAP_DECAY_AREA) * <u64>areas;
  for (let at = joined.first; at != 0; ) {
    const area = areaAt(at);
    at = area.next;
    changeState(area, AreaState.FREE_BLOCK, AreaState.IN_HAND);
    listAppend(localList(node), area);
  }
}

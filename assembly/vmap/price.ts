// What operations cost: the steps that they took in the real tree, each at its price.

import { CostSlot } from "../abi/cost";
import { VmapMetric } from "../abi/vmalloc";
import { addWorkloadMetric, cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { Fit, lastFit, lastMerged } from "./free-space";
import { freeGone } from "./objects";
import {
  climbed,
  passed,
  recoloured,
  resetSteps,
  rotated,
  updated,
  wentLeft,
  wentRight,
} from "./steps";

@inline
function times(slot: CostSlot, n: u32): u64 {
  return cost(slot) * <u64>n;
}

@inline
function balancing(): u32 {
  return recoloured + rotated;
}

/** find_vmap_lowest_match and va_clip. */
export function chargeSearch(cpu: Cpu): void {
  const took =
    cost(CostSlot.VMAP_SEARCH) +
    times(CostSlot.VMAP_SEARCH_LEFT, wentLeft) +
    times(CostSlot.VMAP_SEARCH_RIGHT, wentRight) +
    times(CostSlot.VMAP_SEARCH_UP, climbed) +
    times(CostSlot.VMAP_SEARCH_UPDATE, updated) +
    times(CostSlot.VMAP_SEARCH_BALANCE, balancing()) +
    (lastFit == Fit.FULL ? cost(CostSlot.VMAP_CLIP_FULL) : 0) +
    (lastFit == Fit.INNER ? cost(CostSlot.VMAP_CLIP_INNER) : 0) +
    freeGone(cpu.id);
  cpu.now += took;
  addWorkloadMetric(VmapMetric.SEARCH_CLIP_SUM, took);
  resetSteps();
}

/** The walk of 2019. */
export function chargeWalk(cpu: Cpu): void {
  const took = cost(CostSlot.VMAP_SEARCH) + times(CostSlot.VMAP_HOLE_STEP, passed);
  cpu.now += took;
  addWorkloadMetric(VmapMetric.SEARCH_CLIP_SUM, took);
  addWorkloadMetric(VmapMetric.AREAS_PASSED, <u64>passed);
  resetSteps();
}

/** insert_vmap_area, into a busy or a lazy tree (`sum` says which is counted). */
export function chargeInsert(cpu: Cpu, sum: VmapMetric): void {
  const took =
    cost(CostSlot.VMAP_INSERT) +
    times(CostSlot.VMAP_INSERT_LEFT, wentLeft) +
    times(CostSlot.VMAP_INSERT_RIGHT, wentRight) +
    times(CostSlot.VMAP_INSERT_BALANCE, balancing());
  cpu.now += took;
  addWorkloadMetric(sum, took);
  resetSteps();
}

/** find_unlink_vmap_area */
export function chargeFind(cpu: Cpu): void {
  cpu.now +=
    cost(CostSlot.VMAP_FIND) +
    times(CostSlot.VMAP_FIND_LEFT, wentLeft) +
    times(CostSlot.VMAP_FIND_RIGHT, wentRight) +
    times(CostSlot.VMAP_FIND_BALANCE, balancing());
  resetSteps();
}

/** merge_or_add_vmap_area_augment */
export function chargeMerge(cpu: Cpu): void {
  cpu.now +=
    cost(CostSlot.VMAP_MERGE) +
    times(CostSlot.VMAP_MERGE_LEFT, wentLeft) +
    times(CostSlot.VMAP_MERGE_RIGHT, wentRight) +
    times(CostSlot.VMAP_MERGE_UPDATE, updated) +
    times(CostSlot.VMAP_MERGE_BALANCE, balancing()) +
    times(CostSlot.VMAP_MERGE_JOIN, lastMerged) +
    (lastMerged == 2 ? cost(CostSlot.VMAP_MERGE_UNLINK) : 0) +
    freeGone(cpu.id);
  resetSteps();
}

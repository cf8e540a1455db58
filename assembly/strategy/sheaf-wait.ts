// kfree_rcu into a sheaf, 7.2: VMAs that must wait fill a sheaf, a full one is one call_rcu, and
// after its grace period it goes to the barn whole.
//
// [same: mm/slub.c:__kfree_rcu_sheaf, rcu_free_sheaf, 7.2; no timer: what does not fill a sheaf
//  waits until more comes]
// [simplified: mm/slub.c, 7.2: what is left in the end is counted as stranded; the kernel would
//  keep it until another process fills the sheaf]

import { CostSlot } from "../abi/cost";
import { Metric, Region } from "../abi/metric";
import { addMetric, cost, metric, setMetric } from "../memory/slots";
import { isGeneration72, regionBase } from "../memory/map";
import { isMeasured, noteFree } from "../metrics/dead";
import { callRcu } from "../rcu/call";
import { Cpu, nrCpus } from "../sched/cpu";
import {
  pathMoved,
  RCU_SHEAF_NONE,
  RCU_SHEAF_QUEUED,
  rcuSheafDiscard,
  rcuSheafObject,
  rcuSheafPush,
  rcuSheafReturn,
  rcuSheafSize,
  rcuSheafTake,
} from "../slab/slab";
import { newCallback } from "../vma/callback-records";
import { chargeFlush } from "../vma/objects";
import { CallbackKind, changeState, vmaAt, VmaState } from "../vma/record";

/** Measured VMAs in sheaves that are not full yet. */
let unfilled: u64 = 0;

export function sheafWaitInit(): void {
  unfilled = 0;
}

/** Measured VMAs that nothing frees unless more follow them into their sheaves. */
export function vmasInUnfilled(): u64 {
  return unfilled;
}

/** One VMA into this CPU's sheaf. */
export function waitInSheaf(cpu: Cpu, address: u32, from: VmaState): void {
  changeState(vmaAt(address), from, VmaState.QUEUED);
  cpu.now += cost(CostSlot.KFREE_RCU_SHEAF);
  const sheaf = rcuSheafPush(regionBase(Region.VMA_CACHE), cpu.id, address);
  assert(sheaf != RCU_SHEAF_NONE); // the plan has a sheaf for all that can wait
  if (isMeasured(vmaAt(address))) unfilled++;
  if (sheaf == RCU_SHEAF_QUEUED) return;
  unfilled -= measuredIn(sheaf);
  callRcu(cpu, newCallback(CallbackKind.VMA_SHEAF, sheaf, 0));
}

function measuredIn(sheaf: u32): u64 {
  const size = rcuSheafSize(sheaf);
  let count: u64 = 0;
  for (let i: u32 = 0; i < size; i++) {
    if (isMeasured(vmaAt(rcuSheafObject(sheaf, i)))) count++;
  }
  return count;
}

/** The callback of a full sheaf. */
export function returnSheaf(cpu: Cpu, sheaf: u32): void {
  const size = rcuSheafSize(sheaf);
  cpu.now += cost(CostSlot.SHEAF_BARN);
  for (let i: u32 = 0; i < size; i++) {
    const vma = vmaAt(rcuSheafObject(sheaf, i));
    changeState(vma, VmaState.QUEUED, VmaState.FREE);
    noteFree(vma, cpu.now);
  }
  const path = rcuSheafReturn(regionBase(Region.VMA_CACHE), sheaf);
  if (pathMoved(path) != 0) chargeFlush(cpu, path);
}

/** The run is over: VMAs in sheaves that nothing fills are counted, and put away. */
export function countStrandedVmas(): void {
  if (!isGeneration72()) return;
  const cache = regionBase(Region.VMA_CACHE);
  for (let cpu: u32 = 0; cpu < nrCpus(); cpu++) {
    const sheaf = rcuSheafTake(cache, cpu);
    if (sheaf == 0) continue;
    const size = rcuSheafSize(sheaf);
    for (let i: u32 = 0; i < size; i++) {
      const vma = vmaAt(rcuSheafObject(sheaf, i));
      changeState(vma, VmaState.QUEUED, VmaState.FREE);
      if (isMeasured(vma)) strand();
    }
    rcuSheafDiscard(cache, sheaf);
  }
}

/** One dead VMA stays dead: its time counts to the end of the run. */
function strand(): void {
  addMetric(Metric.STRANDED_VMAS, 1);
  addMetric(Metric.FREE_TIME_SUM, metric(Metric.NOW) >> 10);
  setMetric(Metric.DEAD, metric(Metric.DEAD) - 1);
}

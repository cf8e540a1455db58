// A purge that returns areas one by one under the one lock, and the question when it lets others
// have it.
//
// [same: mm/vmalloc.c:__purge_vmap_area_lazy, 5.0: vmap_lazy_nr drops with each area; after each
//  the lock is broken if somebody waits for it or the CPU is wanted
//  (include/linux/sched.h:cond_resched_lock)]
// [same: the patch "mm: add priority threshold to __purge_vmap_area_lazy()" of January 2019: the
//  lock is only broken while vmap_lazy_nr is below (int) lazy_max_pages() << 1; the cast binds
//  first]
// Who waits for a lock asks for a break only in a preemptible kernel; in others only a wanted CPU
// does.

import { Config, Preempt } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { VmapMetric, YieldRule } from "../abi/vmalloc";
import { spinIsContended, spinLock, spinUnlock } from "../lock/spinlock";
import { addWorkloadMetric, config, cost, maxWorkloadMetric } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { horizon } from "../sched/horizon";
import { MID_KERNEL } from "../sched/preempt";
import { Task } from "../sched/task";
import { Area, areaAt, areaFree, areaPages, AreaState, changeState } from "./area";
import { giveBack } from "./free-space";
import { noteRemoved } from "./linear";
import { listRemove } from "./list";
import { purgedPagesBack } from "./memory";
import { noteHold } from "./merge";
import { busyTree, nodeAt, nodeProgress, purgingList } from "./node";
import { OpAnswer } from "./op";
import { chargeMerge } from "./price";
import { notePurged } from "./purge-counts";
import { unlinkArea } from "./rbtree";
import {
  freeLock,
  freeTree,
  isLinear,
  lazyMaxPages,
  lazyNr,
  subtractLazy,
  transfer,
} from "./state";

export function beginOneByOne(cpu: Cpu): void {
  nodeProgress(nodeAt(0)).startedAt = cpu.now;
}

export function stepOneByOne(cpu: Cpu): OpAnswer {
  const progress = nodeProgress(nodeAt(0));
  while (progress.cursor != 0) {
    if (progress.holding == 0) {
      if (!spinLock(cpu, freeLock(), transfer())) return OpAnswer.AGAIN;
      progress.holding = 1;
      changetype<Task>(cpu.curr).midStep = MID_KERNEL;
      progress.holdAt = cpu.now;
    }
    if (cpu.now > horizon) return OpAnswer.AGAIN; // the lock stays held
    const area = areaAt(progress.cursor);
    progress.cursor = isLinear() ? <usize>area.maxGap : area.next;
    release(cpu, area);
    if (progress.cursor != 0 && wantsBreak(cpu)) {
      addWorkloadMetric(VmapMetric.LOCK_BREAKS, 1);
      letGo(cpu);
      changetype<Task>(cpu.curr).midStep = 0; // it is cond_resched_lock() that lets go
      return OpAnswer.AGAIN;
    }
  }
  if (progress.holding != 0) letGo(cpu);
  addWorkloadMetric(VmapMetric.FREE_WALL_SUM, cpu.now - progress.startedAt);
  maxWorkloadMetric(VmapMetric.FREE_WALL_MAX, cpu.now - progress.startedAt);
  return OpAnswer.DONE;
}

function letGo(cpu: Cpu): void {
  const progress = nodeProgress(nodeAt(0));
  noteHold(cpu.now - progress.holdAt);
  progress.holding = 0;
  spinUnlock(cpu, freeLock(), transfer());
}

function release(cpu: Cpu, area: Area): void {
  const pages = areaPages(area);
  cpu.now += cost(CostSlot.VMAP_PURGE_AREA);
  purgedPagesBack(cpu, area);
  changeState(area, AreaState.LAZY, AreaState.IN_HAND);
  if (isLinear()) {
    noteRemoved(area);
    unlinkArea(busyTree(nodeAt(0)), area, false);
    areaFree(area);
  } else {
    listRemove(purgingList(nodeAt(0)), area);
    area.home = 0;
    giveBack(freeTree(), area);
  }
  chargeMerge(cpu);
  subtractLazy(pages);
  notePurged(1, pages);
}

/**
 * cond_resched_lock, and whether the rule lets it.
 * [same: include/linux/spinlock.h:spin_needbreak, 5.0 to 7.2: a contended lock counts in a
 *  preemptible kernel alone, which a lazily preemptible one is]
 */
function wantsBreak(cpu: Cpu): bool {
  const rule = config(Config.VMAP_YIELD);
  if (rule == <u64>YieldRule.NEVER) return false;
  if (rule != <u64>YieldRule.ALWAYS) {
    const threshold = <i32>lazyMaxPages() * <i32>rule;
    if (<i32>lazyNr() >= threshold) return false;
  }
  if (cpu.needResched != 0) return true;
  return config(Config.PREEMPT) > <u64>Preempt.VOLUNTARY && spinIsContended(freeLock());
}

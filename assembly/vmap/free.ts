// vfree: out of the busy tree, page tables cleared, onto the lazy list, pages back.
//
// [same: mm/vmalloc.c:vfree, remove_vm_area, free_vmap_area_noflush, 6.12 and 7.2; __vunmap, 5.0:
//  there the area stays in the busy tree until it is purged, and the caller who finds the limit
//  passed tries to purge]
// [same: mm/vmalloc.c:free_vmap_area_noflush: the count goes up before the area is on the list; the
//  drain work is queued by everybody who finds it above the limit, and is pending once]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { FlushRange, VmapMetric } from "../abi/vmalloc";
import { mutexTryLock, mutexUnlock } from "../lock/mutex";
import { spinLock, spinUnlock } from "../lock/spinlock";
import { addWorkloadMetric, config, cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { MID_KERNEL } from "../sched/preempt";
import { Task } from "../sched/task";
import { Area, areaAt, areaPages, AreaState, changeState, objectsOf } from "./area";
import { noteBracket } from "./brackets";
import { scheduleDrain } from "./drain";
import { givePages } from "./memory";
import {
  busyLock,
  busyTree,
  lazyLock,
  lazyTree,
  nodeAt,
  nodeOfAddress,
  pushPurging,
} from "./node";
import { freeObject, ObjectKind, objectsTracked } from "./objects";
import { GUARD_PAGES, Op, OpAnswer, OP_ADDRESS_ONLY } from "./op";
import { chargeFind, chargeInsert } from "./price";
import { beginPurge, stepPurge } from "./purge";
import { findArea, findPlace, linkArea, unlinkUnlisted } from "./rbtree";
import { addLazy, isLinear, lazyMaxPages, purgeLock, transfer } from "./state";

enum Phase {
  FIND,
  UNMAP,
  LAZY_START,
  LAZY,
  OVER,
  PAGES,
  PURGE,
}

/** One step of a free. */
export function stepFree(cpu: Cpu, task: Task, op: Op): OpAnswer {
  switch (op.phase) {
    case <u8>Phase.FIND: return find(cpu, task, op);
    case <u8>Phase.UNMAP: return unmap(cpu, op);
    case <u8>Phase.LAZY_START: return lazyStart(cpu, op);
    case <u8>Phase.LAZY: return freeLazily(cpu, op);
    case <u8>Phase.OVER: return overLimit(cpu, task, op);
    case <u8>Phase.PAGES: return returnPages(cpu, task, op);
    default: return purge(cpu, task, op);
  }
}

function find(cpu: Cpu, task: Task, op: Op): OpAnswer {
  const area = areaAt(op.area);
  const node = nodeOfAddress(area.start);
  const lock = busyLock(node);
  if (cpu.spinGranted == 0 && cpu.spinsOn == 0) op.startedAt = cpu.now;
  if (!spinLock(cpu, lock, transfer())) return OpAnswer.AGAIN;
  const found = findArea(busyTree(node), area.start);
  assert(found == op.area); // what was allocated is busy
  if (!isLinear()) unlinkUnlisted(busyTree(node), area);
  chargeFind(cpu);
  spinUnlock(cpu, lock, transfer());
  noteBracket(
    cpu.now - op.startedAt,
    VmapMetric.FIND_UNLINK_CALLS,
    VmapMetric.FIND_UNLINK_SUM,
    VmapMetric.FIND_UNLINK_SHORT_N,
    VmapMetric.FIND_UNLINK_MIN,
  );
  if (objectsTracked()) takeOver(op, area);
  op.phase = <u8>Phase.UNMAP;
  task.midStep = MID_KERNEL; // the next cond_resched() is vfree's, after the first page
  return OpAnswer.AGAIN;
}

/** What goes with the free itself, not with the area; its record stays with it. */
function takeOver(op: Op, area: Area): void {
  const objects = objectsOf(area);
  op.object = objects.array;
  op.descriptor = objects.descriptor;
  objects.array = 0;
  objects.descriptor = 0;
}

function unmap(cpu: Cpu, op: Op): OpAnswer {
  const pages = areaPages(areaAt(op.area)) - GUARD_PAGES;
  let took = cost(CostSlot.VUNMAP_NOTHING);
  if ((op.flags & OP_ADDRESS_ONLY) == 0) {
    took = cost(CostSlot.VUNMAP) + cost(CostSlot.VUNMAP_PAGE) * pages;
  }
  cpu.now += took;
  addWorkloadMetric(VmapMetric.PAGE_TABLE_UNMAP_SUM, took);
  op.phase = <u8>Phase.LAZY_START;
  return OpAnswer.AGAIN;
}

/** free_vmap_area_noflush: counts first, and goes by that count later. */
function lazyStart(cpu: Cpu, op: Op): OpAnswer {
  op.startedAt = cpu.now;
  cpu.now += cost(CostSlot.VMAP_FREE);
  if (config(Config.VMAP_RANGE) == <u64>FlushRange.ON_ADD) keepRange(cpu);
  op.pages = <u32>areaPages(areaAt(op.area));
  op.over = addLazy(<u64>op.pages) > lazyMaxPages() ? 1 : 0;
  op.phase = <u8>Phase.LAZY;
  return OpAnswer.AGAIN;
}

let lastRangeCpu: u32 = 0;

/** Smallest start and largest end, as two atomic operations on one line that all freers share. */
function keepRange(cpu: Cpu): void {
  cpu.now += cost(CostSlot.VMAP_RANGE_ADD);
  if (lastRangeCpu != cpu.id) cpu.now += transfer();
  lastRangeCpu = cpu.id;
}

function freeLazily(cpu: Cpu, op: Op): OpAnswer {
  const area = areaAt(op.area);
  if (isLinear()) {
    changeState(area, AreaState.BUSY, AreaState.LAZY);
    pushPurging(area);
  } else {
    const node = area.home != 0 ? nodeAt(area.home - 1) : nodeOfAddress(area.start);
    const lock = lazyLock(node);
    if (!spinLock(cpu, lock, transfer())) return OpAnswer.AGAIN;
    changeState(area, AreaState.BUSY, AreaState.LAZY);
    findPlace(lazyTree(node), area.start, area.end, 0);
    linkArea(lazyTree(node), area, false);
    chargeInsert(cpu, VmapMetric.LAZY_INSERT_SUM);
    spinUnlock(cpu, lock, transfer());
  }
  op.area = 0; // a purge may have it from here on
  if (op.over != 0) {
    op.phase = <u8>Phase.OVER;
  } else {
    op.phase = <u8>Phase.PAGES;
    noteFreed(cpu, op);
  }
  return OpAnswer.AGAIN;
}

/**
 * More was lazy than may be when this free counted. Who was preempted since asks for a purge all
 * the same, even if nothing is left to purge.
 */
function overLimit(cpu: Cpu, task: Task, op: Op): OpAnswer {
  op.phase = <u8>Phase.PAGES;
  if (config(Config.VMAP_CALLER_PURGES) == 0) {
    scheduleDrain(cpu);
  } else if (mutexTryLock(cpu, task, purgeLock())) {
    beginPurge(cpu, task, false);
    op.phase = <u8>Phase.PURGE;
  }
  noteFreed(cpu, op);
  return OpAnswer.AGAIN;
}

function noteFreed(cpu: Cpu, op: Op): void {
  noteBracket(
    cpu.now - op.startedAt,
    VmapMetric.FREE_NOFLUSH_CALLS,
    VmapMetric.FREE_NOFLUSH_SUM,
    VmapMetric.FREE_NOFLUSH_SHORT_N,
    VmapMetric.FREE_NOFLUSH_MIN,
  );
}

/** try_purge_vmap_area_lazy, in the caller. */
function purge(cpu: Cpu, task: Task, op: Op): OpAnswer {
  const answer = stepPurge(cpu, task);
  if (answer != OpAnswer.DONE) return answer;
  mutexUnlock(cpu, task, purgeLock());
  op.phase = <u8>Phase.PAGES;
  return OpAnswer.AGAIN;
}

function returnPages(cpu: Cpu, task: Task, op: Op): OpAnswer {
  task.midStep = 0;
  cpu.now += cost(CostSlot.VM_AREA_PUT);
  if ((op.flags & OP_ADDRESS_ONLY) == 0) {
    const pages = <u64>op.pages - GUARD_PAGES;
    cpu.now += cost(CostSlot.VFREE) + cost(CostSlot.VFREE_PAGE) * pages;
    if (config(Config.VMAP_LAZY_HOLDS) == 0) givePages(cpu, pages);
    cpu.now += freeObject(cpu.id, ObjectKind.ARRAY, op.object);
  }
  cpu.now += freeObject(cpu.id, ObjectKind.DESCRIPTOR, op.descriptor);
  return OpAnswer.DONE;
}

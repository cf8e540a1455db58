// vmalloc: an area of addresses, then pages under it.
//
// [same: mm/vmalloc.c:alloc_vmap_area, node_alloc, __vmalloc_node_range, 6.12 and 7.2: home pool,
//  free-space tree under its lock, busy tree of the address's node, in 2019 one lock for all; where
//  nothing is free one purge, then another try, then failure]
// [simplified: mm/vmalloc.c:vm_area_alloc_pages: all pages of an allocation are one step, which an
//  interrupt hits at its end]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { VmapMetric } from "../abi/vmalloc";
import { spinLock, spinUnlock } from "../lock/spinlock";
import { mutexLock, mutexUnlock } from "../lock/mutex";
import { addWorkloadMetric, config, cost, maxWorkloadMetric } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { MID_KERNEL } from "../sched/preempt";
import { Task } from "../sched/task";
import {
  areaAlloc,
  areaAt,
  areaPages,
  areasLeft,
  AreaState,
  changeState,
  objectsOf,
} from "./area";
import { noteBracket } from "./brackets";
import { noAreaLeft } from "./exhausted";
import {
  clip,
  Fit,
  lastFit,
  lastRest,
  lowestMatch,
  RANGE_PAGES,
  RANGE_START,
  startIn,
} from "./free-space";
import { linearSearch, noteInserted } from "./linear";
import { takePages } from "./memory";
import {
  busyLock,
  busyTree,
  nodeAt,
  nodeCount,
  nodeOfAddress,
  POOLS,
  poolLock,
  poolTake,
} from "./node";
import {
  freeObject,
  ObjectKind,
  objectPrice,
  objectsTracked,
  preloadSpare,
  takeObject,
  takeSpare,
} from "./objects";
import {
  GUARD_PAGES,
  Op,
  OpAnswer,
  OP_ADDRESS_ONLY,
  OP_POOL_SEEN,
  OP_PURGED,
  OP_ZERO,
} from "./op";
import { chargeInsert, chargeSearch, chargeWalk } from "./price";
import { beginPurge, stepPurge } from "./purge";
import { findPlace, linkArea, linkUnlisted } from "./rbtree";
import { freeLock, freeTree, isLinear, purgeLock, transfer } from "./state";
import { saysRangeIsFull, warnsOfFailure } from "./warnings";

/** The area's own, and that of the block before it when it is cut out of the middle of one. */
const RECORDS_OF_A_SEARCH: u32 = 2;

enum Phase {
  START,
  POOL,
  SEARCH,
  BUSY,
  PAGES,
  PURGE_LOCK,
  PURGE,
}

/** One step of an allocation. */
export function stepAlloc(cpu: Cpu, task: Task, op: Op): OpAnswer {
  switch (op.phase) {
    case <u8>Phase.START: return start(cpu, task, op);
    case <u8>Phase.POOL: return fromPool(cpu, op);
    case <u8>Phase.SEARCH: return isLinear() ? walk(cpu, op) : search(cpu, op);
    case <u8>Phase.BUSY: return insertBusy(cpu, op);
    case <u8>Phase.PAGES: return populate(cpu, task, op);
    default: return purgeAndRetry(cpu, task, op);
  }
}

function start(cpu: Cpu, task: Task, op: Op): OpAnswer {
  cpu.now += cost(CostSlot.VM_AREA_GET);
  op.descriptor = takeObject(cpu.id, ObjectKind.DESCRIPTOR);
  cpu.now += objectPrice();
  op.startedAt = cpu.now;
  const pooled = nodeCount() > 1 && <u64>op.pages + GUARD_PAGES <= <u64>POOLS;
  if (!pooled) takeAreaRecord(cpu, op);
  task.midStep = MID_KERNEL; // from the record of the area on, which might sleep
  op.phase = <u8>(pooled ? Phase.POOL : Phase.SEARCH);
  return OpAnswer.AGAIN;
}

function takeAreaRecord(cpu: Cpu, op: Op): void {
  op.object = takeObject(cpu.id, ObjectKind.RECORD);
  cpu.now += cost(CostSlot.VMAP_ALLOC) + objectPrice();
}

function fromPool(cpu: Cpu, op: Op): OpAnswer {
  const id = cpu.id % nodeCount();
  const lock = poolLock(nodeAt(id));
  if (!spinLock(cpu, lock, transfer())) return OpAnswer.AGAIN;
  cpu.now += cost(CostSlot.VMAP_POOL_LOOK);
  op.area = poolTake(nodeAt(id), <u64>op.pages + GUARD_PAGES, op.align);
  if (op.area != 0) cpu.now += cost(CostSlot.VMAP_POOL_TAKE);
  spinUnlock(cpu, lock, transfer());
  op.flags |= OP_POOL_SEEN;
  if (op.area != 0) {
    addWorkloadMetric(VmapMetric.ALLOC_AREA_POOL_HITS, 1);
    if (objectsTracked()) objectsOf(areaAt(op.area)).descriptor = op.descriptor;
    op.phase = <u8>Phase.BUSY;
  } else {
    takeAreaRecord(cpu, op);
    op.phase = <u8>Phase.SEARCH;
  }
  return OpAnswer.AGAIN;
}

/** A record for [start, start + pages); 0 when the plan has no more. */
function record(op: Op, start: u64): usize {
  const at = areaAlloc(start);
  if (at == 0) {
    noAreaLeft();
    return 0;
  }
  const area = areaAt(at);
  area.end = start + <u64>op.pages + GUARD_PAGES;
  if (objectsTracked()) {
    objectsOf(area).record = op.object;
    objectsOf(area).descriptor = op.descriptor;
  }
  op.area = at;
  return at;
}

function search(cpu: Cpu, op: Op): OpAnswer {
  const lock = freeLock();
  cpu.now += preloadSpare(cpu.id);
  if (!spinLock(cpu, lock, transfer())) return OpAnswer.AGAIN;
  const pages = <u64>op.pages + GUARD_PAGES;
  const at = lowestMatch(freeTree(), pages, op.align, RANGE_START);
  if (areasLeft() < RECORDS_OF_A_SEARCH) {
    spinUnlock(cpu, lock, transfer());
    noAreaLeft();
    return OpAnswer.DONE;
  }
  let start: u64 = u64.MAX_VALUE;
  // what lies above the range is free as well, but not to be had
  if (at != 0 && startIn(at, op.align, RANGE_START) + pages <= RANGE_START + RANGE_PAGES) {
    start = clip(freeTree(), at, pages, op.align, RANGE_START);
    if (lastFit == Fit.INNER && objectsTracked()) {
      objectsOf(areaAt(lastRest)).record = takeSpare(cpu.id);
    }
  }
  chargeSearch(cpu);
  spinUnlock(cpu, lock, transfer());
  if (start == u64.MAX_VALUE) return overflow(cpu, op);
  if (record(op, start) == 0) return OpAnswer.DONE;
  // the home that its pool shall be, also for an area that comes from the tree
  if ((op.flags & OP_POOL_SEEN) != 0) areaAt(op.area).home = <u16>(cpu.id % nodeCount()) + 1;
  op.phase = <u8>Phase.BUSY;
  return OpAnswer.AGAIN;
}

/** 2019: search and insertion in one hold of the one lock. */
function walk(cpu: Cpu, op: Op): OpAnswer {
  const lock = freeLock();
  if (!spinLock(cpu, lock, transfer())) return OpAnswer.AGAIN;
  const tree = busyTree(nodeAt(0));
  const start = linearSearch(tree, <u64>op.pages + GUARD_PAGES, op.align);
  chargeWalk(cpu);
  if (start == u64.MAX_VALUE || record(op, start) == 0) {
    spinUnlock(cpu, lock, transfer());
    return start == u64.MAX_VALUE ? overflow(cpu, op) : OpAnswer.DONE;
  }
  placeBusy(cpu, op);
  noteInserted(areaAt(op.area));
  spinUnlock(cpu, lock, transfer());
  return allocated(cpu, op);
}

function placeBusy(cpu: Cpu, op: Op): void {
  const area = areaAt(op.area);
  const tree = busyTree(nodeOfAddress(area.start));
  findPlace(tree, area.start, area.end, 0);
  if (isLinear()) linkArea(tree, area, false);
  else linkUnlisted(tree, area);
  changeState(area, AreaState.IN_HAND, AreaState.BUSY);
  chargeInsert(cpu, VmapMetric.BUSY_INSERT_SUM);
  maxWorkloadMetric(VmapMetric.BUSY_PEAK_AREAS, <u64>tree.count);
}

function insertBusy(cpu: Cpu, op: Op): OpAnswer {
  const lock = busyLock(nodeOfAddress(areaAt(op.area).start));
  if (!spinLock(cpu, lock, transfer())) return OpAnswer.AGAIN;
  placeBusy(cpu, op);
  spinUnlock(cpu, lock, transfer());
  return allocated(cpu, op);
}

/** The address allocator is done. */
function allocated(cpu: Cpu, op: Op): OpAnswer {
  noteBracket(
    cpu.now - op.startedAt,
    VmapMetric.ALLOC_AREA_CALLS,
    VmapMetric.ALLOC_AREA_SUM,
    VmapMetric.ALLOC_AREA_SHORT_N,
    VmapMetric.ALLOC_AREA_MIN,
  );
  maxWorkloadMetric(VmapMetric.ALLOC_AREA_MAX, cpu.now - op.startedAt);
  if ((op.flags & OP_ADDRESS_ONLY) != 0) return OpAnswer.DONE;
  op.phase = <u8>Phase.PAGES;
  return OpAnswer.AGAIN;
}

function populate(cpu: Cpu, task: Task, op: Op): OpAnswer {
  task.midStep = 0; // every page is taken behind a point
  const pages = areaPages(areaAt(op.area)) - GUARD_PAGES;
  cpu.now += cost(CostSlot.VMALLOC) + cost(CostSlot.VMALLOC_PAGE) * pages;
  if (pages == 1 && objectsTracked()) {
    objectsOf(areaAt(op.area)).array = takeObject(cpu.id, ObjectKind.ARRAY);
    cpu.now += objectPrice();
  }
  if ((op.flags & OP_ZERO) != 0) cpu.now += cost(CostSlot.VMALLOC_ZERO_PAGE) * pages;
  areaAt(op.area).populated = <u8>config(Config.VMAP_LAZY_HOLDS);
  if (!takePages(cpu, areaAt(op.area).start, pages)) op.failed = 1;
  return OpAnswer.DONE;
}

/** Nothing is free: once, everything that can be had back is. */
function overflow(cpu: Cpu, op: Op): OpAnswer {
  if ((op.flags & OP_PURGED) != 0) {
    op.failed = 1;
    saysRangeIsFull(cpu);
    cpu.now += freeObject(cpu.id, ObjectKind.RECORD, op.object);
    cpu.now += freeObject(cpu.id, ObjectKind.DESCRIPTOR, op.descriptor);
    warnsOfFailure(cpu);
    addWorkloadMetric(VmapMetric.FAILED_ALLOCATIONS, 1);
    return OpAnswer.DONE;
  }
  op.phase = <u8>Phase.PURGE_LOCK;
  return OpAnswer.AGAIN;
}

function purgeAndRetry(cpu: Cpu, task: Task, op: Op): OpAnswer {
  if (op.phase == <u8>Phase.PURGE_LOCK) {
    if (!mutexLock(cpu, task, purgeLock())) return OpAnswer.SLEEP;
    addWorkloadMetric(VmapMetric.OVERFLOW_PURGES, 1);
    beginPurge(cpu, task, true);
    op.phase = <u8>Phase.PURGE;
  }
  const answer = stepPurge(cpu, task);
  if (answer != OpAnswer.DONE) return answer;
  mutexUnlock(cpu, task, purgeLock());
  op.flags |= OP_PURGED;
  op.phase = <u8>Phase.SEARCH;
  return OpAnswer.AGAIN;
}

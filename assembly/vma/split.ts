// Splitting a VMA at a page, as munmap does at the borders of its range.
//
// [same: mm/vma.c:__split_vma, 6.12: a new VMA with a lock of its own; the store overwrites part of
//  the old range, in RCU mode; map_count grows by one, and is not asked]
// [simplified: the lower part is always the new VMA (the kernel takes the part that stays); the
//  preallocation, the copy and the store are one cost]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric, Region } from "../abi/metric";
import { VmaFlag } from "../abi/vma";
import { outgrow } from "../memory/outgrow";
import { addMetric, config, cost } from "../memory/slots";
import { treeLoad, treeStore } from "../index/tree";
import { cutHuge } from "../page/cut";
import { dropPages } from "../page/drop";
import { isHuge } from "../page/huge-vma";
import { hugeOf } from "../page/mm-pages";
import { residentPages, setResident } from "../page/resident";
import { mmPages } from "../page/zap";
import { Cpu } from "../sched/cpu";
import { MM_TREE, theMm } from "./mm";
import { deferNodes } from "./node-callbacks";
import { allocLock, allocVma } from "./objects";
import {
  changeState,
  setLength,
  setStart,
  Vma,
  vmaAt,
  vmaPages,
  vmaStart,
  VmaState,
} from "./record";
import { noteTablesSplit } from "./table-vmas";

/**
 * The first pages of a VMA are its touched ones: the lower part has them, as far as it goes. What a
 * record cannot say of a large VMA is given back (page/resident.ts).
 */
function divideResident(cpu: Cpu, lower: Vma, upper: Vma, resident: u64): void {
  const below = min(resident, vmaPages(lower));
  setResident(lower, below);
  setResident(upper, resident - below);
  const lost = resident - residentPages(lower) - residentPages(upper);
  if (lost != 0) dropPages(cpu.id, <u32>lost, lower);
}

/**
 * Would a munmap from `first` to `last` cut a hole into one VMA, of which two would be left, where
 * the process has as many as it may have? Splits at the borders of anything else are not asked.
 * [same: mm/vma.c:vms_gather_munmap_vmas, 6.12 and 7.2]
 */
export function hasNoRoomForHole(first: u64, last: u64): bool {
  const at = treeLoad(MM_TREE, first);
  if (at == 0) return false;
  const vma = vmaAt(at);
  const hole = vmaStart(vma) < first && vmaStart(vma) + vmaPages(vma) - 1 > last;
  return hole && <u64>theMm().mapCount >= config(Config.MAX_MAP_COUNT);
}

/** Makes `page` the first page of a VMA if it lies inside one. */
export function splitAt(cpu: Cpu, page: u64): void {
  const upperAt = treeLoad(MM_TREE, page);
  if (upperAt == 0) return;
  const upper = vmaAt(upperAt);
  const start = vmaStart(upper);
  if (start == page) return;
  const mm = theMm();
  const lowerAt = allocVma(cpu.id);
  const lock = allocLock(cpu.id);
  assert(lowerAt != 0); // the plan has an object for every split
  const lower = vmaAt(lowerAt);
  const pages = vmaPages(upper);
  const resident = residentPages(upper);
  lower.lock = lock;
  lower.flags = upper.flags & ~<u16>VmaFlag.HUGE;
  lower.group = 0;
  lower.life++;
  setStart(lower, start);
  setLength(lower, page - start);
  changeState(lower, VmaState.FREE, VmaState.ATTACHED);
  setStart(upper, page);
  setLength(upper, start + pages - page);
  if (isHuge(upper)) cutHuge(cpu, lower, upper, page, hugeOf(mmPages(mm.id)));
  else divideResident(cpu, lower, upper, resident);
  noteTablesSplit(mm, lower);
  const stored = treeStore(MM_TREE, start, page - 1, lowerAt);
  if (stored != 0) outgrow(Region.INDEX);
  mm.mapCount++;
  cpu.now += cost(CostSlot.MUNMAP_SPLIT);
  deferNodes(cpu, MM_TREE);
  addMetric(Metric.MUNMAP_SPLITS_DONE, 1);
}

// free_pcppages_bulk: pages leave a per-CPU list for the buddy allocator, under the zone's lock.
//
// [same: mm/page_alloc.c:free_pcppages_bulk; 5.15: lists in rotation, ever more from the fullest,
//  one hold for all; 6.7 on: from the list just freed to, until it is empty]

import { CostSlot } from "../abi/cost";
import { PageStat, PcpGeneration } from "../abi/page";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { BATCH_SCALE_MAX, listOf, orderOf, Pcp, PCP_LISTS } from "./pcp";
import { popTail, takenLength, takenLow } from "./runs";
import { addStat, maxStat } from "./stats";
import { giveBack, lockZone, unlockZone, Zone } from "./zone";

/** Moves up to `wanted` pages in one hold of the lock; answers how many it moved. */
export function bulkFree(
  cpu: Cpu,
  zone: Zone,
  pcp: Pcp,
  wanted: u32,
  list: u32,
  generation: u32,
): u32 {
  const pages = min(wanted, pcp.count);
  if (pages == 0) return 0;
  const start = lockZone(cpu, zone);
  cpu.now += cost(CostSlot.ZONE_LOCK_HOLD);
  const moved =
    generation == <u32>PcpGeneration.V5_15
      ? rotate(cpu, zone, pcp, pages)
      : fromList(cpu, zone, pcp, pages, list);
  unlockZone(cpu, zone);
  addStat(PageStat.BULK_HOLDS, 1);
  addStat(PageStat.BULK_PAGES, <u64>moved);
  maxStat(PageStat.BULK_PAGES_MAX, <u64>moved);
  addStat(PageStat.BULK_HOLD, cpu.now - start);
  maxStat(PageStat.BULK_HOLD_MAX, cpu.now - start);
  return moved;
}

/** What a list that reached `high` gives back: one hold, or 7.2's chunks of a batch. */
export function trim(cpu: Cpu, zone: Zone, pcp: Pcp, pages: u32, list: u32, generation: u32): u32 {
  if (generation != <u32>PcpGeneration.V7_2) {
    return bulkFree(cpu, zone, pcp, pages, list, generation);
  }
  let moved: u32 = 0;
  while (moved < pages && pcp.count != 0) {
    const now = bulkFree(cpu, zone, pcp, min(pages - moved, pcp.batch), list, generation);
    if (now == 0) break;
    moved += now;
  }
  return moved;
}

function take(cpu: Cpu, zone: Zone, pcp: Pcp, index: u32, most: u32): u32 {
  const units = popTail(listOf(pcp, index), most);
  if (units == 0) return 0;
  const order = orderOf(index);
  pcp.count -= units << order;
  giveBack(cpu, zone, takenLow, takenLength, order);
  return units;
}

/** 6.7 on: everything from one list, oldest first, and on to the next when that is empty. */
function fromList(cpu: Cpu, zone: Zone, pcp: Pcp, pages: u32, list: u32): u32 {
  let moved: u32 = 0;
  let index = list;
  while (moved < pages) {
    const order = orderOf(index);
    // a block goes whole, even where fewer pages are wanted
    const most = (pages - moved + (1 << order) - 1) >> order;
    const units = take(cpu, zone, pcp, index, most);
    moved += units << order;
    if (units == 0) index = index + 1 == PCP_LISTS ? 0 : index + 1;
  }
  return moved;
}

/**
 * 5.15: round robin over the lists; every list looked at, empty or not, adds one to what the next
 * one that has pages gives. When all others were empty it gives the rest.
 */
function rotate(cpu: Cpu, zone: Zone, pcp: Pcp, pages: u32): u32 {
  let moved: u32 = 0;
  let due: u32 = 0;
  let index: u32 = 0;
  while (moved < pages) {
    do {
      due++;
      index = index + 1 == PCP_LISTS ? 0 : index + 1;
    } while (listOf(pcp, index).count == 0);
    if (due == PCP_LISTS) due = pages;
    const order = orderOf(index);
    while (due != 0 && moved < pages && listOf(pcp, index).count != 0) {
      const most = min(due, (pages - moved + (1 << order) - 1) >> order);
      const units = take(cpu, zone, pcp, index, most);
      due -= units;
      moved += units << order;
    }
  }
  return moved;
}

/** Chunks of at most a batch, as drain_zone_pages and the decay make them from 6.7 on. */
export function drainChunks(cpu: Cpu, zone: Zone, pcp: Pcp, pages: u32, generation: u32): u32 {
  const chunk = generation == <u32>PcpGeneration.V5_15 ? pages : pcp.batch;
  let moved: u32 = 0;
  while (moved < pages && pcp.count != 0) {
    moved += bulkFree(cpu, zone, pcp, min(pages - moved, chunk), 0, generation);
  }
  return moved;
}

/** Longest burst that a list gives back at once. */
export function burst(pcp: Pcp): u32 {
  return pcp.batch << BATCH_SCALE_MAX;
}

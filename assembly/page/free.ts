// free_unref_page_commit, in 7.2 free_frozen_page_commit: pages go to the head of a per-CPU list,
// and a list that is too long gives some back.
//
// [same: mm/page_alloc.c:free_unref_page_commit, 5.15, 6.12, free_frozen_page_commit, 7.2, page for
//  page; pages between two looks that cannot change anything are added together]

import { Kfreepcp, PageStat, PcpGeneration } from "../abi/page";
import { Cpu } from "../sched/cpu";
import { bulkFree, burst, trim } from "./bulk";
import { pcpFree, pcpHigh } from "./high";
import { kfreepcpCancel, kfreepcpRequest } from "./kfreepcp-state";
import { listOf, orderOf, Pcp, PcpFlag } from "./pcp";
import { pushHead } from "./runs";
import { kfreepcp, pcpGeneration, pcpOf, zoneOfFrame } from "./state";
import { addStat } from "./stats";
import { Zone } from "./zone";

/**
 * Frees `units` blocks of list `index` from frame `low` on. `down` says in which way they are
 * freed: the first one freed is the highest.
 */
export function freeUnits(cpu: Cpu, index: u32, low: u32, units: u32, down: bool): void {
  const order = orderOf(index);
  const zone = zoneOfFrame(low << order);
  const pcp = pcpOf(cpu.id, zone);
  addStat(PageStat.FREED, <u64>units << order);
  let left = units;
  let from = low;
  while (left != 0) {
    const now = min(left, untilLook(pcp, zone, order));
    // seen from the head, where the last one freed lies, the way is the other one
    if (down) pushHead(listOf(pcp, index), from + left - now, now, false);
    else pushHead(listOf(pcp, index), from, now, true);
    if (!down) from += now;
    left -= now;
    commit(cpu, zone, pcp, index, now);
  }
}

/** Blocks that can be added before the list's length has to be looked at. */
function untilLook(pcp: Pcp, zone: Zone, order: u32): u32 {
  if (order != 0 || zone.flags != 0) return 1;
  const high = max(pcp.highMin, min(pcp.high, pcp.highMax));
  return high > pcp.count ? high - pcp.count : 1;
}

function commit(cpu: Cpu, zone: Zone, pcp: Pcp, index: u32, units: u32): void {
  const order = orderOf(index);
  pcp.allocFactor = units > 31 ? 0 : pcp.allocFactor >> units;
  pcp.count += units << order;
  const freeHigh = noteFreed(pcp, order, units);
  const high = pcpHigh(pcp, zone, pcpGeneration, freeHigh);
  if (pcp.count < high) return;
  if (kfreepcp == <u32>Kfreepcp.INLINE) {
    trim(cpu, zone, pcp, pcpFree(pcp, high, pcpGeneration, freeHigh), index, pcpGeneration);
  } else if (kfreepcp == <u32>Kfreepcp.POSTED) {
    kfreepcpCancel(cpu.id);
  } else {
    kfreepcpRequest(cpu);
  }
}

/** 6.7 on: the burst under way; a burst of high-order blocks is cut short (true). */
function noteFreed(pcp: Pcp, order: u32, units: u32): bool {
  if (pcpGeneration == <u32>PcpGeneration.V5_15) return false;
  let freeHigh = false;
  if (order != 0 && order <= 3) {
    const going = (pcp.flags & <u32>PcpFlag.PREV_FREE_HIGH_ORDER) != 0;
    const most = pcpGeneration == <u32>PcpGeneration.V7_2 ? pcp.highMin / 2 : 0;
    freeHigh = going && pcp.freeCount >= pcp.batch + most;
    pcp.flags |= <u32>PcpFlag.PREV_FREE_HIGH_ORDER;
  } else {
    pcp.flags &= ~<u32>PcpFlag.PREV_FREE_HIGH_ORDER;
  }
  // it stops to count at the burst's length, which the last block may overshoot
  const most = burst(pcp);
  if (pcp.freeCount < most) {
    pcp.freeCount = min(pcp.freeCount + (units << order), overshoot(most, order));
  }
  return freeHigh;
}

@inline
function overshoot(most: u32, order: u32): u32 {
  return most + (1 << order) - 1;
}

/** drain_all_pages for one CPU's list of one zone: everything, in one hold. */
export function drainAll(cpu: Cpu, zone: Zone, pcp: Pcp): u32 {
  return bulkFree(cpu, zone, pcp, pcp.count, 0, pcpGeneration);
}

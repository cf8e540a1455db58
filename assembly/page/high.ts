// How long a per-CPU list may grow, and how much of it goes when it is too long.
//
// [same: mm/page_alloc.c:nr_pcp_high, nr_pcp_free, nr_pcp_alloc, decay_pcp_high; 5.15 and 6.12/7.2]

import { PcpGeneration } from "../abi/page";
import { BATCH_SCALE_MAX, Pcp } from "./pcp";
import { Zone, ZoneFlag } from "./zone";

/** 5.15: what the list may hold now. */
function highV5(pcp: Pcp, zone: Zone): u32 {
  if (pcp.high == 0) return 0;
  if ((zone.flags & <u32>ZoneFlag.RECLAIM_ACTIVE) != 0) return min(pcp.batch << 2, pcp.high);
  return pcp.high;
}

/** 5.15: how much a list that is too long gives back; grows with every burst of frees. */
function freeV5(pcp: Pcp, high: u32): u32 {
  if (high < pcp.batch) return 1;
  const most = high - pcp.batch;
  const wanted = pcp.freeFactor > 24 ? most : pcp.batch << pcp.freeFactor;
  if (wanted < most) pcp.freeFactor++;
  return max(pcp.batch, min(wanted, most));
}

/**
 * 6.7 on: what the list may hold now. Where it is too small for the burst under way it is raised,
 * but the answer is still the old one.
 */
function highV6(pcp: Pcp, zone: Zone, freeHigh: bool): u32 {
  const high = max(pcp.highMin, min(pcp.high, pcp.highMax));
  pcp.high = high;
  if (high == 0) return 0;
  if (freeHigh) {
    lower(pcp, pcp.batch << BATCH_SCALE_MAX);
    return 0;
  }
  if ((zone.flags & <u32>ZoneFlag.RECLAIM_ACTIVE) != 0) {
    lower(pcp, max(pcp.freeCount, pcp.batch));
    return min(pcp.batch << 2, pcp.high);
  }
  if (pcp.highMin == pcp.highMax) return high;
  if ((zone.flags & <u32>ZoneFlag.BELOW_HIGH) != 0) {
    lower(pcp, max(pcp.freeCount, pcp.batch));
    return max(pcp.count, pcp.highMin);
  }
  const needed = pcp.freeCount + pcp.batch;
  if (pcp.count >= high && high < needed) {
    pcp.high = max(pcp.highMin, min(needed, pcp.highMax));
  }
  return high;
}

function lower(pcp: Pcp, by: u32): void {
  pcp.high = max(pcp.high > by ? pcp.high - by : 0, pcp.highMin);
}

/** 6.7 on: a list that is too long gives back what was freed lately. */
function freeV6(pcp: Pcp, high: u32, freeHigh: bool): u32 {
  if (freeHigh) return min(pcp.count, pcp.batch << BATCH_SCALE_MAX);
  if (high < pcp.batch) return 1;
  return max(pcp.batch, min(pcp.freeCount, max(high - pcp.batch, pcp.batch)));
}

/** nr_pcp_high */
export function pcpHigh(pcp: Pcp, zone: Zone, generation: u32, freeHigh: bool): u32 {
  if (generation == <u32>PcpGeneration.V5_15) return highV5(pcp, zone);
  return highV6(pcp, zone, freeHigh);
}

/** nr_pcp_free */
export function pcpFree(pcp: Pcp, high: u32, generation: u32, freeHigh: bool): u32 {
  if (generation == <u32>PcpGeneration.V5_15) return freeV5(pcp, high);
  return freeV6(pcp, high, freeHigh);
}

/**
 * nr_pcp_alloc: pages (or blocks) that an empty list takes from the buddy allocator. From 6.7 on it
 * doubles while nothing is freed in between, and raises `high` by as much.
 */
export function pcpRefill(pcp: Pcp, zone: Zone, order: u32, generation: u32): u32 {
  if (generation == <u32>PcpGeneration.V5_15) {
    if (order == 0 || pcp.batch <= 1) return pcp.batch;
    return max(pcp.batch >> order, 2);
  }
  const high = max(pcp.highMin, min(pcp.high, pcp.highMax));
  pcp.high = high;
  if (high < pcp.batch) return 1;
  const batch = order != 0 ? pcp.batch : pcp.batch << pcp.allocFactor;
  const tuned = pcp.highMin != pcp.highMax && (zone.flags & <u32>ZoneFlag.BELOW_HIGH) == 0;
  if (tuned) pcp.high = min(high + batch, pcp.highMax);
  if (order != 0) return batch <= 1 ? batch : max(batch >> order, 2);
  const room = pcp.high > pcp.count + pcp.batch ? pcp.high - pcp.count - pcp.batch : 0;
  const most = max(room, pcp.batch);
  if (batch <= most && pcp.allocFactor < BATCH_SCALE_MAX) pcp.allocFactor++;
  return min(batch, most);
}

/** decay_pcp_high, about once a second: lowers `high`, answers the pages that are now too many. */
export function decayHigh(pcp: Pcp): u32 {
  const burst = pcp.batch << BATCH_SCALE_MAX;
  const least = max(pcp.highMin, pcp.count > burst ? pcp.count - burst : 0);
  if (pcp.high > pcp.highMin) pcp.high = max(least, pcp.high - (pcp.high >> 3));
  return pcp.count > pcp.high ? pcp.count - pcp.high : 0;
}

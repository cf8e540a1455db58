// Getting pages: from the head of a per-CPU list, which refills itself from the buddy allocator.
//
// [same: mm/page_alloc.c:get_page_from_freelist, rmqueue_pcplist, __rmqueue_pcplist, rmqueue_bulk:
//  the highest zone above its low watermark, else above min; pages on per-CPU lists do not count as
//  free; every page taken halves what was noted of frees]
// [simplified: kswapd's wake-up is a flag of the zone (lists are kept short) until it is above its
//  high watermark; it finds nothing to reclaim, as the memory here is anonymous without swap]

import { CostSlot } from "../abi/cost";
import { PageStat, PcpGeneration } from "../abi/page";
import { cost } from "../memory/slots";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { buddyOf, isAbove, lockZone, noteLow, unlockZone, Zone } from "./zone";
import { NO_BLOCK, pagesTaken, takePages } from "./buddy";
import { drainAll } from "./free";
import { pcpRefill } from "./high";
import { listIndex, listOf, Migrate, Pcp } from "./pcp";
import { FrameList, popHead, pushTail, takenDown, takenLength, takenLow } from "./runs";
import { pcpGeneration, pcpOf, zoneAt, ZONES } from "./state";
import { addStat } from "./stats";

/** Takes up to `wanted` single pages for `into`; fewer only when no zone has any left. */
export function allocPages(cpu: Cpu, migrate: Migrate, wanted: u32, into: FrameList): u32 {
  let got: u32 = 0;
  while (got < wanted) {
    const zone = pickZone();
    if (zone == 0) break;
    const taken = fromList(cpu, changetype<Zone>(zone), migrate, wanted - got);
    if (taken == 0) break;
    pushTail(into, takenLow, takenLength, takenDown);
    got += taken;
  }
  addStat(PageStat.ALLOCATED, <u64>got);
  return got;
}

/** The last allocation found no zone above its low watermark. */
export let belowLow: bool = false;

/** The zone to allocate from: 0 when all are at their min watermark. */
function pickZone(): usize {
  belowLow = false;
  for (let id: i32 = ZONES - 1; id >= 0; id--) {
    const zone = zoneAt(id);
    if (isAbove(zone, zone.low)) return changetype<usize>(zone);
  }
  belowLow = true; // wake_all_kswapds is the caller's
  for (let id: i32 = ZONES - 1; id >= 0; id--) {
    const zone = zoneAt(id);
    if (isAbove(zone, zone.min)) return changetype<usize>(zone);
  }
  return 0;
}

function fromList(cpu: Cpu, zone: Zone, migrate: Migrate, most: u32): u32 {
  const pcp = pcpOf(cpu.id, zone);
  const list = listOf(pcp, listIndex(migrate, 0));
  if (list.count == 0) refill(cpu, zone, pcp, list);
  const taken = popHead(list, most);
  pcp.count -= taken;
  noteTaken(pcp, taken);
  return taken;
}

function noteTaken(pcp: Pcp, pages: u32): void {
  if (pcpGeneration == <u32>PcpGeneration.V5_15) {
    pcp.freeFactor = pages > 31 ? 0 : pcp.freeFactor >> pages;
  } else {
    pcp.freeCount = pages > 31 ? 0 : pcp.freeCount >> pages;
  }
}

/** rmqueue_bulk: what an empty list takes, in one hold of the zone's lock. */
function refill(cpu: Cpu, zone: Zone, pcp: Pcp, list: FrameList): void {
  const wanted = pcpRefill(pcp, zone, 0, pcpGeneration);
  lockZone(cpu, zone);
  cpu.now += cost(CostSlot.ZONE_LOCK_HOLD);
  let got: u32 = 0;
  while (got < wanted) {
    const page = takePages(buddyOf(zone), wanted - got);
    if (page == NO_BLOCK) break;
    pushTail(list, zone.firstFrame + page, pagesTaken, false);
    got += pagesTaken;
  }
  cpu.now += <u64>got * cost(CostSlot.BUDDY_ALLOC);
  unlockZone(cpu, zone);
  pcp.count += got;
  noteLow(zone);
  addStat(PageStat.REFILLS, 1);
  addStat(PageStat.REFILL_PAGES, <u64>got);
}

/** drain_all_pages, before an allocation gives up: every list of every CPU; answers its pages. */
export function drainAllPages(cpu: Cpu): u32 {
  let moved: u32 = 0;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    for (let zone: u32 = 0; zone < ZONES; zone++) {
      moved += drainAll(cpu, zoneAt(zone), pcpOf(cpuAt(id).id, zoneAt(zone)));
    }
  }
  return moved;
}

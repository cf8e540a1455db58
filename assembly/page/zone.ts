// A zone: its buddy allocator, its watermarks and its lock.
//
// [same: mm/page_alloc.c:__setup_per_zone_wmarks, 6.12: min is the zone's share of min_free_kbytes,
//  low and high are one and two steps above it, a step being the larger of a quarter of min and
//  0.1 % of the managed pages]
// [same: mm/page_alloc.c:setup_per_zone_lowmem_reserve, zone_watermark_ok, 6.12: allocations that
//  may use every zone, as all here, leave a lower one a 256th of the pages above it]
// [simplified: a zone is one range of managed pages without holes]

import { CostSlot } from "../abi/cost";
import { PageStat } from "../abi/page";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { Buddy, BUDDY_BYTES, buddyInit, freeBlock, fullyMerged, giveRange } from "./buddy";
import { addStat, maxStat } from "./stats";

/** Bits of Zone.flags. */
export enum ZoneFlag {
  /** Reclaim runs in it: lists are kept short. */
  RECLAIM_ACTIVE = 1,
  /** Free pages fell below the high watermark: lists shrink (6.7 on). */
  BELOW_HIGH = 2,
}

//  0            4         8     12    16     20      24           32        40        200
//  ┌────────────┬─────────┬─────┬─────┬──────┬───────┬────────────┬─────────┬─────────┐
//  │ firstFrame │ managed │ min │ low │ high │ flags │ lockFreeAt │ reserve │ buddy   │
//  └────────────┴─────────┴─────┴─────┴──────┴───────┴────────────┴─────────┴─────────┘
/** struct zone. Frames outside are numbered over all zones, inside from the zone's first page. */
@unmanaged
export class Zone {
  firstFrame: u32;
  managed: u32;
  /** Watermarks in pages. */
  min: u32;
  low: u32;
  high: u32;
  flags: u32;
  /** Until then another CPU holds the lock. */
  lockFreeAt: u64;
  /** Pages kept for those who can use no higher zone (lowmem_reserve). */
  reserve: u32;
}

const BUDDY_AT: usize = 40;
const BUDDY_ROOM: usize = 160;
export const ZONE_BYTES: u32 = 200;
/** sysctl_lowmem_reserve_ratio of ZONE_DMA32. */
const RESERVE_RATIO: u32 = 256;

@inline
export function buddyOf(zone: Zone): Buddy {
  return changetype<Buddy>(changetype<usize>(zone) + BUDDY_AT);
}

export function zoneInit(zone: Zone, first: u32, managed: u32, minPages: u32, maps: usize): void {
  assert(<usize>BUDDY_BYTES <= BUDDY_ROOM); // it fits the room kept for it
  memory.fill(changetype<usize>(zone), 0, ZONE_BYTES);
  zone.firstFrame = first;
  zone.managed = managed;
  const step = max(minPages >> 2, <u32>((<u64>managed * 10) / 10_000));
  zone.min = minPages;
  zone.low = minPages + step;
  zone.high = minPages + 2 * step;
  buddyInit(buddyOf(zone), managed, maps);
}

/** NR_FREE_PAGES: pages in the buddy allocator; those on per-CPU lists are not among them. */
@inline
export function freePages(zone: Zone): u32 {
  return buddyOf(zone).free;
}

/** The zone above it has so many pages. */
export function reserveFor(zone: Zone, above: u32): void {
  if (zone.managed != 0) zone.reserve = above / RESERVE_RATIO;
}

/** zone_watermark_ok: has it more free than a watermark, and what it keeps for others? */
@inline
export function isAbove(zone: Zone, mark: u32): bool {
  return freePages(zone) > mark + zone.reserve;
}

/** Begins a hold of the zone's lock with interrupts off: waits for it, and answers the moment. */
export function lockZone(cpu: Cpu, zone: Zone): u64 {
  if (zone.lockFreeAt > cpu.now) {
    const wait = zone.lockFreeAt - cpu.now;
    addStat(PageStat.LOCK_WAIT, wait);
    maxStat(PageStat.LOCK_WAIT_MAX, wait);
    cpu.now = zone.lockFreeAt;
  }
  return cpu.now;
}

export function unlockZone(cpu: Cpu, zone: Zone): void {
  zone.lockFreeAt = cpu.now;
}

/** Blocks of one free_pcppages_bulk go to the buddy allocator; the lock is held. */
export function giveBack(cpu: Cpu, zone: Zone, low: u32, units: u32, order: u32): void {
  let merges: u32 = 0;
  if (order == 0) {
    merges = giveRange(buddyOf(zone), low - zone.firstFrame, units);
  } else {
    for (let i: u32 = 0; i < units; i++) {
      merges += freeBlock(buddyOf(zone), ((low + i) << order) - zone.firstFrame, order);
    }
  }
  cpu.now += <u64>units * cost(CostSlot.BUDDY_FREE) + <u64>merges * cost(CostSlot.BUDDY_MERGE);
  if (isAbove(zone, zone.high)) zone.flags = 0;
}

/** Pages have left: below the watermarks the zone's lists have to be short. */
export function noteLow(zone: Zone): void {
  if (!isAbove(zone, zone.high)) zone.flags |= <u32>ZoneFlag.BELOW_HIGH;
  if (!isAbove(zone, zone.low)) zone.flags |= <u32>ZoneFlag.RECLAIM_ACTIVE;
}

/** Every page of the zone is in the buddy allocator, as whole as it can be. */
export function zoneWhole(zone: Zone): bool {
  return fullyMerged(buddyOf(zone));
}

// Per-CPU page lists: what each CPU keeps of each zone, so that most frees and allocations take no
// zone lock.
//
// [same: include/linux/mmzone.h:per_cpu_pages, mm/page_alloc.c:zone_batchsize, zone_highsize; 5.15,
//  6.12, 7.2: three migrate types by orders 0 to 3 and the huge-page order]
// [simplified: 15 lists in every generation; 7.2 has 14, one huge-page list less]

import { HUGE_ORDER } from "./huge-vma";
import { FRAME_LIST_BYTES, FrameList } from "./runs";
import { Zone } from "./zone";

/** MIGRATE_* of pages that are on per-CPU lists. */
export enum Migrate {
  UNMOVABLE,
  MOVABLE,
  RECLAIMABLE,
}

export const MIGRATE_TYPES: u32 = 3;
/** Orders 0 to 3 and the huge-page order. */
const LIST_ORDERS: u32 = 5;
export const PCP_LISTS: u32 = MIGRATE_TYPES * LIST_ORDERS;
/** CONFIG_PCP_BATCH_SCALE_MAX: a burst moves up to batch << 5 pages. */
export const BATCH_SCALE_MAX: u32 = 5;

//  0       4      8         12        16      20           24          28            32      36
//  ┌───────┬──────┬─────────┬─────────┬───────┬────────────┬───────────┬─────────────┬───────┐
//  │ count │ high │ highMin │ highMax │ batch │ freeFactor │ freeCount │ allocFactor │ flags │
//  └───────┴──────┴─────────┴─────────┴───────┴────────────┴───────────┴─────────────┴───────┘
//  48          … 228
//  ┌───────────┐
//  │ lists[15] │
//  └───────────┘
/** per_cpu_pages of one CPU and zone. */
@unmanaged
export class Pcp {
  /** Pages on all its lists. */
  count: u32;
  high: u32;
  highMin: u32;
  highMax: u32;
  batch: u32;
  /** 5.15 to 6.6: drains grow by this power of two. */
  freeFactor: u32;
  /** 6.7 on: pages freed lately. */
  freeCount: u32;
  allocFactor: u32;
  flags: u32;
}

/** Bits of Pcp.flags (6.7 on). */
export enum PcpFlag {
  PREV_FREE_HIGH_ORDER = 1,
}

const LISTS: usize = 48;
export const PCP_BYTES: u32 = 256;

@inline
export function listOf(pcp: Pcp, index: u32): FrameList {
  return changetype<FrameList>(
    changetype<usize>(pcp) + LISTS + <usize>index * <usize>FRAME_LIST_BYTES,
  );
}

/** order_to_pindex */
export function listIndex(migrate: Migrate, order: u32): u32 {
  const row = order == HUGE_ORDER ? LIST_ORDERS - 1 : order;
  return row * MIGRATE_TYPES + <u32>migrate;
}

@inline
export function orderOf(index: u32): u32 {
  const row = index / MIGRATE_TYPES;
  return row == LIST_ORDERS - 1 ? HUGE_ORDER : row;
}

/** zone_batchsize: up to 6.12 a quarter of at most 256 pages, in 7.2 of the zone at most 64. */
export function zoneBatch(managed: u32, v7_2: bool): u32 {
  const share = v7_2 ? min<u32>(managed >> 12, 64) : min<u32>(managed >> 10, 256) >> 2;
  if (share <= 1) return 1;
  // just below a power of 2, so that lists of equal lengths do not share cache colours
  return (<u32>1 << (31 - clz(share + (share >> 1)))) - 1;
}

/** zone_highsize for a divisor of the zone, or from the low watermark where that is 0. */
export function zoneHigh(zone: Zone, batch: u32, cpus: u32, divisor: u32): u32 {
  const total = divisor == 0 ? zone.low : zone.managed / divisor;
  return max(total / cpus, batch << 2);
}

// Each CPU's list of free pages, from which vmalloc's pages, its page tables and the slabs of its
// objects come. An empty one is filled from the buddy allocator: that is what pages cost that come
// for the first time. One that holds as many as it may gives pages back: that is what a free costs
// when tens of thousands of areas go.
//
//   taken off it    count ──► 0         ──► filled with BATCH << scale, and may hold as many more
//   put on it       count ──► high      ──► as many go as were freed in a row, 2,016 at most
//
// How much that is, is said where an exit's lists are (assembly/page/high.ts); here are no frames.
//
// [same: mm/page_alloc.c:__rmqueue_pcplist, nr_pcp_alloc, free_unref_page_commit, nr_pcp_high,
//  nr_pcp_free, 6.12; free_frozen_page_commit, 7.2, which lets the zone's lock go after each batch:
//  a refill is twice the one before, up to 32 batches, and halved by each page that is freed; the
//  list may hold an eighth of its zone; what goes in large orders one after another empties it]
// [same: mm/vmalloc.c:vm_area_alloc_pages, vm_area_free_pages, 7.2: pages come and go in the
//  largest orders that fit, those above 3 past the list]
// [simplified: mm/page_alloc.c:order_to_pindex: one list for all orders; the zone never runs low]
// [left out: mm/page_alloc.c:decay_pcp_high, the trimming of a list about once a second]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { PcpGeneration } from "../abi/page";
import { VmapMetric } from "../abi/vmalloc";
import { addWorkloadMetric, config, cost } from "../memory/slots";
import { pcpFree, pcpHigh, pcpRefill } from "../page/high";
import { BATCH_SCALE_MAX, Pcp, PcpFlag } from "../page/pcp";
import { Zone, ZONE_BYTES } from "../page/zone";

/** pcp->batch of a zone of 1 GiB and more. */
const BATCH: u32 = 63;
/** Pages that go at once at most, and that a free remembers of those before. */
const LARGEST: u32 = BATCH << BATCH_SCALE_MAX;
/** PAGE_ALLOC_COSTLY_ORDER: pages of larger orders pass the list by. */
const ORDER_MAX: u32 = 3;
const GENERATION: u32 = <u32>PcpGeneration.V6_12;

//  0                192         240
//  ┌────────────────┬───────────┬───────────┬───
//  │ zone, no flags │ CPU 0     │ CPU 1     │ ...   per_cpu_pages up to their lists: numbers alone
//  └────────────────┴───────────┴───────────┴───
const LIST_BYTES: u64 = 48;

let lists: usize = 0;

export function pageListsBytes(cpus: u32): u64 {
  return <u64>ZONE_BYTES + <u64>cpus * LIST_BYTES;
}

/** Empty lists, in cleared memory; none at 0. */
export function pageListsInit(at: usize, cpus: u32): void {
  lists = at;
  for (let id: u32 = 0; id < cpus; id++) {
    const list = listOf(id);
    list.batch = BATCH;
    list.highMin = <u32>config(Config.VMAP_LIST_HIGH_MIN);
    list.highMax = <u32>config(Config.VMAP_LIST_HIGH_MAX);
    list.high = list.highMin;
  }
}

@inline
function listOf(id: u32): Pcp {
  return changetype<Pcp>(lists + <usize>ZONE_BYTES + <usize>(<u64>id * LIST_BYTES));
}

/** Memory does not run low in it. */
@inline
function zone(): Zone {
  return changetype<Zone>(lists);
}

@inline
function inLargeOrders(): bool {
  return config(Config.VMAP_LARGE_ORDERS) != 0;
}

/** Are there lists? Not in 2019, where no price is known for what they do. */
@inline
export function pageListsKept(): bool {
  return lists != 0;
}

/** Free pages on a CPU's list. */
export function pagesOnList(id: u32): u32 {
  return listOf(id).count;
}

/** Takes the pages of an area; answers what filling the list cost. */
export function areaFromList(id: u32, pages: u64): u64 {
  if (pages == 1) return orderFromList(id, 0);
  if (!inLargeOrders()) return take(listOf(id), <u32>pages); // alloc_pages_bulk
  let price: u64 = 0;
  for (let order = <i32>ORDER_MAX; order >= 0; order--) {
    if (((pages >> order) & 1) != 0) price += orderFromList(id, <u32>order);
  }
  return price;
}

/** Takes 1 << order pages at once; answers what filling the list cost. */
export function orderFromList(id: u32, order: u32): u64 {
  const list = listOf(id);
  list.freeCount >>= 1;
  return take(list, 1 << order);
}

function take(list: Pcp, pages: u32): u64 {
  let left = pages;
  let price: u64 = 0;
  while (left > list.count) {
    left -= list.count;
    list.count = 0;
    list.count = pcpRefill(list, zone(), 0, GENERATION);
    price +=
      cost(CostSlot.VMAP_PAGES_REFILL) + cost(CostSlot.VMAP_PAGES_REFILL_PAGE) * <u64>list.count;
  }
  list.count -= left;
  return price;
}

/** Frees the pages of an area; answers what giving pages back cost. */
export function areaToList(id: u32, pages: u64): u64 {
  if (!inLargeOrders()) return singlesToList(listOf(id), <u32>pages);
  let price: u64 = 0;
  for (let order = <i32>ORDER_MAX; order >= 0; order--) {
    if (((pages >> order) & 1) != 0) price += orderToList(id, <u32>order);
  }
  return price;
}

/** Frees pages one by one. */
function singlesToList(list: Pcp, pages: u32): u64 {
  if (list.count + pages < list.high) {
    freed(list, pages, pages);
    return 0;
  }
  let price: u64 = 0;
  for (let i: u32 = 0; i < pages; i++) {
    freed(list, 1, 1);
    price += aboveHigh(list, false);
  }
  return price;
}

/** Frees 1 << order pages at once; answers what giving pages back cost. */
export function orderToList(id: u32, order: u32): u64 {
  const list = listOf(id);
  if (order == 0) return singlesToList(list, 1);
  const inARow = (list.flags & <u32>PcpFlag.PREV_FREE_HIGH_ORDER) != 0;
  const freeHigh = inARow && list.freeCount >= manyInARow(list);
  freed(list, 1 << order, 1);
  list.flags = <u32>PcpFlag.PREV_FREE_HIGH_ORDER;
  return aboveHigh(list, freeHigh);
}

/** So many frees in a row make pages of an order fragments that are not to be kept. */
@inline
function manyInARow(list: Pcp): u32 {
  return inLargeOrders() ? BATCH + list.highMin / 2 : BATCH;
}

function freed(list: Pcp, pages: u32, frees: u32): void {
  list.allocFactor = frees > BATCH_SCALE_MAX ? 0 : list.allocFactor >> frees;
  list.count += pages;
  list.freeCount = min(list.freeCount + pages, LARGEST);
  list.flags = 0;
}

/** A list that is full gives pages back. */
function aboveHigh(list: Pcp, freeHigh: bool): u64 {
  const high = pcpHigh(list, zone(), GENERATION, freeHigh);
  if (list.count < high) return 0;
  return giveBack(list, pcpFree(list, high, GENERATION, freeHigh));
}

/** free_pcppages_bulk. */
function giveBack(list: Pcp, wanted: u32): u64 {
  const pages = min(wanted, list.count);
  list.count -= pages;
  const holds = inLargeOrders() ? (pages + BATCH - 1) / BATCH : 1;
  addWorkloadMetric(VmapMetric.PAGES_TO_BUDDY, pages);
  addWorkloadMetric(VmapMetric.ZONE_LOCK_HOLDS, holds);
  const page = cost(CostSlot.BUDDY_FREE) + cost(CostSlot.BUDDY_MERGE);
  return <u64>holds * cost(CostSlot.ZONE_LOCK_HOLD) + <u64>pages * page;
}

// Each CPU's list of free pages, from which vmalloc's pages, its page tables and the slabs of its
// objects come. An empty one is filled from the buddy allocator: that is what pages cost that come
// for the first time. One that holds as many as it may gives pages back: that is what a free costs
// when tens of thousands of areas go.
//
//   taken off it    count ──► 0         ──► filled with BATCH << scale, and may hold as many more
//   put on it       count ──► high      ──► as many go as were freed in a row, 2,016 at most
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
import { VmapMetric } from "../abi/vmalloc";
import { addWorkloadMetric, config, cost } from "../memory/slots";

/** pcp->batch of a zone of 1 GiB and more, and CONFIG_PCP_BATCH_SCALE_MAX. */
const BATCH: u32 = 63;
const SCALE_MAX: u32 = 5;
/** Pages that go at once at most, and that a free remembers of those before. */
const LARGEST: u32 = BATCH << SCALE_MAX;
/** PAGE_ALLOC_COSTLY_ORDER: pages of larger orders pass the list by. */
const ORDER_MAX: u32 = 3;

//  0       4       8      12          16
//  ┌───────┬───────┬───────┬───────────┬───────────────┐
//  │ count │ scale │ high  │ freeCount │ freedOrder    │
//  └───────┴───────┴───────┴───────────┴───────────────┘
/** A CPU's list. */
@unmanaged
class PageList {
  count: u32;
  /** The next refill is of BATCH << scale pages. */
  scale: u32;
  /** Pages it may hold. */
  high: u32;
  /** Pages freed in a row: halved by each page that is taken. */
  freeCount: u32;
  /** 1: the last free was of more than one page. */
  freedOrder: u32;
}

const LIST_BYTES: u64 = 20;

let lists: usize = 0;

export function pageListsBytes(cpus: u32): u64 {
  return <u64>cpus * LIST_BYTES;
}

/** Empty lists, in cleared memory; none at 0. */
export function pageListsInit(at: usize, cpus: u32): void {
  lists = at;
  for (let id: u32 = 0; id < cpus; id++) listOf(id).high = highMin();
}

@inline
function listOf(id: u32): PageList {
  return changetype<PageList>(lists + <usize>(<u64>id * LIST_BYTES));
}

@inline
function highMin(): u32 {
  return <u32>config(Config.VMAP_LIST_HIGH_MIN);
}

@inline
function highMax(): u32 {
  return <u32>config(Config.VMAP_LIST_HIGH_MAX);
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

function take(list: PageList, pages: u32): u64 {
  let left = pages;
  let price: u64 = 0;
  while (left > list.count) {
    left -= list.count;
    list.count = refill(list);
    price +=
      cost(CostSlot.VMAP_PAGES_REFILL) + cost(CostSlot.VMAP_PAGES_REFILL_PAGE) * <u64>list.count;
  }
  list.count -= left;
  return price;
}

/** nr_pcp_alloc of an empty list: how many pages it is filled with. */
function refill(list: PageList): u32 {
  const wanted = BATCH << list.scale;
  list.high = min(list.high + wanted, highMax());
  const most = max(list.high - BATCH, BATCH);
  if (wanted <= most && list.scale < SCALE_MAX) list.scale++;
  return min(wanted, most);
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
function singlesToList(list: PageList, pages: u32): u64 {
  if (list.count + pages < list.high) {
    freed(list, pages, pages);
    return 0;
  }
  let price: u64 = 0;
  for (let i: u32 = 0; i < pages; i++) {
    freed(list, 1, 1);
    price += aboveHigh(list);
  }
  return price;
}

/** Frees 1 << order pages at once; answers what giving pages back cost. */
export function orderToList(id: u32, order: u32): u64 {
  const list = listOf(id);
  if (order == 0) return singlesToList(list, 1);
  const again = list.freedOrder != 0 && list.freeCount >= manyInARow();
  freed(list, 1 << order, 1);
  list.freedOrder = 1;
  if (!again) return aboveHigh(list);
  list.high = max(max(list.high, LARGEST) - LARGEST, highMin());
  return giveBack(list, LARGEST);
}

/** So many frees in a row make pages of an order fragments that are not to be kept. */
@inline
function manyInARow(): u32 {
  return inLargeOrders() ? BATCH + highMin() / 2 : BATCH;
}

function freed(list: PageList, pages: u32, frees: u32): void {
  list.scale = frees > SCALE_MAX ? 0 : list.scale >> frees;
  list.count += pages;
  list.freeCount = min(list.freeCount + pages, LARGEST);
  list.freedOrder = 0;
}

/** nr_pcp_high, nr_pcp_free: what a list that is full gives back. */
function aboveHigh(list: PageList): u64 {
  const high = list.high;
  if (list.count < high) return 0;
  if (high < list.freeCount + BATCH) list.high = min(list.freeCount + BATCH, highMax());
  return giveBack(list, max(min(list.freeCount, high - BATCH), BATCH));
}

/** free_pcppages_bulk. */
function giveBack(list: PageList, wanted: u32): u64 {
  const pages = min(wanted, list.count);
  list.count -= pages;
  const holds = inLargeOrders() ? (pages + BATCH - 1) / BATCH : 1;
  addWorkloadMetric(VmapMetric.PAGES_TO_BUDDY, pages);
  addWorkloadMetric(VmapMetric.ZONE_LOCK_HOLDS, holds);
  const page = cost(CostSlot.BUDDY_FREE) + cost(CostSlot.BUDDY_MERGE);
  return <u64>holds * cost(CostSlot.ZONE_LOCK_HOLD) + <u64>pages * page;
}

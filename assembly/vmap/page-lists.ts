// Each CPU's list of free pages, from which vmalloc's pages, its page tables and the slabs of its
// objects come. An empty one is filled from the buddy allocator: that is what pages cost that come
// for the first time.
//
// [same: mm/page_alloc.c:__rmqueue_pcplist, nr_pcp_alloc, free_unref_page_commit, 6.12: a refill is
//  twice the one before, from a batch up to 32 batches, and halved by each page that is freed]
// [simplified: mm/page_alloc.c:nr_pcp_high: a list takes all pages that are freed and gives none
//  back to the buddy allocator, as with 4 GiB while 16,000 pages go]
// [left out: mm/page_alloc.c:decay_pcp_high, the trimming of a list about once a second]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";

/** pcp->batch of a zone of 1 GiB and more, and CONFIG_PCP_BATCH_SCALE_MAX. */
const BATCH: u64 = 63;
const SCALE_MAX: u32 = 5;

//  0       4       8
//  ┌───────┬───────┐
//  │ count │ scale │
//  └───────┴───────┘
/** A CPU's list. */
@unmanaged
class PageList {
  count: u32;
  /** The next refill is of BATCH << scale pages. */
  scale: u32;
}

const LIST_BYTES: u64 = 8;

let lists: usize = 0;

export function pageListsBytes(cpus: u32): u64 {
  return <u64>cpus * LIST_BYTES;
}

/** Empty lists, in cleared memory. */
export function pageListsInit(at: usize): void {
  lists = at;
}

@inline
function listOf(id: u32): PageList {
  return changetype<PageList>(lists + <usize>(<u64>id * LIST_BYTES));
}

/** Takes pages off a CPU's list; answers what filling it cost. */
export function pagesFromList(id: u32, pages: u64): u64 {
  const list = listOf(id);
  let left = pages;
  let took: u64 = 0;
  while (left > <u64>list.count) {
    left -= <u64>list.count;
    const batch = BATCH << <u64>list.scale;
    if (list.scale < SCALE_MAX) list.scale++;
    list.count = <u32>batch;
    took += cost(CostSlot.VMAP_PAGES_REFILL) + cost(CostSlot.VMAP_PAGES_REFILL_PAGE) * batch;
  }
  list.count -= <u32>left;
  return took;
}

export function pagesToList(id: u32, pages: u64): void {
  const list = listOf(id);
  list.count += <u32>pages;
  list.scale = pages >= <u64>SCALE_MAX ? 0 : list.scale >> <u32>pages;
}

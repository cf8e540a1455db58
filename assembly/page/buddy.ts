// The buddy allocator of a zone: free blocks of 2^0 to 2^10 pages, as one bitmap an order.
//
// [same: mm/page_alloc.c:__free_one_page, expand, __rmqueue_smallest: a freed block merges with its
//  buddy while that is free and the order is below 10; an allocation takes the smallest block that
//  is large enough and gives its upper halves back]
// [simplified: of several free blocks of an order the lowest is taken; the kernel takes the one
//  freed last. Counts an order are exact, addresses are not claims]
// [left out: migrate types of free blocks, page isolation, compaction, the shuffled free lists]
//
//   order 0  │10110…│          a set bit is a free block: bit n of order k is the block of pages
//   order 1  │0 1…│            [n << k, (n + 1) << k), counted from the zone's first page
//   …        one bitmap behind the other, each rounded up to whole words

export const MAX_PAGE_ORDER: u32 = 10;
const ORDERS: u32 = MAX_PAGE_ORDER + 1;
/** No block of the order asked for, or larger. */
export const NO_BLOCK: u32 = 0xffff_ffff;

//  0       4            8          48       92       96        104
//  ┌───────┬────────────┬──────────┬────────┬────────┬─────────┐
//  │ pages │ bitmaps[11]│ counts[11] hints[11]│ merges │ pad     │
//  └───────┴────────────┴──────────┴────────┴────────┴─────────┘
/** The free blocks of a zone. */
@unmanaged
export class Buddy {
  pages: u32;
  free: u32;
  /** Merges made since the start: what __free_one_page did more than set a bit. */
  merges: u64;
}

const BITMAPS: usize = 16;
const COUNTS: usize = BITMAPS + 4 * <usize>ORDERS;
const HINTS: usize = COUNTS + 4 * <usize>ORDERS;
export const BUDDY_BYTES: u32 = <u32>HINTS + 4 * ORDERS + 4;

/** Words of the bitmap of an order. */
function words(pages: u32, order: u32): u32 {
  return ((pages >> order) + 63) >> 6;
}

/** Bytes of all bitmaps of a zone. */
export function bitmapBytes(pages: u32): u64 {
  let sum: u64 = 0;
  for (let order: u32 = 0; order < ORDERS; order++) sum += <u64>words(pages, order) * 8;
  return sum;
}

/** A zone of `pages` pages, all of them free. */
export function buddyInit(buddy: Buddy, pages: u32, bitmaps: usize): void {
  const base = changetype<usize>(buddy);
  memory.fill(base, 0, BUDDY_BYTES);
  memory.fill(bitmaps, 0, <usize>bitmapBytes(pages));
  buddy.pages = pages;
  let at = bitmaps;
  for (let order: u32 = 0; order < ORDERS; order++) {
    store<u32>(base + BITMAPS + 4 * <usize>order, <u32>at);
    at += <usize>words(pages, order) * 8;
  }
  giveRange(buddy, 0, pages);
  buddy.merges = 0;
}

@inline
function bitmap(buddy: Buddy, order: u32): usize {
  return <usize>load<u32>(changetype<usize>(buddy) + BITMAPS + 4 * <usize>order);
}

/** Free blocks of an order. */
@inline
export function freeBlocks(buddy: Buddy, order: u32): u32 {
  return load<u32>(changetype<usize>(buddy) + COUNTS + 4 * <usize>order);
}

@inline
function addBlocks(buddy: Buddy, order: u32, change: i32): void {
  const at = changetype<usize>(buddy) + COUNTS + 4 * <usize>order;
  store<u32>(at, load<u32>(at) + change);
}

@inline
function isFree(map: usize, block: u32): bool {
  return (load<u64>(map + (<usize>(block >> 6) << 3)) & (<u64>1 << (block & 63))) != 0;
}

@inline
function flip(map: usize, block: u32): void {
  const at = map + (<usize>(block >> 6) << 3);
  store<u64>(at, load<u64>(at) ^ (<u64>1 << (block & 63)));
}

/** No block of the order lies in a word below this one. */
@inline
function hintAt(buddy: Buddy, order: u32): usize {
  return changetype<usize>(buddy) + HINTS + 4 * <usize>order;
}

/** Does a free block of the order or above hold the page? */
function isInFree(buddy: Buddy, page: u32, order: u32): bool {
  for (let at = order; at <= MAX_PAGE_ORDER; at++) {
    const block = page >> at;
    if (((block + 1) << at) > buddy.pages) return false;
    if (isFree(bitmap(buddy, at), block)) return true;
  }
  return false;
}

/**
 * __free_one_page: frees the block of `order` that begins at `page`; answers the merges it made.
 */
export function freeBlock(buddy: Buddy, page: u32, order: u32): u32 {
  let block = page >> order;
  let at = order;
  let merges: u32 = 0;
  assert(!isInFree(buddy, page, order)); // not free already, alone or in a larger block
  while (at < MAX_PAGE_ORDER) {
    const map = bitmap(buddy, at);
    const other = block ^ 1;
    if (((other + 1) << at) > buddy.pages || !isFree(map, other)) break;
    flip(map, other);
    addBlocks(buddy, at, -1);
    block >>= 1;
    at++;
    merges++;
  }
  flip(bitmap(buddy, at), block);
  addBlocks(buddy, at, 1);
  const hint = hintAt(buddy, at);
  if (block >> 6 < load<u32>(hint)) store<u32>(hint, block >> 6);
  buddy.free += 1 << order;
  buddy.merges += <u64>merges;
  return merges;
}

/**
 * Frees `pages` pages one by one: the state and the merges do not depend on the order in which
 * neighbours come, so they go back as the largest aligned blocks, each of which stands for the
 * merges that build it. Answers all merges.
 */
export function giveRange(buddy: Buddy, page: u32, pages: u32): u32 {
  let at = page;
  let left = pages;
  let merges: u32 = 0;
  while (left != 0) {
    let order = at == 0 ? MAX_PAGE_ORDER : min(<u32>ctz(at), MAX_PAGE_ORDER);
    while (<u32>1 << order > left) order--;
    const inside = (<u32>1 << order) - 1;
    buddy.merges += <u64>inside;
    merges += inside + freeBlock(buddy, at, order);
    at += 1 << order;
    left -= 1 << order;
  }
  return merges;
}

/** __rmqueue_smallest for one block: its first page, or NO_BLOCK. */
export function takeBlock(buddy: Buddy, order: u32): u32 {
  let from = order;
  while (from <= MAX_PAGE_ORDER && freeBlocks(buddy, from) == 0) from++;
  if (from > MAX_PAGE_ORDER) return NO_BLOCK;
  const page = removeLowest(buddy, from);
  buddy.free -= 1 << order;
  while (from > order) {
    from--;
    putBack(buddy, page + (1 << from), from);
  }
  return page;
}

/** Pages that `takePages` took, from the answered page on. */
export let pagesTaken: u32 = 0;

/**
 * Up to `most` single pages in a row, as taking them one by one would find them: once a block is
 * split, its rest is the smallest there is. Answers the first page, or NO_BLOCK.
 */
export function takePages(buddy: Buddy, most: u32): u32 {
  let from: u32 = 0;
  while (from <= MAX_PAGE_ORDER && freeBlocks(buddy, from) == 0) from++;
  if (from > MAX_PAGE_ORDER) return NO_BLOCK;
  const page = removeLowest(buddy, from);
  const size = <u32>1 << from;
  pagesTaken = min(most, size);
  buddy.free -= pagesTaken;
  let at = pagesTaken;
  while (at < size) {
    const order = <u32>ctz(at);
    putBack(buddy, page + at, order);
    at += 1 << order;
  }
  return page;
}

function removeLowest(buddy: Buddy, order: u32): u32 {
  const map = bitmap(buddy, order);
  const hint = hintAt(buddy, order);
  let word = load<u32>(hint);
  while (load<u64>(map + (<usize>word << 3)) == 0) word++; // the count says that there is one
  store<u32>(hint, word);
  const block = (word << 6) + <u32>ctz(load<u64>(map + (<usize>word << 3)));
  flip(map, block);
  addBlocks(buddy, order, -1);
  return block << order;
}

/** Half of a split block, whose buddy is in use: it merges with nothing. */
function putBack(buddy: Buddy, page: u32, order: u32): void {
  const block = page >> order;
  flip(bitmap(buddy, order), block);
  addBlocks(buddy, order, 1);
  const hint = hintAt(buddy, order);
  if (block >> 6 < load<u32>(hint)) store<u32>(hint, block >> 6);
}

/** Are the free blocks the fewest that can hold all pages of the zone? */
export function fullyMerged(buddy: Buddy): bool {
  if (buddy.free != buddy.pages) return false;
  let left = buddy.pages;
  for (let order = <i32>MAX_PAGE_ORDER; order >= 0; order--) {
    const blocks = left >> <u32>order;
    if (freeBlocks(buddy, <u32>order) != blocks) return false;
    left -= blocks << <u32>order;
  }
  return true;
}

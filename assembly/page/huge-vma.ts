// Where the resident pages of a VMA with huge pages lie.
//
//   start       first whole block                                         end
//   ├──────┄┄┄┄┄╞═══════╤═══════╤═══════╡──────────────┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤
//    head        huge pages              tail           not touched
//
// [simplified: mm/huge_memory.c: which blocks were huge at their first touch depends on free blocks
//  and on khugepaged; here it is the first whole ones of each VMA, the small pages before them as
//  far as there are any, the others behind]

import { VmaFlag } from "../abi/vma";
import { giveRecord, RECORD_POOL_BYTES, recordPoolInit, takeRecord } from "../memory/record-pool";
import { Vma, vmaPages, vmaStart } from "../vma/record";

/** Pages of a huge page, and of what a last-level page table maps, as a power of 2. */
export const HUGE_ORDER: u32 = 9;
export const PAGES_PER_HUGE: u64 = 1 << HUGE_ORDER;

//  0      4      8      12          16          20
//  ┌──────┬──────┬──────┬───────────┬───────────┐
//  │ head │ huge │ tail │ headFolio │ tailFolio │
//  └──────┴──────┴──────┴───────────┴───────────┘
/** What a VMA with huge pages has beside its record; the VMA's `group` is its address. */
@unmanaged
export class HugeVma {
  /** Small pages from the VMA's start on, none of them beyond the first whole block's begin. */
  head: u32;
  /** Huge pages, from the first whole block on. */
  huge: u32;
  /** Small pages behind them. */
  tail: u32;
  /** Where the head, or the tail, is what a cut has left of a huge page: its folio (folio.ts). */
  headFolio: u32;
  tailFolio: u32;
}

const HUGE_VMA_BYTES: u32 = 20;

@lazy const POOL: usize = memory.data(RECORD_POOL_BYTES, 4);

export function hugeVmaBytes(vmas: u64): u64 {
  return vmas * <u64>HUGE_VMA_BYTES;
}

export function hugeVmaInit(base: usize, bytes: u64): void {
  recordPoolInit(POOL, base, bytes);
}

/** Has the VMA such a record? */
@inline
export function isHuge(vma: Vma): bool {
  return (vma.flags & <u16>VmaFlag.HUGE) != 0;
}

@inline
export function hugeVmaOf(vma: Vma): HugeVma {
  return changetype<HugeVma>(<usize>vma.group);
}

/** Gives a VMA a record of no pages. */
export function newHugeVma(vma: Vma): HugeVma {
  const address = takeRecord(POOL, HUGE_VMA_BYTES);
  assert(address != 0); // the host plans one for each such VMA
  memory.fill(<usize>address, 0, <usize>HUGE_VMA_BYTES);
  vma.group = address;
  vma.flags |= <u16>VmaFlag.HUGE;
  return changetype<HugeVma>(<usize>address);
}

/** Its pages and their tables are gone, and with them the record. */
export function dropHugeVma(vma: Vma): void {
  giveRecord(POOL, vma.group);
  vma.group = 0;
  vma.flags &= ~<u16>VmaFlag.HUGE;
}

/** The VMA's first whole 2 MiB block. */
@inline
export function firstBlock(vma: Vma): u64 {
  return (vmaStart(vma) + PAGES_PER_HUGE - 1) >> <u64>HUGE_ORDER;
}

/** Whole 2 MiB blocks of a VMA. */
export function wholeBlocks(vma: Vma): u64 {
  const end = (vmaStart(vma) + vmaPages(vma)) >> <u64>HUGE_ORDER;
  const first = firstBlock(vma);
  return end > first ? end - first : 0;
}

/** Says that a VMA has `huge` huge pages, which fit it, and `small` pages besides. */
export function setHuge(vma: Vma, huge: u32, small: u64): void {
  const its = newHugeVma(vma);
  const before = (firstBlock(vma) << <u64>HUGE_ORDER) - vmaStart(vma);
  its.huge = huge;
  its.head = <u32>min(small, before);
  its.tail = <u32>(small - <u64>its.head);
}

/** Small pages of a VMA that has a record. */
@inline
export function smallPages(its: HugeVma): u64 {
  return <u64>its.head + <u64>its.tail;
}

/** Of its small pages, those of huge pages that were cut. */
export function cutPages(its: HugeVma): u32 {
  return (its.headFolio != 0 ? its.head : 0) + (its.tailFolio != 0 ? its.tail : 0);
}

/** All resident pages of a VMA that has a record. */
@inline
export function pagesOfHuge(its: HugeVma): u64 {
  return smallPages(its) + <u64>its.huge * PAGES_PER_HUGE;
}

/** First page behind the huge pages of a VMA that has a record. */
@inline
export function tailStart(vma: Vma, its: HugeVma): u64 {
  return (firstBlock(vma) + <u64>its.huge) << <u64>HUGE_ORDER;
}

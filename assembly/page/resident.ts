// Which pages of a VMA are resident: its first ones, as many as its record says. Of one with huge
// pages there is more to say (huge-vma.ts).
// [simplified: mm/memory.c: touched pages lie together from the VMA's start; where they lie inside
//  it changes only how many page tables hold them]

import { RESIDENT_MAX } from "../abi/page";
import { VmaFlag } from "../abi/vma";
import { Vma, vmaPages, vmaStart } from "../vma/record";
import { HUGE_ORDER, hugeVmaOf, isHuge, pagesOfHuge, tailStart } from "./huge-vma";

/** Resident pages of a VMA. */
@inline
export function residentPages(vma: Vma): u64 {
  if (isHuge(vma)) return pagesOfHuge(hugeVmaOf(vma));
  const code = <u64>vma.resident;
  if (code == 0) return 0;
  const pages = vmaPages(vma);
  const parts = <u64>RESIDENT_MAX;
  return pages <= parts ? code : (pages * code + parts - 1) / parts;
}

/**
 * Says how many pages of a VMA are resident. Beyond 65,535 pages a record says a share of them,
 * which may be a few pages less.
 */
export function setResident(vma: Vma, resident: u64): void {
  const pages = vmaPages(vma);
  const parts = <u64>RESIDENT_MAX;
  vma.resident = <u16>(pages <= parts ? resident : (resident * parts) / pages);
}

/** Its pages stay when it goes: the page cache owns them. */
@inline
export function mapsFile(vma: Vma): bool {
  return (vma.flags & <u16>(VmaFlag.FILE | VmaFlag.SHARED)) != 0;
}

/** Its pages are those of shared memory (mm_counter_file: swap-backed), not of a file on a disk. */
@inline
export function mapsShmem(vma: Vma): bool {
  const shmem = <u16>(VmaFlag.SHARED | VmaFlag.DELETED);
  return (vma.flags & shmem) == shmem;
}

/** Huge pages among the resident ones. */
@inline
export function hugePages(vma: Vma): u32 {
  return isHuge(vma) ? hugeVmaOf(vma).huge : 0;
}

/** Pages that a last-level page table maps, as a power of 2. */
const TABLE_SHIFT: u64 = <u64>HUGE_ORDER;

/** Last table that `vmaTables` has counted or had before, plus 1. */
export let lastTableCounted: u64 = 0;

/**
 * Page tables below block `end` that a VMA's small pages need beyond those counted for the VMAs
 * below; `lastBlock` is the last table counted, plus 1.
 */
export function vmaTables(vma: Vma, lastBlock: u64, end: u64): u32 {
  lastTableCounted = lastBlock;
  if (!isHuge(vma)) return count(vmaStart(vma), residentPages(vma), end);
  const its = hugeVmaOf(vma);
  const before = count(vmaStart(vma), its.head, end);
  return before + count(tailStart(vma, its), its.tail, end);
}

function count(first: u64, pages: u64, end: u64): u32 {
  if (pages == 0) return 0;
  const tables = tablesBelow(first, pages, lastTableCounted, end);
  lastTableCounted = max(lastTableCounted, lastTable(first, pages));
  return tables;
}

function tablesBelow(first: u64, pages: u64, lastBlock: u64, end: u64): u32 {
  const from = max(first >> TABLE_SHIFT, lastBlock);
  const after = min(((first + pages - 1) >> TABLE_SHIFT) + 1, end);
  return after > from ? <u32>(after - from) : 0;
}

/** The first table that maps nothing below a page. */
export function firstTableFrom(page: u64): u64 {
  return (page + (1 << TABLE_SHIFT) - 1) >> TABLE_SHIFT;
}

/** The first table that maps something from a page on. */
export function tableOf(page: u64): u64 {
  return page >> TABLE_SHIFT;
}

/** What a table of the second level maps: 1 GiB of pages, as a power of 2. */
const UPPER_SHIFT: u64 = 18;

/** Tables of the second level below page `ceiling` that pages need beyond those counted. */
export function upperTables(first: u64, pages: u64, lastUpper: u64, ceiling: u64): u32 {
  const from = max(first >> UPPER_SHIFT, lastUpper);
  const after = min(lastUpperTable(first, pages), ceiling >> UPPER_SHIFT);
  return after > from ? <u32>(after - from) : 0;
}

export function lastUpperTable(first: u64, pages: u64): u64 {
  return ((first + pages - 1) >> UPPER_SHIFT) + 1;
}

/** The first such table that maps nothing below a page. */
export function firstUpperFrom(page: u64): u64 {
  return (page + (1 << UPPER_SHIFT) - 1) >> UPPER_SHIFT;
}

function lastTable(first: u64, pages: u64): u64 {
  return ((first + pages - 1) >> TABLE_SHIFT) + 1;
}

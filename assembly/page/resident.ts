// Which pages of a VMA are resident: its first ones, as many as its record says.
// [simplified: mm/memory.c: touched pages lie together from the VMA's start; where they lie inside
//  it changes only how many page tables hold them]

import { RESIDENT_MAX } from "../abi/page";
import { VmaFlag } from "../abi/vma";
import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { Vma, vmaPages, vmaStart } from "../vma/record";

/** Resident pages of a VMA. */
@inline
export function residentPages(vma: Vma): u64 {
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

/**
 * Huge pages among the resident ones: whole 2 MiB blocks, the share of them that the run says.
 * [simplified: mm/huge_memory.c: which blocks were huge at their first touch depends on free blocks
 *  and on khugepaged; here it is the first ones of each VMA]
 */
export function hugePages(vma: Vma): u32 {
  if ((vma.flags & <u16>VmaFlag.HUGE) == 0 || mapsFile(vma)) return 0;
  const first = (vmaStart(vma) + PAGES_PER_HUGE - 1) >> TABLE_SHIFT;
  const end = (vmaStart(vma) + residentPages(vma)) >> TABLE_SHIFT;
  if (end <= first) return 0;
  const parts = <u64>RESIDENT_MAX;
  return <u32>(((end - first) * config(Config.HUGE_PARTS)) / parts);
}

export const PAGES_PER_HUGE: u64 = 512;
export const HUGE_ORDER: u32 = 9;

/** Pages that a last-level page table maps, as a power of 2. */
const TABLE_SHIFT: u64 = 9;

/**
 * Page tables that the resident pages from `first` on need beyond those counted for the VMAs below;
 * `lastBlock` is the last table counted, plus 1.
 */
export function newTables(first: u64, pages: u64, lastBlock: u64): u32 {
  return tablesBelow(first, pages, lastBlock, u64.MAX_VALUE);
}

/** The same of tables below block `end` alone. */
export function tablesBelow(first: u64, pages: u64, lastBlock: u64, end: u64): u32 {
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

export function lastTable(first: u64, pages: u64): u64 {
  return ((first + pages - 1) >> TABLE_SHIFT) + 1;
}

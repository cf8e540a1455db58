// What address spaces want of a machine's memory: touched pages, and the page tables above them.
// Here it is only counted; whoever drives the world finds the frames (frames.ts). The explorer has
// none: its worlds know MEMORY_PAGES at most.
//
// A table is there as long as a touched page is in its 2 MiB block, and the touched pages of a VMA
// lie together from its start (page/resident.ts says the same).
// [simplified: mm/memory.c:free_pgd_range, 6.12 and 7.2: the kernel keeps a table as long as any
//  VMA lies in its block; tables of the upper levels are left out, as in page/]

import { treeFind } from "../index/tree";
import { MmStruct, mmTree, mmVma } from "./records";

/** Pages that a last-level table maps, as a power of 2. */
const TABLE_SHIFT: u64 = 9;
const CURSOR: usize = memory.data(512, 64);
const LAST: u64 = u64.MAX_VALUE >> 12;

/** VMAs, nodes, tables and pages come out of the machine's frames. */
export let fromMachine: bool = false;
let changed: u32 = 0;
/** Time runs: changes are told apart by steps. */
let running: bool = false;

export function demandInit(on: bool): void {
  fromMachine = on;
  changed = 0;
  running = false;
}

/** Everything that was there at the beginning has its frames. */
export function demandStart(): void {
  running = true;
}

/** A step has changed what the mm wants; no step changes more than one. */
function note(mm: MmStruct): void {
  if (!running) return;
  const address = <u32>changetype<usize>(mm);
  assert(changed == 0 || changed == address); // one mm a step
  changed = address;
}

/** The mm whose wants the step has changed; 0 for none. */
export function takeChanged(): u32 {
  const taken = changed;
  changed = 0;
  return taken;
}

export function wantPages(mm: MmStruct, pages: u64): void {
  if (!fromMachine) return;
  mm.rss += <u32>pages;
  note(mm);
}

export function leavePages(mm: MmStruct, pages: u64): void {
  if (!fromMachine) return;
  assert(<u64>mm.rss >= pages); // more left than were there
  mm.rss -= <u32>pages;
  note(mm);
}

/** Is a page of a 2 MiB block touched? */
function blockTouched(mm: MmStruct, block: u64): bool {
  const first = block << TABLE_SHIFT;
  const last = first + (1 << TABLE_SHIFT) - 1;
  let at = first;
  while (at <= last) {
    const found = treeFind(mmTree(mm), CURSOR, at, last);
    if (found == 0) return false;
    const vma = mmVma(found);
    if (vma.touched != 0 && vma.start + <u64>vma.touched > first) return true;
    at = vma.end;
  }
  return false;
}

/** The next page of a VMA is touched: is it the first one of its block? */
export function wantTable(mm: MmStruct, address: u32): void {
  if (!fromMachine) return;
  const vma = mmVma(address);
  const block = (vma.start + <u64>vma.touched) >> TABLE_SHIFT;
  if (blockTouched(mm, block)) return;
  mm.tables++;
  note(mm);
}

/** Last-level tables under all touched pages of an mm. */
export function tablesOfAll(mm: MmStruct): u32 {
  let tables: u64 = 0;
  let behind: u64 = 0;
  let at: u64 = 0;
  while (true) {
    const found = treeFind(mmTree(mm), CURSOR, at, LAST);
    if (found == 0) return <u32>tables;
    const vma = mmVma(found);
    at = vma.end;
    if (vma.touched == 0) continue;
    tables += tablesFrom(vma.start, <u64>vma.touched, behind);
    behind = behindTables(vma.start, <u64>vma.touched);
  }
}

/** Tables of touched pages from the block `behind` on. */
@inline
export function tablesFrom(first: u64, pages: u64, behind: u64): u64 {
  const from = max(first >> TABLE_SHIFT, behind);
  const after = behindTables(first, pages);
  return after > from ? after - from : 0;
}

@inline
export function behindTables(first: u64, pages: u64): u64 {
  return ((first + pages - 1) >> TABLE_SHIFT) + 1;
}

/** munmap has taken the VMAs of a list, in address order, out of the index: their tables go. */
export function leaveTables(mm: MmStruct, first: u32): void {
  if (!fromMachine) return;
  let behind: u64 = 0;
  for (let address = first; address != 0; address = mmVma(address).group) {
    const vma = mmVma(address);
    if (vma.touched == 0) continue;
    const after = behindTables(vma.start, <u64>vma.touched);
    for (let block = max(vma.start >> TABLE_SHIFT, behind); block < after; block++) {
      if (!blockTouched(mm, block)) mm.tables--;
    }
    behind = after;
  }
  note(mm);
}

/** The copy of a VMA in a fork's child; `behind` are the tables counted for those below it. */
export function wantTablesOfCopy(mm: MmStruct, first: u64, pages: u64, behind: u64): u64 {
  if (!fromMachine || pages == 0) return behind;
  mm.tables += <u32>tablesFrom(first, pages, behind);
  note(mm);
  return behindTables(first, pages);
}

/** All page tables of an mm go. */
export function leaveAllTables(mm: MmStruct): void {
  if (!fromMachine) return;
  mm.tables = 0;
  note(mm);
}

// What address spaces want of a machine's memory: touched pages, and the page tables above them.
// Here it is only counted; whoever drives the world finds the frames (frames.ts). The explorer has
// none: its worlds know MEMORY_PAGES at most.
//
// A table of one of the three levels below the top is there as long as a touched page is in what it
// maps (2 MiB, 1 GiB, 512 GiB), and the touched pages of a VMA lie together from its start
// (page/resident.ts says the same of the last level).
// [simplified: mm/memory.c:free_pgd_range, 6.12 and 7.2: the kernel keeps a table as long as any
//  VMA lies in its block; the table at the top belongs to the mm_struct]

import { treeFind } from "../index/tree";
import { MmFlag, MmStruct, mmTree, mmVma } from "./records";

/** Pages that a table of each level maps, as powers of 2. */
const LAST_LEVEL: u64 = 9;
const UPPERMOST: u64 = 27;
const NEXT_LEVEL: u64 = 9;
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

/** Is a page of a block touched? */
function blockTouched(mm: MmStruct, block: u64, shift: u64): bool {
  const first = block << shift;
  const last = first + (1 << shift) - 1;
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

/** The next page of a VMA is touched: of which levels is it the first one of its block? */
export function wantTables(mm: MmStruct, address: u32): void {
  if (!fromMachine) return;
  const vma = mmVma(address);
  const page = vma.start + <u64>vma.touched;
  for (let shift = LAST_LEVEL; shift <= UPPERMOST; shift += NEXT_LEVEL) {
    // its own page before this one is the likeliest to be there
    if (vma.touched != 0 && (page - 1) >> shift == page >> shift) return;
    if (blockTouched(mm, page >> shift, shift)) return;
    mm.tables++;
    note(mm);
  }
}

/** Tables under all touched pages of an mm. */
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
    behind = vma.start + <u64>vma.touched;
  }
}

/** Tables of touched pages besides those that touched pages below have, up to the page `behind`. */
function tablesFrom(first: u64, pages: u64, behind: u64): u64 {
  let tables: u64 = 0;
  for (let shift = LAST_LEVEL; shift <= UPPERMOST; shift += NEXT_LEVEL) {
    const from = max(first >> shift, blockBehind(behind, shift));
    const after = blockBehind(first + pages, shift);
    if (after > from) tables += after - from;
  }
  return tables;
}

/** The first block that has none of the pages below `page`. */
@inline
function blockBehind(page: u64, shift: u64): u64 {
  return page == 0 ? 0 : ((page - 1) >> shift) + 1;
}

/** munmap has taken the VMAs of a list, in address order, out of the index: their tables go. */
export function leaveTables(mm: MmStruct, first: u32): void {
  if (!fromMachine) return;
  for (let shift = LAST_LEVEL; shift <= UPPERMOST; shift += NEXT_LEVEL) {
    const left = emptied(mm, first, shift);
    if (left == 0) break; // who keeps all tables of a level keeps those above them
    mm.tables -= left;
  }
  note(mm);
}

/** Blocks of a level that the VMAs of a list had touched, and nobody else has. */
function emptied(mm: MmStruct, first: u32, shift: u64): u32 {
  let blocks: u32 = 0;
  let behind: u64 = 0;
  for (let address = first; address != 0; address = mmVma(address).group) {
    const vma = mmVma(address);
    if (vma.touched == 0) continue;
    const after = blockBehind(vma.start + <u64>vma.touched, shift);
    for (let block = max(vma.start >> shift, behind); block < after; block++) {
      if (!blockTouched(mm, block, shift)) blocks++;
    }
    behind = after;
  }
  return blocks;
}

/**
 * The copy of a VMA in a fork's child, above the pages up to `behind` that have theirs; returns the
 * page behind it.
 */
export function wantTablesOfCopy(mm: MmStruct, first: u64, pages: u64, behind: u64): u64 {
  if (!fromMachine || pages == 0) return behind;
  mm.tables += <u32>tablesFrom(first, pages, behind);
  note(mm);
  return first + pages;
}

/** Tables were counted as they came and went; but a reaper leaves those of the pages it took. */
export function checkTables(mm: MmStruct): void {
  if (!fromMachine || (mm.flags & (MmFlag.OOM_SKIP | MmFlag.UNSTABLE)) != 0) return;
  assert(mm.tables == tablesOfAll(mm)); // none lost, none left behind
}

/** All page tables of an mm go. */
export function leaveAllTables(mm: MmStruct): void {
  if (!fromMachine) return;
  assert(mm.rss == 0); // they map nothing any more
  mm.tables = 0;
  note(mm);
}

// VMAs that share a last-level page table with touched memory.
//
// A range that nobody has touched has no page table, and unmapping it is over at the level above.
// Where something in the same block of 2 MiB was touched there is a table, whose entries have to be
// looked through. So of 1,000 VMAs of a page each the 504 in the block of the vdso take longer.
//
// [same: mm/memory.c:zap_pmd_range (pmd_none_or_clear_bad), zap_pte_range, 6.12 and 7.2]
// [simplified: one price a VMA, however many of its entries lie in the table; the program's own
//  VMAs, heap, stack and vdso are touched in every process, and pay in a price of their own]

import { VmaFlag } from "../abi/vma";
import { cursorInitRev, cursorPrev } from "../index/tree";
import { residentPages } from "../page/resident";
import { Mm } from "./mm";
import { Vma, vmaAt, vmaPages, vmaStart } from "./record";

const NO_BLOCK: u64 = u64.MAX_VALUE;
const BLOCK_SHIFT: u64 = 9;
const PROGRAM: u16 = <u16>(VmaFlag.FILE | VmaFlag.HEAP | VmaFlag.STACK | VmaFlag.SPECIAL);

/** Last block with touched memory, and the block where the VMA before ends. */
let touchedBlock: u64 = NO_BLOCK;
let blockBefore: u64 = NO_BLOCK;

/** The next VMA is the first of an address space. */
export function tableVmasInit(): void {
  touchedBlock = NO_BLOCK;
  blockBefore = NO_BLOCK;
}

/** Does unmapping a VMA look through a table for nothing? */
@inline
export function looksThroughTable(vma: Vma): bool {
  const flags = vma.flags & (PROGRAM | <u16>VmaFlag.TABLE);
  return flags == <u16>VmaFlag.TABLE && residentPages(vma) == 0;
}

@inline
function lastBlock(vma: Vma): u64 {
  return (vmaStart(vma) + vmaPages(vma) - 1) >> BLOCK_SHIFT;
}

function mark(mm: Mm, vma: Vma): void {
  if ((vma.flags & <u16>VmaFlag.TABLE) != 0) return;
  vma.flags |= <u16>VmaFlag.TABLE;
  if (looksThroughTable(vma)) mm.tableVmas++;
}

/** A VMA is loaded, above all others of its mm. */
export function noteTables(mm: Mm, vma: Vma): void {
  const block = vmaStart(vma) >> BLOCK_SHIFT;
  const shared = block == blockBefore;
  blockBefore = lastBlock(vma);
  if (block == touchedBlock) mark(mm, vma);
  if ((vma.flags & PROGRAM) == 0 && residentPages(vma) == 0) return;
  // what lies below in a block that had a table before has been marked when it was loaded
  if (shared && block != touchedBlock) markBelow(mm, vma, block);
  touchedBlock = blockBefore;
}

/** Marks what lies below a VMA in the same block: at most 512 VMAs. */
function markBelow(mm: Mm, vma: Vma, block: u64): void {
  const cursor = <usize>mm.cursor;
  cursorInitRev(cursor, <usize>mm.tree, vmaStart(vma) - 1);
  while (true) {
    const below = cursorPrev(cursor);
    if (below == 0 || lastBlock(vmaAt(below)) != block) return;
    mark(mm, vmaAt(below));
  }
}

/** A part of a VMA becomes one of its own. */
export function noteTablesSplit(mm: Mm, part: Vma): void {
  if (looksThroughTable(part)) mm.tableVmas++;
}

/** A VMA is unmapped before its process exits. */
export function noteTablesGone(mm: Mm, vma: Vma): void {
  if (looksThroughTable(vma)) mm.tableVmas--;
}

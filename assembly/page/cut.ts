// A VMA with huge pages becomes two.
//
// [same: mm/huge_memory.c:vma_adjust_trans_huge, split_huge_pmd_if_needed, 6.12 and 7.2: a huge
//  page that the new border cuts is mapped by single entries from then on; others stay as they are]
//
//   before:  ├── head ──╞═══╤═══╤═══╤═══╡── tail ──┄┄┄┤
//                               ┊ the border cuts a huge page
//   lower:   ├── head ──╞═══╡tail┤            its last pages are those of the cut one
//   upper:                      ├head╞═══╡── tail ──┄┄┄┤   and so are its first ones

import { Cpu } from "../sched/cpu";
import { Vma, vmaStart } from "../vma/record";
import { splitHugePmd } from "./folio";
import {
  firstBlock,
  HUGE_ORDER,
  HugeVma,
  hugeVmaOf,
  newHugeVma,
  PAGES_PER_HUGE,
  tailStart,
} from "./huge-vma";
import { FrameList } from "./runs";

/**
 * Divides what `upper` has at page `border`: `lower` has the VMA's start already and gets a record
 * of its own, `upper`'s begins at the border from now on. `huge` are the blocks of the mm.
 */
export function cutHuge(cpu: Cpu, lower: Vma, upper: Vma, border: u64, huge: FrameList): void {
  const above = hugeVmaOf(upper);
  const below = newHugeVma(lower);
  const blocks = firstBlock(lower) << <u64>HUGE_ORDER;
  const tail = tailStart(lower, above);
  below.headFolio = above.headFolio;
  if (border < blocks) cutHead(below, above, border - vmaStart(lower));
  else if (border < tail) cutBlocks(cpu, below, above, border - blocks, huge);
  else cutTail(below, above, border, tail);
}

/** The border lies before the first whole block. */
function cutHead(below: HugeVma, above: HugeVma, pages: u64): void {
  below.head = <u32>min(<u64>above.head, pages);
  above.head -= below.head;
}

/** The border lies among the huge pages, `pages` behind the first one's begin. */
function cutBlocks(cpu: Cpu, below: HugeVma, above: HugeVma, pages: u64, huge: FrameList): void {
  const part = <u32>(pages & (PAGES_PER_HUGE - 1));
  below.head = above.head;
  below.huge = <u32>(pages >> <u64>HUGE_ORDER);
  above.huge -= below.huge;
  above.head = 0;
  above.headFolio = 0;
  if (part == 0) return;
  const folio = splitHugePmd(cpu, huge);
  above.huge--;
  below.tail = part;
  below.tailFolio = folio;
  above.head = <u32>PAGES_PER_HUGE - part;
  above.headFolio = folio;
}

/** The border lies behind the huge pages, which end at `tail`. */
function cutTail(below: HugeVma, above: HugeVma, border: u64, tail: u64): void {
  const block = (border + PAGES_PER_HUGE - 1) & ~(PAGES_PER_HUGE - 1);
  const folio = above.tailFolio;
  below.head = above.head;
  below.huge = above.huge;
  below.tail = <u32>min(<u64>above.tail, border - tail);
  const left = above.tail - below.tail;
  above.huge = 0;
  above.head = <u32>min(<u64>left, block - border);
  above.tail = left - above.head;
  above.headFolio = 0;
  if (folio == 0 || border == tail) return;
  // a cut huge page is all that lies behind the whole ones: both parts have some of it
  below.tailFolio = folio;
  above.headFolio = folio;
  above.tailFolio = 0;
}

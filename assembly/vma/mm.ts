// The address space under teardown: its index, its counters, its list of dead VMAs.

import { TREE_BYTES, CURSOR_BYTES } from "../index/tree";

//  0          8           16        20        24         32
//  ┌──────────┬───────────┬─────────┬─────────┬──────────┬─────────────┐
//  │ charged  │ accounted │ mapCount│ listHead│ lastDrain│ listSize .. │
//  └──────────┴───────────┴─────────┴─────────┴──────────┴─────────────┘
/** mm_struct, as far as teardown sees it. */
@unmanaged
export class Mm {
  /** Pages of VM_ACCOUNT VMAs that were charged when the VMAs were made. */
  chargedPages: u64;
  /** Pages found again by the removal loop, to be given back (nr_accounted). */
  accountedPages: u64;
  mapCount: u32;
  /** Most recently listed dead VMA; the list runs to the oldest. */
  listHead: u32;
  /** jiffies of the last drain; 0 in a fresh mm. */
  lastDrain: u64;
  listSize: u32;
  /** VMAs the removal loop has taken. */
  removed: u32;
  /** The VMA that the removal loop has taken and not yet handed over. */
  inHand: u32;
  /** __mt_destroy has begun. */
  treeGone: u32;
  /** When the process began to exit: 0 unless it did something else first. */
  exitStart: u64;
  /** VMAs with entries in a page table that stays (VmaFlag.TABLE), unmapped before the exit. */
  tableVmasGone: u32;
}

const MM_BYTES: u32 = 96;
const MM: usize = memory.data(MM_BYTES, 16);
/** Index of the mm's VMAs by page, and the cursor its exit walks with. */
export const MM_TREE: usize = memory.data(512, 64);
export const MM_CURSOR: usize = memory.data(512, 64);

@inline
export function theMm(): Mm {
  return changetype<Mm>(MM);
}

export function mmInit(): void {
  assert(TREE_BYTES <= 512 && CURSOR_BYTES <= 512); // they fit the room kept for them
  assert(offsetof<Mm>() <= MM_BYTES);
  memory.fill(MM, 0, MM_BYTES);
}

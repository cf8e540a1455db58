// __split_vma: one VMA becomes two, under mmap_lock held for write.
// [same: mm/vma.c:__split_vma, 6.12 and 7.2: the new VMA, then the old one is write-locked, and the
//  new one goes into the index. Whoever splits has looked at map_count: mprotect always
//  (mm/vma.c:split_vma), munmap only for a hole in one VMA (vms_gather_munmap_vmas)]

import { Happened } from "../abi/mm";
import { allocVma, attach, copyVma, storeRange } from "./attach";
import { fromMachine } from "./demand";
import { Actor, MmStruct, mmVma, MmVma } from "./records";
import { happened, maxMapCount } from "./settings";
import { startWrite } from "./vma-lock";

export enum Split {
  PENDING,
  DONE,
  /** No memory. */
  FAILED,
}

/** May a VMA become two? */
export function roomForSplit(mm: MmStruct): bool {
  if (mm.mapCount < maxMapCount) return true;
  happened(Happened.MAP_COUNT_LIMIT);
  return false;
}

/**
 * May something be mapped? One VMA above the limit may come so.
 * [same: mm/mmap.c:do_mmap, 6.12 and 7.2, mm/mmap.c:do_brk_flags, 6.12: "more than", where a split
 *  asks for "as many as"]
 */
export function roomForVma(mm: MmStruct): bool {
  if (mm.mapCount <= maxMapCount) return true;
  happened(Happened.MAP_COUNT_LIMIT);
  return false;
}

/**
 * One step of a split at `page`. With `below` the new VMA takes the part below the page, otherwise
 * the part from it on; `address` stays the other one.
 */
export function splitVma(
  actor: Actor,
  mm: MmStruct,
  address: u32,
  page: u64,
  below: bool,
): Split {
  if (!startWrite(actor, address, false)) return Split.PENDING;
  const made = allocVma(actor.cpu, mm);
  if (made == 0) return Split.FAILED;
  const vma = mmVma(address);
  const other = mmVma(made);
  copyVma(other, vma);
  cut(vma, other, page, below);
  // the old one gives way first: its new range is stored over its old one
  storeRange(mm, address);
  attach(mm, made);
  return Split.DONE;
}

function cut(vma: MmVma, other: MmVma, page: u64, below: bool): void {
  assert(page > vma.start && page < vma.end); // both parts have pages
  const pages = vma.end - vma.start;
  const lower = page - vma.start;
  // touched pages are spread evenly over the VMA; where tables are counted, they lie at its start
  const touched_below = fromMachine
    ? <u32>min(<u64>vma.touched, lower)
    : <u32>(<u64>vma.touched * lower / pages);
  if (below) {
    other.end = page;
    vma.start = page;
    other.touched = touched_below;
  } else {
    other.start = page;
    vma.end = page;
    other.touched = vma.touched - touched_below;
  }
  vma.touched -= other.touched;
}

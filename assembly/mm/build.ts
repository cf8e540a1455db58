// Worlds are built by hand before they run: address spaces, VMAs, threads, operations.

import { allocVma, attach, initTree, takePages } from "./attach";
import { ActorState, MmStruct, mmVma, setProtection, VmaBit } from "./records";
import { seqMask } from "./settings";
import { holdsCount } from "./skip";
import { actorAt, addressOf, mmAt, newActor, newMm, newOp } from "./world";

/** An mm; `born` is false for one that a fork or exec will fill. */
export function addMm(born: bool, heap: u64): u32 {
  const mm = newMm();
  mm.heapStart = heap;
  mm.heapEnd = heap;
  if (born) {
    initTree(mm);
    mm.alive = 1;
    mm.refs = 1;
  }
  return mm.id;
}

/** A VMA of a born mm; its record, or 0 where its pages are more than MEMORY_PAGES has. */
export function addVma(mm_id: u32, start: u64, pages: u64, protection: u32, touched: u32): u32 {
  const mm = mmAt(mm_id);
  const made = allocVma(0, mm);
  assert(made != 0); // the host counted them
  const vma = mmVma(made);
  vma.start = start;
  vma.end = start + pages;
  vma.touched = touched;
  if (!takePages(mm, <u64>touched)) return 0;
  if (touched != 0) {
    vma.flags |= <u16>VmaBit.ANON_VMA;
    mm.anonVmas++;
  }
  setProtection(vma, protection);
  attach(mm, made);
  vma.seq = (mm.seq - 1) & seqMask; // write-locked long ago
  vma.queued = mm.holds - 1;
  return made;
}

/** Number that stands for "no mm of its own": kernel threads and foreign processes. */
const NO_MM: u32 = 0xffff_ffff;

/** A thread of an mm; with `waits` it starts with the fork that makes its mm. */
export function addActor(mm_id: u32, waits: bool): u32 {
  const mm = mm_id == NO_MM ? 0 : addressOf(mmAt(mm_id));
  const actor = newActor(mm);
  if (waits) {
    actor.state = <u8>ActorState.NEW;
    actor.startsWith = mm;
  } else if (mm != 0) changetype<MmStruct>(<usize>mm).users++;
  return actor.id;
}

/** The next operation of the newest thread; `x` is an mm's number where it names one. */
export function addOp(actor_id: u32, op: u32, x: u64, y: u64, z: u64, names_mm: bool): void {
  let first = x;
  if (names_mm) {
    const mm = mmAt(<u32>x);
    first = <u64>addressOf(mm);
    if (holdsCount(op)) mm.refs++;
  }
  newOp(actorAt(actor_id), op, first, y, z);
}

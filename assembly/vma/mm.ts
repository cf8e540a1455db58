// The address space under teardown: its index, its counters, its list of dead VMAs.

import { Config } from "../abi/config";
import { Region } from "../abi/metric";
import { CURSOR_BYTES, TREE_BYTES } from "../index/tree";
import { regionBase } from "../memory/map";
import { config } from "../memory/slots";

//  0          8           16        20        24         32       36       40       44
//  ┌──────────┬───────────┬─────────┬─────────┬──────────┬────────┬────────┬────────┬─────────┐
//  │ charged  │ accounted │ mapCount│ listHead│ lastDrain│ lstSize│ removed│ inHand │treeGone │
//  └──────────┴───────────┴─────────┴─────────┴──────────┴────────┴────────┴────────┴─────────┘
//  48          56         60   64      68      72        76        80     84       88
//  ┌───────────┬──────────┬────┬───────┬───────┬─────────┬─────────┬──────┬────────┬──────────┐
//  │ exitStart │tableVmas │ id │ phase │ ended │ mmUsers │ mmCount │ tree │ cursor │ times .. │
//  └───────────┴──────────┴────┴───────┴───────┴─────────┴─────────┴──────┴────────┴──────────┘
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
  /** VMAs without pages that share a last-level page table (table-vmas.ts). */
  tableVmas: u32;
  id: u32;
  /** Where its exit_mmap stands, and whether that is over. */
  phase: u32;
  ended: u32;
  /** References from user space, and from the kernel; the former count as one of the latter. */
  mmUsers: u32;
  mmCount: u32;
  /** Index of its VMAs by page, and the cursor that its exit walks with. */
  tree: u32;
  cursor: u32;
  /** When the phase under way began. */
  phaseStart: u64;
  /** Nodes of the index that are gone but whose destruction is still to be paid for. */
  nodesUnpaid: u64;
  /** Since when mmap_lock is held for write, or for read after a downgrade. */
  writeSince: u64;
  /** When its exit_mmap began. */
  mmapStart: u64;
  /** What destroying one of these nodes costs. */
  nodePrice: u64;
}

const MM_BYTES: usize = 128;
const TREE_ROOM: usize = 512;
/** An mm with its tree and its cursor. */
const MM_ROOM: usize = MM_BYTES + 2 * TREE_ROOM;

const MM: usize = memory.data(<i32>MM_BYTES, 16);
/** Tree and cursor of the first mm, the only one of most runs. */
export const MM_TREE: usize = memory.data(<i32>TREE_ROOM, 64);
export const MM_CURSOR: usize = memory.data(<i32>TREE_ROOM, 64);

/** The first mm. */
@inline
export function theMm(): Mm {
  return changetype<Mm>(MM);
}

/** Address spaces of the run. */
export function mmTotal(): u32 {
  return max<u32>(<u32>config(Config.MMS), 1);
}

/** The CPU on which a process made its mappings and begins to exit. */
export function homeOf(id: u32): u32 {
  const first = <u32>config(Config.EXIT_CPU);
  return config(Config.EXITS_SPREAD) == 0 ? first : (first + id) % <u32>config(Config.CPUS);
}

/** The region of all mms but the first. */
export function mmsBytes(): u64 {
  return <u64>(mmTotal() - 1) * <u64>MM_ROOM;
}

export function mmAt(id: u32): Mm {
  if (id == 0) return theMm();
  return changetype<Mm>(regionBase(Region.MMS) + <usize>(id - 1) * MM_ROOM);
}

export function mmInit(): void {
  assert(<usize>offsetof<Mm>() <= MM_BYTES);
  assert(TREE_BYTES <= TREE_ROOM && CURSOR_BYTES <= TREE_ROOM); // they fit the room kept for them
  for (let id: u32 = 0; id < mmTotal(); id++) {
    const mm = mmAt(id);
    memory.fill(changetype<usize>(mm), 0, MM_BYTES);
    mm.id = id;
    mm.mmUsers = 1;
    mm.mmCount = 1;
    const after = <u32>(changetype<usize>(mm) + MM_BYTES);
    mm.tree = id == 0 ? <u32>MM_TREE : after;
    mm.cursor = id == 0 ? <u32>MM_CURSOR : after + <u32>TREE_ROOM;
  }
}

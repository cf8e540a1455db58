// The records of a world: VMAs, mm_structs, and the threads that work on them.

import { TREE_BYTES } from "../index/tree";

//  0      4      5       6      8      12    16      24     32    36    40     42     44
//  ┌──────┬──────┬───────┬──────┬──────┬─────┬───────┬──────┬─────┬─────┬──────┬──────┬─────────┐
//  │ next │ func │ state │ life │ lock │ mm  │ start │ end  │ seq │ ref │writer│flags │ touched │
//  ├──────┼──────┴─┬─────┴──────┴──────┴─────┴───────┴──────┴─────┴─────┴──────┴──────┴─────────┘
//  │ group│ queued │ freed                                                           48, 52, 56
//  └──────┴────────┴─────────
/** vm_area_struct with its lock. It begins like the record of an exiting VMA (vma/record.ts). */
@unmanaged
export class MmVma {
  /** The slab's free pointer, or the link of a callback list. */
  next: u32;
  /** CallbackKind while it waits in RCU. */
  func: u8;
  /** Life: its place in it. */
  state: u8;
  /** Counts allocations of this object. */
  life: u16;
  /** Object of the vma_lock cache, 6.12. */
  lock: u32;
  /** vm_mm. */
  mm: u32;
  /** First page, and the page behind the last. */
  start: u64;
  end: u64;
  /** vm_lock_seq: write-locked while it equals the mm's and mmap_lock is held for write. */
  seq: u32;
  /** 6.12: readers of the rwsem. 7.2: vm_refcnt. */
  ref: u32;
  /** 6.12: actor that holds the rwsem for write or waits for it; 0 nobody. */
  writer: u16;
  /** VmaBit, protection in the high byte. */
  flags: u16;
  /** Pages that were touched. */
  touched: u32;
  /** Next on a list of dead or isolated VMAs. */
  group: u32;
  /**
   * Dead: event number of its call_rcu. Alive: which hold of mmap_lock write-locked it last, which
   * is what the sequence number says until it wraps.
   */
  queued: u32;
  /** When it was freed (52 bits), and by which actor. */
  freed: u64;
}

export const MM_VMA_BYTES: u32 = 64;

/** What a callback of the world frees; beside CallbackKind, which knows exit's VMAs. */
export const FUNC_VMA: u8 = 64;
export const FUNC_GROUP: u8 = 65;

/** Lifetime of a VMA record. In a typesafe cache FREE is "reusable". */
export enum Life {
  FREE,
  ALLOCATED,
  ATTACHED,
  DETACHED,
  /** On a list of dead VMAs that no callback owns yet. */
  WAITING,
  /** Owned by an RCU callback. */
  QUEUED,
}

export enum VmaBit {
  ANON_VMA = 1,
  ACCOUNT = 2,
  /** Pages of a file are mapped in it. */
  FILE_PAGES = 4,
}

@inline
export function mmVma(address: u32): MmVma {
  return changetype<MmVma>(<usize>address);
}

@inline
export function protectionOf(vma: MmVma): u32 {
  return <u32>vma.flags >> 8;
}

export function setProtection(vma: MmVma, protection: u32): void {
  vma.flags = <u16>((vma.flags & 0xff) | (protection << 8));
}

//  0              64      68     72        76   80     84       88     92      96       100
//  ┌──────────────┬───────┬──────┬─────────┬────┬──────┬────────┬──────┬───────┬────────┬───────┐
//  │ tree         │ users │ count│ mapCount│ seq│ flags│ readers│writer│waiters│ .. last│ rcuwait│
//  ├──────┬───────┼──────┬┴──────┼─────────┼────┼──────┴────────┴──────┴───────┴────────┴───────┤
//  │ list │ size  │ life │ brk   │ heap    │held│ since, charged                       104 .. 160
//  ├──────┴────┬──┴──┬───┴────┬──┴───┬─────┴────┴─┬────────┐
//  │ lastDrain │ rss │ tables │ owed │ tablesOwed │ reapAt │ fileFaults │              160 .. 200
//  └───────────┴─────┴────────┴──────┴────────────┴────────┴────────────┘
/** mm_struct with its mmap_lock. */
@unmanaged
export class MmStruct {
  // the tree's record stands at 0
  t0: u64; t1: u64; t2: u64; t3: u64;
  t4: u64; t5: u64; t6: u64; t7: u64;
  users: i32;
  refs: i32;
  mapCount: u32;
  /** mm_lock_seq. */
  seq: u32;
  /** MmFlag. */
  flags: u32;
  /** mmap_lock: readers inside, the writer inside (actor + 1), those who wait. */
  readers: u32;
  writer: u32;
  waitFirst: u32;
  waitLast: u32;
  /** vma_writer_wait: the one actor that waits for a VMA's readers, + 1. */
  rcuwait: u32;
  /** Dead VMAs of the mm, newest first. */
  listHead: u32;
  listSize: u32;
  /** 0: freed, or not made yet. */
  alive: u32;
  id: u32;
  /** Heap: first page, and the page behind the last. */
  heapStart: u64;
  heapEnd: u64;
  /** Since when mmap_lock is held for write. */
  heldSince: u64;
  /** Removed by exit or munmap, to be compared with what was there. */
  removed: u32;
  /** Threads of it were told to die. */
  killed: u32;
  /** Times mmap_lock was taken for write. */
  holds: u32;
  /** VMAs with an anon_vma. */
  anonVmas: u32;
  /** Jiffies of the last drain of its list by time. */
  lastDrain: u64;
  /** Touched pages and page tables, where they come out of a machine's memory. */
  rss: u32;
  tables: u32;
  /** Of these, what threads are still to find frames for (frames.ts). */
  owed: u32;
  tablesOwed: u32;
  /** When oom_reaper looks at it; 0: it has not to, or not any more. */
  reapAt: u64;
  /** Read faults on files, whose pages exit has to unmap. */
  fileFaults: u64;
}

export const MM_STRUCT_BYTES: u32 = 256;

export enum MmFlag {
  OOM_SKIP = 1,
  UNSTABLE = 2,
  /** Its last user is gone: it is torn down. */
  EXITING = 4,
  /** The OOM killer has chosen it (oom_mm). */
  OOM_VICTIM = 8,
  /** Its fork failed, and its index is marked where (XA_ZERO_ENTRY). */
  MARKED = 16,
}

@inline
export function mmTree(mm: MmStruct): usize {
  return changetype<usize>(mm);
}

/** A thread. */
@unmanaged
export class Actor {
  id: u32;
  /** ActorState. */
  state: u8;
  op: u8;
  /** Where it is in its operation, in mmput, in a lock routine, and in a look-up. */
  pc: u8;
  putPc: u8;
  sub: u8;
  lookPc: u8;
  /** Depth of RCU read sections. */
  rcuNest: u8;
  killed: u8;
  /** How it waits for mmap_lock: WAIT_READ or WAIT_WRITE; killably. */
  waitKind: u8;
  waitKillable: u8;
  granted: u8;
  /** It holds a read lock on `vma`. */
  holdsVma: u8;
  interrupted: u8;
  /** Its last step ended where the kernel may reschedule: COND_RESCHED or MIGHT_SLEEP. */
  mayYield: u8;
  /** Next in the queue of a lock, + 1. */
  waitNext: u16;
  cpu: u16;
  /** Its own mm, 0 once dropped; and the one its operation works on. */
  mm: u32;
  target: u32;
  vma: u32;
  vmaLife: u32;
  /** A second VMA of an operation. */
  other: u32;
  side: u32;
  sideLast: u32;
  sideCount: u32;
  program: u32;
  programEnd: u32;
  /** Event number at which its RCU section began. */
  rcuSince: u32;
  tries: u32;
  x: u64;
  y: u64;
  z: u64;
  at: u64;
  waitSince: u64;
  opSince: u64;
  /** Starts when this mm has been forked or exec'd; 0 at once. */
  startsWith: u32;
  /** What its wake tail has to touch: a VMA or an mm. */
  tail: u32;
  /** Why it is blocked: a VMA whose readers it waits for; 0 mmap_lock. */
  waitsFor: u32;
  /** Where mmput is in the address space that it tears down. */
  exitVma: u32;
  exitAt: u64;
  /** fork: since when it copies, and loops over VMAs; the page of its newest page table. */
  dupSince: u64;
  loopSince: u64;
  tableAt: u64;
  /** It wants to sleep so long; 0 not. */
  pauseNs: u64;
  /** fork: the page behind those whose page tables were counted for the child's memory. */
  tablesBehind: u64;
  /** fork: its parts, from FORK_TREE_TIME to FORK_PAGES_TIME; they count once it has succeeded. */
  f0: u64; f1: u64; f2: u64; f3: u64;
  f4: u64; f5: u64; f6: u64;
}

export const ACTOR_BYTES: u32 = 288;

export enum ActorState {
  /** Waits for its fork. */
  NEW,
  RUNNABLE,
  BLOCKED,
  DONE,
}

/** cond_resched() and the way to user mode: a point under every preemption model. */
export const COND_RESCHED: u8 = 1;
/** might_sleep(), of a lock or an allocation: a point of the voluntary model only. */
export const MIGHT_SLEEP: u8 = 2;

export const WAIT_READ: u8 = 1;
export const WAIT_WRITE: u8 = 2;

/** An instruction of a program: operation and three arguments. */
//  0     8    16   24
//  ┌─────┬────┬────┬────┐
//  │ op  │ x  │ y  │ z  │
//  └─────┴────┴────┴────┘
export const OP_BYTES: u32 = 32;

export function recordsFit(): bool {
  return (
    offsetof<MmVma>() <= MM_VMA_BYTES &&
    offsetof<MmStruct>() <= MM_STRUCT_BYTES &&
    offsetof<Actor>() <= ACTOR_BYTES &&
    TREE_BYTES == 64
  );
}

// VMA records and the smaller things that RCU frees beside them.

//  0      4      5       6      8      12       16     20     22     24      26     28      32
//  ┌──────┬──────┬───────┬──────┬──────┬────────┬──────┬──────┬──────┬───────┬──────┬───────┐
//  │ next │ func │ state │ life │ lock │startLo │lenLo │ stHi │ lnHi │ flags │ resdt│ group │
//  └──────┴──────┴───────┴──────┴──────┴────────┴──────┴──────┴──────┴───────┴──────┴───────┘
/**
 * vm_area_struct: 32 engine bytes for 144 to 192 kernel bytes. `next` is the slab's free pointer
 * while the object is free and the link of its callback list while it waits in RCU.
 */
@unmanaged
export class Vma {
  next: u32;
  /** Which callback frees it (CallbackKind). */
  func: u8;
  /** Its place in life (VmaState); every change is checked. */
  state: u8;
  /** Counts allocations of this object. */
  life: u16;
  /** Its vma_lock object. */
  lock: u32;
  startLo: u32;
  lengthLo: u32;
  startHi: u16;
  lengthHi: u16;
  flags: u16;
  /** Resident pages, or their share: see page/resident.ts. */
  resident: u16;
  /**
   * Next member of its group, ring-wise; 0 outside a group. No dead VMA has pages: of one with huge
   * pages this is its HugeVma (page/huge-vma.ts).
   */
  group: u32;
}

export const VMA_RECORD_BYTES: u32 = 32;
/** A vma_lock is only its identity and its free pointer. */
export const LOCK_RECORD_BYTES: u32 = 4;

/** What a callback does; read by rcu/batch.ts. */
export enum CallbackKind {
  NONE,
  VMA,
  VMA_GROUP,
  /** delayed_put_pid, put_cred_rcu: frees something that is not modelled. */
  FOREIGN,
  /** A task waits for it (rcu/sync.ts); rcu_barrier's own (rcu/barrier.ts). */
  WAKE_TASK,
  BARRIER,
  /** Callbacks that a workload posts (workload/rcu-load.ts). */
  FLOOD,
  POST,
  /** A batch of page tables with frames (page/table-callback.ts). */
  TABLES,
  /** delayed_put_task_struct, __put_task_struct_rcu_cb: more callbacks follow (dead-task.ts). */
  TASK_GONE,
  TASK_STRUCT,
  // from here on the record is one of callbacks.ts
  /** Index nodes that were replaced: a node or a subtree. */
  INDEX_NODES,
  /** A full sheaf of single index nodes, 7.2. */
  NODE_SHEAF,
  /** The pages of a discarded slab of a typesafe cache. */
  SLAB_PAGE,
  /** Page tables of one gather, 7.2. */
  PAGE_TABLES,
  /** A full sheaf of VMAs, 7.2; a batch of kvfree_rcu. */
  VMA_SHEAF,
  BULK,
  /** Something that is not modelled; its count is what it takes, in ps. */
  OTHER,
}

/** Lifetime of a VMA object. */
export enum VmaState {
  FREE,
  ATTACHED,
  /** On a list of dead VMAs that no callback owns yet. */
  LISTED,
  /** Owned by an RCU callback. */
  QUEUED,
  /** In the side tree of a munmap: no longer found by address. */
  DETACHED,
}

@inline
export function vmaAt(address: u32): Vma {
  return changetype<Vma>(<usize>address);
}

/** Moves a VMA from one state to the next; anything else is a bug that must not pass. */
@inline
export function changeState(vma: Vma, from: VmaState, to: VmaState): void {
  assert(vma.state == <u8>from); // freed twice, queued twice, or used after its free
  vma.state = <u8>to;
}

@inline
export function vmaStart(vma: Vma): u64 {
  return <u64>vma.startLo | (<u64>vma.startHi << 32);
}

@inline
export function vmaPages(vma: Vma): u64 {
  return <u64>vma.lengthLo | (<u64>vma.lengthHi << 32);
}

export function setStart(vma: Vma, page: u64): void {
  vma.startLo = <u32>page;
  vma.startHi = <u16>(page >> 32);
}

export function setLength(vma: Vma, pages: u64): void {
  vma.lengthLo = <u32>pages;
  vma.lengthHi = <u16>(pages >> 32);
}

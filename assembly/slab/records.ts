// The linear-memory records of a slab cache, and how they are laid out one after the other.
//
//   cache (16-byte aligned)
//   ╒═══════╤════════════════╤═════════════════════════╤═════════════════════════════════╕
//   │ Cache │ CpuSlab × cpus │ Slab × slab_capacity    │ objects, record_bytes each      │
//   └───────┴────────────────┴─────────────────────────┴─────────────────────────────────┘
//                                                      64-byte aligned
//
// An object's handle is the address of its record; 0 is none. While an object is free, the first
// word of its record is the link to the next free object of its slab. The object of slab s with
// number i lies at objects + (s * objs_per_slab + i) * record_bytes.
//
// Records are what the simulator needs of an object. The bytes that the kernel would use follow
// from slabs and slab_order (account.ts) and have nothing to do with record_bytes.

// ╒══════════════════════════ Cache (u32 words) ══════════════════════════╕
// │ objects           │ address of object 0; 0: counted, see counted.ts   │  0
// │ record_bytes      │ bytes from one object to the next                 │  4
// │ objs_per_slab     │ objects in a slab                                 │  8
// │ slab_order        │ a slab has 2^slab_order pages                     │ 12
// │ divide_by         │ multiplier and                                    │ 16
// │ divide_shift      │ shift of the division by slab size, locate.ts     │ 20
// │ cpus              │ CpuSlab records                                   │ 24
// │ cpu_partial_slabs │ limit of a CPU's partial list                     │ 28
// │ min_partial       │ partial slabs kept on the node, empty or not      │ 32
// │ slabs             │ address of Slab 0                                 │ 36
// │ slab_capacity     │ slabs at most                                     │ 40
// │ slabs_touched     │ slabs that had pages at least once                │ 44
// │ pool              │ top of the stack of slabs without pages           │ 48
// │ node_first        │ oldest slab on the node's partial list            │ 52
// │ node_last         │ newest                                            │ 56
// │ nr_partial        │ slabs on it                                       │ 60
// │ typesafe          │ 1: pages of discarded slabs wait on pending       │ 64
// │ pending_first     │ oldest slab that waits for its grace period       │ 68
// │ pending_last      │ newest                                            │ 72
// │ objects_live      │ objects handed out                                │ 76
// │ slabs_live        │ slabs with pages that hold or may hold objects    │ 80
// │ slabs_waiting     │ slabs discarded, pages not given back yet         │ 84
// │ last_path         │ how the last allocation went, path.ts             │ 88
// │ barn              │ the 7.2 half, sheaf-records.ts; 0 in 6.12         │ 92
// ├───────────────────┼───────────────────────────────────────────────────┤
// │ slabs_made    u64 │ times pages were taken for a slab                 │ 96
// │ slabs_discarded   │ times a slab was discarded                        │ 104
// │ list_locks    u64 │ times the node's list_lock was taken              │ 112
// │ slow_frees    u64 │ times __slab_free ran                             │ 120
// └───────────────────┴───────────────────────────────────────────────────┘ 128
// In 7.2 the CpuSlab records are CpuSheaves records of the same size.
@unmanaged
export class Cache {
  objects: u32;
  record_bytes: u32;
  objs_per_slab: u32;
  slab_order: u32;
  divide_by: u32;
  divide_shift: u32;
  cpus: u32;
  cpu_partial_slabs: u32;
  min_partial: u32;
  slabs: u32;
  slab_capacity: u32;
  slabs_touched: u32;
  pool: u32;
  node_first: u32;
  node_last: u32;
  nr_partial: u32;
  typesafe: u32;
  pending_first: u32;
  pending_last: u32;
  objects_live: u32;
  slabs_live: u32;
  slabs_waiting: u32;
  last_path: u32;
  barn: u32;
  slabs_made: u64;
  slabs_discarded: u64;
  list_locks: u64;
  slow_frees: u64;
}

// ╒════════════════════ CpuSlab (u32 words), 6.12 ═════════════════════╕
// │ slab     │ address of the active slab, 0: none                     │  0
// │ freelist │ its free objects that only this CPU may take            │  4
// │ partial  │ newest slab on this CPU's partial list                  │  8
// │ (unused) │                                                         │ 12
// └──────────┴─────────────────────────────────────────────────────────┘ 16
@unmanaged
export class CpuSlab {
  slab: u32;
  freelist: u32;
  partial: u32;
  unused: u32;
}

// ╒═════════════════════════ Slab (16 bytes) ══════════════════════════╕
// │ freelist │ free objects on the shared list                    u32  │  0
// │ next     │ next slab on the list of its state                 u32  │  4
// │ prev     │ previous slab on the node list; on a CPU's list         │  8
// │          │ the number of slabs from here to its end           u32  │
// │ inuse    │ objects not on the shared list                     u16  │ 12
// │ state    │ one of SLAB_*                                      u16  │ 14
// └──────────┴─────────────────────────────────────────────────────────┘ 16
@unmanaged
export class Slab {
  freelist: u32;
  next: u32;
  prev: u32;
  inuse: u16;
  state: u16;
}

/** No pages: in the pool. */
export const SLAB_POOL: u16 = 0;
/** Some CPU allocates from it ("frozen"). */
export const SLAB_ACTIVE: u16 = 1;
/** On some CPU's partial list. */
export const SLAB_CPU_PARTIAL: u16 = 2;
/** On the node's partial list. */
export const SLAB_NODE_PARTIAL: u16 = 3;
/** On no list: it had no free object when it was last looked at. */
export const SLAB_FULL: u16 = 4;
/** Discarded; its pages wait for a grace period. */
export const SLAB_PENDING: u16 = 5;

@inline
export function cpuSlab(cache: usize, cpu: u32): CpuSlab {
  return changetype<CpuSlab>(cache + offsetof<Cache>() + cpu * offsetof<CpuSlab>());
}

/** Link of a free object to the next one. */
@inline
export function freeLink(object: u32): u32 {
  return load<u32>(object);
}

@inline
export function setFreeLink(object: u32, next: u32): void {
  store<u32>(object, next);
}

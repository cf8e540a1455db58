// The records that 7.2 adds to a cache: arrays of free objects ("sheaves") in front of the slabs.
//
//   cache
//   ╒═══════╤═══════════════════╤══════╤═════════╤══════╤═════════════════════════╕
//   │ Cache │ CpuSheaves × cpus │ Slab │ objects │ Barn │ Sheaf × sheaf_records   │
//   └───────┴───────────────────┴──────┴─────────┴──────┴─────────────────────────┘
//
// An object in a sheaf keeps its record as it was: only the freelist of a slab needs a link.

import { Cache } from "./records";

// ╒═════════════════ CpuSheaves (slub_percpu_sheaves) ═════════════════╕
// │ main     │ sheaf to allocate from and free to, always there    u32 │  0
// │ spare    │ full, empty or (for a while) neither; 0: none       u32 │  4
// │ rcu_free │ being filled with objects that must wait; 0: none   u32 │  8
// │ (unused) │                                                     u32 │ 12
// └──────────┴─────────────────────────────────────────────────────────┘ 16
@unmanaged
export class CpuSheaves {
  main: u32;
  spare: u32;
  rcu_free: u32;
  unused: u32;
}

// ╒═════════════ Barn (node_barn) and the pool of sheaves ═════════════╕
// │ capacity        │ objects in a full sheaf                      u32 │  0
// │ sheaf_bytes     │ bytes of a Sheaf record                      u32 │  4
// │ sheaf_records   │ sheaves at most                              u32 │  8
// │ sheaves_touched │ sheaves allocated at least once              u32 │ 12
// │ pool            │ top of the stack of unallocated sheaves      u32 │ 16
// │ sheaves_live    │ allocated                                    u32 │ 20
// │ full            │ top of the stack of full sheaves             u32 │ 24
// │ nr_full         │ on it                                        u32 │ 28
// │ empty           │ top of the stack of empty sheaves            u32 │ 32
// │ nr_empty        │ on it                                        u32 │ 36
// │ objects_waiting │ in rcu_free sheaves, filled or not           u32 │ 40
// │ rcu_failures    │ frees that found no rcu_free sheaf           u32 │ 44
// │ barn_locks      │ times the barn's lock was taken              u64 │ 48
// │ flushed         │ objects that went from sheaves to slabs      u64 │ 56
// └─────────────────┴──────────────────────────────────────────────────┘ 64
@unmanaged
export class Barn {
  capacity: u32;
  sheaf_bytes: u32;
  sheaf_records: u32;
  sheaves_touched: u32;
  pool: u32;
  sheaves_live: u32;
  full: u32;
  nr_full: u32;
  empty: u32;
  nr_empty: u32;
  objects_waiting: u32;
  rcu_failures: u32;
  barn_locks: u64;
  flushed: u64;
}

// ╒═════════════════════ Sheaf (slab_sheaf) ═══════════════════════════╕
// │ size    │ objects in it                                        u32 │  0
// │ next    │ next sheaf in the barn or the pool                   u32 │  4
// │ objects │ their addresses                           u32 × capacity │  8
// └─────────┴──────────────────────────────────────────────────────────┘ 8 + 4 × capacity
@unmanaged
export class Sheaf {
  size: u32;
  next: u32;
}

/** Full sheaves that a barn takes. */
export const MAX_FULL_SHEAVES: u32 = 10;
/** Empty sheaves that a barn takes back from grace periods. */
export const MAX_EMPTY_SHEAVES: u32 = 10;
/** No sheaf. */
export const NO_SHEAF: u32 = 0;

@inline
export function cpuSheaves(cache: usize, cpu: u32): CpuSheaves {
  return changetype<CpuSheaves>(cache + offsetof<Cache>() + cpu * offsetof<CpuSheaves>());
}

@inline
export function barnOf(cache: usize): Barn {
  return changetype<Barn>(<usize>changetype<Cache>(cache).barn);
}

@inline
export function sheafAt(sheaf: u32): Sheaf {
  return changetype<Sheaf>(<usize>sheaf);
}

/** Address of the place of object `index` in a sheaf. */
@inline
export function sheafSlot(sheaf: u32, index: u32): usize {
  return <usize>sheaf + offsetof<Sheaf>() + index * 4;
}

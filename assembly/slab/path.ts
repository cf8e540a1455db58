// Which way an allocation or a free went: bits and counts in one word, so that the caller can
// charge the right cost without looking into the cache.
//
//   31           20 19            8 7            0
//   ╒══════════════╤═══════════════╤═════════════╕
//   │ discarded    │ moved slabs   │ bits        │
//   └──────────────┴───────────────┴─────────────┘

// Allocation: exactly one of these five.
/** From the CPU's own freelist. */
export const ALLOC_FAST: u32 = 1;
/** The shared freelist of the active slab became the CPU's own. */
export const ALLOC_REFILL: u32 = 2;
/** A slab of the CPU's partial list became active. */
export const ALLOC_CPU_PARTIAL: u32 = 4;
/** A slab of the node became active (list_lock); "moved" counts those that came along. */
export const ALLOC_NODE_PARTIAL: u32 = 8;
/** Pages were taken for a new slab. */
export const ALLOC_NEW_SLAB: u32 = 16;
/** No object: the planned capacity is used up. */
export const ALLOC_FAILED: u32 = 32;

// Free: FREE_FAST alone, or FREE_SLOW with the others.
/** To the CPU's own freelist. */
export const FREE_FAST: u32 = 1;
/** To the slab's shared freelist. */
export const FREE_SLOW: u32 = 2;
/** The slab is some CPU's active slab. */
export const FREE_FROZEN: u32 = 4;
/** First free in a full slab: put on this CPU's partial list (6.12) or the node's (7.2). */
export const FREE_TO_PARTIAL: u32 = 8;
/** list_lock was taken. */
export const FREE_LIST_LOCK: u32 = 16;
/** The slab has no object in use any more. */
export const FREE_EMPTIED: u32 = 32;

// Allocation in 7.2: exactly one of these or ALLOC_FAILED. What had to be done in the slabs for a
// refill is in the counters of the cache.
/** From the CPU's main sheaf. */
export const SHEAF_ALLOC_FAST: u32 = 1;
/** Main and spare sheaf changed places. */
export const SHEAF_ALLOC_SPARE: u32 = 2;
/** An empty sheaf went to the barn for a full one (barn lock). */
export const SHEAF_ALLOC_BARN: u32 = 4;
/** A sheaf was filled from slabs; "moved" counts its objects. */
export const SHEAF_ALLOC_REFILL: u32 = 8;
/** One object from a slab, because no sheaf could be filled. */
export const SHEAF_ALLOC_SLAB: u32 = 16;

// Free in 7.2: what was done to make room, SHEAF_FREE_FAST if nothing.
/** To the CPU's main sheaf. */
export const SHEAF_FREE_FAST: u32 = 1;
/** Main and spare sheaf changed places. */
export const SHEAF_FREE_SPARE: u32 = 2;
/** The barn gave an empty sheaf or took a full one (barn lock). */
export const SHEAF_FREE_BARN: u32 = 4;
/** A new sheaf was allocated. */
export const SHEAF_FREE_NEW: u32 = 8;
/** Objects went to their slabs; "moved" counts them, "discarded" slabs. */
export const SHEAF_FREE_FLUSH: u32 = 16;
/** A full sheaf was made of objects whose grace period is over. */
export const SHEAF_FREE_RCU: u32 = 32;

const MOVED_SHIFT: u32 = 8;
const DISCARDED_SHIFT: u32 = 20;
/** Largest count that a path holds. */
const PATH_COUNT_MAX: u32 = 4095;

/** One slab moved, one slab discarded: add to a path. */
export const ONE_MOVED: u32 = 1 << MOVED_SHIFT;
export const ONE_DISCARDED: u32 = 1 << DISCARDED_SHIFT;

/**
 * Slabs that changed lists on the way: from the CPU's partial list to the node (free), or from the
 * node to the CPU's partial list (allocation). Discarded ones are not among them.
 */
@inline
export function pathMoved(path: u32): u32 {
  return (path >> MOVED_SHIFT) & PATH_COUNT_MAX;
}

/** Slabs discarded: their pages went back, or wait for a grace period if the cache is typesafe. */
@inline
export function pathDiscarded(path: u32): u32 {
  return path >> DISCARDED_SHIFT;
}

const BITS: u32 = 255;

/** Objects that one bulk operation may free: with what lists held before, its counts fit a path. */
export const BULK_MAX: u32 = 2048;

/** Both paths one after the other: the union of the bits, the sums of the counts. */
export function joinPaths(a: u32, b: u32): u32 {
  assert(pathMoved(a) + pathMoved(b) <= PATH_COUNT_MAX); // has 12 bits
  assert(pathDiscarded(a) + pathDiscarded(b) <= PATH_COUNT_MAX); // has 12 bits
  return ((a | b) & BITS) + (a & ~BITS) + (b & ~BITS);
}

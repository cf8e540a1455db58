// A 6.12 cache of one CPU that keeps numbers where others keep objects: for who wants to know in
// which slabs objects lie, but not which they are.
//
//   an object                    the address of its slab
//   freelist, of slab and CPU    the number of objects on it, instead of the first one
//
// Lists of slabs and all decisions are those of other caches.

import { refill } from "./alloc";
import { LOOKAHEAD, WORD } from "./detached";
import { freedToShared } from "./free";
import { headBytes, slabCapacity } from "./layout";
import { ALLOC_FAILED } from "./path";
import { Cache, CpuSlab, cpuSlab, Slab } from "./records";

export function countedBytes(objects: u32, objs_per_slab: u32): u64 {
  return headBytes(slabCapacity(objects, objs_per_slab, 1), 1);
}

/** Lays out an empty cache at `cache` (64-byte aligned); the geometry is as in layout.ts. */
export function countedInit(
  cache: usize,
  objects: u32,
  objs_per_slab: u32,
  cpu_partial_slabs: u32,
  min_partial: u32,
): void {
  memory.fill(cache, 0, offsetof<Cache>() + offsetof<CpuSlab>());
  const c = changetype<Cache>(cache);
  c.objs_per_slab = objs_per_slab;
  c.cpus = 1;
  c.slabs = <u32>(cache + offsetof<Cache>() + offsetof<CpuSlab>());
  c.slab_capacity = <u32>slabCapacity(objects, objs_per_slab, 1);
  c.cpu_partial_slabs = cpu_partial_slabs;
  c.min_partial = min_partial;
}

/** Objects that the CPU can take from its active slab. */
@inline
export function countedAtHand(cache: usize): u32 {
  return cpuSlab(cache, 0).freelist;
}

/** One object or as many as are at hand, all of one slab; 0 when the capacity is used up. */
@inline
export function countedAlloc(cache: usize, count: u32): u32 {
  const per_cpu = cpuSlab(cache, 0);
  if (per_cpu.freelist == 0 && refill(cache, per_cpu) == ALLOC_FAILED) return 0;
  assert(per_cpu.freelist >= count); // the caller asked how many are at hand
  per_cpu.freelist -= count;
  return per_cpu.slab;
}

/** Frees `count` objects of one slab with one operation. */
@inline
export function countedFree(cache: usize, object: u32, count: u32): void {
  const per_cpu = cpuSlab(cache, 0);
  if (per_cpu.slab == object) per_cpu.freelist += count;
  else freeSlow(cache, per_cpu, changetype<Slab>(<usize>object), count);
}

function freeSlow(cache: usize, per_cpu: CpuSlab, slab: Slab, count: u32): void {
  const prior = slab.freelist;
  assert(<u32>slab.inuse >= count); // freed although it was not in use
  slab.freelist = prior + count;
  slab.inuse -= <u16>count;
  freedToShared(cache, per_cpu, slab, prior);
}

/** Frees `count` objects, an array of words at `array`, slab by slab as in bulk.ts. */
export function countedFreeBulk(cache: usize, array: usize, count: u32): void {
  for (let rest = count; rest > 0; ) {
    const object = load<u32>(array + (rest - 1) * WORD);
    const left = bringTogether(array, rest, object);
    countedFree(cache, object, rest - left);
    rest = left;
  }
}

/** As detached.ts does; returns how many come before those of this slab. */
function bringTogether(array: usize, size: u32, object: u32): u32 {
  let same = size - 1;
  let misses: u32 = 0;
  for (let i = size - 1; i > 0; i--) {
    const at = array + (i - 1) * WORD;
    if (load<u32>(at) != object) {
      misses++;
      if (misses == LOOKAHEAD) break;
      continue;
    }
    same--;
    store<u32>(at, load<u32>(array + same * WORD));
    store<u32>(array + same * WORD, object);
  }
  return same;
}

// Bulk free in 6.12: mm/slub.c:kmem_cache_free_bulk. From the end of the array, objects of one slab
// are linked to a chain (detached.ts) and freed with one operation.

import { detachLast, WORD } from "./detached";
import { freeChain } from "./free";
import { slabOf } from "./locate";
import { BULK_MAX, joinPaths } from "./path";
import { Cache, cpuSlab } from "./records";

/**
 * Frees `count` objects (at most 2048) whose addresses are an array of words at `array`, which is
 * reordered on the way. Returns the union of the bits and the sums of the counts of all groups;
 * how many slow groups and list_lock holds there were is in the cache's counters.
 */
export function slabFreeBulk(cache: usize, cpu: u32, array: usize, count: u32): u32 {
  assert(count <= BULK_MAX); // a path could not hold the sums
  assert(cpu < changetype<Cache>(cache).cpus); // a CPU of this machine
  let path: u32 = 0;
  let rest = count;
  while (rest > 0) {
    const left = detachLast(cache, array, rest);
    const tail = load<u32>(array + (rest - 1) * WORD);
    const head = load<u32>(array + left * WORD);
    const one = freeChain(cache, cpuSlab(cache, cpu), slabOf(cache, head), head, tail, rest - left);
    path = joinPaths(path, one);
    rest = left;
  }
  return path;
}

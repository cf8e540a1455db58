// Bulk free in 6.12: mm/slub.c:kmem_cache_free_bulk, build_detached_freelist. From the end of the
// array, objects of one slab are linked to a chain and freed with one operation. The search for
// more of the same slab gives up at the third object of another slab.

import { freeChain } from "./free";
import { slabIndexOf, slabOf } from "./locate";
import { PATH_BITS, PATH_COUNT_MAX } from "./path";
import { Cache, cpuSlab, setFreeLink } from "./records";

const LOOKAHEAD: u32 = 3;
const WORD: u32 = 4;

/**
 * Frees `count` objects (at most 4095) whose addresses are an array of words at `array`, which is
 * reordered on the way. Returns the union of the bits and the sums of the counts of all groups;
 * how many slow groups and list_lock holds there were is in the cache's counters.
 */
export function slabFreeBulk(cache: usize, cpu: u32, array: usize, count: u32): u32 {
  assert(count <= PATH_COUNT_MAX); // a path could not hold the sums
  assert(cpu < changetype<Cache>(cache).cpus); // a CPU of this machine
  let path: u32 = 0;
  let rest = count;
  while (rest > 0) {
    const left = gather(cache, array, rest);
    const tail = load<u32>(array + (rest - 1) * WORD);
    const head = load<u32>(array + left * WORD);
    const one = freeChain(cache, cpuSlab(cache, cpu), slabOf(cache, head), head, tail, rest - left);
    path = ((path | one) & PATH_BITS) + (path & ~PATH_BITS) + (one & ~PATH_BITS);
    rest = left;
  }
  return path;
}

/**
 * Moves objects of the last object's slab to the end of the first `size` words and links them
 * forward; returns the index of the first of them, the head of the chain.
 */
function gather(cache: usize, array: usize, size: u32): u32 {
  let head = load<u32>(array + (size - 1) * WORD);
  const slab = slabIndexOf(cache, head);
  let same = size - 1;
  let misses: u32 = 0;
  for (let i = size - 1; i > 0; i--) {
    const at = array + (i - 1) * WORD;
    const object = load<u32>(at);
    if (slabIndexOf(cache, object) != slab) {
      misses++;
      if (misses == LOOKAHEAD) break;
      continue;
    }
    setFreeLink(object, head);
    head = object;
    same--;
    store<u32>(at, load<u32>(array + same * WORD));
    store<u32>(array + same * WORD, object);
  }
  return same;
}

// Chains of objects of one slab, made from an array of objects in any order: mm/slub.c:
// build_detached_freelist. The search for more of the same slab gives up at the third object of
// another slab.

import { slabIndexOf } from "./locate";
import { setFreeLink } from "./records";

/** Bytes of an object's address in an array. */
export const WORD: u32 = 4;
export const LOOKAHEAD: u32 = 3;

/**
 * Moves objects of the last object's slab to the end of the first `size` words and links them
 * forward; returns the index of the first of them, the head of the chain.
 */
export function detachLast(cache: usize, array: usize, size: u32): u32 {
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

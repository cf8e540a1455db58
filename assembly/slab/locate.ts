// From an object's address to its slab. The kernel asks the page (virt_to_slab); here the slab is
// the quotient of the offset by the bytes of a slab's records. That division is on the path of
// every free, so it is done by multiplication:
//
//   offset / stride = offset * ceil(2^k / stride) >> k      for all offsets below 2^30 words,
//                                                           k = 30 + ceil(log2 stride), in words
//
// because the multiplier is too large by less than stride / 2^k, and the error of the product
// stays below 1 / stride. Product and multiplier fit 61 and 31 bits.

import { Cache, Slab } from "./records";

const WORD_SHIFT: u32 = 2;
const OFFSET_BITS: u32 = 30;

export function initDivision(cache: usize): void {
  const c = changetype<Cache>(cache);
  const stride = (c.record_bytes * c.objs_per_slab) >> WORD_SHIFT;
  const bits = stride == 1 ? 0 : 32 - clz<u32>(stride - 1);
  const shift = OFFSET_BITS + bits;
  c.divide_by = <u32>((((<u64>1) << shift) + stride - 1) / stride);
  c.divide_shift = shift;
}

/** Number of the slab that holds the object. */
@inline
export function slabIndexOf(cache: usize, object: u32): u32 {
  const c = changetype<Cache>(cache);
  const words = (object - c.objects) >> WORD_SHIFT;
  return <u32>(((<u64>words) * c.divide_by) >> c.divide_shift);
}

@inline
export function slabAt(cache: usize, index: u32): Slab {
  return changetype<Slab>(<usize>changetype<Cache>(cache).slabs + index * offsetof<Slab>());
}

/** The slab that holds the object, which must be one of this cache. */
@inline
export function slabOf(cache: usize, object: u32): Slab {
  const index = slabIndexOf(cache, object);
  assert(index < changetype<Cache>(cache).slabs_touched); // the object was never handed out here
  return slabAt(cache, index);
}

/** Number of a slab record. */
@inline
export function slabNumber(cache: usize, slab: Slab): u32 {
  return <u32>(changetype<usize>(slab) - changetype<Cache>(cache).slabs) / offsetof<Slab>();
}

/** Address of the first object of a slab. */
@inline
export function firstObject(cache: usize, slab: Slab): u32 {
  const c = changetype<Cache>(cache);
  return c.objects + slabNumber(cache, slab) * c.objs_per_slab * c.record_bytes;
}

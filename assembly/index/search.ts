// Finding the slot of a page within one node.

import { END_MASK, IS_WIDE, PIVOT_NONE, extension } from "./layout";

/** Distance of a page from the node's first page as pivots are compared with it. */
@inline
export function distance(page: u64, min: u64): u32 {
  const pages = page - min;
  return pages > <u64>PIVOT_NONE ? PIVOT_NONE : <u32>pages;
}

/** Slot of a page in a wide node. */
export function wideSlot(node: usize, page: u64): u32 {
  const end = load<u32>(node) & END_MASK;
  const pivots = extension(node);
  let slot: u32 = 0;
  while (slot < end && load<u64>(pivots + ((<usize>slot) << 3)) < page) slot++;
  return slot;
}

/** Slot of a distance in a leaf that is not wide: how many of its pivots lie below it. */
@inline
function narrowLeafSlot(leaf: usize, pages: u32): u32 {
  const key = i32x4.splat(<i32>pages);
  const low = i16x8.narrow_i32x4_s(
    i32x4.gt_u(key, v128.load(leaf)),
    i32x4.gt_u(key, v128.load(leaf, 16)),
  );
  const high = i16x8.narrow_i32x4_s(
    i32x4.gt_u(key, v128.load(leaf, 32)),
    i32x4.gt_u(key, v128.load(leaf, 48)),
  );
  // lane 0 is the header
  return popcnt<u32>(i8x16.bitmask(i8x16.narrow_i16x8_s(low, high)) & 0xfffe);
}

/** Slot of a distance in an inner node that is not wide. */
@inline
export function narrowInnerSlot(inner: usize, pages: u32): u32 {
  const key = i32x4.splat(<i32>pages);
  const low = i32x4.bitmask(i32x4.gt_u(key, v128.load(inner)));
  const middle = i32x4.bitmask(i32x4.gt_u(key, v128.load(inner, 16)));
  const high = i32x4.bitmask(i32x4.gt_u(key, v128.load(inner, 32)));
  // lane 0 is the header, lanes 10 and 11 hold no pivots
  return popcnt<u32>((low & 14) | (middle << 4) | ((high & 3) << 8));
}

/** Slot of a page in a leaf that starts at min. */
@inline
export function leafSlot(leaf: usize, page: u64, min: u64): u32 {
  if (load<u32>(leaf) & IS_WIDE) return wideSlot(leaf, page);
  return narrowLeafSlot(leaf, distance(page, min));
}

/** Slot of a page in an inner node that starts at min. */
@inline
export function innerSlot(inner: usize, page: u64, min: u64): u32 {
  if (load<u32>(inner) & IS_WIDE) return wideSlot(inner, page);
  return narrowInnerSlot(inner, distance(page, min));
}

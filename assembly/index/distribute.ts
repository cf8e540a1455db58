// How a list of entries is spread over one, two or three new nodes, in 7.2 and in 6.12.

import { LAST_PAGE, LEAF_MIN } from "./layout";
import { Write, data } from "./scratch";

@inline
function emptyAt(pool: usize, leaf: bool, index: u32): bool {
  return leaf && data(pool, index).value == 0;
}

/** Sets part_0..part_2 of the write for n entries (7.2). Returns the number of nodes. */
export function distribute72(pool: usize, w: Write, slots: u32, leaf: bool): u32 {
  const n = w.data_count;
  w.part_0 = n;
  w.part_1 = 0;
  w.part_2 = 0;
  if (n <= slots) return 1;
  let cut = (n - 1) >> 1;
  const three = n > 2 * slots || (n == 2 * slots && emptyAt(pool, leaf, cut));
  if (three) cut = (n + 2) / 3;

  // no node but the last ends with an empty entry: it starts the next one
  let want = cut + 1;
  const held = emptyAt(pool, leaf, want - 1) ? 1 : 0;
  w.part_0 = want - held;
  if (!three) {
    w.part_1 = n - w.part_0;
    return 2;
  }
  want = cut + 1 + held;
  w.part_1 = want - (emptyAt(pool, leaf, w.part_0 + want - 1) ? 1 : 0);
  w.part_2 = n - w.part_0 - w.part_1;
  return 3;
}

/** Moves a cut of 6.12 away from an empty entry: one more to the left where that fits. */
function fixCut(pool: usize, leaf: bool, slots: u32, cut: u32, data_end: u32): u32 {
  if (!emptyAt(pool, leaf, cut)) return cut;
  return cut < slots - 1 && data_end - cut > LEAF_MIN ? cut + 1 : cut - 1;
}

/** Sets part_0..part_2 of the write for n entries (6.12). Returns the number of nodes. */
export function distribute612(pool: usize, w: Write, slots: u32, leaf: bool): u32 {
  const n = w.data_count;
  w.part_0 = n;
  w.part_1 = 0;
  w.part_2 = 0;
  if (n <= slots) return 1;
  const data_end = n - 1;
  let cut = data_end >> 1;
  if (data_end < 2 * slots && !(emptyAt(pool, leaf, cut) && data_end >= 2 * slots - 1)) {
    w.part_0 = fixCut(pool, leaf, slots, cut, data_end) + 1;
    w.part_1 = n - w.part_0;
    return 2;
  }
  cut = data_end / 3;
  const second = fixCut(pool, leaf, slots, 2 * cut, data_end);
  w.part_0 = fixCut(pool, leaf, slots, cut, data_end) + 1;
  w.part_1 = second + 1 - w.part_0;
  w.part_2 = n - second - 1;
  return 3;
}

/** 6.12 after a push: the receiving sibling gets one slot less than full. */
export function distributePush612(
  pool: usize,
  w: Write,
  slots: u32,
  leaf: bool,
  to_left: bool,
): u32 {
  const n = w.data_count;
  const cut = to_left
    ? fixCut(pool, leaf, slots, slots - 2, n - 1)
    : fixCut(pool, leaf, slots, n - slots, n);
  w.part_0 = cut + 1;
  w.part_1 = n - w.part_0;
  w.part_2 = 0;
  return 2;
}

/** Largest sum of a node's and its sibling's entries that 6.12 pushes, plus one. */
export function pushLimit612(slots: u32, leaf: bool, node_max: u64): u32 {
  return 2 * slots - (leaf ? 1 : 0) - (node_max == LAST_PAGE ? 1 : 0);
}

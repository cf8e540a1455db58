// Taking nodes apart into lists of entries and making nodes from such lists.

import {
  CHILDREN,
  END_MASK,
  GAPS,
  INNER_SLOTS,
  IS_LEAF,
  IS_WIDE,
  LEAF_SLOTS,
  PIVOTS,
  PIVOT_NONE,
  SUBTREE,
  VALUES,
  clampGap,
  endOf,
  extension,
  isWide,
  lastOf,
} from "./layout";
import { allocBlock, allocNode, freeNode } from "./pool";
import { data, pushData, pushFresh, writeOf } from "./scratch";

/** Appends slots from..to-1 of a node that covers min..max to data. */
export function takeSlots(
  pool: usize,
  node: usize,
  from: u32,
  to: u32,
  min: u64,
  max: u64,
  leaf: bool,
): void {
  for (let slot = from; slot < to; slot++) {
    const at = node + ((<usize>slot) << 2);
    const last = lastOf(node, slot, min, max);
    if (leaf) pushData(pool, last, load<u32>(at, VALUES), 0);
    else pushData(pool, last, load<u32>(at, CHILDREN), load<u32>(at, GAPS));
  }
}

/** Writes entries from..to-1 of data as slots of a new leaf, sets built_gap and built_entries. */
function fillLeaf(pool: usize, leaf: usize, from: u32, to: u32, min: u64): void {
  const w = writeOf(pool);
  let start = min;
  let longest: u64 = 0;
  let entries: u32 = 0;
  for (let i = from; i < to; i++) {
    const entry = data(pool, i);
    const v = entry.value;
    store<u32>(leaf + ((<usize>(i - from)) << 2), v, VALUES);
    if (v != 0) entries++;
    else longest = max<u64>(longest, entry.last - start + 1);
    start = entry.last + 1;
  }
  for (let i = to - from; i < LEAF_SLOTS; i++) store<u32>(leaf + ((<usize>i) << 2), 0, VALUES);
  w.built_gap = clampGap(longest);
  w.built_entries += entries;
  w.built_leaves++;
}

/** Writes entries from..to-1 of data as slots of a new inner node, sets built_gap. */
function fillInner(pool: usize, inner: usize, from: u32, to: u32): void {
  let longest: u32 = 0;
  store<u32>(inner, 0, SUBTREE);
  for (let i: u32 = 0; i < INNER_SLOTS; i++) {
    const at = inner + ((<usize>i) << 2);
    const used = from + i < to;
    const entry = data(pool, from + i);
    store<u32>(at, used ? entry.value : 0, CHILDREN);
    store<u32>(at, used ? entry.gap : 0, GAPS);
    if (used) longest = max(longest, entry.gap);
  }
  writeOf(pool).built_gap = longest;
}

/** Writes the pivots of entries from..to-1 of data. */
function fillPivots(pool: usize, node: usize, from: u32, to: u32, min: u64, leaf: bool): void {
  const stored: u32 = (leaf ? LEAF_SLOTS : INNER_SLOTS) - 1;
  for (let i: u32 = 0; i < stored; i++) {
    const used = from + i + 1 < to;
    const pages: u32 = used ? <u32>(data(pool, from + i).last - min) : PIVOT_NONE;
    store<u32>(node + ((<usize>i) << 2), pages, PIVOTS);
  }
}

/** Writes the pivots of entries from..to-1 of data into an extension block. */
function fillExtension(pool: usize, node: usize, block: usize, from: u32, to: u32): void {
  store<u32>(node, <u32>block, PIVOTS);
  for (let i: u32 = from; i + 1 < to; i++) {
    store<u64>(block + ((<usize>(i - from)) << 3), data(pool, i).last);
  }
}

/**
 * Makes a node of entries from..to-1 of data, the first of which starts at page min.
 * Leaves its longest gap in built_gap. Returns 0 when the pool is exhausted.
 */
export function buildNode(pool: usize, leaf: bool, from: u32, to: u32, min: u64): usize {
  const slots = to - from;
  assert(slots > 0 && slots <= (leaf ? LEAF_SLOTS : INNER_SLOTS)); // distribute() keeps to it
  const node = allocNode(pool);
  if (node == 0) return 0;
  let head: u32 = (slots - 1) | (leaf ? IS_LEAF : 0);
  if (slots > 1 && data(pool, to - 2).last - min >= <u64>PIVOT_NONE) {
    const block = allocBlock(pool);
    if (block == 0) {
      store<u32>(node, 0);
      freeNode(pool, node);
      return 0;
    }
    head |= IS_WIDE;
    fillExtension(pool, node, block, from, to);
  } else {
    fillPivots(pool, node, from, to, min, leaf);
  }
  store<u32>(node, head);
  if (leaf) fillLeaf(pool, node, from, to, min);
  else fillInner(pool, node, from, to);
  pushFresh(pool, node);
  return node;
}

/** A copy of a node on its own; 0 when the pool is exhausted. */
export function copyNode(pool: usize, node: usize): usize {
  const copy = allocNode(pool);
  if (copy == 0) return 0;
  for (let at: usize = 0; at < 128; at += 16) v128.store(copy + at, v128.load(node + at));
  if (isWide(node)) {
    const block = allocBlock(pool);
    if (block == 0) {
      store<u32>(copy, 0);
      freeNode(pool, copy);
      return 0;
    }
    memory.copy(block, extension(node), 128);
    store<u32>(copy, <u32>block, PIVOTS);
  }
  store<u32>(copy, load<u32>(copy) & (END_MASK | IS_LEAF | IS_WIDE));
  return copy;
}

/** Longest empty range of the leaf that covers min..max, as it is stored. */
export function leafGap(leaf: usize, min: u64, max: u64): u32 {
  const end = endOf(leaf);
  let start = min;
  let longest: u64 = 0;
  for (let slot: u32 = 0; slot <= end; slot++) {
    const last = lastOf(leaf, slot, min, max);
    const pages = last - start + 1;
    if (load<u32>(leaf + ((<usize>slot) << 2), VALUES) == 0 && pages > longest) longest = pages;
    start = last + 1;
  }
  return clampGap(longest);
}

/** Longest gap below an inner node. Slots not in use hold 0. */
export function innerGap(inner: usize): u32 {
  let most = i32x4.max_u(v128.load(inner, GAPS), v128.load(inner, GAPS + 16));
  most = i32x4.max_u(most, v128.load(inner, GAPS + 24));
  most = i32x4.max_u(most, i32x4.shuffle(most, most, 2, 3, 0, 1));
  return max(<u32>i32x4.extract_lane(most, 0), <u32>i32x4.extract_lane(most, 1));
}

/** Number of non-empty slots of a leaf. Slots not in use hold 0. */
export function leafEntries(leaf: usize): u32 {
  const none = i32x4.splat(0);
  let empty: u32 = 0;
  for (let at: usize = VALUES; at < VALUES + 64; at += 16) {
    empty += popcnt<u32>(i32x4.bitmask(i32x4.eq(v128.load(leaf + at), none)));
  }
  return LEAF_SLOTS - empty;
}

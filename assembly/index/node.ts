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
  value,
} from "./layout";
import { allocBlock, allocNode, freeNode } from "./pool";
import { ENTRY_BYTES, Entry, Write, data, pushFresh, writeOf } from "./scratch";

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
  if (from >= to) return;
  const w = writeOf(pool);
  const entries = changetype<usize>(data(pool, w.data_count));
  w.data_count += to - from;
  takeLasts(node, entries, from, to, min, max);
  let entry = entries;
  const stop = node + ((<usize>to) << 2);
  if (leaf) {
    for (let at = node + ((<usize>from) << 2); at < stop; at += 4) {
      store<u64>(entry, <u64>load<u32>(at, VALUES), offsetof<Entry>("value"));
      entry += ENTRY_BYTES;
    }
  } else {
    for (let at = node + ((<usize>from) << 2); at < stop; at += 4) {
      store<u32>(entry, load<u32>(at, CHILDREN), offsetof<Entry>("value"));
      store<u32>(entry, load<u32>(at, GAPS), offsetof<Entry>("gap"));
      entry += ENTRY_BYTES;
    }
  }
}

/** Writes the last pages of slots from..to-1 into entries. */
@inline
function takeLasts(node: usize, entries: usize, from: u32, to: u32, min: u64, max: u64): void {
  const end = endOf(node);
  const stored = to > end ? end : to;
  let entry = entries;
  if (isWide(node)) {
    for (let slot = from; slot < stored; slot++) {
      store<u64>(entry, lastOf(node, slot, min, max));
      entry += ENTRY_BYTES;
    }
  } else {
    const stop = node + ((<usize>stored) << 2);
    for (let at = node + ((<usize>from) << 2); at < stop; at += 4) {
      store<u64>(entry, min + load<u32>(at, PIVOTS));
      entry += ENTRY_BYTES;
    }
  }
  if (to > end) store<u64>(entry, max);
}

/** Clears all of a block but the header: no pivots, no values, no gaps. */
@inline
function clearNode(node: usize, leaf: bool): void {
  const none = i32x4.splat(-1);
  const zero = i32x4.splat(0);
  v128.store(node, none);
  v128.store(node, none, 16);
  v128.store(node, none, 32);
  v128.store(node, leaf ? none : zero, 48);
  v128.store(node, zero, 64);
  v128.store(node, zero, 80);
  v128.store(node, zero, 96);
  v128.store(node, zero, 112);
  if (!leaf) store<u32>(node, 0, SUBTREE);
}

/** Writes entries of data as values of a new leaf, sets built_gap and built_entries. */
function fillLeaf(w: Write, leaf: usize, entries: usize, slots: u32, min: u64): void {
  let entry = entries;
  let start = min;
  let longest: u64 = 0;
  let filled: u32 = 0;
  for (let at = leaf, stop = leaf + ((<usize>slots) << 2); at < stop; at += 4) {
    const last = load<u64>(entry);
    const v = load<u32>(entry, offsetof<Entry>("value"));
    store<u32>(at, v, VALUES);
    if (v != 0) filled++;
    else longest = max<u64>(longest, last - start + 1);
    start = last + 1;
    entry += ENTRY_BYTES;
  }
  w.built_gap = clampGap(longest);
  w.built_entries += filled;
  w.built_leaves++;
}

/** Writes entries of data as children of a new inner node, sets built_gap. */
function fillInner(w: Write, inner: usize, entries: usize, slots: u32): void {
  let entry = entries;
  let longest: u32 = 0;
  for (let at = inner, stop = inner + ((<usize>slots) << 2); at < stop; at += 4) {
    const pages = load<u32>(entry, offsetof<Entry>("gap"));
    store<u32>(at, load<u32>(entry, offsetof<Entry>("value")), CHILDREN);
    store<u32>(at, pages, GAPS);
    longest = max(longest, pages);
    entry += ENTRY_BYTES;
  }
  w.built_gap = longest;
}

/** Writes the ends of all entries but the last as pivots. */
function fillPivots(node: usize, entries: usize, slots: u32, min: u64): void {
  let entry = entries;
  for (let at = node, stop = node + ((<usize>(slots - 1)) << 2); at < stop; at += 4) {
    store<u32>(at, <u32>(load<u64>(entry) - min), PIVOTS);
    entry += ENTRY_BYTES;
  }
}

/** The same as full page numbers in an extension block. */
function fillExtension(block: usize, entries: usize, slots: u32): void {
  let entry = entries;
  for (let at = block, stop = block + ((<usize>(slots - 1)) << 3); at < stop; at += 8) {
    store<u64>(at, load<u64>(entry));
    entry += ENTRY_BYTES;
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
  const entries = changetype<usize>(data(pool, from));
  clearNode(node, leaf);
  if (slots > 1 && data(pool, to - 2).last - min >= <u64>PIVOT_NONE) {
    const block = allocBlock(pool);
    if (block == 0) {
      store<u32>(node, 0);
      freeNode(pool, node);
      return 0;
    }
    head |= IS_WIDE;
    store<u32>(node, <u32>block, PIVOTS);
    fillExtension(block, entries, slots);
  } else {
    fillPivots(node, entries, slots, min);
  }
  store<u32>(node, head);
  const w = writeOf(pool);
  if (leaf) fillLeaf(w, node, entries, slots, min);
  else fillInner(w, node, entries, slots);
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
  if (isWide(leaf)) return wideLeafGap(leaf, min, max);
  const end = endOf(leaf);
  let start: u32 = 0;
  let longest: u32 = 0;
  const stop = leaf + ((<usize>end) << 2);
  for (let at = leaf; at < stop; at += 4) {
    const next = load<u32>(at, PIVOTS) + 1;
    if (load<u32>(at, VALUES) == 0 && next - start > longest) longest = next - start;
    start = next;
  }
  if (value(leaf, end) != 0) return longest;
  return clampGap(<u64>longest > max - min - start + 1 ? longest : max - min - start + 1);
}

function wideLeafGap(leaf: usize, min: u64, max: u64): u32 {
  const end = endOf(leaf);
  let start = min;
  let longest: u64 = 0;
  for (let slot: u32 = 0; slot <= end; slot++) {
    const last = lastOf(leaf, slot, min, max);
    const pages = last - start + 1;
    if (value(leaf, slot) == 0 && pages > longest) longest = pages;
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

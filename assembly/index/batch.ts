// Many operations in one call, over columns in linear memory: the way to cross from the host
// once per some thousand operations. Pages are u64, values u32; a batch says how far it came.

import { LAST_PAGE, child, firstOf, value } from "./layout";
import { cursorFirst, cursorLast, cursorNext } from "./cursor";
import { treeEmptyArea, treeEmptyAreaRev } from "./empty-area";
import { treeLoad } from "./find";
import { Tree } from "./record";
import { innerSlot, leafSlot } from "./search";
import { treeAppend } from "./whole";
import { treeErase, treeInsert, treeStore } from "./write";

@inline
function pageAt(column: usize, i: u32): u64 {
  return load<u64>(column + ((<usize>i) << 3));
}

@inline
function valueAt(column: usize, i: u32): u32 {
  return load<u32>(column + ((<usize>i) << 2));
}

@inline
function setValueAt(column: usize, i: u32, v: u32): void {
  store<u32>(column + ((<usize>i) << 2), v);
}

/** treeStore of n ranges. Returns how many were stored; fewer than n: the pool is exhausted. */
export function treeStoreBatch(
  tree: usize,
  firsts: usize,
  lasts: usize,
  values: usize,
  n: u32,
): u32 {
  for (let i: u32 = 0; i < n; i++) {
    if (treeStore(tree, pageAt(firsts, i), pageAt(lasts, i), valueAt(values, i)) != 0) return i;
  }
  return n;
}

/** treeAppend of n ranges in ascending order. Returns how many were stored. */
export function treeAppendBatch(
  tree: usize,
  firsts: usize,
  lasts: usize,
  values: usize,
  n: u32,
): u32 {
  for (let i: u32 = 0; i < n; i++) {
    if (treeAppend(tree, pageAt(firsts, i), pageAt(lasts, i), valueAt(values, i)) != 0) return i;
  }
  return n;
}

/** treeInsert of n ranges; results gets 0 or -17 each. Returns how many were tried. */
export function treeInsertBatch(
  tree: usize,
  firsts: usize,
  lasts: usize,
  values: usize,
  results: usize,
  n: u32,
): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const result = treeInsert(tree, pageAt(firsts, i), pageAt(lasts, i), valueAt(values, i));
    if (result == -12) return i;
    setValueAt(results, i, <u32>result);
  }
  return n;
}

/**
 * treeErase of the entries that hold n pages; results gets the values. Returns how many were
 * done; fewer than n: the pool is exhausted.
 */
export function treeEraseBatch(tree: usize, pages: usize, results: usize, n: u32): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const v = treeErase(tree, pageAt(pages, i));
    if (v == 0 && treeLoad(tree, pageAt(pages, i)) != 0) return i;
    setValueAt(results, i, v);
  }
  return n;
}

/** treeLoad of n pages, one after the other. */
export function treeLoadBatch(tree: usize, pages: usize, results: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) setValueAt(results, i, treeLoad(tree, pageAt(pages, i)));
}

/**
 * treeLoad of n pages, four descents at a time: their cache misses overlap, which halves the
 * time in trees larger than the caches.
 */
export function treeLoadInterleaved(tree: usize, pages: usize, results: usize, n: u32): void {
  const t = changetype<Tree>(tree);
  let i: u32 = 0;
  if (t.root != 0) {
    for (; i + 4 <= n; i += 4) load4(t, pages + ((<usize>i) << 3), results + ((<usize>i) << 2));
  }
  for (; i < n; i++) setValueAt(results, i, treeLoad(tree, pageAt(pages, i)));
}

function load4(t: Tree, pages: usize, results: usize): void {
  const p0 = pageAt(pages, 0);
  const p1 = pageAt(pages, 1);
  const p2 = pageAt(pages, 2);
  const p3 = pageAt(pages, 3);
  assert(max<u64>(max<u64>(p0, p1), max<u64>(p2, p3)) <= LAST_PAGE); // no tree is larger
  let n0: usize = t.root;
  let n1 = n0;
  let n2 = n0;
  let n3 = n0;
  let m0: u64 = 0;
  let m1: u64 = 0;
  let m2: u64 = 0;
  let m3: u64 = 0;
  for (let levels = t.height; levels > 1; levels--) {
    const s0 = innerSlot(n0, p0, m0);
    const s1 = innerSlot(n1, p1, m1);
    const s2 = innerSlot(n2, p2, m2);
    const s3 = innerSlot(n3, p3, m3);
    m0 = firstOf(n0, s0, m0);
    m1 = firstOf(n1, s1, m1);
    m2 = firstOf(n2, s2, m2);
    m3 = firstOf(n3, s3, m3);
    n0 = child(n0, s0);
    n1 = child(n1, s1);
    n2 = child(n2, s2);
    n3 = child(n3, s3);
  }
  const v0 = value(n0, leafSlot(n0, p0, m0));
  const v1 = value(n1, leafSlot(n1, p1, m1));
  const v2 = value(n2, leafSlot(n2, p2, m2));
  const v3 = value(n3, leafSlot(n3, p3, m3));
  setValueAt(results, 0, v0);
  setValueAt(results, 1, v1);
  setValueAt(results, 2, v2);
  setValueAt(results, 3, v3);
}

/** The next n entries of a cursor as columns. Returns how many there were. */
export function cursorNextBatch(
  cursor: usize,
  firsts: usize,
  lasts: usize,
  values: usize,
  n: u32,
): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const v = cursorNext(cursor);
    if (v == 0) return i;
    store<u64>(firsts + ((<usize>i) << 3), cursorFirst(cursor));
    store<u64>(lasts + ((<usize>i) << 3), cursorLast(cursor));
    setValueAt(values, i, v);
  }
  return n;
}

/** treeEmptyArea above each of n pages, all of one size; results gets a page or an errno. */
export function treeEmptyAreaBatch(
  tree: usize,
  lows: usize,
  high: u64,
  pages: u64,
  align: u64,
  results: usize,
  n: u32,
): void {
  for (let i: u32 = 0; i < n; i++) {
    const found = treeEmptyArea(tree, pageAt(lows, i), high, pages, align);
    store<i64>(results + ((<usize>i) << 3), found);
  }
}

/** treeEmptyAreaRev below each of n pages, all of one size; results gets a page or an errno. */
export function treeEmptyAreaRevBatch(
  tree: usize,
  low: u64,
  highs: usize,
  pages: u64,
  align: u64,
  results: usize,
  n: u32,
): void {
  for (let i: u32 = 0; i < n; i++) {
    const found = treeEmptyAreaRev(tree, low, pageAt(highs, i), pages, align);
    store<i64>(results + ((<usize>i) << 3), found);
  }
}

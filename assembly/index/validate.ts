// Audit of a whole tree: O(n), for tests and for --check runs.

import {
  INNER_MIN,
  INNER_SLOTS,
  IS_DEAD,
  IS_WIDE,
  LAST_PAGE,
  LEAF_MIN,
  LEAF_SLOTS,
  PIVOTS,
  PIVOT_NONE,
  child,
  clampGap,
  endOf,
  extension,
  gap,
  header,
  isLeaf,
  lastOf,
  value,
} from "./layout";
import { Tree } from "./record";

/** What validate() found. */
export const VALID: u32 = 0;
export const WRONG_DEPTH: u32 = 1;
export const DEAD_NODE: u32 = 2;
export const TOO_FEW_SLOTS: u32 = 3;
export const TOO_MANY_SLOTS: u32 = 4;
export const PIVOTS_NOT_ASCENDING: u32 = 5;
export const UNUSED_SLOT_NOT_CLEAR: u32 = 6;
export const WRONG_WIDTH: u32 = 7;
export const WRONG_GAP: u32 = 8;
export const EMPTY_NEIGHBOURS: u32 = 9;
export const LEAF_ENDS_EMPTY: u32 = 10;
export const WRONG_TOTALS: u32 = 11;
export const BAD_LIST: u32 = 12;
export const BAD_TAIL: u32 = 13;

@unmanaged
class Audit {
  nodes: u32;
  leaves: u32;
  entries: u32;
  height: u32;
  /** The leaf looked at last and its first page. */
  last_leaf: u32;
  last_leaf_min: u64;
  /** 1 when the slot looked at last was empty. */
  empty_before: u32;
  problem: u32;
}

/** Bytes of working memory validate() needs. */
export const AUDIT_BYTES: usize = offsetof<Audit>();

/** Checks all rules of a tree's shape. Returns VALID or the first problem; audit is scratch. */
export function treeValidate(tree: usize, audit: usize): u32 {
  const t = changetype<Tree>(tree);
  const a = changetype<Audit>(audit);
  memory.fill(audit, 0, AUDIT_BYTES);
  a.height = t.height;
  if (t.root == 0) {
    if (t.height != 0) return WRONG_DEPTH;
  } else {
    checkNode(a, t.root, 1, 0, LAST_PAGE);
  }
  if (a.problem != VALID) return a.problem;
  if (a.nodes != t.nodes || a.leaves != t.leaves || a.entries != t.entries) return WRONG_TOTALS;
  if (t.tail != 0 && (t.tail != a.last_leaf || t.tail_min != a.last_leaf_min)) return BAD_TAIL;
  return checkDeferred(t);
}

@inline
function report(a: Audit, problem: u32): void {
  if (a.problem == VALID) a.problem = problem;
}

/** Checks a node and all below it. Returns its longest gap. At most HEIGHT_MAX deep. */
function checkNode(a: Audit, node: usize, level: u32, min: u64, max: u64): u32 {
  const leaf = isLeaf(node);
  a.nodes++;
  if (leaf) {
    a.leaves++;
    a.last_leaf = <u32>node;
    a.last_leaf_min = min;
  }
  if (leaf != (level == a.height)) report(a, WRONG_DEPTH);
  if (header(node) & IS_DEAD) report(a, DEAD_NODE);
  checkSize(a, node, leaf, level);
  checkPivots(a, node, leaf, min, max);
  if (a.problem != VALID) return 0;

  let longest: u32 = 0;
  let first = min;
  const end = endOf(node);
  for (let slot: u32 = 0; slot <= end; slot++) {
    const last = lastOf(node, slot, min, max);
    if (leaf) {
      longest = max32(longest, checkEntry(a, node, slot, clampGap(last - first + 1)));
    } else {
      const pages = checkNode(a, child(node, slot), level + 1, first, last);
      if (gap(node, slot) != pages) report(a, WRONG_GAP);
      longest = max32(longest, pages);
    }
    first = last + 1;
  }
  if (leaf && max != LAST_PAGE && value(node, end) == 0) report(a, LEAF_ENDS_EMPTY);
  return longest;
}

@inline
function max32(a: u32, b: u32): u32 {
  return a > b ? a : b;
}

function checkEntry(a: Audit, leaf: usize, slot: u32, pages: u32): u32 {
  if (value(leaf, slot) != 0) {
    a.entries++;
    a.empty_before = 0;
    return 0;
  }
  if (a.empty_before) report(a, EMPTY_NEIGHBOURS);
  a.empty_before = 1;
  return pages;
}

function checkSize(a: Audit, node: usize, leaf: bool, level: u32): void {
  const slots = endOf(node) + 1;
  if (slots > (leaf ? LEAF_SLOTS : INNER_SLOTS)) report(a, TOO_MANY_SLOTS);
  if (level > 1) {
    if (slots <= (leaf ? LEAF_MIN : INNER_MIN)) report(a, TOO_FEW_SLOTS);
  } else if (!leaf && slots < 2) {
    report(a, TOO_FEW_SLOTS);
  }
}

function checkPivots(a: Audit, node: usize, leaf: bool, min: u64, max: u64): void {
  const end = endOf(node);
  const wide = (header(node) & IS_WIDE) != 0;
  let next = min;
  for (let slot: u32 = 0; slot < end; slot++) {
    const last = lastOf(node, slot, min, max);
    if (last < next || last >= max) report(a, PIVOTS_NOT_ASCENDING);
    next = last + 1;
  }
  if (wide && extension(node) == 0) report(a, WRONG_WIDTH);
  const stored: u32 = (leaf ? LEAF_SLOTS : INNER_SLOTS) - 1;
  for (let slot = end; slot < stored && !wide; slot++) {
    if (load<u32>(node + ((<usize>slot) << 2), PIVOTS) != PIVOT_NONE) {
      report(a, UNUSED_SLOT_NOT_CLEAR);
    }
  }
  const slots: u32 = leaf ? LEAF_SLOTS : INNER_SLOTS;
  for (let slot = end + 1; slot < slots; slot++) {
    const clear = leaf ? value(node, slot) == 0 : child(node, slot) == 0 && gap(node, slot) == 0;
    if (!clear) report(a, UNUSED_SLOT_NOT_CLEAR);
  }
}

/** The deferred list must hold as many dead nodes as it says. */
function checkDeferred(t: Tree): u32 {
  let count: u32 = 0;
  let node: usize = t.deferred_head;
  while (node != 0 && count <= t.waiting) {
    if ((header(node) & IS_DEAD) == 0) return BAD_LIST;
    count++;
    if (node == t.deferred_tail) break;
    node = header(node) & ~127;
  }
  return count == t.waiting ? VALID : BAD_LIST;
}

// The short way for a store behind all entries: straight into the rightmost leaf, without a walk.

import {
  END_MASK,
  GAP_MAX,
  IS_WIDE,
  LAST_PAGE,
  LEAF_SLOTS,
  PIVOTS,
  PIVOT_NONE,
  VALUES,
  firstOf,
} from "./layout";
import { Tree, usesRcu } from "./record";
import { rightPath, step } from "./scratch";
import { walkTo } from "./walk";

/** Finds the rightmost leaf of a tree that is not empty. */
export function findTail(tree: usize): void {
  const t = changetype<Tree>(tree);
  const path = rightPath(t.pool);
  walkTo(tree, path, LAST_PAGE);
  const at = step(path, t.height - 1);
  t.tail = at.node;
  t.tail_min = at.min;
}

/**
 * Stores a value in the last slot of the rightmost leaf, if that is known, empty there, not full
 * and not wide, and no reader needs a copy. Returns false, with nothing done, otherwise. Gaps
 * above need no care: the open end stays longer than what is counted.
 */
export function tailStore(t: Tree, first: u64, last: u64, v: u32): bool {
  if (t.tail == 0 || first < t.tail_min || v == 0 || usesRcu(t)) return false;
  const leaf: usize = t.tail;
  const head = load<u32>(leaf);
  const end = head & END_MASK;
  const at = leaf + ((<usize>end) << 2);
  if (end > LEAF_SLOTS - 3 || (head & IS_WIDE) != 0 || load<u32>(at, VALUES) != 0) return false;
  const pages = last - t.tail_min;
  if (pages >= <u64>PIVOT_NONE || last >= LAST_PAGE - <u64>GAP_MAX) return false;
  const start = firstOf(leaf, end, t.tail_min);
  if (first < start) return false;
  let slot = at;
  if (first > start) {
    store<u32>(slot, <u32>(first - 1 - t.tail_min), PIVOTS);
    slot += 4;
  }
  store<u32>(slot, <u32>pages, PIVOTS);
  store<u32>(slot, v, VALUES);
  store<u32>(leaf, head + (first > start ? 2 : 1));
  t.entries++;
  t.version++;
  return true;
}

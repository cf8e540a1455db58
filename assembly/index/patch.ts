// The last round of most splits and rebalances: a parent gets another child or loses one. Where
// no reader can stand on the parent it is changed in place; it counts as replaced all the same.

import {
  CHILDREN,
  END_MASK,
  GAPS,
  INNER_MIN,
  INNER_SLOTS,
  IS_WIDE,
  PIVOTS,
  PIVOT_NONE,
} from "./layout";
import { discardChildren } from "./discard";
import { raiseGap } from "./gaps";
import { innerGap } from "./node";
import { RECLAIM_AT_ONCE, Tree, follows72, usesRcu } from "./record";
import { Write, leftPath, mid, rightPath, step } from "./scratch";

/**
 * Replaces the slots of one inner node between the two paths by mid, in place. Returns false,
 * with nothing done, where the rules or the readers want a new node. `climbs` says that the rules
 * go on to rewrite every node above as it is, up to the root: these are counted too.
 */
export function patchInner(tree: usize, w: Write, depth: u32, climbs: bool): bool {
  const t = changetype<Tree>(tree);
  const seen = usesRcu(t) || follows72(t);
  if (seen && (t.flags & RECLAIM_AT_ONCE) == 0) return false;
  const at = step(leftPath(t.pool), depth);
  const to = step(rightPath(t.pool), depth);
  if (at.node != to.node) return false;
  const node: usize = at.node;
  const head = load<u32>(node);
  const end = head & END_MASK;
  const new_end = end + w.mid_count - (to.slot - at.slot + 1);
  if ((head & IS_WIDE) != 0 || new_end >= INNER_SLOTS || new_end < INNER_MIN) return false;
  if (to.slot < end && mid(t.pool, w.mid_count - 1).last - at.min >= <u64>PIVOT_NONE) return false;
  if (w.mid_count > 1) {
    if (mid(t.pool, w.mid_count - 2).last - at.min >= <u64>PIVOT_NONE) return false;
  }
  discardChildren(tree, w, node, depth, at.min, at.max);
  if (seen) t.deferred += climbs ? depth + 1 : 1;
  if (new_end > end) moveUp(node, to.slot + 1, end, new_end - end);
  else if (new_end < end) moveDown(node, to.slot + 1, end, end - new_end);
  store<u32>(node, (head & ~END_MASK) | new_end);
  writeMid(t, w, node, at.slot, new_end, at.min);
  raiseGap(leftPath(t.pool), depth, innerGap(node));
  return true;
}

function writeMid(t: Tree, w: Write, node: usize, slot: u32, new_end: u32, min: u64): void {
  for (let i: u32 = 0; i < w.mid_count; i++) {
    const entry = mid(t.pool, i);
    const at = node + ((<usize>(slot + i)) << 2);
    if (slot + i < new_end) store<u32>(at, <u32>(entry.last - min), PIVOTS);
    store<u32>(at, entry.value, CHILDREN);
    store<u32>(at, entry.gap, GAPS);
  }
}

/** Moves slots from..end towards the end of the node. */
function moveUp(node: usize, from: u32, end: u32, by: u32): void {
  const shift = (<usize>by) << 2;
  for (let slot = <i32>end; slot >= <i32>from; slot--) {
    const at = node + ((<usize>slot) << 2);
    if (slot != <i32>end) store<u32>(at + shift, load<u32>(at, PIVOTS), PIVOTS);
    store<u32>(at + shift, load<u32>(at, CHILDREN), CHILDREN);
    store<u32>(at + shift, load<u32>(at, GAPS), GAPS);
  }
}

/** Moves slots from..end towards the start of the node and clears the places left over. */
function moveDown(node: usize, from: u32, end: u32, by: u32): void {
  const shift = (<usize>by) << 2;
  for (let slot = from; slot <= end; slot++) {
    const at = node + ((<usize>slot) << 2);
    if (slot != end) store<u32>(at - shift, load<u32>(at, PIVOTS), PIVOTS);
    store<u32>(at - shift, load<u32>(at, CHILDREN), CHILDREN);
    store<u32>(at - shift, load<u32>(at, GAPS), GAPS);
  }
  for (let slot = end - by; slot < end; slot++) {
    const at = node + ((<usize>slot) << 2);
    store<u32>(at, PIVOT_NONE, PIVOTS);
    store<u32>(at, 0, CHILDREN + 4);
    store<u32>(at, 0, GAPS + 4);
  }
}

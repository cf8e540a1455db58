// Walking from the root to the leaf that holds a page, remembering the way.

import { END_MASK, IS_WIDE, LAST_PAGE, PIVOTS, child, firstOf, lastOf } from "./layout";
import { Tree } from "./record";
import { distance, leafSlot, narrowInnerSlot, wideSlot } from "./search";
import { STEP_BYTES, Step, step } from "./scratch";

/** Fills path with the steps to the leaf that holds a page. The tree must not be empty. */
export function walkTo(tree: usize, path: usize, page: u64): void {
  const t = changetype<Tree>(tree);
  let node: usize = t.root;
  let min: u64 = 0;
  let max: u64 = LAST_PAGE;
  let at = path;
  for (let levels = t.height; levels > 1; levels--) {
    const head = load<u32>(node);
    let slot: u32;
    let first: u64;
    if (head & IS_WIDE) {
      slot = wideSlot(node, page);
      first = firstOf(node, slot, min);
      record(at, node, slot, min, max);
      max = lastOf(node, slot, min, max);
    } else {
      slot = narrowInnerSlot(node, distance(page, min));
      record(at, node, slot, min, max);
      const pivots = node + ((<usize>slot) << 2);
      first = slot == 0 ? min : min + load<u32>(pivots) + 1;
      if (slot < (head & END_MASK)) max = min + load<u32>(pivots, PIVOTS);
    }
    min = first;
    node = child(node, slot);
    at += STEP_BYTES;
  }
  record(at, node, leafSlot(node, page, min), min, max);
}

@inline
function record(at: usize, node: usize, slot: u32, min: u64, max: u64): void {
  const s = changetype<Step>(at);
  s.node = <u32>node;
  s.slot = slot;
  s.min = min;
  s.max = max;
}

/** Takes the step at depth to another slot and goes down to to_depth along first or last slots. */
export function turnTo(
  path: usize,
  depth: u32,
  slot: u32,
  to_depth: u32,
  rightmost: bool,
): void {
  step(path, depth).slot = slot;
  for (let d = depth; d < to_depth; d++) {
    const above = step(path, d);
    const below = step(path, d + 1);
    below.node = <u32>child(above.node, above.slot);
    below.min = firstOf(above.node, above.slot, above.min);
    below.max = lastOf(above.node, above.slot, above.min, above.max);
    below.slot = rightmost ? load<u32>(below.node) & 15 : 0;
  }
}

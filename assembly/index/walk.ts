// Walking from the root to the leaf that holds a page, remembering the way.

import { LAST_PAGE, child, firstOf, lastOf } from "./layout";
import { Tree } from "./record";
import { innerSlot, leafSlot } from "./search";
import { step } from "./scratch";

/** Fills path with the steps to the leaf that holds a page. The tree must not be empty. */
export function walkTo(tree: usize, path: usize, page: u64): void {
  const t = changetype<Tree>(tree);
  const leaf_depth = t.height - 1;
  let node: usize = t.root;
  let min: u64 = 0;
  let max: u64 = LAST_PAGE;
  for (let depth: u32 = 0; depth < leaf_depth; depth++) {
    const slot = innerSlot(node, page, min);
    record(path, depth, node, slot, min, max);
    const next = child(node, slot);
    max = lastOf(node, slot, min, max);
    min = firstOf(node, slot, min);
    node = next;
  }
  record(path, leaf_depth, node, leafSlot(node, page, min), min, max);
}

@inline
function record(path: usize, depth: u32, node: usize, slot: u32, min: u64, max: u64): void {
  const s = step(path, depth);
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

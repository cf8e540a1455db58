// Full checks of a tree, for tests and for the end of a run: order, links, colours, black heights,
// largest blocks. They cost a walk over everything.

import { areaAt } from "./area";
import { AreaTree, computedMax, isBlack, parentOf } from "./rbtree";

/** Black nodes on every way from `at` down; the tree's depth bounds the recursion. */
function blackHeight(at: usize, parent: usize, augmented: bool): u32 {
  if (at == 0) return 1;
  const node = areaAt(at);
  assert(parentOf(node) == parent); // links lead both ways
  assert(isBlack(at) || isBlack(parent)); // no red node below a red one
  if (augmented) assert(node.maxGap == computedMax(node)); // the largest block is up to date
  const left = blackHeight(node.left, at, augmented);
  assert(left == blackHeight(node.right, at, augmented)); // all ways have as many black nodes
  return left + (isBlack(at) ? 1 : 0);
}

/** The list and the tree hold the same areas, ascending, without overlap. */
export function auditTree(tree: AreaTree, augmented: bool): void {
  assert(isBlack(tree.root)); // the root is black
  blackHeight(tree.root, 0, augmented);
  let count: u32 = 0;
  let end: u64 = 0;
  let before: usize = 0;
  for (let at = tree.first; at != 0; at = areaAt(at).next) {
    const area = areaAt(at);
    assert(area.prev == before && area.start >= end && area.end > area.start); // ascending
    if (augmented && before != 0) assert(area.start > end); // neighbours that touch are one block
    end = area.end;
    before = at;
    count++;
  }
  assert(count == tree.count && tree.last == before); // the list ends where it should
  assert(count == countNodes(tree.root));
}

/** The same of a tree without a list. */
export function auditUnlisted(tree: AreaTree): void {
  assert(isBlack(tree.root)); // the root is black
  blackHeight(tree.root, 0, false);
  assert(tree.first == 0 && tree.last == 0); // nobody walks it
  reached = 0;
  assert(ascending(tree.root) == tree.count);
}

/** Where the areas looked at so far end. */
let reached: u64 = 0;

/** Areas of a subtree, which ascend without overlap. */
function ascending(at: usize): u32 {
  if (at == 0) return 0;
  const area = areaAt(at);
  const before = ascending(area.left);
  assert(area.start >= reached && area.end > area.start); // ascending
  reached = area.end;
  return before + 1 + ascending(area.right);
}

function countNodes(at: usize): u32 {
  if (at == 0) return 0;
  return 1 + countNodes(areaAt(at).left) + countNodes(areaAt(at).right);
}

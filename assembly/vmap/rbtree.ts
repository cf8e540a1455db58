// A red-black tree of areas by address, with a list through it in the same order. In the free-space
// tree each node also knows the largest block of its subtree (`augmented`).
//
// The kernel's trees are red-black trees too, and so the paths here are as long as there: depths
// after ascending insertions, after removal of every second area and so on come out of the
// structure.
//
// [same: lib/rbtree.c:__rb_insert, __rb_erase_augmented, ____rb_erase_color and
//  mm/vmalloc.c:link_va, unlink_va, augment_tree_propagate_from, 5.2 to 7.2: the shapes after any
//  operations, and which nodes' largest blocks are computed again]

import { Area, areaAt, areaPages } from "./area";
import { AreaList, listInsert, listRemove } from "./list";
import { stepRecolour, stepRotate, stepsDown, stepUpdate } from "./steps";

//  0      4
//  ┌──────┬────────────────────┐
//  │ root │ list (12)          │
//  └──────┴────────────────────┘
/** A tree; zeroed memory is an empty one. */
@unmanaged
export class AreaTree {
  root: usize;
  first: usize;
  last: usize;
  count: u32;
}

export const AREA_TREE_BYTES: usize = 16;

@inline
export function treeList(tree: AreaTree): AreaList {
  return changetype<AreaList>(changetype<usize>(tree) + 4);
}

const BLACK: usize = 1;

@inline
export function parentOf(node: Area): usize {
  return node.parentColour & ~BLACK;
}

@inline
export function isBlack(at: usize): bool {
  return at == 0 || (areaAt(at).parentColour & BLACK) != 0;
}

@inline
function setParent(node: Area, parent: usize): void {
  node.parentColour = parent | (node.parentColour & BLACK);
}

@inline
function paint(at: usize, black: usize): void {
  const node = areaAt(at);
  node.parentColour = (node.parentColour & ~BLACK) | black;
}

@inline
export function maxGapOf(at: usize): u64 {
  return at == 0 ? 0 : areaAt(at).maxGap;
}

/** The largest block of a node's subtree, from the node and its children. */
@inline
export function computedMax(node: Area): u64 {
  return max(areaPages(node), max(maxGapOf(node.left), maxGapOf(node.right)));
}

/** Brings largest blocks up to date from a node upwards, until one does not change. */
export function propagate(from: usize, stop: usize): void {
  for (let at = from; at != stop; at = parentOf(areaAt(at))) {
    const node = areaAt(at);
    stepUpdate();
    const largest = computedMax(node);
    if (node.maxGap == largest) break;
    node.maxGap = largest;
  }
}

function replaceChild(tree: AreaTree, parent: usize, old: usize, child: usize): void {
  if (parent == 0) tree.root = child;
  else if (areaAt(parent).left == old) areaAt(parent).left = child;
  else areaAt(parent).right = child;
}

/** Turns the edge between a node and one of its children: the child comes up. */
function rotate(tree: AreaTree, at: usize, leftwards: bool, augmented: bool): void {
  stepRotate();
  const node = areaAt(at);
  const up = leftwards ? node.right : node.left;
  const child = areaAt(up);
  const middle = leftwards ? child.left : child.right;
  if (leftwards) node.right = middle;
  else node.left = middle;
  if (middle != 0) setParent(areaAt(middle), at);
  const parent = parentOf(node);
  setParent(child, parent);
  replaceChild(tree, parent, at, up);
  if (leftwards) child.left = at;
  else child.right = at;
  setParent(node, up);
  if (augmented) {
    child.maxGap = node.maxGap;
    node.maxGap = computedMax(node);
  }
}

/** Where an area would go: under `foundParent`, on its left or right side. */
export let foundParent: usize = 0;
export let foundLeft: bool = false;

/** Looks for the place of [start, end) below `from` (0 = the root). */
export function findPlace(tree: AreaTree, start: u64, end: u64, from: usize): void {
  let at = from != 0 ? from : tree.root;
  let parent: usize = 0;
  let below: usize = 0;
  let above: usize = 0;
  let lefts: u32 = 0;
  let rights: u32 = 0;
  while (at != 0) {
    const node = areaAt(at);
    parent = at;
    if (start < node.start) {
      lefts++;
      above = at;
      at = node.left;
    } else {
      rights++;
      below = at;
      at = node.right;
    }
  }
  // no two areas overlap: of all on the way these two lie nearest
  assert(below == 0 || areaAt(below).end <= start);
  assert(above == 0 || end <= areaAt(above).start);
  foundParent = parent;
  foundLeft = above != 0 && parent == above;
  stepsDown(lefts, rights);
}

/** The area behind the place that findPlace found; 0 = none. */
export function placeNext(): usize {
  if (foundParent == 0) return 0;
  return foundLeft ? foundParent : areaAt(foundParent).next;
}

/** Hangs an area where findPlace has been, into the list too, and balances. */
export function linkArea(tree: AreaTree, area: Area, augmented: bool): void {
  listInsert(treeList(tree), area, placeNext());
  hang(tree, area, augmented);
}

/** As linkArea, into a tree that is not walked in order: its list is left out. */
export function linkUnlisted(tree: AreaTree, area: Area): void {
  tree.count++;
  hang(tree, area, false);
}

function hang(tree: AreaTree, area: Area, augmented: bool): void {
  const at = changetype<usize>(area);
  area.left = 0;
  area.right = 0;
  area.parentColour = foundParent;
  if (foundParent == 0) tree.root = at;
  else if (foundLeft) areaAt(foundParent).left = at;
  else areaAt(foundParent).right = at;
  // the largest blocks are brought up to date when the node hangs where it stays
  if (augmented) area.maxGap = 0;
  balanceInserted(tree, at, augmented);
  if (augmented) propagate(at, 0);
}

function balanceInserted(tree: AreaTree, inserted: usize, augmented: bool): void {
  let at = inserted;
  while (true) {
    const parent = parentOf(areaAt(at));
    if (parent == 0) {
      paint(at, BLACK);
      return;
    }
    if (isBlack(parent)) return;
    const grand = parentOf(areaAt(parent)); // a red node has a parent
    const onLeft = areaAt(grand).left == parent;
    const uncle = onLeft ? areaAt(grand).right : areaAt(grand).left;
    if (!isBlack(uncle)) {
      stepRecolour();
      paint(parent, BLACK);
      paint(uncle, BLACK);
      paint(grand, 0);
      at = grand;
      continue;
    }
    let upper = parent;
    const inner = onLeft ? areaAt(parent).right : areaAt(parent).left;
    if (at == inner) {
      rotate(tree, parent, onLeft, augmented);
      upper = at;
    }
    paint(upper, BLACK);
    paint(grand, 0);
    rotate(tree, grand, !onLeft, augmented);
    return;
  }
}

/** Takes an area out of its tree and list, and balances. */
export function unlinkArea(tree: AreaTree, area: Area, augmented: bool): void {
  listRemove(treeList(tree), area);
  unhang(tree, area, augmented);
}

export function unlinkUnlisted(tree: AreaTree, area: Area): void {
  assert(tree.count != 0); // it is in this tree
  tree.count--;
  unhang(tree, area, false);
}

function unhang(tree: AreaTree, area: Area, augmented: bool): void {
  const at = changetype<usize>(area);
  const parent = parentOf(area);
  let changed: usize;
  let shortParent: usize = 0; // under it one side has a black node less now
  let shortLeft = false;
  if (area.left == 0 || area.right == 0) {
    const child = area.left != 0 ? area.left : area.right;
    const wasLeft = parent != 0 && areaAt(parent).left == at;
    replaceChild(tree, parent, at, child);
    if (child != 0) areaAt(child).parentColour = area.parentColour;
    else if (isBlack(at)) {
      shortParent = parent;
      shortLeft = wasLeft;
    }
    changed = parent;
  } else {
    let next = area.right;
    while (areaAt(next).left != 0) next = areaAt(next).left;
    const successor = areaAt(next);
    const orphan = successor.right;
    const blackGone = isBlack(next);
    let under = parentOf(successor);
    if (under == at) {
      under = next;
    } else {
      areaAt(under).left = orphan;
      if (orphan != 0) setParent(areaAt(orphan), under);
      successor.right = area.right;
      setParent(areaAt(area.right), next);
      shortLeft = true;
    }
    if (augmented) {
      successor.maxGap = area.maxGap;
      if (under != next) propagate(under, next);
    }
    successor.left = area.left;
    setParent(areaAt(area.left), next);
    successor.parentColour = area.parentColour;
    replaceChild(tree, parent, at, next);
    if (orphan != 0) paint(orphan, BLACK);
    else if (blackGone) shortParent = under;
    changed = next;
  }
  if (augmented) propagate(changed, 0);
  if (shortParent != 0) balanceRemoved(tree, shortParent, shortLeft, augmented);
  area.left = 0;
  area.right = 0;
  area.parentColour = 0;
}

function balanceRemoved(tree: AreaTree, from: usize, fromLeft: bool, augmented: bool): void {
  let parent = from;
  let onLeft = fromLeft;
  while (true) {
    let sibling = onLeft ? areaAt(parent).right : areaAt(parent).left;
    if (!isBlack(sibling)) {
      paint(sibling, BLACK);
      paint(parent, 0);
      rotate(tree, parent, onLeft, augmented);
      sibling = onLeft ? areaAt(parent).right : areaAt(parent).left;
    }
    const outer = onLeft ? areaAt(sibling).right : areaAt(sibling).left;
    const inner = onLeft ? areaAt(sibling).left : areaAt(sibling).right;
    if (isBlack(outer) && isBlack(inner)) {
      stepRecolour();
      paint(sibling, 0);
      if (!isBlack(parent)) {
        paint(parent, BLACK);
        return;
      }
      const above = parentOf(areaAt(parent));
      if (above == 0) return;
      onLeft = areaAt(above).left == parent;
      parent = above;
      continue;
    }
    if (isBlack(outer)) {
      rotate(tree, sibling, !onLeft, augmented);
      paint(inner, BLACK);
      paint(sibling, 0);
      sibling = inner;
    }
    const nephew = onLeft ? areaAt(sibling).right : areaAt(sibling).left;
    paint(sibling, areaAt(parent).parentColour & BLACK);
    paint(parent, BLACK);
    paint(nephew, BLACK);
    rotate(tree, parent, onLeft, augmented);
    return;
  }
}

/** The area that begins at `page`; 0 = none. */
export function findArea(tree: AreaTree, page: u64): usize {
  let at = tree.root;
  let lefts: u32 = 0;
  let rights: u32 = 0;
  while (at != 0) {
    const node = areaAt(at);
    if (page < node.start) {
      lefts++;
      at = node.left;
    } else {
      rights++;
      if (page == node.start) break;
      at = node.right;
    }
  }
  stepsDown(lefts, rights);
  return at;
}

// A cursor stands on one entry and goes to the next or the previous one.
//
//   Cursor ╒══════════╤══════════╤══════════╤══════════╕
//      +0  │   tree   │ version  │   leaf   │   slot   │
//          ├──────────┼──────────┼──────────┴──────────┤
//     +16  │   end    │  depth   │  first page of leaf │
//          ├──────────┴──────────┼─────────────────────┤
//     +32  │  last page of leaf  │ fetched  │  spare   │
//          ├─────────────────────┴──────────┴──────────┤
//     +48  │  path: HEIGHT_MAX steps of 24 bytes       │
//          ╘═══════════════════════════════════════════╛
//
// A write to the tree ends the life of its cursors: start again with cursorInit.

import { HEIGHT_MAX, LAST_PAGE, VALUES, child, endOf, firstOf, lastOf, value } from "./layout";
import { Tree } from "./record";
import { Step, step } from "./scratch";
import { turnTo, walkTo } from "./walk";

/** Bytes of a cursor. */
export const CURSOR_BYTES: usize = 48 + <usize>HEIGHT_MAX * 24;

@unmanaged
class Cursor {
  tree: u32;
  version: u32;
  leaf: u32;
  /** Slot of the current entry; -1 before the first slot, end + 1 behind the last one. */
  slot: i32;
  end: i32;
  /** Depth of the leaves. */
  depth: u32;
  min: u64;
  max: u64;
  /** Parent whose leaves were touched ahead of use. */
  fetched: u32;
  spare: u32;
}

@inline
function pathOf(cursor: usize): usize {
  return cursor + offsetof<Cursor>();
}

/** Stands the cursor so that cursorNext gives the entry that holds page, or the next above. */
export function cursorInit(cursor: usize, tree: usize, page: u64): void {
  stand(cursor, tree, page);
  const c = changetype<Cursor>(cursor);
  c.slot -= 1;
}

/** Stands the cursor so that cursorPrev gives the entry that holds page, or the next below. */
export function cursorInitRev(cursor: usize, tree: usize, page: u64): void {
  stand(cursor, tree, page);
  const c = changetype<Cursor>(cursor);
  c.slot += 1;
}

function stand(cursor: usize, tree: usize, page: u64): void {
  assert(page <= LAST_PAGE); // no tree has a page above it
  const t = changetype<Tree>(tree);
  const c = changetype<Cursor>(cursor);
  c.tree = <u32>tree;
  c.version = t.version;
  c.leaf = 0;
  c.slot = 0;
  c.end = -1;
  c.depth = 0;
  c.fetched = 0;
  if (t.root == 0) return;
  walkTo(tree, pathOf(cursor), page);
  c.depth = t.height - 1;
  c.slot = <i32>step(pathOf(cursor), c.depth).slot;
  enterLeaf(c, step(pathOf(cursor), c.depth));
}

@inline
function enterLeaf(c: Cursor, at: Step): void {
  c.leaf = at.node;
  c.end = <i32>endOf(at.node);
  c.min = at.min;
  c.max = at.max;
}

/** Goes to the next entry. Returns its value, 0 at the end. */
export function cursorNext(cursor: usize): u32 {
  const c = changetype<Cursor>(cursor);
  let slot = c.slot;
  while (true) {
    const end = c.end;
    const leaf: usize = c.leaf;
    while (slot < end) {
      const v = load<u32>(leaf + ((<usize>++slot) << 2), VALUES);
      if (v != 0) {
        c.slot = slot;
        return v;
      }
    }
    if (!nextLeaf(cursor)) {
      c.slot = c.end + 1;
      return 0;
    }
    slot = -1;
  }
}

/**
 * Goes over the next n entries and writes their values. Returns how many there were: fewer than n
 * at the end. The cursor is left on the last one.
 */
export function cursorNextValues(cursor: usize, values: usize, n: u32): u32 {
  const c = changetype<Cursor>(cursor);
  const stop = values + ((<usize>n) << 2);
  let out = values;
  while (out < stop) {
    const leaf: usize = c.leaf;
    const end = c.end;
    let slot = c.slot;
    while (slot < end && out < stop) {
      const v = load<u32>(leaf + ((<usize>++slot) << 2), VALUES);
      // written always, kept when it is a value: no branch to mispredict
      store<u32>(out, v);
      out += (<usize>(v != 0)) << 2;
    }
    c.slot = slot;
    if (out == stop) break;
    if (!nextLeaf(cursor)) {
      c.slot = c.end + 1;
      break;
    }
    c.slot = -1;
  }
  return <u32>((out - values) >> 2);
}

/** Goes to the previous entry. Returns its value, 0 at the end. */
export function cursorPrev(cursor: usize): u32 {
  const c = changetype<Cursor>(cursor);
  if (c.leaf == 0) return 0;
  let slot = c.slot;
  while (true) {
    while (slot > 0) {
      const v = value(c.leaf, --slot);
      if (v != 0) {
        c.slot = slot;
        return v;
      }
    }
    if (!previousLeaf(cursor)) {
      c.slot = -1;
      return 0;
    }
    slot = c.end + 1;
  }
}

/** First page of the current entry. */
export function cursorFirst(cursor: usize): u64 {
  const c = changetype<Cursor>(cursor);
  return firstOf(c.leaf, c.slot, c.min);
}

/** Last page of the current entry. */
export function cursorLast(cursor: usize): u64 {
  const c = changetype<Cursor>(cursor);
  return lastOf(c.leaf, c.slot, c.min, c.max);
}

function nextLeaf(cursor: usize): bool {
  const c = changetype<Cursor>(cursor);
  assert(c.version == changetype<Tree>(c.tree).version); // the tree changed under the cursor
  const path = pathOf(cursor);
  if (c.depth == 0) return false;
  const above = step(path, c.depth - 1);
  const parent: usize = above.node;
  const slot = above.slot + 1;
  const end = endOf(parent);
  if (slot > end) return nextCousin(cursor);
  const leaf = child(parent, slot);
  if (c.fetched != <u32>parent) fetchLeaves(c, parent, slot, end);
  above.slot = slot;
  c.leaf = <u32>leaf;
  c.min = c.max + 1;
  c.max = lastOf(parent, slot, above.min, above.max);
  c.end = <i32>endOf(leaf);
  return true;
}

/**
 * Touches the two cache lines of each leaf that comes next. Without it every leaf costs a full
 * memory latency of its own; like this they overlap.
 */
function fetchLeaves(c: Cursor, parent: usize, from: u32, end: u32): void {
  c.fetched = <u32>parent;
  for (let slot = from; slot <= end; slot++) {
    const leaf = child(parent, slot);
    load<u32>(leaf);
    load<u32>(leaf, VALUES);
  }
}

/** Goes to the first leaf below the next inner node of the lowest level that has one. */
function nextCousin(cursor: usize): bool {
  const c = changetype<Cursor>(cursor);
  const path = pathOf(cursor);
  for (let d = <i32>c.depth - 2; d >= 0; d--) {
    const at = step(path, d);
    if (at.slot < endOf(at.node)) {
      turnTo(path, d, at.slot + 1, c.depth - 1, false);
      const parent: usize = step(path, c.depth - 1).node;
      fetchLeaves(c, parent, 0, endOf(parent));
      turnTo(path, c.depth - 1, 0, c.depth, false);
      enterLeaf(c, step(path, c.depth));
      return true;
    }
  }
  return false;
}

function previousLeaf(cursor: usize): bool {
  const c = changetype<Cursor>(cursor);
  assert(c.version == changetype<Tree>(c.tree).version); // the tree changed under the cursor
  const path = pathOf(cursor);
  for (let d = <i32>c.depth - 1; d >= 0; d--) {
    const at = step(path, d);
    if (at.slot > 0) {
      turnTo(path, d, at.slot - 1, c.depth, true);
      enterLeaf(c, step(path, c.depth));
      return true;
    }
  }
  return false;
}

// The nodes of the side tree of a munmap of 7.2, which come from the cache as the main tree of the
// process has left it: VMA by VMA as they are gathered, with what comes back from RCU meanwhile.
//
//   main tree made, all replaced nodes back ─▶ gather: a side tree from the same cache
//                     sheaves of its replaced nodes, and the main tree's nodes, come back ─▶
//                                                     its end: nodes go to sheaves, then to slabs
//
// [same: mm/vma.c:vms_gather_munmap_vmas, 7.2: a side tree knows no gaps and is not in RCU mode]
// [simplified: lib/maple_tree.c:mt_free_walk, 7.2: the main tree's nodes come back leaves first, in
//  the order of their pages]

import { madeVmasMax } from "./node-cache";
import {
  CHILDREN,
  mainNodesDone,
  mainNodesOf,
  makeSideVma,
  makingEnds,
  sideMakingInit,
} from "./node-making";
import { destroyTree, makeTree } from "./node-replay";
import {
  holdSheaf,
  oldSheafNode,
  returnHeld,
  sheafBack,
  sheafSlowFrees,
  takeHeld,
} from "./node-sheaves";
import { freeTogether } from "./node-supply";

/** VMAs that one of the replay stands for; 0: no main tree was made yet. */
let scale: u64 = 0;
/** VMAs of the side tree: gathered, and made; 0: there is none. */
let gathered: u64 = 0;
let made: u64 = 0;
/** Nodes that came back and were not yet worth a whole one, or a whole sheaf, of the replay. */
let sheavesBack: u64 = 0;
let mainBack: u64 = 0;
/** Slow frees of the last sheaf that came back: of those that are not of the replay, too. */
let slowFrees: u64 = 0;
/** The main tree's nodes that have come back, by their level and number. */
let level: u32 = 0;
let at: u32 = 0;
/** The main tree's root since the last call; 0: it is one of those that were made. */
let root: u32 = 0;

export function sideNodesInit(): void {
  scale = 0;
  gathered = 0;
  made = 0;
}

/** A munmap begins, in a process whose VMAs were made at this pace (node-replay.ts). */
export function sideNodesBegin(vmas: u64, pace: u64, first: u32): void {
  gathered = 0;
  made = 0;
  if (scale != 0) return;
  scale = makeTree(vmas, pace, first);
  sheavesBack = 0;
  slowFrees = 0;
  mainBack = 0;
  level = 0;
  at = 0;
  root = 0;
}

/** A VMA goes into the side tree. */
export function sideVmaGathered(): void {
  if (scale == 0) return; // 6.12
  gathered++;
  if (gathered % scale != 0 || made == madeVmasMax()) return;
  if (made == 0) sideMakingInit();
  else makeSideVma();
  made++;
}

/**
 * The range is cleared in the main tree: one store that may rebuild every level, for which a sheaf
 * is held and filled. It leaves a new root, in place of that of the last call.
 * [same: lib/maple_tree.c:mas_prealloc_calc, 7.2, for a store over more than one node]
 * [simplified: other nodes that it replaces itself are not followed]
 */
export function sideRangeCleared(height: u32): void {
  if (scale == 0 || height < 2) return; // 6.12; nothing to rebuild
  holdSheaf(3 * height + 1);
  const before = root;
  root = takeHeld();
  if (before != 0) oldSheafNode(before);
  returnHeld();
}

/** A sheaf of replaced nodes has come back from RCU. Returns how many slow frees that makes. */
export function sideSheafBack(): u64 {
  if (scale == 0 || ++sheavesBack % scale != 0) return slowFrees;
  const before = sheafSlowFrees();
  if (sheafBack()) slowFrees = sheafSlowFrees() - before;
  return slowFrees;
}

/** So many nodes of the main tree have. */
export function mainNodesBack(nodes: u32): void {
  if (scale == 0) return;
  mainBack += <u64>nodes;
  freeMain(<u32>(mainBack / scale));
  mainBack %= scale;
}

/** Frees the next nodes of the main tree, those of one parent together. */
function freeMain(count: u32): void {
  let left = count;
  while (left != 0 && mainNodesDone(level) != 0) {
    const of_level = mainNodesDone(level);
    const together = min(min(left, CHILDREN), of_level - at);
    freeTogether(mainNodesOf(level) + (<usize>at << 2), together);
    left -= together;
    at += together;
    if (at < of_level) continue;
    level++;
    at = 0;
  }
}

/**
 * The end of the side tree: node-replay.ts has what it does to slabs then. Returns its nodes. They
 * are fewer than those of the index here, whose inner nodes are all of the kind that knows gaps.
 */
export function sideNodesEnd(): u64 {
  if (made == 0) return 0;
  makingEnds();
  return destroyTree(made, gathered / scale, scale);
}

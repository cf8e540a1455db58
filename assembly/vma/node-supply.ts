// Where the nodes of a tree come from and go to while its VMAs are made, by generation: a cache of
// slabs and single callbacks (6.12), or one with sheaves in front of its slabs (7.2).

import { isGeneration72 } from "../memory/map";
import { giveRunsBack, takeOfRuns, takeRunsInAdvance } from "./node-advance";
import {
  allNodesBack,
  foundNodesBack,
  freeNodeArray,
  freeNodes,
  newNodes,
  nodeCacheBytes,
  nodeCacheOpen,
  nodesAtHand,
  nodeSlabsGone,
  nodeSlowFrees,
  oldNodes,
  oldNodesFound,
} from "./node-cache";
import {
  firstSheafNode,
  foundSheavesBack,
  freeSheafNode,
  freeSheafNodes,
  holdSheaf,
  newSheafNode,
  nodeSheafBytes,
  nodeSheavesOpen,
  oldSheafNode,
  returnHeld,
  sheafNodesToSlabs,
  sheafSlabsGone,
  sheafSlowFrees,
  sheavesFound,
  takeHeld,
} from "./node-sheaves";

let sheaves: bool = false;

/** The region of a run. */
export function supplyBytes(): u64 {
  return isGeneration72() ? nodeSheafBytes() : nodeCacheBytes();
}

/** For the first VMA of a process. Returns where nodes that are done are to be listed. */
export function supplyOpen(): usize {
  sheaves = isGeneration72();
  return sheaves ? nodeSheavesOpen() : nodeCacheOpen();
}

/** The node of the first leaf. */
export function supplyFirst(): u32 {
  return sheaves ? firstSheafNode() : newNodes(1);
}

/** Nodes that one operation can take. */
export function supplyAtHand(): u32 {
  return sheaves ? 1 : max<u32>(nodesAtHand(), 1);
}

export function supplyNew(count: u32): u32 {
  return sheaves ? newSheafNode() : newNodes(count);
}

/** So many nodes, one after the other, were replaced. */
export function supplyOld(node: u32, count: u32): void {
  if (sheaves) oldSheafNode(node);
  else oldNodes(node, count);
}

export function takeInAdvance(count: u32): void {
  if (sheaves) holdSheaf(count);
  else takeRunsInAdvance(count);
}

export function take(): u32 {
  return sheaves ? takeHeld() : takeOfRuns();
}

/** What was taken in advance and not needed. */
export function giveBack(): void {
  if (sheaves) returnHeld();
  else giveRunsBack();
}

/** What is replaced by now, RCU has seen. */
export function supplyFound(): void {
  if (sheaves) sheavesFound();
  else oldNodesFound();
}

/** The grace period of what RCU has seen is over. */
export function supplyBack(): void {
  if (sheaves) foundSheavesBack();
  else foundNodesBack();
}

/** All grace periods are over; what is not a whole sheaf stays. */
export function supplyAllBack(): void {
  if (!sheaves) return allNodesBack();
  sheavesFound();
  foundSheavesBack();
}

export function freeTogether(array: usize, count: u32): void {
  if (sheaves) freeSheafNodes(array, count);
  else freeNodeArray(array, count);
}

export function freeAlone(node: u32): void {
  if (sheaves) freeSheafNode(node);
  else freeNodes(node, 1);
}

/** Frees through the slow path so far. */
export function supplySlowFrees(): u64 {
  return sheaves ? sheafSlowFrees() : nodeSlowFrees();
}

/** Slabs given back so far. */
export function supplySlabsGone(): u64 {
  return sheaves ? sheafSlabsGone() : nodeSlabsGone();
}

/** Nodes that the end of a tree has sent to their slabs so far, instead of to a sheaf; of 7.2. */
export function supplyToSlabs(): u64 {
  return sheaves ? sheafNodesToSlabs() : 0;
}

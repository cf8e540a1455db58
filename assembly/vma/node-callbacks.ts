// Index nodes that a store replaced wait for a grace period.
//
// [same: lib/maple_tree.c, 6.12: in RCU mode ma_free_rcu() is one call_rcu a node, and
//  mte_destroy_walk() one call_rcu for a subtree, all of whose nodes its callback frees]
// [same: lib/maple_tree.c, 7.2: single nodes go by kfree_rcu() into a sheaf of 32, also outside RCU
//  mode, and a full sheaf is one call_rcu; a sheaf that does not fill up has no timer]
// [simplified: the kernel's callback head lies in the node; here the node stays readable, so its
//  callback is a record that points to it. One sheaf for the machine, not one a CPU]

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, cost, setMetric } from "../memory/slots";
import { isGeneration72 } from "../memory/map";
import {
  treeDeferredNodes,
  treeDeferredWaiting,
  treeSubtreeItems,
  treeTakeDeferred,
} from "../index/tree";
import { callRcuForeign, queueCallback } from "../rcu/call";
import { Cpu } from "../sched/cpu";
import { newCallback } from "./callback-records";
import { addToNodeSheaf, emptyNodeSheaf, newNodeSheaf } from "./node-free";
import { nodeSlabsInit, noteNodesDeferred } from "./node-slabs";
import { CallbackKind } from "./record";

/** The sheaf that is being filled, 7.2; 0 = none. */
let filling: u32 = 0;
/** Items of whole subtrees that were accounted for, over all trees. */
let subtreesSeen: u32 = 0;

export function nodeCallbacksInit(): void {
  filling = 0;
  nodeSlabsInit();
  subtreesSeen = treeSubtreeItems();
}

/**
 * Queues callbacks of something that is not modelled; only their records cost anything. Each will
 * take `work`, 0 = as those of which nothing is known.
 */
export function deferOthers(cpu: Cpu, count: u32, work: u32 = 0): void {
  for (let i: u32 = 0; i < count; i++) {
    queueCallback(cpu, newCallback(CallbackKind.OTHER, 0, work));
  }
}

/** Hands everything on a tree's deferred list to RCU. */
export function deferNodes(cpu: Cpu, tree: usize): void {
  let subtrees = treeSubtreeItems() - subtreesSeen;
  subtreesSeen += subtrees;
  const sheaves = isGeneration72();
  // which of the single nodes were subtrees is not known, nor does it matter: the first ones are
  while (treeDeferredWaiting(tree) != 0) {
    const item = <u32>treeTakeDeferred(tree);
    const nodes = treeDeferredNodes(item);
    if (sheaves && nodes == 1 && subtrees == 0) {
      fillSheaf(cpu, item);
      continue;
    }
    if (subtrees != 0) subtrees--;
    addMetric(Metric.MUNMAP_NODE_ITEMS, 1);
    addMetric(Metric.MUNMAP_NODES_DEFERRED, <u64>nodes);
    cpu.now += cost(CostSlot.MUNMAP_CLEAR_ITEM) + <u64>nodes * cost(CostSlot.MUNMAP_CLEAR_NODE);
    noteNodesDeferred(nodes);
    callRcuForeign(cpu, newCallback(CallbackKind.INDEX_NODES, item, nodes));
  }
}

/** kfree_rcu of one node. */
function fillSheaf(cpu: Cpu, node: u32): void {
  addMetric(Metric.MUNMAP_NODES_DEFERRED, 1);
  noteNodesDeferred(1);
  cpu.now += cost(CostSlot.KFREE_RCU_SHEAF);
  if (filling == 0) filling = newNodeSheaf();
  if (!addToNodeSheaf(filling, node)) return;
  addMetric(Metric.MUNMAP_NODE_ITEMS, 1);
  callRcuForeign(cpu, newCallback(CallbackKind.NODE_SHEAF, filling, 0));
  filling = 0;
}

/** The run is over: what still waits in a sheaf that nothing fills is counted and put away. */
export function countStrandedNodes(): void {
  if (filling == 0) return;
  setMetric(Metric.STRANDED_NODES, <u64>emptyNodeSheaf(filling));
  filling = 0;
}

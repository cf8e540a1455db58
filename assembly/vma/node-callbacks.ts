// Index nodes that a store in RCU mode replaced: each item (a node, or a whole subtree) waits for
// a grace period under a callback record of its own.
//
// [same: lib/maple_tree.c, 6.12: ma_free_rcu() one call_rcu a node; mte_destroy_walk() one call_rcu
//  for a subtree, all of whose nodes its callback frees]
// [simplified: the kernel's callback head lies in the node; here the node stays readable, so its
//  callback is a record that points to it]
//
//   0      4      5     8      12
//   ┌──────┬──────┬─────┬──────┬───────┐
//   │ next │ func │ pad │ item │ nodes │
//   └──────┴──────┴─────┴──────┴───────┘

import { CostSlot } from "../abi/cost";
import { Metric, Region } from "../abi/metric";
import { addMetric, cost } from "../memory/slots";
import { regionBase, regionBytes } from "../memory/map";
import {
  treeDeferredNodes,
  treeDeferredWaiting,
  treeReturnDeferred,
  treeTakeDeferred,
} from "../index/tree";
import { callRcuForeign, queueCallback } from "../rcu/call";
import { Cpu } from "../sched/cpu";
import { CallbackKind, vmaAt } from "./record";

export const NODE_CALLBACK_BYTES: u32 = 16;
const ITEM: usize = 8;
const NODES: usize = 12;

/** First free record, linked by their first words; records beyond `fresh` were never used. */
let freeList: u32 = 0;
let fresh: u32 = 0;
let end: u32 = 0;

export function nodeCallbacksInit(): void {
  freeList = 0;
  fresh = <u32>regionBase(Region.NODE_CALLBACKS);
  end = fresh + <u32>regionBytes(Region.NODE_CALLBACKS);
}

function takeRecord(): u32 {
  const record = freeList;
  if (record != 0) {
    freeList = load<u32>(<usize>record);
    return record;
  }
  assert(fresh < end); // more index nodes wait for a grace period than the plan has room for
  fresh += NODE_CALLBACK_BYTES;
  return fresh - NODE_CALLBACK_BYTES;
}

/** Queues callbacks of something that is not modelled; only their records cost anything. */
export function deferOthers(cpu: Cpu, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const record = takeRecord();
    vmaAt(record).func = <u8>CallbackKind.INDEX_NODES;
    store<u32>(<usize>record, 0, ITEM);
    queueCallback(cpu, record);
  }
}

/** Hands everything on a tree's deferred list to RCU. */
export function deferNodes(cpu: Cpu, tree: usize): void {
  while (treeDeferredWaiting(tree) != 0) {
    const item = treeTakeDeferred(tree);
    const nodes = treeDeferredNodes(item);
    const record = takeRecord();
    vmaAt(record).func = <u8>CallbackKind.INDEX_NODES;
    store<u32>(<usize>record, <u32>item, ITEM);
    store<u32>(<usize>record, nodes, NODES);
    addMetric(Metric.MUNMAP_NODE_ITEMS, 1);
    addMetric(Metric.MUNMAP_NODES_DEFERRED, <u64>nodes);
    cpu.now += cost(CostSlot.MUNMAP_CLEAR_ITEM) + <u64>nodes * cost(CostSlot.MUNMAP_CLEAR_NODE);
    callRcuForeign(cpu, record);
  }
}

/** The callback: the item's nodes go back to their pool. */
export function freeNodes(cpu: Cpu, record: u32): void {
  const item = load<u32>(<usize>record, ITEM);
  if (item == 0) {
    cpu.now += cost(CostSlot.RCU_FOREIGN_CALLBACK);
    giveRecord(record);
    return;
  }
  const nodes = load<u32>(<usize>record, NODES);
  cpu.now +=
    cost(CostSlot.RCU_NODE_CALLBACK) + <u64>nodes * cost(CostSlot.MT_DESTROY_NODE);
  const back = treeReturnDeferred(regionBase(Region.INDEX), item);
  assert(back == nodes); // nothing was added to or taken from a dead subtree
  giveRecord(record);
}

function giveRecord(record: u32): void {
  store<u32>(<usize>record, freeList);
  freeList = record;
}

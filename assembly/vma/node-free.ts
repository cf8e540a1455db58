// What callbacks of index nodes do: their nodes go back to the pool.
//
//   sheaf:  0      4       8
//           ┌──────┬───────┬──────────────┐
//           │ next │ count │ nodes × 32   │
//           └──────┴───────┴──────────────┘

import { CostSlot } from "../abi/cost";
import { Region } from "../abi/metric";
import { cost } from "../memory/slots";
import { regionBase, regionBytes } from "../memory/map";
import { outgrow } from "../memory/outgrow";
import { giveRecord, RECORD_POOL_BYTES, recordPoolInit, takeRecord } from "../memory/record-pool";
import { treeReturnDeferred } from "../index/tree";
import { settleNodeFrames } from "../page/node-frames";
import { Cpu } from "../sched/cpu";
import { mainNodesBack, sideSheafBack } from "./node-side";
import { noteNodesBack } from "./node-slabs";
import { NODE_SHEAF_BYTES, NODE_SHEAF_CAPACITY } from "./sizes";

const COUNT: usize = 4;
const NODES: usize = 8;

@lazy const POOL: usize = memory.data(RECORD_POOL_BYTES, 4);

export function nodeSheavesInit(): void {
  const region = Region.NODE_SHEAVES;
  recordPoolInit(POOL, regionBase(region), regionBytes(region));
}

/** An empty sheaf for index nodes. */
export function newNodeSheaf(): u32 {
  const sheaf = takeRecord(POOL, NODE_SHEAF_BYTES);
  if (sheaf == 0) outgrow(Region.NODE_SHEAVES);
  store<u32>(<usize>sheaf, 0, COUNT);
  return sheaf;
}

/** Adds a dead node; true when the sheaf is full now. */
export function addToNodeSheaf(sheaf: u32, node: u32): bool {
  const count = load<u32>(<usize>sheaf, COUNT);
  store<u32>(<usize>sheaf + (<usize>count << 2), node, NODES);
  store<u32>(<usize>sheaf, count + 1, COUNT);
  return count + 1 == NODE_SHEAF_CAPACITY;
}

/** Gives the nodes of a sheaf back; returns how many there were. */
export function emptyNodeSheaf(sheaf: u32): u32 {
  const pool = regionBase(Region.INDEX);
  const count = load<u32>(<usize>sheaf, COUNT);
  for (let i: u32 = 0; i < count; i++) {
    treeReturnDeferred(pool, load<u32>(<usize>sheaf + (<usize>i << 2), NODES));
  }
  giveRecord(POOL, sheaf);
  return count;
}

/** The callback of a full sheaf. */
export function freeNodeSheaf(cpu: Cpu, sheaf: u32): void {
  noteNodesBack(emptyNodeSheaf(sheaf));
  const slow = sideSheafBack();
  cpu.now += cost(CostSlot.RCU_SHEAF_CALLBACK) + slow * cost(CostSlot.RCU_SHEAF_SLOW_FREE);
  settleNodeFrames(cpu);
}

/** The callback of a node or a subtree. */
export function freeNodes(cpu: Cpu, item: u32, nodes: u32): void {
  cpu.now += cost(CostSlot.RCU_NODE_CALLBACK) + <u64>nodes * cost(CostSlot.RCU_INDEX_NODE);
  const back = treeReturnDeferred(regionBase(Region.INDEX), item);
  assert(back == nodes); // nothing was added to or taken from a dead subtree
  noteNodesBack(nodes);
  mainNodesBack(nodes);
  settleNodeFrames(cpu);
}

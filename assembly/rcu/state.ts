// Where RCU's records lie, and how they begin: one state, a tree of nodes, per CPU its data and two
// batches. Up to 16 CPUs are under a leaf, up to 64 leaves under the root.
// [same: kernel/rcu/tree.h, include/linux/rcu_node_tree.h (RCU_FANOUT_LEAF 16, RCU_FANOUT 64),
//  6.12; trees of at most two levels, which is every machine of up to 1,024 CPUs]

import { Config } from "../abi/config";
import { StallTable } from "../abi/stall";
import { config } from "../memory/slots";
import { tasksFor } from "../sched/task";
import { CallbackKind } from "../vma/record";
import {
  Batch,
  BATCH_BYTES,
  DATA_BYTES,
  FANOUT_LEAF,
  NODE_BYTES,
  RcuData,
  RcuNode,
  RcuState,
  Reader,
  READER_BYTES,
  STATE_BYTES,
  Waiter,
  WAITER_BYTES,
} from "./records";
import { nocbLocksInit } from "./nocb-lock";
import { listInit, SEGCBLIST_BYTES } from "./segcblist";
import { SEQ_AT_BOOT } from "./seq";
import { callsBefore, isOffloaded, nocbStride, readSettings } from "./settings";

function leavesFor(cpus: u32): u32 {
  return (cpus + FANOUT_LEAF - 1) / FANOUT_LEAF;
}

/** Nodes: the root, and leaves below it where one node is not enough. */
function nodesFor(cpus: u32): u32 {
  const leaves = leavesFor(cpus);
  return leaves == 1 ? 1 : 1 + leaves;
}

export function rcuBytes(cpus: u32): u64 {
  return (
    STATE_BYTES +
    <u64>nodesFor(cpus) * NODE_BYTES +
    <u64>cpus * (DATA_BYTES + 2 * BATCH_BYTES) +
    <u64>tasksFor(cpus) * (READER_BYTES + WAITER_BYTES) +
    <u64>(StallTable.KEPT * StallTable.ROW_SLOTS * 8)
  );
}

let batchBase: usize = 0;
let readersBase: usize = 0;
let waitersBase: usize = 0;
let stallsBase: usize = 0;
let stateBase: usize = 0;
let nodesBase: usize = 0;
let dataBase: usize = 0;

@inline
export function rcuState(): RcuState {
  return changetype<RcuState>(stateBase);
}

@inline
function nodeAt(index: u32): RcuNode {
  return changetype<RcuNode>(nodesBase + <usize>index * <usize>NODE_BYTES);
}

@inline
export function rcuRoot(): RcuNode {
  return nodeAt(0);
}

/** Leaf number `leaf`, which is the root itself on small machines. */
export function rcuLeaf(leaf: u32): RcuNode {
  return rcuState().leaves == 1 ? nodeAt(0) : nodeAt(1 + leaf);
}

@inline
export function rcuData(cpu: u32): RcuData {
  return changetype<RcuData>(dataBase + <usize>cpu * <usize>DATA_BYTES);
}

/** The batch that this CPU's softirq invokes. */
@inline
export function softirqBatch(cpu: u32): Batch {
  return changetype<Batch>(batchBase + <usize>cpu * <usize>(2 * BATCH_BYTES));
}

/** The batch that the kthread for this CPU's callbacks invokes. */
@inline
export function kthreadBatch(cpu: u32): Batch {
  return changetype<Batch>(batchBase + <usize>cpu * <usize>(2 * BATCH_BYTES) + <usize>BATCH_BYTES);
}

/** What RCU knows of the sections of task number `task`. */
@inline
export function readerOf(task: u32): Reader {
  return changetype<Reader>(readersBase + <usize>task * <usize>READER_BYTES);
}

export function waiterOf(task: u32): Waiter {
  return changetype<Waiter>(waitersBase + <usize>task * <usize>WAITER_BYTES);
}

/** Rows of reports about stalls (abi/stall.ts). */
export function stallRows(): usize {
  return stallsBase;
}

@inline
export function callbackList(data: RcuData): usize {
  return changetype<usize>(data);
}

@inline
export function nodeOf(data: RcuData): RcuNode {
  return changetype<RcuNode>(data.node);
}

export function rcuInit(base: usize): void {
  assert(SEGCBLIST_BYTES == 80 && offsetof<RcuData>("gpSeq") == 80); // laid over list0..list9
  assert(<u64>offsetof<RcuState>() <= STATE_BYTES && <u64>offsetof<RcuNode>() <= NODE_BYTES);
  assert(<u64>offsetof<RcuData>() <= DATA_BYTES && <u64>offsetof<Batch>() <= BATCH_BYTES);
  assert(<u64>offsetof<Reader>() <= READER_BYTES && <u64>offsetof<Waiter>() <= WAITER_BYTES);
  const cpus = <u32>config(Config.CPUS);
  memory.fill(base, 0, <usize>rcuBytes(cpus));
  stateBase = base;
  nodesBase = base + <usize>STATE_BYTES;
  dataBase = nodesBase + <usize>(<u64>nodesFor(cpus) * NODE_BYTES);
  batchBase = dataBase + <usize>(<u64>cpus * DATA_BYTES);
  readersBase = batchBase + <usize>(<u64>cpus * 2 * BATCH_BYTES);
  waitersBase = readersBase + <usize>(<u64>tasksFor(cpus) * READER_BYTES);
  stallsBase = waitersBase + <usize>(<u64>tasksFor(cpus) * WAITER_BYTES);
  nocbLocksInit();
  const state = rcuState();
  state.cpus = cpus;
  state.leaves = leavesFor(cpus);
  state.gpSeq = SEQ_AT_BOOT;
  readSettings(state, cpus);
  nodesInit(state, cpus);
  for (let cpu: u32 = 0; cpu < cpus; cpu++) dataInit(state, cpu);
  for (let task: u32 = 0; task < tasksFor(cpus); task++) {
    readerOf(task).task = task;
    waiterOf(task).task = task;
    waiterOf(task).func = <u8>CallbackKind.WAKE_TASK;
  }
}

function nodesInit(state: RcuState, cpus: u32): void {
  const root = rcuRoot();
  root.gpSeq = SEQ_AT_BOOT;
  root.gpSeqNeeded = SEQ_AT_BOOT;
  for (let number: u32 = 0; number < state.leaves; number++) {
    const leaf = rcuLeaf(number);
    leaf.gpSeq = SEQ_AT_BOOT;
    leaf.gpSeqNeeded = SEQ_AT_BOOT;
    leaf.lowest = number * FANOUT_LEAF;
    leaf.children = min<u32>(cpus - leaf.lowest, FANOUT_LEAF);
    leaf.qsMaskInit = (1 << <u64>leaf.children) - 1;
    if (state.leaves > 1) {
      leaf.parent = changetype<usize>(root);
      leaf.bit = number;
      root.qsMaskInit |= 1 << <u64>number;
      root.children = state.leaves;
    }
  }
}

function dataInit(state: RcuState, cpu: u32): void {
  const data = rcuData(cpu);
  listInit(callbackList(data));
  const leaf = rcuLeaf(cpu / FANOUT_LEAF);
  data.cpu = cpu;
  data.node = changetype<usize>(leaf);
  data.bit = cpu - leaf.lowest;
  data.gpSeq = SEQ_AT_BOOT;
  data.gpSeqNeeded = SEQ_AT_BOOT;
  data.blimit = state.blimit;
  data.offloaded = isOffloaded(cpu) ? 1 : 0;
  data.nobypassCount = callsBefore(state);
  data.cbSleep = 1;
  data.gpSleep = 1;
  data.leader = (cpu / nocbStride(state.cpus)) * nocbStride(state.cpus);
  softirqBatch(cpu).owner = cpu;
  kthreadBatch(cpu).owner = cpu;
  kthreadBatch(cpu).kthread = 1;
}

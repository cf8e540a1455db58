// What destroying a tree costs because of the slabs its nodes lie in.
//
// A slab that empties is given back, which costs more than the frees before. How many empty depends
// on where the nodes lie, and that on how fast replaced nodes came back while the tree was made:
//
//   come back at once       new nodes take their places: slabs are dense, one empties in 16 nodes
//   after a grace period    until the first ones return, each new node lies alone among replaced
//                           ones, which are gone when the tree is destroyed: a slab for few nodes
//   by way of the bypass    the same for a jiffy more
//
// The main tree has its nodes in real slabs (node-replay.ts), and in 7.2 the side tree of a munmap
// as well (node-side.ts). In 6.12 that fills the holes among the nodes of the main tree. Whoever is
// freed last empties their slabs: the side tree, when the main tree's nodes have come back before.
//
// [simplified: mm/slub.c:__slab_free, put_cpu_partial, 6.12: of side trees no cache is kept; the
//  room that a main tree leaves to the side tree is counted, as below]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { isGeneration72 } from "../memory/map";
import { isOffloaded } from "../rcu/settings";
import { rcuState } from "../rcu/state";
import { tickPeriod } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { slice } from "../sched/fair";
import { slabGonePrice } from "../slab/cost";
import { nodeReplayInit, replayNodes, slabsGoneOf, slowFreesOf, toSlabsOf } from "./node-replay";
import { sideNodesBegin, sideNodesEnd, sideNodesInit } from "./node-side";
import { NODE_CPU_PARTIAL_SLABS, NODES_A_SLAB } from "./sizes";

/** How long the first replaced nodes of a tree that is being made take to return. */
const JIFFIES_TO_RETURN: u64 = 4;

/** Nodes handed to RCU that have not come back. */
let waiting: u64 = 0;

export function nodeSlabsInit(): void {
  waiting = 0;
  nodeReplayInit();
  sideNodesInit();
}

export function noteNodesDeferred(nodes: u32): void {
  waiting += <u64>nodes;
}

export function noteNodesBack(nodes: u32): void {
  assert(waiting >= <u64>nodes); // each comes back once
  waiting -= <u64>nodes;
}

/**
 * Do replaced nodes come back at once? Offloaded callbacks of 7.2 on a machine of one CPU: the
 * kthread that begins a grace period ends it, and under lazy preemption it runs whenever a call
 * returns to the process.
 */
function comeBackAtOnce(cpu: Cpu): bool {
  return isGeneration72() && config(Config.CPUS) == 1 && isOffloaded(cpu.id);
}

/**
 * Does the bypass list hold the first replaced nodes back? Making VMAs calls far more often in a
 * jiffy than the limit. The calls below it start a grace period at once; what follows them is
 * flushed by the first call of the next jiffy, when that grace period is under way, and has to wait
 * for the next one.
 */
function comeBackAJiffyLater(cpu: Cpu): bool {
  if (isGeneration72() || !isOffloaded(cpu.id)) return false;
  return madeWithin(tickPeriod()) > <u64>rcuState().nobypassLimit;
}

/** What the tree of a process of so many VMAs costs besides a price for each node. */
export function treeSlabsPrice(cpu: Cpu, nodes: u64, vmas: u64): u64 {
  if (nodes == 0) return 0;
  replay(cpu, vmas);
  return isGeneration72() ? sheavesPrice(nodes) : keptSlabsPrice(nodes);
}

/** VMAs that are made within so long. */
function madeWithin(ps: u64): u64 {
  return ps / max<u64>(cost(CostSlot.VMA_MADE), 1);
}

/**
 * How a process of so many VMAs came by its nodes. In 6.12 callbacks that a tick finds wait for the
 * grace period that it begins; the next tick reports its end, the one after that invokes them. From
 * then on ksoftirqd is still at it when the next grace period ends, and invokes what that has let
 * go as well. Callbacks that pass the bypass list are found a tick later. In 7.2, whose callbacks
 * are sheaves, each tick invokes what the one before has found; where replaced nodes come back at
 * once, each slice what it has seen.
 * [same: kernel/rcu/tree.c:rcu_core, rcu_gp_cleanup, rcu_do_batch, kernel/rcu/tree_nocb.h:
 *  rcu_nocb_try_bypass, 6.12, where the grace-period kthread runs as soon as it is woken]
 * [measured: boots of 7.2.13 of our own, of 2,000 to 30,000 VMAs: 48 sheaves at each tick, the
 *  first ones of the tick before; offloaded on one CPU eight or nine every 0.7 ms]
 */
function replay(cpu: Cpu, vmas: u64): void {
  sideNodesInit(); // what has come back to it lies in another cache
  replayNodes(max<u64>(vmas, 1), makingPace(cpu), ticksToReturn(cpu));
}

/** VMAs that are made from one look at the replaced nodes to the next. */
function makingPace(cpu: Cpu): u64 {
  return madeWithin(comeBackAtOnce(cpu) ? <u64>slice() : tickPeriod());
}

/** Ticks before the first one that brings replaced nodes back. */
function ticksToReturn(cpu: Cpu): u32 {
  if (comeBackAtOnce(cpu)) return 0;
  if (isGeneration72()) return 1;
  return comeBackAJiffyLater(cpu) ? 3 : 2;
}

/** Slabs that the end of the tree of a process of so many VMAs empties. */
export function treeSlabsGone(cpu: Cpu, nodes: u64, vmas: u64): u64 {
  if (nodes == 0) return 0;
  replay(cpu, vmas);
  return slabsGoneOf(nodes);
}

/** What the slabs of a tree of 6.12 cost, all of whose nodes are known by their slabs. */
function keptSlabsPrice(nodes: u64): u64 {
  const group = cost(CostSlot.SLAB_FREE_SLOW) + cost(CostSlot.MT_DESTROY_GROUP);
  return slowFreesOf(nodes) * group + slabsGoneOf(nodes) * slabGonePrice();
}

/** The same of 7.2: nodes that no sheaf takes, and what they do to their slabs. */
function sheavesPrice(nodes: u64): u64 {
  return (
    toSlabsOf(nodes) * cost(CostSlot.MT_DESTROY_TO_SLAB) +
    slowFreesOf(nodes) * cost(CostSlot.MT_DESTROY_GROUP) +
    slabsGoneOf(nodes) * cost(CostSlot.MT_DESTROY_SLAB_GONE)
  );
}

/**
 * Slabs among which the nodes of 6.12's main tree lie when it is whole. Each VMA that is made
 * hands a replaced node to RCU; until the first ones return, which takes four jiffies, and one
 * more by way of the bypass, every new node is one more. A tree that outgrows them, together with
 * the side tree that fills their holes, has both packed.
 * [measured: boots of 6.12.117 of our own count the slabs of maple_node that a munmap of untouched
 *  VMAs gives back: 54 of 1,000, 283 of 10,000 (288 touched), 314 of 20,000, less the seven that
 *  the CPU keeps; 1,161 VMAs are made in a jiffy]
 */
function mainTreeSlabs(cpu: Cpu, nodes: u64, vmas: u64): u64 {
  const jiffies = JIFFIES_TO_RETURN + (comeBackAJiffyLater(cpu) ? 1 : 0);
  return max(min(vmas, madeWithin(jiffies * tickPeriod())), 2 * nodes) / <u64>NODES_A_SLAB + 1;
}

/** A munmap begins in a process of so many VMAs; only of 7.2 it is followed what its nodes do. */
export function sideTreeBegins(cpu: Cpu, vmas: u64): void {
  if (isGeneration72()) sideNodesBegin(max<u64>(vmas, 1), makingPace(cpu), ticksToReturn(cpu));
}

/** The end of a side tree, of so many nodes of the index. Returns how many the kernel's has. */
export function sideTreeEnds(nodes: u64): u64 {
  return isGeneration72() ? sideNodesEnd() : nodes;
}

/** What destroying a node of a side tree costs wherever it lies; of 6.12 with a share of slabs. */
export function sideNodePrice(): u64 {
  return cost(isGeneration72() ? CostSlot.MT_DESTROY_WALK : CostSlot.MUNMAP_DESTROY_NODE);
}

/**
 * What the end of a side tree costs besides, in a process of so many VMAs. In 6.12 replaced nodes
 * are used again at once, whatever RCU does, and each slab takes as many as the main tree, of as
 * many nodes, has left room for. One that is emptied ends what kmem_cache_free_bulk() gives back
 * together: a slow free more.
 * [measured: boots of our own count 50 slabs emptied by __mt_destroy() of 10,000 touched VMAs, and
 *  122, 248, 450 and 815 of 20,000 to 100,000 untouched ones; here 49, 131, 267, 462 and 931]
 */
export function sideTreeSlabsPrice(cpu: Cpu, nodes: u64, vmas: u64): u64 {
  if (isGeneration72()) return nodes == 0 ? 0 : sheavesPrice(nodes);
  const emptied = sideTreeSlabsGone(cpu, nodes, vmas);
  const freed = cost(CostSlot.SLAB_FREE_SLOW) + cost(CostSlot.SLAB_PUT_CPU_PARTIAL);
  return emptied * (freed + slabGonePrice());
}

/** Slabs that the end of a side tree empties, in a process of so many VMAs. */
export function sideTreeSlabsGone(cpu: Cpu, nodes: u64, vmas: u64): u64 {
  if (isGeneration72()) return nodes == 0 ? 0 : slabsGoneOf(nodes);
  const slabs = mainTreeSlabs(cpu, nodes, vmas);
  const room = slabs * <u64>NODES_A_SLAB - nodes;
  const last = nodes - min(nodes, waiting);
  const filled = (last * slabs) / room;
  return filled - min(filled, <u64>NODE_CPU_PARTIAL_SLABS);
}

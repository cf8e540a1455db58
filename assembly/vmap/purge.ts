// The purge: lazily freed areas become free space again.
//
// [same: mm/vmalloc.c:__purge_vmap_area_lazy, 6.12 and 7.2: pools decay and lazy lists are taken,
//  node by node; one flush of the range; helpers by vmap_lazy_nr / lazy_max_pages for the first
//  marked nodes, the rest by the caller, who then waits for them. 5.0: the one list, its range by
//  a loop, one flush, areas returned one by one under the lock that allocations take]
// One purge at a time: its caller holds vmap_purge_lock around all of it.

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Span } from "../abi/timeline";
import { FlushRange, VmapMetric } from "../abi/vmalloc";
import { spinLock, spinUnlock } from "../lock/spinlock";
import { addWorkloadMetric, config, cost, maxWorkloadMetric } from "../memory/slots";
import { timelineSpan } from "../metrics/timeline";
import { wakeTask } from "../sched/core";
import { Cpu, cpuAt, nrCpus } from "../sched/cpu";
import { drawHorizon, horizon } from "../sched/horizon";
import { MID_KERNEL, mustMakeWay } from "../sched/preempt";
import { Task } from "../sched/task";
import { takesTurns } from "../sched/turns";
import { WorkKind } from "../sched/work";
import { queueWorkOn, workInit } from "../sched/workqueue";
import { areaAt } from "./area";
import { decayNode } from "./decay";
import { listTake } from "./list";
import {
  lazyLock,
  lazyTree,
  nodeAt,
  nodeCount,
  nodeProgress,
  nodeWork,
  purgingList,
} from "./node";
import { OpAnswer } from "./op";
import { purgedAreas, purgedPages, resetPurged } from "./purge-counts";
import { beginNode, stepNode } from "./purge-node";
import { beginOneByOne, stepOneByOne } from "./purge-one-lock";
import { treeList } from "./rbtree";
import { cpuTime, isLinear, lazyMaxPages, lazyNr, releasesEach, transfer } from "./state";
import { turnEnds } from "./turn";

enum Phase {
  COLLECT,
  TAKE_LAZY,
  RANGE,
  FLUSH,
  ANSWERS,
  ONE_BY_ONE,
  NODES,
  WAIT,
}

let phase: Phase = Phase.COLLECT;
let fullDecay: bool = false;
let startedAt: u64 = 0;
let startedCpu: u64 = 0;
let rangeAt: u64 = 0;
let flushAt: u64 = 0;
/** The node that is collected, or worked on. */
let at: u32 = 0;
let marked: u32 = 0;
/** Helpers still at work, and the task that waits for them. */
let helpers: u32 = 0;
let drainer: usize = 0;

export function beginPurge(cpu: Cpu, task: Task, full: bool): void {
  phase = Phase.COLLECT;
  fullDecay = full;
  startedAt = cpu.now;
  startedCpu = cpuTime(cpu, task);
  at = 0;
  marked = 0;
  helpers = 0;
  drainer = changetype<usize>(task);
  task.midStep = MID_KERNEL; // no cond_resched() in all of it
  resetPurged();
  cpu.now += cost(CostSlot.VMAP_PURGE);
}

/** Some steps of the purge, up to the horizon or to where its task waits. */
export function stepPurge(cpu: Cpu, task: Task): OpAnswer {
  while (true) {
    const answer = step(cpu);
    if (answer == OpAnswer.DONE) {
      task.midStep = 0;
      count(cpu, task);
    }
    if (answer != OpAnswer.AGAIN) return answer;
    if (turnEnds(cpu)) return OpAnswer.AGAIN;
  }
}

function step(cpu: Cpu): OpAnswer {
  switch (phase) {
    case Phase.COLLECT: return isLinear() ? collectList(cpu) : collectNode(cpu);
    case Phase.TAKE_LAZY: return takeLazy(cpu);
    case Phase.RANGE: return rangeLoop(cpu);
    case Phase.FLUSH: return flush(cpu);
    case Phase.ANSWERS: return answers(cpu);
    case Phase.ONE_BY_ONE: return releaseAll(cpu);
    case Phase.NODES: return workOnNodes(cpu);
    default: return helpers == 0 ? OpAnswer.DONE : OpAnswer.SLEEP;
  }
}

/** 5.0: the whole list at once, the newest area first. */
function collectList(cpu: Cpu): OpAnswer {
  const list = purgingList(nodeAt(0));
  nodeProgress(nodeAt(0)).cursor = list.first;
  marked = list.count;
  list.first = 0;
  list.count = 0;
  return collected(cpu);
}

/** The pools of a node decay; then its lazy list is taken. */
function collectNode(cpu: Cpu): OpAnswer {
  if (at == nodeCount()) {
    nodeProgress(nodeAt(0)).cursor = purgingList(nodeAt(0)).first;
    return collected(cpu);
  }
  const before = cpu.now;
  const answer = decayNode(cpu, nodeAt(at), fullDecay);
  addWorkloadMetric(VmapMetric.POOL_DECAY_SUM, cpu.now - before);
  if (answer == OpAnswer.DONE) phase = Phase.TAKE_LAZY;
  return OpAnswer.AGAIN;
}

function takeLazy(cpu: Cpu): OpAnswer {
  const node = nodeAt(at);
  if (lazyTree(node).count != 0) {
    const lock = lazyLock(node);
    if (!spinLock(cpu, lock, transfer())) return OpAnswer.AGAIN;
    cpu.now += cost(CostSlot.VMAP_PURGE_NODE);
    addWorkloadMetric(VmapMetric.RANGE_COLLECT_SUM, cost(CostSlot.VMAP_PURGE_NODE));
    listTake(treeList(lazyTree(node)), purgingList(node));
    lazyTree(node).root = 0;
    spinUnlock(cpu, lock, transfer());
    marked++;
  }
  at++;
  phase = Phase.COLLECT;
  return OpAnswer.AGAIN;
}

/** All that is to be purged is known; nothing is, when somebody else has just done it. */
function collected(cpu: Cpu): OpAnswer {
  if (marked == 0) return OpAnswer.DONE;
  rangeAt = cpu.now;
  phase = config(Config.VMAP_RANGE) == <u64>FlushRange.LOOP ? Phase.RANGE : Phase.FLUSH;
  return OpAnswer.AGAIN;
}

/** Smallest start and largest end of all areas: a walk over the one list, in no lock. */
function rangeLoop(cpu: Cpu): OpAnswer {
  const progress = nodeProgress(nodeAt(0));
  if (progress.ranged == 0) progress.ranged = progress.cursor;
  while (progress.ranged != 0) {
    if (cpu.now > horizon || mustMakeWay(cpu, changetype<Task>(cpu.curr))) return OpAnswer.AGAIN;
    cpu.now += cost(CostSlot.VMAP_RANGE_AREA);
    const area = areaAt(progress.ranged);
    progress.ranged = isLinear() ? <usize>area.maxGap : area.next;
  }
  addWorkloadMetric(VmapMetric.RANGE_COLLECT_SUM, cpu.now - rangeAt);
  maxWorkloadMetric(VmapMetric.RANGE_COLLECT_MAX, cpu.now - rangeAt);
  phase = Phase.FLUSH;
  return OpAnswer.AGAIN;
}

/**
 * flush_tlb_kernel_range: every other CPU is told and waited for.
 * [simplified: arch/x86/mm/tlb.c: one cost a CPU; those that are told lose no time]
 */
function flush(cpu: Cpu): OpAnswer {
  const others = <u64>(nrCpus() - 1);
  flushAt = cpu.now;
  cpu.now += cost(CostSlot.TLB_FLUSH_KERNEL) + cost(CostSlot.TLB_FLUSH_KERNEL_CPU) * others;
  if (!takesTurns || others == 0) return flushed(cpu);
  for (let id: u32 = 0; id < nrCpus(); id++) cpuAt(id).flushPending = id == cpu.id ? 0 : 1;
  cpu.preemptCount++;
  phase = Phase.ANSWERS;
  return OpAnswer.AGAIN;
}

/**
 * Where CPUs take turns, each answers in its next one, and who waits makes way for them.
 * [same: kernel/smp.c:smp_call_function_many_cond, preemption off, csd_lock_wait, 6.12 and 7.2]
 */
function answers(cpu: Cpu): OpAnswer {
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (cpuAt(id).flushPending == 0) continue;
    drawHorizon(0);
    return OpAnswer.AGAIN;
  }
  cpu.preemptCount--;
  return flushed(cpu);
}

function flushed(cpu: Cpu): OpAnswer {
  const took = cpu.now - flushAt;
  addWorkloadMetric(VmapMetric.TLB_FLUSH_SUM, took);
  maxWorkloadMetric(VmapMetric.TLB_FLUSH_MAX, took);
  at = 0;
  if (releasesEach()) {
    beginOneByOne(cpu);
    phase = Phase.ONE_BY_ONE;
    return OpAnswer.AGAIN;
  }
  for (let id: u32 = 0; id < nodeCount(); id++) beginNode(nodeAt(id), fullDecay);
  askForHelp(cpu);
  phase = Phase.NODES;
  return OpAnswer.AGAIN;
}

/**
 * Who has let go of the lock for the last time may be preempted there, inside the purge.
 * [same: include/linux/spinlock_api_smp.h:__raw_spin_unlock, preempt_enable(), 5.0 to 7.2]
 */
function releaseAll(cpu: Cpu): OpAnswer {
  if (stepOneByOne(cpu) == OpAnswer.DONE) phase = Phase.WAIT;
  return OpAnswer.AGAIN;
}

/** The first marked nodes go to helpers, each on the CPU of the node's number. */
function askForHelp(cpu: Cpu): void {
  const wanted = max<u64>(lazyNr() / lazyMaxPages(), 1);
  helpers = min(<u32>min<u64>(wanted, <u64>marked), nodeCount()) - 1;
  let asked: u32 = 0;
  for (let id: u32 = 0; id < nodeCount() && asked < helpers; id++) {
    if (purgingList(nodeAt(id)).count == 0) continue;
    nodeProgress(nodeAt(id)).helped = 1;
    workInit(nodeWork(nodeAt(id)), WorkKind.VMAP_NODE, id);
    queueWorkOn(cpu, id < nrCpus() ? id : cpu.id, nodeWork(nodeAt(id)));
    asked++;
  }
}

function workOnNodes(cpu: Cpu): OpAnswer {
  while (at < nodeCount()) {
    const node = nodeAt(at);
    const progress = nodeProgress(node);
    const mine = progress.helped == 0 && (progress.working != 0 || purgingList(node).count != 0);
    if (mine) {
      progress.working = 1;
      const answer = stepNode(cpu, node);
      if (answer != OpAnswer.DONE) return answer;
      progress.working = 0;
    }
    at++;
  }
  phase = Phase.WAIT;
  return OpAnswer.AGAIN;
}

/** A helper has finished its node; the drainer may wait for it. */
export function helperDone(cpu: Cpu, node: usize): void {
  nodeProgress(node).helped = 0;
  if (--helpers == 0) wakeTask(cpu, changetype<Task>(drainer));
}

function count(cpu: Cpu, task: Task): void {
  timelineSpan(cpu, Span.PURGE, startedAt, <u32>purgedAreas);
  addWorkloadMetric(VmapMetric.PURGE_RUNS, 1);
  if (purgedAreas == 0) addWorkloadMetric(VmapMetric.PURGE_RUNS_EMPTY, 1);
  addWorkloadMetric(VmapMetric.AREAS_PURGED, purgedAreas);
  addWorkloadMetric(VmapMetric.PAGES_PURGED, purgedPages);
  maxWorkloadMetric(VmapMetric.AREAS_PER_PURGE_MAX, purgedAreas);
  maxWorkloadMetric(VmapMetric.PAGES_PER_PURGE_MAX, purgedPages);
  const wall = cpu.now - startedAt;
  const used = cpuTime(cpu, task) - startedCpu;
  addWorkloadMetric(VmapMetric.PURGE_WALL_SUM, wall);
  maxWorkloadMetric(VmapMetric.PURGE_WALL_MAX, wall);
  addWorkloadMetric(VmapMetric.PURGE_CPU_SUM, used);
  maxWorkloadMetric(VmapMetric.PURGE_CPU_MAX, used);
}

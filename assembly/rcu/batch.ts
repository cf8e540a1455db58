// rcu_do_batch: invoking what is DONE, within the limits of a softirq.
// [same: kernel/rcu/tree.c:rcu_do_batch, 6.12: batch limit, divisor, time limit looked at every 32
//  callbacks, leftovers to the front, blimit and qlen_last_fqs_check brought back]
// [simplified: interrupts are taken between callbacks, and inside a group between its members]

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, config, cost, maxMetric, metric } from "../memory/slots";
import { Config, Probe } from "../abi/config";
import { freeTableBatch } from "../page/table-callback";
import { Cpu, nrCpus } from "../sched/cpu";
import { horizon, ownHorizon } from "../sched/horizon";
import { resched } from "../sched/preempt";
import { FUNC_VMA } from "../mm/records";
import { mmCallback } from "../mm/machine";
import { isGeneration72 } from "../memory/map";
import { timelineBatch } from "../metrics/timeline";
import { traceBatch } from "../metrics/trace";
import { CallbackKind, vmaAt, VmaState } from "../vma/record";
import { freeVma } from "../vma/free";
import { invokeRecord } from "../vma/callbacks";
import { taskGone, taskStructFreed } from "../vma/dead-task";
import { isMeasured, noteFree, operationEnded } from "../metrics/dead";
import {
  DONE,
  extractDone,
  extractedTail,
  insertDone,
  listLength,
  segmentLength,
  subtractLength,
} from "./segcblist";
import { floodCallback } from "../workload/flood-callback";
import { postCallback } from "../workload/post-callback";
import { barrierCallback } from "./barrier";
import { lockNocb, unlockNocb } from "./nocb-lock";
import { Batch, RcuData, Waiter } from "./records";
import { MAX_BLIMIT } from "./settings";
import { checkStamp } from "./stamp";
import { callbackList, nodeOf, rcuData, rcuState } from "./state";
import { endWait } from "./sync";

/** Batches above this limit also watch the clock. */
const TIMED_ABOVE: u32 = 100;
/** How often they do. */
const CLOCK_EVERY: u32 = 32;

/** Limit of a batch over `pending` ready callbacks. */
export function batchLimit(blimit: u32, pending: u32, divisor: u32): u32 {
  return max<u32>(blimit, <u32>(<u64>pending >> <u64>divisor)); // the divisor goes up to 62
}

export function batchIsTimed(limit: u32): bool {
  return limit > TIMED_ABOVE;
}

/** What an object of another CPU costs more, in the batch under way. */
let remotePs: u64 = 0;

/** Takes all of DONE of the batch's CPU and begins to invoke it; `stepBatch` carries on. */
export function beginBatch(cpu: Cpu, batch: Batch): void {
  const state = rcuState();
  const data = rcuData(batch.owner);
  const list = callbackList(data);
  const pending = segmentLength(list, DONE);
  if (data.offloaded != 0) lockNocb(cpu, data);
  cpu.now += cost(CostSlot.RCU_BATCH);
  batch.active = 1;
  batch.limit = batchLimit(data.blimit, pending, state.divisor);
  batch.timed = data.offloaded == 0 && batchIsTimed(batch.limit) ? 1 : 0;
  batch.start = cpu.now;
  batch.cpuPs = 0;
  batch.deadline = cpu.now + state.reschedPs;
  batch.head = extractDone(list);
  batch.tail = extractedTail;
  batch.total = pending;
  batch.done = 0;
  batch.groupNext = 0;
  if (data.offloaded == 0) return;
  data.qlenLastFqsCheck = listLength(list);
  unlockNocb(cpu, data);
}

/** What `stepBatch` answers. */
export enum BatchStep {
  /** The CPU's clock has passed the horizon. */
  PAUSED,
  /** Its kthread should let another task run before the next callback. */
  YIELDS,
  ENDED,
}

/** Invokes callbacks until the batch ends, should yield, or this CPU's clock passes the horizon. */
export function stepBatch(cpu: Cpu, batch: Batch): BatchStep {
  const start = cpu.now;
  const step = invokeSome(cpu, batch);
  batch.cpuPs += cpu.now - start;
  if (step == BatchStep.ENDED) endBatch(cpu, batch);
  return step;
}

function invokeSome(cpu: Cpu, batch: Batch): BatchStep {
  // what was queued on another CPU lies in that one's cache
  remotePs = batch.owner == cpu.id ? 0 : cost(CostSlot.CALLBACK_REMOTE);
  const overhead = remotePs + cost(
    batch.kthread != 0 ? CostSlot.RCU_CALLBACK_KTHREAD : CostSlot.RCU_CALLBACK,
  );
  const gpSeq = nodeOf(rcuData(batch.owner)).gpSeq;
  const until = ownHorizon(cpu.now, nrCpus());
  while (cpu.now <= until) {
    if (batch.groupNext != 0) {
      if (!stepGroup(cpu, batch)) return BatchStep.PAUSED;
    } else {
      const callback = batch.head;
      const start = cpu.now;
      cpu.now += overhead;
      batch.head = load<u32>(<usize>callback);
      checkStamp(callback, gpSeq);
      if (invoke(cpu, batch, callback)) continue; // a group: its members follow
      maxMetric(Metric.CALLBACK_MAX, cpu.now - start);
    }
    batch.done++;
    if (batchMustStop(cpu, batch)) return BatchStep.ENDED;
    if (batch.kthread != 0 && (resched(cpu) || cpu.softirqsHeld != 0)) return BatchStep.YIELDS;
  }
  return BatchStep.PAUSED;
}

/** Runs one callback; true when it is a group whose members are still to be freed. */
@inline
function invoke(cpu: Cpu, batch: Batch, callback: u32): bool {
  const vma = vmaAt(callback);
  if (vma.func == <u8>CallbackKind.VMA) {
    freeDead(cpu, callback);
    return false;
  }
  if (vma.func == <u8>CallbackKind.VMA_GROUP) {
    batch.groupFirst = callback;
    batch.groupNext = vma.group;
    batch.groupStart = cpu.now;
    return true;
  }
  if (vma.func >= FUNC_VMA) mmCallback(cpu, callback);
  else if (vma.func >= <u8>CallbackKind.INDEX_NODES) invokeRecord(cpu, callback, vma.func);
  else invokeOther(cpu, callback, vma.func);
  return false;
}

/** Callbacks that free no VMA. */
function invokeOther(cpu: Cpu, callback: u32, kind: u8): void {
  if (kind < <u8>CallbackKind.FLOOD) cpu.now += cost(CostSlot.RCU_FOREIGN_CALLBACK);
  switch (kind) {
    case <u8>CallbackKind.WAKE_TASK: endWait(cpu, changetype<Waiter>(<usize>callback)); break;
    case <u8>CallbackKind.BARRIER: barrierCallback(cpu); break;
    case <u8>CallbackKind.FLOOD: floodCallback(cpu, callback); break;
    case <u8>CallbackKind.POST: postCallback(cpu, callback); break;
    case <u8>CallbackKind.TABLES: freeTableBatch(cpu, callback); break;
    case <u8>CallbackKind.TASK_GONE:
      cpu.now += cost(CostSlot.RCU_FOREIGN_CALLBACK);
      taskGone(cpu, callback);
      break;
    case <u8>CallbackKind.TASK_STRUCT:
      cpu.now += cost(CostSlot.RCU_FOREIGN_CALLBACK);
      taskStructFreed(cpu, callback);
      break;
    default: break; // what a foreign one frees is not modelled
  }
}

/** A callback's work for one dead VMA. */
@inline
function freeDead(cpu: Cpu, address: u32): void {
  const probed = (config(Config.PROBE_FLAGS) & <u64>Probe.FREE) != 0;
  cpu.now += cost(CostSlot.RCU_CALLBACK_VMA) + (probed ? cost(CostSlot.PROBE_CALLBACK) : 0);
  freeVma(cpu, address, VmaState.QUEUED);
  noteFree(vmaAt(address), cpu.now);
}

/** Frees members of the group under way, its first one last; true when it is done. */
function stepGroup(cpu: Cpu, batch: Batch): bool {
  const first = batch.groupFirst;
  let next = batch.groupNext;
  while (cpu.now <= horizon) {
    const member = next;
    if (member != first) cpu.now += remotePs; // the first one's was paid with the callback
    next = vmaAt(member).group;
    freeDead(cpu, member);
    if (member == first) {
      batch.groupNext = 0;
      const took = cpu.now - batch.groupStart;
      if (isMeasured(vmaAt(first))) noteGroup(took);
      maxMetric(Metric.CALLBACK_MAX, took);
      return true;
    }
  }
  batch.groupNext = next;
  return false;
}

/** A group counts by the VMA that carries its callback, as in the measured rows. */
function noteGroup(took: u64): void {
  addMetric(Metric.GROUP_CB_N, 1);
  addMetric(Metric.GROUP_CB_SUM, took);
  maxMetric(Metric.GROUP_CB_MAX, took);
}

/**
 * The end of the list. In softirq also the batch limit, unless only idle is kept waiting; in
 * softirq and in rcuc the time limit. rcuop knows neither.
 */
@inline
function batchMustStop(cpu: Cpu, batch: Batch): bool {
  if (batch.head == 0) return true;
  const overIdle = cpu.curr == 0 && cpu.needResched == 0;
  if (batch.kthread == 0 && batch.done >= batch.limit && !overIdle) return true;
  if (batch.timed == 0 || batch.done % CLOCK_EVERY != 0) return false;
  cpu.now += cost(CostSlot.RCU_BATCH_CLOCK);
  return cpu.now >= batch.deadline;
}

function endBatch(cpu: Cpu, batch: Batch): void {
  const data = rcuData(batch.owner);
  const list = callbackList(data);
  if (data.offloaded != 0) lockNocb(cpu, data);
  if (batch.head != 0) insertDone(list, batch.head, batch.tail, batch.total - batch.done);
  subtractLength(list, batch.done);
  restoreLimits(data);
  if (data.offloaded != 0) unlockNocb(cpu, data);
  batch.active = 0;
  noteBatch(cpu, batch);
}

/** Ends the state of flood when the list is short again. */
function restoreLimits(data: RcuData): void {
  const state = rcuState();
  const queued = listLength(callbackList(data));
  if (data.blimit >= MAX_BLIMIT && queued <= state.qlowmark) data.blimit = state.blimit;
  if (queued == 0 && data.qlenLastFqsCheck != 0) {
    data.qlenLastFqsCheck = 0;
    data.nForceQsSnap = state.nForceQs;
  } else if (queued + state.qhimark < data.qlenLastFqsCheck) {
    data.qlenLastFqsCheck = queued;
  }
}

/**
 * Up to when batches count, as in the rows: with 6.12 until the last VMA is back, and with it the
 * last slab page that had to wait; with 7.2 as long as there are any.
 */
function countedUntil(): u64 {
  if (isGeneration72() || metric(Metric.LAST_FREE) == 0) return u64.MAX_VALUE;
  if (metric(Metric.SLAB_PAGES_DONE) != metric(Metric.SLAB_PAGES_RCU)) return u64.MAX_VALUE;
  return max(metric(Metric.LAST_FREE), metric(Metric.SLAB_LAST));
}

function noteBatch(cpu: Cpu, batch: Batch): void {
  const counted = batch.start <= countedUntil();
  timelineBatch(cpu, batch, counted);
  if (!counted) return;
  const took = cpu.now - batch.start;
  const context = (cpu.id << 1) | (batch.kthread == 0 ? 1 : 0);
  traceBatch(batch.start, took, batch.done, batch.total, batch.limit, context);
  addMetric(Metric.RCU_BATCHES, 1);
  if (batch.kthread == 0) addMetric(Metric.RCU_BATCHES_SOFTIRQ, 1);
  addMetric(Metric.RCU_CBS, <u64>batch.done);
  addMetric(Metric.RCU_BATCH_CPU, batch.kthread != 0 ? batch.cpuPs : took);
  addMetric(Metric.RCU_BATCH_WALL, took);
  maxMetric(Metric.RCU_BATCH_MAX_CBS, <u64>batch.done);
  maxMetric(Metric.RCU_BATCH_MAX, took);
  if (!operationEnded()) {
    addMetric(Metric.RCU_CBS_IN_EXIT, <u64>batch.done);
    addMetric(Metric.RCU_BATCH_IN_EXIT, took);
  }
}

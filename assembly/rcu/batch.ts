// rcu_do_batch: invoking what is DONE, within the limits of a softirq.
// [same: kernel/rcu/tree.c:rcu_do_batch, 6.12: batch limit, divisor, time limit looked at every 32
//  callbacks, leftovers to the front, blimit and qlen_last_fqs_check brought back]
// [simplified: interrupts are taken between callbacks, and inside a group between its members]

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, config, cost, maxMetric, metric } from "../memory/slots";
import { Config, Probe } from "../abi/config";
import { Cpu } from "../sched/cpu";
import { CallbackKind, vmaAt, VmaState } from "../vma/record";
import { freeVma } from "../vma/free";
import { exitTotalKnown, noteFree } from "../metrics/dead";
import { MAX_BLIMIT } from "./call";
import {
  DONE,
  extractDone,
  extractedTail,
  insertDone,
  listLength,
  segmentLength,
  subtractLength,
} from "./segcblist";
import { callbackList, rcuData, rcuState } from "./state";

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

/** Takes all of DONE and begins to invoke it; `stepBatch` carries on. */
export function beginBatch(cpu: Cpu): void {
  const state = rcuState();
  const data = rcuData(cpu.id);
  const list = callbackList(data);
  const pending = segmentLength(list, DONE);
  cpu.now += cost(CostSlot.RCU_BATCH);
  cpu.batchActive = 1;
  cpu.batchLimit = batchLimit(data.blimit, pending, state.divisor);
  cpu.batchTimed = batchIsTimed(cpu.batchLimit) ? 1 : 0;
  cpu.batchStart = cpu.now;
  cpu.batchDeadline = cpu.now + state.reschedPs;
  cpu.batchHead = extractDone(list);
  cpu.batchTail = extractedTail;
  cpu.batchTotal = pending;
  cpu.batchDone = 0;
  cpu.groupNext = 0;
}

/** Invokes callbacks until the batch ends (true) or this CPU's clock passes `horizon` (false). */
export function stepBatch(cpu: Cpu, horizon: u64): bool {
  while (cpu.now <= horizon) {
    if (cpu.groupNext != 0) {
      if (!stepGroup(cpu, horizon)) return false;
    } else {
      const callback = cpu.batchHead;
      const start = cpu.now;
      cpu.batchHead = load<u32>(<usize>callback);
      if (invoke(cpu, callback)) continue; // a group: its members follow
      maxMetric(Metric.CALLBACK_MAX, cpu.now - start);
    }
    cpu.batchDone++;
    if (batchMustStop(cpu)) {
      endBatch(cpu);
      return true;
    }
  }
  return false;
}

/** Runs one callback; true when it is a group whose members are still to be freed. */
@inline
function invoke(cpu: Cpu, callback: u32): bool {
  const vma = vmaAt(callback);
  cpu.now += cost(CostSlot.RCU_CALLBACK);
  if (vma.func == <u8>CallbackKind.VMA) {
    freeDead(cpu, callback);
    return false;
  }
  if (vma.func == <u8>CallbackKind.VMA_GROUP) {
    cpu.groupFirst = callback;
    cpu.groupNext = vma.group;
    cpu.groupStart = cpu.now;
    return true;
  }
  cpu.now += cost(CostSlot.RCU_FOREIGN_CALLBACK);
  return false;
}

/** A callback's work for one dead VMA. */
@inline
function freeDead(cpu: Cpu, address: u32): void {
  const probed = (config(Config.PROBE_FLAGS) & <u64>Probe.FREE) != 0;
  cpu.now += cost(CostSlot.RCU_CALLBACK_VMA) + (probed ? cost(CostSlot.PROBE_CALLBACK) : 0);
  freeVma(cpu, address, VmaState.QUEUED);
  noteFree(cpu.now);
}

/** Frees members of the group under way, its first one last; true when it is done. */
function stepGroup(cpu: Cpu, horizon: u64): bool {
  const first = cpu.groupFirst;
  let next = cpu.groupNext;
  while (cpu.now <= horizon) {
    const member = next;
    next = vmaAt(member).group;
    freeDead(cpu, member);
    if (member == first) {
      cpu.groupNext = 0;
      const took = cpu.now - cpu.groupStart;
      addMetric(Metric.GROUP_CB_N, 1);
      addMetric(Metric.GROUP_CB_SUM, took);
      maxMetric(Metric.GROUP_CB_MAX, took);
      maxMetric(Metric.CALLBACK_MAX, took);
      return true;
    }
  }
  cpu.groupNext = next;
  return false;
}

/** The end of the list, the batch limit (unless only idle is kept waiting), or the time limit. */
@inline
function batchMustStop(cpu: Cpu): bool {
  if (cpu.batchHead == 0) return true;
  const overIdle = cpu.curr == 0 && cpu.needResched == 0;
  if (cpu.batchDone >= cpu.batchLimit && !overIdle) return true;
  return (
    cpu.batchTimed != 0 && cpu.batchDone % CLOCK_EVERY == 0 && cpu.now >= cpu.batchDeadline
  );
}

function endBatch(cpu: Cpu): void {
  const data = rcuData(cpu.id);
  const list = callbackList(data);
  if (cpu.batchHead != 0) insertRest(cpu, list);
  subtractLength(list, cpu.batchDone);
  restoreLimits(cpu);
  cpu.batchActive = 0;
  noteBatch(cpu);
}

function insertRest(cpu: Cpu, list: usize): void {
  const rest = cpu.batchTotal - cpu.batchDone;
  insertDone(list, cpu.batchHead, cpu.batchTail, rest);
}

/** Ends the state of flood when the list is short again. */
function restoreLimits(cpu: Cpu): void {
  const state = rcuState();
  const data = rcuData(cpu.id);
  const queued = listLength(callbackList(data));
  if (data.blimit >= MAX_BLIMIT && queued <= state.qlowmark) data.blimit = state.blimit;
  if (queued == 0 && data.qlenLastFqsCheck != 0) {
    data.qlenLastFqsCheck = 0;
    data.nForceQsSnap = state.nForceQs;
  } else if (queued + state.qhimark < data.qlenLastFqsCheck) {
    data.qlenLastFqsCheck = queued;
  }
}

/** Batches count from the start of the exit to the last VMA's return, as in the measured rows. */
function noteBatch(cpu: Cpu): void {
  const lastFree = metric(Metric.LAST_FREE);
  if (lastFree != 0 && cpu.batchStart > lastFree) return;
  const took = cpu.now - cpu.batchStart;
  addMetric(Metric.RCU_BATCHES, 1);
  addMetric(Metric.RCU_BATCHES_SOFTIRQ, 1);
  addMetric(Metric.RCU_CBS, <u64>cpu.batchDone);
  addMetric(Metric.RCU_BATCH_CPU, took);
  maxMetric(Metric.RCU_BATCH_MAX_CBS, <u64>cpu.batchDone);
  maxMetric(Metric.RCU_BATCH_MAX, took);
  if (!exitTotalKnown()) {
    addMetric(Metric.RCU_CBS_IN_EXIT, <u64>cpu.batchDone);
    addMetric(Metric.RCU_BATCH_IN_EXIT, took);
  }
}

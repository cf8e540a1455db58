// Asking for grace periods, noticing them, and reporting quiescent states up the node tree.
// [same: kernel/rcu/tree.c, 6.12; each function names its counterpart. A node's line moves to
//  who takes its lock (node-line.ts); the trylock in note_gp_changes never fails]

import { jiffiesAt } from "../sched/clock";
import { Cpu, cpuAt } from "../sched/cpu";
import { FORCED_BY_NORMAL } from "../sched/nohz";
import { accelerate, advance, pendingCallbacks } from "./segcblist";
import { seqCompletedGp, seqGe, seqLt, seqNewGp, seqSnap, seqStarted, seqState } from "./seq";
import { fetchNode } from "./node-line";
import { GP_FLAG_FQS, GP_FLAG_INIT, RcuData, RcuNode } from "./records";
import { callbackList, nodeOf, rcuState } from "./state";

@inline
export function gpInProgress(): bool {
  return seqState(rcuState().gpSeq) != 0;
}

/**
 * rcu_start_this_gp: notes on the way up that `wanted` is needed; true when the kthread must be
 * woken to start it. During a running grace period the note alone does.
 */
export function startThisGp(start: RcuNode, data: RcuData, wanted: u64): bool {
  let node = start;
  let mustWake = false;
  while (true) {
    const running = seqState(node.gpSeq) != 0;
    const above = changetype<usize>(node) != changetype<usize>(start);
    if (seqGe(node.gpSeqNeeded, wanted) || seqStarted(node.gpSeq, wanted) || (above && running)) {
      break;
    }
    node.gpSeqNeeded = wanted;
    if (running) break;
    if (node.parent == 0) {
      if (!gpInProgress()) {
        rcuState().gpFlags |= GP_FLAG_INIT;
        mustWake = true;
      }
      break;
    }
    node = changetype<RcuNode>(node.parent);
  }
  if (seqLt(wanted, node.gpSeqNeeded)) {
    start.gpSeqNeeded = node.gpSeqNeeded;
    data.gpSeqNeeded = node.gpSeqNeeded;
  }
  return mustWake;
}

/** rcu_accelerate_cbs */
export function accelerateCbs(node: RcuNode, data: RcuData): bool {
  const list = callbackList(data);
  if (!pendingCallbacks(list)) return false;
  const wanted = seqSnap(rcuState().gpSeq);
  return accelerate(list, wanted) ? startThisGp(node, data, wanted) : false;
}

/**
 * rcu_accelerate_cbs_unlocked: only numbers the callbacks when a request for that grace period or a
 * later one is on this CPU's record. Its own one is not: that is noted on the nodes alone, until
 * the grace period begins.
 */
export function accelerateCbsUnlocked(data: RcuData): bool {
  const wanted = seqSnap(rcuState().gpSeq);
  if (seqGe(data.gpSeqNeeded, wanted)) {
    accelerate(callbackList(data), wanted);
    return false;
  }
  fetchNode(cpuAt(data.cpu), nodeOf(data));
  return accelerateCbs(nodeOf(data), data);
}

/** rcu_advance_cbs */
export function advanceCbs(node: RcuNode, data: RcuData): bool {
  const list = callbackList(data);
  if (!pendingCallbacks(list)) return false;
  advance(list, node.gpSeq);
  return accelerateCbs(node, data);
}

/** __note_gp_changes, and with it note_gp_changes: true when the kthread must be woken. */
export function noteGpChanges(data: RcuData): bool {
  const node = nodeOf(data);
  if (data.gpSeq == node.gpSeq) return false;
  fetchNode(cpuAt(data.cpu), node);
  let mustWake = false;
  const needed = (node.qsMask & (1 << <u64>data.bit)) != 0;
  if (seqCompletedGp(data.gpSeq, node.gpSeq)) {
    if (data.offloaded == 0) mustWake = advanceCbs(node, data);
    data.coreNeedsQs = 0;
  } else {
    if (data.offloaded == 0) mustWake = accelerateCbs(node, data);
    if (data.coreNeedsQs != 0) data.coreNeedsQs = needed ? 1 : 0;
  }
  if (seqNewGp(data.gpSeq, node.gpSeq)) {
    data.noQs = needed ? 1 : 0;
    data.coreNeedsQs = needed ? 1 : 0;
    zeroStallTicks(data);
  }
  data.gpSeq = node.gpSeq;
  if (seqLt(data.gpSeqNeeded, node.gpSeqNeeded)) data.gpSeqNeeded = node.gpSeqNeeded;
  return mustWake;
}

/** zero_cpu_stall_ticks: what a stall report and the nudges count from. */
function zeroStallTicks(data: RcuData): void {
  const cpu = cpuAt(data.cpu);
  data.ticksThisGp = 0;
  data.softirqsAtGp = cpu.softirqs;
  data.lastFqsResched = jiffiesAt(cpu.now);
}

/** rcu_qs: this CPU has just passed through a quiescent state. */
@inline
export function noteQuiescentState(data: RcuData): void {
  data.noQs = 0;
}

/** rcu_momentary_eqs: scans see that this CPU has been quiescent for a moment. */
export function momentaryEqs(cpu: Cpu, data: RcuData): void {
  data.heavyQs = 0;
  cpu.dynticks += 2;
}

/** rcu_disable_urgency_upon_qs */
export function dropUrgency(data: RcuData): void {
  data.urgentQs = 0;
  data.heavyQs = 0;
  cpuAt(data.cpu).forcedTick &= ~FORCED_BY_NORMAL;
}

/**
 * rcu_report_qs_rnp: clears bits upwards; true when the last one of the root went and the kthread
 * must be woken.
 */
export function reportQsNode(cpu: Cpu, start: RcuNode, bits: u64, seq: u64): bool {
  let node = start;
  let mask = bits;
  while (true) {
    fetchNode(cpu, node);
    if ((node.qsMask & mask) == 0 || node.gpSeq != seq) return false; // already reported, or over
    node.qsMask &= ~mask;
    if (node.qsMask != 0 || node.gpTasks != 0) return false;
    if (node.parent == 0) break;
    mask = 1 << <u64>node.bit;
    node = changetype<RcuNode>(node.parent);
  }
  rcuState().gpFlags |= GP_FLAG_FQS;
  return true;
}

/** rcu_report_unblock_qs_rnp: the last preempted reader of a leaf that was waited for is done. */
export function reportUnblockedNode(cpu: Cpu, leaf: RcuNode): bool {
  if (leaf.qsMask != 0 || leaf.gpTasks != 0) return false;
  if (leaf.parent != 0) {
    const parent = changetype<RcuNode>(leaf.parent);
    return reportQsNode(cpu, parent, 1 << <u64>leaf.bit, leaf.gpSeq);
  }
  rcuState().gpFlags |= GP_FLAG_FQS;
  return true;
}

/** rcu_report_qs_rdp */
export function reportQsCpu(data: RcuData): bool {
  const node = nodeOf(data);
  if (data.noQs != 0 || data.gpSeq != node.gpSeq) {
    data.noQs = 1; // that quiescent state belonged to an older grace period
    return false;
  }
  data.coreNeedsQs = 0;
  const bit: u64 = 1 << <u64>data.bit;
  if ((node.qsMask & bit) == 0) return false;
  // this grace period cannot have ended: callbacks queued so far are good for the next one
  if (data.offloaded == 0) accelerateCbs(node, data);
  dropUrgency(data);
  return reportQsNode(cpuAt(data.cpu), node, bit, node.gpSeq);
}

/** rcu_check_quiescent_state: true when the kthread must be woken. */
export function checkQuiescentState(data: RcuData): bool {
  let mustWake = noteGpChanges(data);
  if (data.coreNeedsQs == 0 || data.noQs != 0) return mustWake;
  if (reportQsCpu(data)) mustWake = true;
  return mustWake;
}

// call_rcu() on an offloaded CPU: the list under its lock, or the bypass list.
// [same: kernel/rcu/tree_nocb.h:rcu_nocb_try_bypass, rcu_nocb_do_flush_bypass,
//  __call_rcu_nocb_wake, call_rcu_nocb; 6.12 and 7.2]
// [same: kernel/rcu/tree_nocb.h, 6.12 and 7.2: who holds which lock meanwhile. The costs are those
//  of uncontended calls; waiting and the lock's cache line come on top (nocb-lock.ts)]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { jiffiesAt } from "../sched/clock";
import { Cpu } from "../sched/cpu";
import { advanceCbs } from "./grace";
import { appendBypass, bypassNeedsFlush, flushBypass } from "./nocb-bypass";
import { lockBypass, lockNocb, unlockBypass, unlockNocb } from "./nocb-lock";
import {
  DEFER_FORCE,
  DEFER_LAZY,
  DEFER_WAKE,
  deferWake,
  kthreadSleeps,
  nocbTimerPending,
  wakeRcuog,
} from "./nocb-wake";
import {
  enqueue,
  listLength,
  nextGp,
  pendingCallbacks,
  readyCallbacks,
} from "./segcblist";
import { seqDone, seqState } from "./seq";
import { RcuData } from "./records";
import { callbackList, nodeOf, rcuData, rcuState } from "./state";

/** Queues one callback on an offloaded CPU. */
export function queueOffloaded(
  cpu: Cpu, data: RcuData, callback: u32, lazy: bool, irqsOff: bool,
): void {
  const jiffies = jiffiesAt(cpu.now);
  const list = callbackList(data);
  const limit = rcuState().nobypassLimit;
  countCall(data, jiffies, limit);
  if (data.nobypassCount < limit && !lazy) {
    lockNocb(cpu, data);
    cpu.now += cost(CostSlot.CALL_RCU_NOCB);
    const wasAllDone = !pendingCallbacks(list);
    flushBypass(cpu, data, jiffies);
    enqueue(list, callback);
    unlockNocb(cpu, data);
    wakeAfterEnqueue(cpu, data, wasAllDone, irqsOff);
    return;
  }
  if (bypassNeedsFlush(data, jiffies, true)) {
    lockNocb(cpu, data);
    cpu.now += cost(CostSlot.CALL_RCU_FLUSH);
    const wasAllDone = !pendingCallbacks(list);
    // a lazy one goes along; any other begins the next list (rcu_cblist_flush_enqueue)
    if (lazy) appendBypass(data, callback, lazy);
    flushBypass(cpu, data, jiffies);
    if (!lazy) appendBypass(data, callback, lazy);
    advanceOncePerJiffy(data, jiffies);
    unlockNocb(cpu, data);
    wakeAfterEnqueue(cpu, data, wasAllDone, irqsOff);
    return;
  }
  lockBypass(cpu, data);
  cpu.now += cost(CostSlot.CALL_RCU_BYPASS);
  const before = data.bypassLength;
  const wasLazy = before == data.lazyLength;
  if (before == 0) data.bypassFirst = jiffies;
  appendBypass(data, callback, lazy);
  unlockBypass(cpu, data);
  if (before != 0 && (!wasLazy || lazy)) return;
  // rcuog may sleep for good: it must learn of the first callback
  lockNocb(cpu, data);
  const wasAllDone = !pendingCallbacks(list);
  unlockNocb(cpu, data);
  if (wasAllDone) wakeAfterEnqueue(cpu, data, true, irqsOff);
}

/** The rate rule: calls in one jiffy, with what exceeded the limit carried into the next. */
export function countCall(data: RcuData, jiffies: u64, limit: u32): void {
  let count = data.nobypassCount + 1;
  if (jiffies != data.nobypassLast) {
    data.nobypassLast = jiffies;
    const before = data.nobypassCount;
    count = before < limit ? 0 : min<u32>(before - limit, limit);
  }
  data.nobypassCount = count;
}

/** rcu_advance_cbs_nowake, at most once a jiffy, if a grace period that callbacks need is over. */
function advanceOncePerJiffy(data: RcuData, jiffies: u64): void {
  const list = callbackList(data);
  const node = nodeOf(data);
  if (jiffies == data.gpAdvanced || !pendingCallbacks(list)) return;
  if (!seqDone(node.gpSeq, nextGp(list))) return;
  if (seqState(node.gpSeq) != 0) advanceCbs(node, data);
  data.gpAdvanced = jiffies;
}

/**
 * __call_rcu_nocb_wake: the first callback wakes rcuog, by a timer where interrupts are off. In
 * 6.12 a flood makes sure that it will be woken; 7.2 has no such rule any more.
 */
function wakeAfterEnqueue(cpu: Cpu, data: RcuData, wasAllDone: bool, irqsOff: bool): void {
  if (rcuState().nocbPoll != 0) return;
  const list = callbackList(data);
  const queued = listLength(list);
  if (wasAllDone) {
    data.qlenLastFqsCheck = queued;
    const onlyLazy = data.lazyLength != 0 && data.lazyLength == data.bypassLength;
    if (onlyLazy) deferWake(cpu, data, DEFER_LAZY);
    else if (irqsOff) deferWake(cpu, data, DEFER_WAKE);
    else wakeRcuog(cpu, data, false);
    return;
  }
  if (rcuState().forcesWakes == 0) return;
  if (queued <= data.qlenLastFqsCheck + rcuState().qhimark) return;
  data.qlenLastFqsCheck = queued;
  advanceOncePerJiffy(data, jiffiesAt(cpu.now));
  const idle = kthreadSleeps(data) || !readyCallbacks(list);
  if (idle && !nocbTimerPending(rcuData(data.leader))) deferWake(cpu, data, DEFER_FORCE);
}

// rcuog: one kthread per group of CPUs, which numbers their callbacks, waits for grace periods and
// wakes the rcuop of every CPU that has callbacks ready.
// [same: kernel/rcu/tree_nocb.h:nocb_gp_wait, rcu_nocb_gp_cleanup; 6.12 and 7.2]
// [simplified: a sweep is one step]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { SLEEPS } from "../sched/answer";
import { jiffiesAt } from "../sched/clock";
import { wakeGpKthread, wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { rcuog } from "../sched/task";
import { advanceCbs } from "./grace";
import { fetchNode } from "./node-line";
import { bypassNeedsFlush, flushBypass } from "./nocb-bypass";
import { wakeRcuop } from "./nocb-cb";
import { lockNocb, unlockNocb } from "./nocb-lock";
import { nextPoll, wakesToPoll } from "./nocb-poll";
import { DEFER_BYPASS, DEFER_LAZY, deferWake, dropDeferred } from "./nocb-wake";
import {
  listLength,
  NEXT_READY,
  nextGp,
  pendingCallbacks,
  readyCallbacks,
  restEmpty,
} from "./segcblist";
import { seqCounter, seqDone, seqLt } from "./seq";
import { RcuData } from "./records";
import { nocbStride } from "./settings";
import { callbackList, nodeOf, rcuData, rcuState } from "./state";

/** When a sweep over a group has begun, and what it finds. */
let sweepJiffies: u64 = 0;
let sweepBypass: bool = false;
let sweepLazy: bool = false;
let sweepWaits: bool = false;
let sweepSeq: u64 = 0;

/**
 * The rcuog of group leader `id`, see sched/programs.ts: one run sweeps until there is nothing to
 * do but wait.
 */
export function stepRcuog(cpu: Cpu, id: u32): u64 {
  const leader = rcuData(id);
  if (rcuState().nocbPoll != 0) {
    wakesToPoll();
    sweep(cpu, leader);
    return nextPoll(cpu, SLEEPS);
  }
  do {
    dropDeferred(leader);
    leader.gpSleep = 1;
    sweep(cpu, leader);
    if (sweepLazy && !sweepBypass) deferWake(cpu, leader, DEFER_LAZY);
    else if (sweepBypass) deferWake(cpu, leader, DEFER_BYPASS);
    leader.gpWaits = sweepWaits ? 1 : 0;
    leader.waitGpSeq = sweepSeq;
  } while (mayGoOn(leader));
  return SLEEPS;
}

/** Is what it would wait for there already? */
function mayGoOn(leader: RcuData): bool {
  if (leader.gpSleep == 0) return true;
  return leader.gpWaits != 0 && seqDone(nodeOf(leader).gpSeq, leader.waitGpSeq);
}

function sweep(cpu: Cpu, leader: RcuData): void {
  const state = rcuState();
  sweepJiffies = jiffiesAt(cpu.now);
  cpu.now += cost(CostSlot.RCUOG_SWEEP);
  sweepBypass = false;
  sweepLazy = false;
  sweepWaits = false;
  sweepSeq = 0;
  const end = min<u32>(leader.cpu + nocbStride(state.cpus), state.cpus);
  for (let id = leader.cpu; id < end; id++) {
    const data = rcuData(id);
    if (data.offloaded != 0) sweepCpu(cpu, data);
  }
}

function sweepCpu(cpu: Cpu, data: RcuData): void {
  lockNocb(cpu, data);
  cpu.now += cost(CostSlot.RCUOG_CPU);
  const wakesGp = sweepList(cpu, data);
  unlockNocb(cpu, data);
  if (readyCallbacks(callbackList(data))) wakeRcuop(cpu, data);
  if (wakesGp) wakeGpKthread(cpu);
}

/** Flushes, numbers, and notes what to wait for; true when a grace period has to be started. */
function sweepList(cpu: Cpu, data: RcuData): bool {
  const list = callbackList(data);
  if (bypassNeedsFlush(data, sweepJiffies, false)) flushBypass(cpu, data, sweepJiffies);
  if (data.bypassLength == 0 && listLength(list) == 0) return false;
  if (data.bypassLength != 0) {
    if (data.bypassLength == data.lazyLength) sweepLazy = true;
    else sweepBypass = true;
  }
  const node = nodeOf(data);
  const gpOver = pendingCallbacks(list) && seqDone(node.gpSeq, nextGp(list));
  const advances = !restEmpty(list, NEXT_READY) || gpOver;
  if (advances) fetchNode(cpu, node);
  const wakesGp = advances && advanceCbs(node, data);
  if (pendingCallbacks(list)) {
    const wanted = nextGp(list);
    if (!sweepWaits || seqLt(wanted, sweepSeq)) sweepSeq = wanted;
    sweepWaits = true;
  }
  return wakesGp;
}

/** At the end of a grace period: wakes every rcuog that waits for one of its parity. */
export function wakeGpWaiters(cpu: Cpu, ended: u64): void {
  const state = rcuState();
  const stride = nocbStride(state.cpus);
  for (let id: u32 = 0; id < state.cpus; id += stride) {
    const leader = rcuData(id);
    if (leader.gpWaits == 0) continue;
    if (((seqCounter(leader.waitGpSeq) ^ seqCounter(ended)) & 1) != 0) continue;
    if (leader.gpSleep == 0 || seqDone(ended, leader.waitGpSeq)) wakeTask(cpu, rcuog(id));
  }
}

// The grace-period kthread: waits for a request, starts a grace period, forces quiescent states
// until all have reported, cleans up.
// [same: kernel/rcu/tree.c:rcu_gp_kthread, rcu_gp_init, rcu_gp_fqs_loop, rcu_gp_fqs,
//  rcu_gp_cleanup; 6.12]
// [left out: CPU hotplug (kernel/rcu/tree.c:rcutree_online_cpu and its kin): all CPUs are online]

import { Config, Generation } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { config, cost } from "../memory/slots";
import { gpsSinceStart } from "../metrics/dead";
import { timelineGpEnds, timelineGpStarts } from "../metrics/timeline";
import { GOES_ON, SLEEPS } from "../sched/answer";
import { jiffiesAt, timeoutExpiry } from "../sched/clock";
import { nudge } from "../sched/core";
import { Cpu, cpuAt } from "../sched/cpu";
import { Task, tasksFor } from "../sched/task";
import {
  accelerateCbs,
  dropUrgency,
  noteGpChanges,
  noteQuiescentState,
  reportQsCpu,
  reportQsNode,
} from "./grace";
import { fetchNode } from "./node-line";
import { wakeGpWaiters } from "./nocb-gp";
import { checkNoOlderReader } from "./readers";
import { seqEnd, seqLt, seqStart } from "./seq";
import { listLength } from "./segcblist";
import { serveWaiters, takeWaiters } from "./sync";
import { GP_FLAG_FQS, GP_FLAG_INIT, RcuData, RcuNode } from "./records";
import { recordGpStart } from "./stall";
import { callbackList, rcuData, rcuLeaf, rcuRoot, rcuState } from "./state";

/** Phases of the kthread's program (Task.phase). */
export const GP_IDLE: u8 = 0;
export const GP_WAIT_FQS: u8 = 1;
export const GP_CLEANUP: u8 = 2;

/** One run of the kthread from a wake to its next sleep; its program, see sched/programs.ts. */
export function stepGpKthread(cpu: Cpu, task: Task): u64 {
  const state = rcuState();
  if (task.phase == GP_WAIT_FQS) {
    if (!forceUntilReported(cpu)) return sleepUntilFqs(cpu, state.nextFqsJiffies);
    endOnNodes(cpu, task);
  }
  while (true) {
    // who waits for this grace period may run before the state of RCU says that it is over
    if (task.phase == GP_CLEANUP && cpu.needResched != 0) return GOES_ON;
    if (task.phase == GP_CLEANUP) endGracePeriod(cpu, task);
    if ((state.gpFlags & GP_FLAG_INIT) == 0) return SLEEPS;
    startGracePeriod(cpu);
    task.phase = GP_WAIT_FQS;
    if (config(Config.GENERATION) == <u64>Generation.V7_2) {
      reportOwn(cpu);
      if (allReported()) {
        endOnNodes(cpu, task);
        continue;
      }
    }
    const atOnce = state.cbovld != 0 || state.firstFqsJiffies == 0;
    if (!atOnce) return sleepUntilFqs(cpu, state.firstFqsJiffies);
    // this CPU is at work and cannot have reported: the loop goes round once at most
    if (!forceUntilReported(cpu)) return sleepUntilFqs(cpu, state.nextFqsJiffies);
    endOnNodes(cpu, task);
  }
}

/** Scans; under overload the first scan is followed by another at once. Have all CPUs reported? */
function forceUntilReported(cpu: Cpu): bool {
  const state = rcuState();
  if (allReported()) return true;
  const first = state.firstFqsScan != 0;
  forceQuiescentStates(cpu);
  if (first && state.cbovld != 0 && !allReported()) forceQuiescentStates(cpu);
  return allReported();
}

function allReported(): bool {
  return rcuRoot().qsMask == 0 && rcuRoot().gpTasks == 0;
}

/** rcu_gp_fqs_loop: under overload it waits a third as long. */
function sleepUntilFqs(cpu: Cpu, jiffies: u32): u64 {
  const state = rcuState();
  const wait = state.cbovld != 0 ? max<u32>(1, (jiffies + 2) / 3) : jiffies;
  return timeoutExpiry(cpu.now, wait);
}

/** rcu_gp_init */
function startGracePeriod(cpu: Cpu): void {
  const state = rcuState();
  cpu.now += cost(CostSlot.RCU_GP_INIT);
  state.gpFlags = 0;
  timelineGpStarts(cpu.now);
  recordGpStart(jiffiesAt(cpu.now));
  takeWaiters();
  state.gpSeq = seqStart(state.gpSeq);
  state.firstFqsScan = 1;
  const root = rcuRoot();
  root.qsMask = root.qsMaskInit;
  root.gpSeq = state.gpSeq;
  for (let number: u32 = 0; number < state.leaves; number++) {
    const leaf = rcuLeaf(number);
    fetchNode(cpu, leaf);
    assert(leaf.gpTasks == 0); // nobody is left over from the one before
    leaf.gpTasks = leaf.blkdHead; // rcu_preempt_check_blocked_tasks: all these began earlier
    leaf.qsMask = leaf.qsMaskInit;
    leaf.gpSeq = state.gpSeq;
    // the CPU that runs this learns of the grace period right here, others at their next tick
    const data = rcuData(cpu.id);
    if (data.node == changetype<usize>(leaf)) noteGpChanges(data);
  }
}

/**
 * The CPU that begins a grace period is in none of its readers, so that an idle machine needs one
 * scan, not two [same: kernel/rcu/tree.c:rcu_gp_init, 7.2].
 */
function reportOwn(cpu: Cpu): void {
  const data = rcuData(cpu.id);
  noteQuiescentState(data);
  reportQsCpu(data); // whom it would wake is this kthread
}

/** What the loop over the nodes in rcu_gp_cleanup has found. */
let needGp: bool = false;

/** rcu_gp_cleanup, its loop over the nodes: they learn of the end, and so does this CPU. */
function endOnNodes(cpu: Cpu, task: Task): void {
  const state = rcuState();
  cpu.now += cost(CostSlot.RCU_GP_CLEANUP);
  const ended = seqEnd(state.gpSeq);
  checkNoOlderReader(state.gpSeq, tasksFor(state.cpus));
  const own = rcuData(cpu.id);
  needGp = false;
  rcuRoot().gpSeq = ended;
  for (let number: u32 = 0; number < state.leaves; number++) {
    const leaf = rcuLeaf(number);
    fetchNode(cpu, leaf);
    leaf.gpSeq = ended;
    if (own.node == changetype<usize>(leaf)) needGp = noteGpChanges(own) || needGp;
    if (seqLt(leaf.gpSeq, leaf.gpSeqNeeded)) needGp = true;
    dropOverload(leaf);
  }
  wakeGpWaiters(cpu, ended);
  task.phase = GP_CLEANUP;
}

/** The end of rcu_gp_cleanup: RCU as a whole leaves the grace period, and may need another. */
function endGracePeriod(cpu: Cpu, task: Task): void {
  const state = rcuState();
  const root = rcuRoot();
  const own = rcuData(cpu.id);
  state.gpSeq = seqEnd(state.gpSeq);
  state.gpsEnded++;
  timelineGpEnds(cpu, gpsSinceStart());
  serveWaiters(cpu);
  if (seqLt(root.gpSeq, root.gpSeqNeeded)) needGp = true;
  const accelerated = own.offloaded == 0 && accelerateCbs(root, own);
  if (!accelerated && needGp) state.gpFlags = GP_FLAG_INIT;
  else state.gpFlags &= GP_FLAG_INIT;
  task.phase = GP_IDLE;
}

/** check_cb_ovld_locked for the marked CPUs of a leaf: whose list is short again loses the mark. */
function dropOverload(leaf: RcuNode): void {
  for (let bit: u32 = 0; bit < leaf.children; bit++) {
    const mask: u64 = 1 << <u64>bit;
    if ((leaf.cbovldMask & mask) == 0) continue;
    const queued = listLength(callbackList(rcuData(leaf.lowest + bit)));
    if (queued < rcuState().qovld) leaf.cbovldMask &= ~mask;
  }
}

/**
 * rcu_gp_fqs: the first scan takes a snapshot, later ones compare with it and nudge.
 * Overload counts from the scan after the one that saw it (cbovldnext).
 */
function forceQuiescentStates(cpu: Cpu): void {
  const state = rcuState();
  cpu.now += cost(CostSlot.RCU_FQS_SCAN);
  state.nForceQs++;
  state.gpActivity = jiffiesAt(cpu.now);
  state.cbovld = state.cbovldNext;
  state.cbovldNext = 0;
  const first = state.firstFqsScan != 0;
  for (let number: u32 = 0; number < state.leaves; number++) {
    const leaf = rcuLeaf(number);
    fetchNode(cpu, leaf);
    if (leaf.cbovldMask != 0) state.cbovldNext = 1;
    const idle = scanLeaf(cpu, leaf, first);
    if (idle != 0) reportQsNode(cpu, leaf, idle, leaf.gpSeq);
  }
  state.firstFqsScan = 0;
  state.gpFlags &= ~GP_FLAG_FQS;
}

/** force_qs_rnp with rcu_watching_snap_save or _recheck: bits of the CPUs that are quiescent. */
function scanLeaf(cpu: Cpu, leaf: RcuNode, first: bool): u64 {
  const state = rcuState();
  let quiescent: u64 = 0;
  for (let bit: u32 = 0; bit < leaf.children; bit++) {
    if ((leaf.qsMask & (1 << <u64>bit)) == 0) continue;
    cpu.now += cost(CostSlot.RCU_FQS_CPU);
    const data = rcuData(leaf.lowest + bit);
    const dynticks = cpuAt(data.cpu).dynticks;
    if (first) data.dynticksSnap = dynticks;
    const inExtendedQs = (dynticks & 1) == 0;
    const passedThrough = !first && dynticks != data.dynticksSnap;
    if (inExtendedQs || passedThrough) {
      quiescent |= 1 << <u64>bit;
      dropUrgency(data);
    } else if (!first) {
      pushCpu(cpu, data);
    }
  }
  return quiescent;
}

/**
 * rcu_watching_snap_recheck for a CPU that has not passed through a quiescent state: asks it for
 * one, the more urgently the longer the grace period has waited for it.
 */
function pushCpu(cpu: Cpu, data: RcuData): void {
  const state = rcuState();
  const jiffies = jiffiesAt(cpu.now);
  const patience = <u64>state.schedQsJiffies;
  const age = jiffies - state.gpStartJiffies;
  const halfway = seqLt(state.reschedAt, jiffies);
  const overloaded = state.cbovld != 0;
  if (data.heavyQs == 0 && (age > 2 * patience || halfway || overloaded)) {
    data.heavyQs = 1;
    data.urgentQs = 1;
  } else if (age > patience) {
    data.urgentQs = 1;
  }
  const target = cpuAt(data.cpu);
  const since = jiffies - data.lastFqsResched;
  const forced = target.nohzFull != 0 && (since > 3 * patience || overloaded);
  if (forced) data.urgentQs = 1;
  if (!forced && !(halfway && since > patience)) return;
  nudge(cpu, target);
  data.lastFqsResched = jiffies;
}

// What RCU does in a CPU's tick and in its softirq.
// [same: kernel/rcu/tree.c:rcu_sched_clock_irq, rcu_pending, rcu_core; tree_plugin.h:
//  rcu_flavor_sched_clock_irq of both flavours (PREEMPT_DYNAMIC kernels have PREEMPT_RCU), 6.12]

import { Config } from "../abi/config";
import { config } from "../memory/slots";
import { jiffiesAt } from "../sched/clock";
import { wakeForRcu, wakeGpKthread, wakeTask } from "../sched/core";
import { Cpu } from "../sched/cpu";
import { rcuIsClassic, reschedule } from "../sched/preempt";
import { rcuc, Task, TaskKind } from "../sched/task";
import { passQuiescentState, tickClassic } from "./classic";
import {
  accelerateCbsUnlocked,
  checkQuiescentState,
  gpInProgress,
  noteQuiescentState,
} from "./grace";
import { NEXT_READY, readyCallbacks, restEmpty } from "./segcblist";
import { tickSeesDeferred, wakeDeferred, wakeIsDeferred } from "./nocb-wake";
import { askReader, inSection, noteContextSwitch, owesReport, reportDeferred } from "./readers";
import { RcuData } from "./records";
import { checkCpuStall } from "./stall";
import { callbackList, kthreadBatch, nodeOf, rcuData, rcuState } from "./state";

/** In the timer interrupt. */
export function rcuTick(cpu: Cpu, hitIdle: bool): void {
  const data = rcuData(cpu.id);
  const user = hitUser(cpu);
  data.ticksThisGp++;
  if (data.urgentQs != 0) {
    if (!hitIdle && !user) reschedule(cpu);
    data.urgentQs = 0;
  }
  if (!rcuIsClassic()) noteTick(cpu, data, hitIdle);
  else tickClassic(cpu, data, hitIdle || user, invokesCallbacks(cpu));
  checkCpuStall(cpu, data);
  if (tickSeesDeferred(data)) invokeRcuCore(cpu);
  else if ((!hitIdle && !user || !mayIgnore(cpu)) && rcuPending(data)) invokeRcuCore(cpu);
}

/** Has the interrupt hit user mode? */
@inline
function hitUser(cpu: Cpu): bool {
  if (cpu.inSoftirq != 0 || cpu.curr == 0) return false;
  return changetype<Task>(cpu.curr).userMode != 0;
}

/** rcu_nohz_full_cpu: no grace period has waited for a second, so leave this CPU alone. */
function mayIgnore(cpu: Cpu): bool {
  if (cpu.nohzFull == 0) return false;
  return !gpInProgress() || jiffiesAt(cpu.now) < rcuState().gpStartJiffies + config(Config.HZ);
}

/**
 * rcu_flavor_sched_clock_irq of PREEMPT_RCU: over code outside sections and softirqs the tick is a
 * quiescent state, unless it makes a report that is owed.
 */
@inline
function noteTick(cpu: Cpu, data: RcuData, hitIdle: bool): void {
  if (hitIdle) {
    // preemption is disabled there: only its switch, or a scan that sees it idle, is one
    if (owesReport(data, 0)) wakeForRcu(cpu, noteContextSwitch(cpu, 0));
  } else if (
    cpu.inSoftirq != 0 || cpu.preemptCount != 0 || inSection(cpu.curr) || invokesCallbacks(cpu)
  ) {
    if (owesReport(data, cpu.curr)) cpu.needResched = 1;
    askReader(cpu, jiffiesAt(cpu.now), config(Config.HZ));
  } else if (owesReport(data, cpu.curr)) {
    wakeForRcu(cpu, reportDeferred(cpu, cpu.curr));
  } else {
    noteQuiescentState(data);
  }
}

/** Does a kthread invoke callbacks here? It does so with bottom halves disabled. */
@inline
export function invokesCallbacks(cpu: Cpu): bool {
  if (cpu.curr == 0) return false;
  const task = changetype<Task>(cpu.curr);
  if (task.kind != <u8>TaskKind.RCUOP && task.kind != <u8>TaskKind.RCUC) return false;
  return kthreadBatch(task.subject).active != 0;
}

/** Is a kthread in the middle of a group's callback here, with bottom halves disabled? */
@inline
export function isInsideGroup(cpu: Cpu): bool {
  if (!invokesCallbacks(cpu)) return false;
  return kthreadBatch(changetype<Task>(cpu.curr).subject).groupNext != 0;
}

/** invoke_rcu_core: raises the softirq, or wakes the kthread that does its work. */
function invokeRcuCore(cpu: Cpu): void {
  if (rcuState().useSoftirq != 0) {
    cpu.softirqPending = 1;
    return;
  }
  cpu.rcucWork = 1;
  const task = rcuc(cpu.id);
  // rcu_wake_cond: while it rests (rcuc.ts), only an idle CPU wakes it
  if (task.timer == 0 || cpu.curr == 0) wakeTask(cpu, task);
}

/** Are callbacks ready that this CPU invokes itself? */
export function mayInvoke(cpu: Cpu): bool {
  const data = rcuData(cpu.id);
  return data.offloaded == 0 && readyCallbacks(callbackList(data));
}

/** rcu_pending, but for a deferred wake-up: is there anything for rcu_core to do on this CPU? */
function rcuPending(data: RcuData): bool {
  const list = callbackList(data);
  const running = gpInProgress();
  if (data.coreNeedsQs != 0 && data.noQs == 0 && running) return true;
  if (data.offloaded == 0) {
    if (readyCallbacks(list)) return true;
    if (!running && !restEmpty(list, NEXT_READY)) return true;
  }
  return nodeOf(data).gpSeq != data.gpSeq;
}

/** rcu_softirq_qs: a pass of ksoftirqd is over. */
export function noteSoftirqQs(cpu: Cpu): void {
  const data = rcuData(cpu.id);
  if (rcuIsClassic()) {
    passQuiescentState(cpu, data);
    return;
  }
  noteQuiescentState(data);
  wakeForRcu(cpu, reportDeferred(cpu, cpu.curr));
}

/** The softirq up to, not including, the invocation of ready callbacks. */
export function rcuCore(cpu: Cpu): void {
  const data = rcuData(cpu.id);
  wakeForRcu(cpu, reportDeferred(cpu, cpu.curr));
  if (checkQuiescentState(data)) wakeGpKthread(cpu);
  const unnumbered = data.offloaded == 0 && !restEmpty(callbackList(data), NEXT_READY);
  if (!gpInProgress() && unnumbered && accelerateCbsUnlocked(data)) wakeGpKthread(cpu);
  if (wakeIsDeferred(data)) wakeDeferred(cpu, data);
}

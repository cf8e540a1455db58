// Waking tasks, switching between them, and going idle.
//
// [same: kernel/sched/core.c: a switch is a quiescent state (rcu_note_context_switch); the idle
//  task is preempted by anything; 6.12]

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { addMetric, cost } from "../memory/slots";
import { timelineSwitch } from "../metrics/timeline";
import { flushDeferredWake } from "../rcu/nocb-wake";
import { inSection, noteContextSwitch } from "../rcu/readers";
import { WAKES_EXP, WAKES_GP } from "../rcu/records";
import { nextTickAfter } from "./clock";
import { Cpu, cpuAt } from "./cpu";
import { armTick, armTimer, cancelRun, cancelSlice, cancelTimer, ensureRun } from "./events";
import { updateCurr } from "./fair";
import { endIdleLoop, forceTick, rcuWatches, tickForMore, tickOfIdle } from "./nohz";
import { hrtickForNext } from "./hrtick";
import { hasNothing, idleHelper, pullTask, selectCpu } from "./place";
import { reschedule } from "./preempt";
import {
  activate,
  checkPreempt,
  deactivate,
  deactivateToSleep,
  pickNext,
  putPrev,
} from "./runqueue";
import { switchIsDone, updateClock, updateForSwitch } from "./rq-clock";
import { expKthread, gpKthread, ksoftirqd, Task, taskMetric, TaskState } from "./task";
import { protectSlice } from "./virtual";
import { sendsIpi, takesTurns } from "./turns";

/**
 * Wakes a task from code that runs on `waker`; nothing happens if it is awake. Whether it preempts
 * is decided by the queue's clock as it was when the wake-up began: what this takes is charged to
 * whoever is charged next. [same: kernel/sched/core.c:ttwu_queue, ttwu_runnable, 6.12:
 * update_rq_clock before the task is activated and compared]
 */
export function wakeTask(waker: Cpu, task: Task): void {
  if (task.state != <u8>TaskState.SLEEPING) return;
  cancelTimer(task);
  // a delayed task is still queued: it stays where it is
  const target = task.delayed != 0 ? cpuAt(task.cpu) : selectCpu(waker, task);
  const remote = target.id != waker.id;
  if (remote) waker.now += cost(CostSlot.WAKE_UP);
  const wasIdle = hasNothing(target) && target.inSoftirq == 0;
  const wasAsked = target.needResched != 0;
  if (wasIdle && remote) wakeIdle(waker, target);
  else if (remote) catchUp(target, waker.now);
  updateClock(target);
  activate(target, task);
  tickForMore(target);
  checkPreempt(target, task);
  if (!remote) waker.now += cost(CostSlot.WAKE_UP);
  if (target.needResched != 0 && !wasAsked) {
    if (!remote || wasIdle) ensureRun(target);
    else interrupt(waker, target);
  } else if (target.coasting == 0) {
    ensureRun(target);
  }
}

/**
 * wake_up_new_task: the same for one that has just been forked. It gets half a slice to begin with,
 * and in 7.2 does not preempt.
 */
export function wakeForked(waker: Cpu, task: Task): void {
  task.forked = 1;
  wakeTask(waker, task);
  task.forked = 0;
}

/**
 * An idle CPU is told to work. It may have run out of work just now and be a step behind: nothing
 * happens before its cause.
 */
function wakeIdle(waker: Cpu, target: Cpu): void {
  target.now = max(target.now, waker.now) + cost(CostSlot.RESCHEDULE_IPI);
  leaveIdle(target);
  sendsIpi(waker);
}

/** A busy CPU is told to look at its flags. */
function interrupt(from: Cpu, target: Cpu): void {
  sendsIpi(from);
  endCoast(target);
  target.now += cost(CostSlot.RESCHEDULE_IPI);
  forceTick(target);
  ensureRun(target);
}

/** resched_cpu: makes a CPU switch, from code that runs on `from`. */
export function nudge(from: Cpu, target: Cpu): void {
  if (target.curr == 0) return; // idle is no running task to be pushed
  if (target.id != from.id) catchUp(target, from.now);
  reschedule(target);
  if (target.id != from.id) interrupt(from, target);
}

/** A CPU whose task computes on its own has done so up to `time`. */
export function catchUp(cpu: Cpu, time: u64): void {
  if (cpu.coasting != 0 && time > cpu.now) cpu.now = min(time, cpu.coastUntil);
  else if (takesTurns) cpu.now = max(cpu.now, time);
}

/** What computes on its own is disturbed, or at its end: its program must look again. */
@inline
export function endCoast(cpu: Cpu): void {
  if (cpu.coasting != 0) stopCoasting(cpu);
}

function stopCoasting(cpu: Cpu): void {
  cpu.coasting = 0;
  cancelRun(cpu);
  const task = changetype<Task>(cpu.curr);
  task.coastEnd = cpu.now;
  addMetric(taskMetric(task), cpu.now - cpu.coastStart);
}

export function wakeGpKthread(waker: Cpu): void {
  if (gpKthread().state == <u8>TaskState.SLEEPING) waker.now += cost(CostSlot.RCU_WAKE);
  wakeTask(waker, gpKthread());
}

/** Wakes whom a report to RCU asks for (rcu/records.ts: WAKES_*). */
export function wakeForRcu(cpu: Cpu, wakes: u32): void {
  if ((wakes & WAKES_GP) != 0) wakeGpKthread(cpu);
  if ((wakes & WAKES_EXP) != 0) wakeTask(cpu, expKthread());
}

export function wakeKsoftirqd(cpu: Cpu): void {
  wakeTask(cpu, ksoftirqd(cpu.id));
}

/** Puts the running task to sleep, for good or until `until`; the CPU then schedules. */
export function sleepCurrent(cpu: Cpu, until: u64): void {
  const task = changetype<Task>(cpu.curr);
  updateForSwitch(cpu);
  deactivateToSleep(cpu, task);
  task.state = <u8>TaskState.SLEEPING;
  if (until != u64.MAX_VALUE) armTimer(task, until);
  switchAway(cpu, task);
}

/** The running task has exited. */
export function killCurrent(cpu: Cpu): void {
  const task = changetype<Task>(cpu.curr);
  updateForSwitch(cpu);
  deactivate(cpu, task);
  task.state = <u8>TaskState.DEAD;
  switchAway(cpu, task);
}

function switchAway(cpu: Cpu, task: Task): void {
  assert(!inSection(changetype<usize>(task))); // only preemption may take a reader off its CPU
  task.switches++;
  cpu.curr = 0;
  cpu.needResched = 1;
  wakeForRcu(cpu, noteContextSwitch(cpu, changetype<usize>(task)));
}

/**
 * Picks the next task and switches to it, at its charge; false when there is none and the CPU went
 * idle. [same: kernel/sched/fair.c:set_next_entity, 6.12: exec_start is the queue's clock at the
 * pick]
 */
export function schedule(cpu: Cpu): bool {
  const previous = cpu.curr;
  rcuWatches(cpu);
  wakeForRcu(cpu, noteContextSwitch(cpu, previous));
  updateForSwitch(cpu);
  updateCurr(cpu);
  let next = pickNext(cpu);
  cpu.needResched = 0;
  cpu.lazyResched = 0;
  if (next == 0 && pullTask(cpu)) next = pickNext(cpu);
  if (next == 0 && flushDeferredWake(cpu)) next = pickNext(cpu);
  switchIsDone(cpu);
  if (next == 0) {
    timelineSwitch(cpu, 0);
    enterIdle(cpu);
    return false;
  }
  const task = changetype<Task>(next);
  endIdleLoop(cpu);
  if (next == previous) return true;
  protectSlice(task);
  if (previous != 0) {
    changetype<Task>(previous).switches++;
    putPrev(cpu, changetype<Task>(previous));
  }
  cpu.curr = next;
  timelineSwitch(cpu, next);
  task.execStart = cpu.clock;
  cpu.now += cost(CostSlot.CONTEXT_SWITCH);
  hrtickForNext(cpu);
  return true;
}

/** The CPU has nothing to run: RCU need not wait for it, and its tick stops unless it is needed. */
export function enterIdle(cpu: Cpu): void {
  cpu.curr = 0;
  cancelSlice(cpu);
  if ((cpu.dynticks & 1) != 0) cpu.dynticks++;
  tickOfIdle(cpu);
}

/** The CPU begins to run code again: RCU watches it, and it ticks. */
export function leaveIdle(cpu: Cpu): void {
  if ((cpu.dynticks & 1) == 0) {
    cpu.dynticks++;
    cpu.now += cost(CostSlot.IDLE_EXIT);
  }
  if (cpu.tickEvent == 0) armTick(cpu, nextTickAfter(cpu.now));
}

/** In the tick of a CPU where tasks wait: wakes an idle CPU, which pulls one of them. */
export function kickIdleHelper(cpu: Cpu): void {
  const helper = idleHelper(cpu);
  if (helper === null) return;
  wakeIdle(cpu, helper);
  ensureRun(helper);
}

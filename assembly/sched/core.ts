// Waking tasks, switching between them, and going idle.
//
// [same: kernel/sched/core.c: a switch is a quiescent state (rcu_note_context_switch); the idle
//  task is preempted by anything; kernel/time/tick-sched.c: an idle CPU keeps its tick while it has
//  callbacks (rcu_needs_cpu) and stops it otherwise; 6.12]
// [simplified: a woken task goes to the CPU it last ran on if that is idle, else to the
//  lowest-numbered idle CPU, else back to its own; the kernel looks at caches and load
//  (select_task_rq_fair)]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { inSection, noteContextSwitch } from "../rcu/readers";
import { listLength } from "../rcu/segcblist";
import { RcuData, WAKES_GP } from "../rcu/records";
import { callbackList, rcuData } from "../rcu/state";
import { nextTickAfter } from "./clock";
import { Cpu, cpuAt, nrCpus } from "./cpu";
import { armTick, armTimer, cancelTimer, ensureRun, stopTick } from "./events";
import {
  dequeueTask,
  dequeueToSleep,
  enqueueTask,
  mostEligible,
  pickTask,
  requeueDelayed,
  updateCurr,
} from "./fair";
import { gpKthread, ksoftirqd, Task, TaskKind, TaskState } from "./task";

/** Wakes a task from code that runs on `waker`; nothing happens if it is awake. */
export function wakeTask(waker: Cpu, task: Task): void {
  if (task.state != <u8>TaskState.SLEEPING) return;
  cancelTimer(task);
  waker.now += cost(CostSlot.WAKE_UP);
  // a delayed task is still queued: it stays where it is
  const target = task.delayed != 0 ? cpuAt(task.cpu) : selectCpu(task);
  const remote = target.id != waker.id;
  const wasIdle = hasNothing(target) && target.inSoftirq == 0;
  if (wasIdle && remote) {
    // a CPU that has just run out of work may be a step behind its waker: nothing happens before
    // its cause
    target.now = max(target.now, waker.now) + cost(CostSlot.RESCHEDULE_IPI);
    leaveIdle(target);
  }
  if (task.delayed != 0) requeueDelayed(target, task);
  else enqueueTask(target, task);
  if (target.curr == 0 || mostEligible(target) == changetype<usize>(task)) {
    target.needResched = 1;
    if (remote && !wasIdle) target.now += cost(CostSlot.RESCHEDULE_IPI);
  }
  ensureRun(target);
}

/** idle_cpu(): the idle task is current, under a softirq too, and nothing is queued. */
function hasNothing(cpu: Cpu): bool {
  return cpu.curr == 0 && cpu.nrRunning == 0;
}

export function wakeGpKthread(waker: Cpu): void {
  wakeTask(waker, gpKthread());
}

/** Wakes whom a report to RCU asks for (rcu/records.ts: WAKES_*). */
export function wakeForRcu(cpu: Cpu, wakes: u32): void {
  if ((wakes & WAKES_GP) != 0) wakeGpKthread(cpu);
}

export function wakeKsoftirqd(cpu: Cpu): void {
  wakeTask(cpu, ksoftirqd(cpu.id));
}

/** Threads that do the work of one CPU and run nowhere else. */
@inline
function isBound(task: Task): bool {
  return (
    task.kind == <u8>TaskKind.KSOFTIRQD ||
    task.kind == <u8>TaskKind.RCUC ||
    task.kind == <u8>TaskKind.KWORKER
  );
}

function selectCpu(task: Task): Cpu {
  const last = cpuAt(task.cpu);
  if (isBound(task) || hasNothing(last)) return last;
  for (let id: u32 = 0; id < nrCpus(); id++) {
    if (hasNothing(cpuAt(id))) return cpuAt(id);
  }
  return last;
}

/** Puts the running task to sleep, for good or until `until`; the CPU then schedules. */
export function sleepCurrent(cpu: Cpu, until: u64): void {
  const task = changetype<Task>(cpu.curr);
  dequeueToSleep(cpu, task);
  task.state = <u8>TaskState.SLEEPING;
  if (until != u64.MAX_VALUE) armTimer(task, until);
  switchAway(cpu, task);
}

/** The running task has exited. */
export function killCurrent(cpu: Cpu): void {
  const task = changetype<Task>(cpu.curr);
  dequeueTask(cpu, task);
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

/** Picks the next task and switches to it; false when there is none and the CPU went idle. */
export function schedule(cpu: Cpu): bool {
  const previous = cpu.curr;
  wakeForRcu(cpu, noteContextSwitch(cpu, previous));
  updateCurr(cpu);
  const next = pickTask(cpu);
  cpu.needResched = 0;
  if (next == 0) {
    enterIdle(cpu);
    return false;
  }
  const task = changetype<Task>(next);
  if (next == previous) return true;
  task.parity = task.deadline;
  if (previous != 0) changetype<Task>(previous).switches++;
  cpu.now += cost(CostSlot.CONTEXT_SWITCH);
  cpu.curr = next;
  task.execStart = cpu.now;
  return true;
}

/** The CPU has nothing to run: RCU need not wait for it, and its tick stops unless it is needed. */
export function enterIdle(cpu: Cpu): void {
  cpu.curr = 0;
  if ((cpu.dynticks & 1) != 0) cpu.dynticks++;
  if (!rcuNeedsCpu(rcuData(cpu.id))) stopTick(cpu);
  else if (cpu.tickEvent == 0) armTick(cpu, nextTickAfter(cpu.now));
}

/**
 * An idle CPU ticks on while it has callbacks to invoke itself
 * [same: kernel/rcu/tree.c:rcu_needs_cpu], and while it owes the running grace period a report
 * [measured: a grace period whose kthread ran on a CPU that then went idle ends at the next tick,
 * not a scan later; 6.12].
 */
function rcuNeedsCpu(data: RcuData): bool {
  if (data.coreNeedsQs != 0) return true;
  return data.offloaded == 0 && listLength(callbackList(data)) != 0;
}

/** The CPU begins to run code again: RCU watches it, and it ticks. */
export function leaveIdle(cpu: Cpu): void {
  if ((cpu.dynticks & 1) == 0) {
    cpu.dynticks++;
    cpu.now += cost(CostSlot.IDLE_EXIT);
  }
  if (cpu.tickEvent == 0) armTick(cpu, nextTickAfter(cpu.now));
}

// A CPU's run queue: the classes in their order, fixed priorities before the fair class.
// [same: kernel/sched/core.c:__pick_next_task, wakeup_preempt, 6.12; stop and deadline classes are
//  left out]

import { Cpu } from "./cpu";
import {
  dequeueTask,
  dequeueToSleep,
  enqueueTask,
  pickTask,
  putPrevious,
  requeueDelayed,
  updateCurr,
} from "./fair";
import { dequeueFixed, enqueueFixed } from "./fixed";
import { hrtickForMore } from "./hrtick";
import { reschedule, rescheduleFair } from "./preempt";
import { skipUpdate } from "./rq-clock";
import { Task } from "./task";
import { mostEligible, newerFair } from "./virtual";

/** Puts a task that is not queued on the queue of a CPU. */
export function activate(cpu: Cpu, task: Task): void {
  if (task.priority == 0 && task.delayed != 0) {
    requeueDelayed(cpu, task);
    return;
  }
  updateCurr(cpu);
  if (task.priority != 0) {
    enqueueFixed(cpu, task);
    return;
  }
  enqueueTask(cpu, task);
  hrtickForMore(cpu);
}

/** put_prev_task: a task that ran is still queued while another one takes over. */
export function putPrev(cpu: Cpu, task: Task): void {
  if (task.priority == 0) putPrevious(cpu, task);
}

/** Takes a task off its queue: it dies, or goes to another CPU. */
export function deactivate(cpu: Cpu, task: Task): void {
  updateCurr(cpu);
  if (task.priority != 0) dequeueFixed(cpu, task);
  else dequeueTask(cpu, task);
}

/** The same for one that goes to sleep, which may leave the fair class's queue later. */
export function deactivateToSleep(cpu: Cpu, task: Task): void {
  updateCurr(cpu);
  if (task.priority != 0) dequeueFixed(cpu, task);
  else dequeueToSleep(cpu, task);
}

/** Who runs next; 0 when nobody is runnable. */
export function pickNext(cpu: Cpu): usize {
  if (cpu.fixedHead == 0) return pickTask(cpu);
  if (cpu.serverEnd == 0) return cpu.fixedHead;
  const served = pickTask(cpu);
  return served != 0 ? served : cpu.fixedHead;
}

/** Tasks on the queue, the running one included. */
@inline
export function queued(cpu: Cpu): u32 {
  return cpu.nrRunning + cpu.nrFixed;
}

/**
 * wakeup_preempt: a task has become runnable on a CPU. Asks for a reschedule there if it should run
 * before the one that does.
 */
export function checkPreempt(cpu: Cpu, task: Task): void {
  compare(cpu, task);
  skipUpdate(cpu);
}

function compare(cpu: Cpu, task: Task): void {
  if (cpu.curr == 0) {
    reschedule(cpu);
    return;
  }
  const curr = changetype<Task>(cpu.curr);
  if (task.priority != curr.priority) {
    if (task.priority > curr.priority && cpu.serverEnd == 0) reschedule(cpu);
    return;
  }
  if (task.priority == 0 && cpu.needResched == 0) checkPreemptFair(cpu, task);
}

/**
 * check_preempt_wakeup_fair, in 7.2 wakeup_preempt_fair: who would be picked now? 7.2 lets delayed
 * tasks go that come first, and does not ask for a forked one; in 6.12 delayed tasks hide the woken
 * one.
 */
function checkPreemptFair(cpu: Cpu, task: Task): void {
  updateCurr(cpu);
  if (newerFair && task.forked != 0) return;
  const next = newerFair ? pickTask(cpu) : mostEligible(cpu);
  if (next == changetype<usize>(task)) rescheduleFair(cpu);
}

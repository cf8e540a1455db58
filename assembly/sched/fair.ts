// The fair class for tasks of equal weight: its queue, what a task keeps over a sleep, where it
// joins the others; who of them runs is in virtual.ts.
//
// [same: kernel/sched/fair.c, compared line by line with 6.12.107 and 7.2.12: virtual runtime, lag,
//  slices of 0.70 ms * (1 + log2(min(CPUs, 8))), placement with the lag kept, DELAY_DEQUEUE with
//  DELAY_ZERO (a task that sleeps while it owes time stays queued, and counts, until it is picked
//  or woken). All features of kernel/sched/features.h have their defaults;
//  forked tasks begin with half a slice (PLACE_DEADLINE_INITIAL)]
// [left out: groups, weights other than nice 0, bandwidth, buddies (NEXT_BUDDY is off), custom
//  slices (PREEMPT_SHORT needs them)]

import { tickPeriod } from "./clock";
import { Cpu, nrCpus } from "./cpu";
import { rescheduleFair } from "./preempt";
import { updateClock } from "./rq-clock";
import { Task, TaskState } from "./task";
import { avgVruntime, eligible, mostEligible, newerFair, slipped } from "./virtual";

const BASE_SLICE_PS: i64 = 700_000_000;

/** CPUs with more than one fair task: while there is none, there is nothing to balance. */
export let overloadedCpus: u32 = 0;

export function fairInit(): void {
  overloadedCpus = 0;
}

/** What a fair task gets at a time. */
export function slice(): i64 {
  const counted = min<u32>(nrCpus(), 8);
  return BASE_SLICE_PS * <i64>(1 + (31 - clz<u32>(counted)));
}

/** task_sched_runtime: charges the running task up to now. */
export function chargeCurr(cpu: Cpu): void {
  updateClock(cpu);
  updateCurr(cpu);
}

/** Charges the running task for the time since it was last charged, by its queue's clock. */
export function updateCurr(cpu: Cpu): void {
  if (cpu.curr == 0) return;
  const curr = changetype<Task>(cpu.curr);
  const ran = cpu.clock - curr.execStart;
  if (ran == 0) return;
  curr.execStart = cpu.clock;
  curr.sumExec += ran;
  if (curr.priority != 0) return; // virtual time is the fair class's
  cpu.fairRan += ran;
  curr.vruntime += <i64>ran;
  const usedUp = curr.vruntime >= curr.deadline;
  if (usedUp) curr.deadline = curr.vruntime + slice();
  if (cpu.nrRunning > 1 && (usedUp || slipped(cpu, curr))) rescheduleFair(cpu);
}

/** Puts a task that is not queued on the CPU's queue. */
export function enqueueTask(cpu: Cpu, task: Task): void {
  assert(task.onRq == 0); // queued once
  updateCurr(cpu);
  place(cpu, task);
  task.cpu = cpu.id;
  task.state = <u8>TaskState.RUNNABLE;
  task.onRq = 1;
  append(cpu, task);
  cpu.nrRunning++;
  if (cpu.nrRunning == 2) overloadedCpus++;
}

/** place_entity: where a task joins the others, so that the lag it brings survives that. */
function place(cpu: Cpu, task: Task): void {
  const average = avgVruntime(cpu);
  const waiting = <i64>cpu.nrRunning;
  // adding the task moves the average towards it
  const lag = waiting > 0 ? (task.sleepLag * (waiting + 1)) / waiting : 0;
  task.vruntime = average - lag;
  task.deadline = task.vruntime + (task.forked != 0 ? slice() / 2 : slice());
  task.sleepLag = 0;
}

/** Behind all that are queued: of equal deadlines the one that was queued first is picked. */
function append(cpu: Cpu, task: Task): void {
  const address = changetype<usize>(task);
  task.nextRq = 0;
  if (cpu.rqHead == 0) {
    cpu.rqHead = address;
    return;
  }
  let last = changetype<Task>(cpu.rqHead);
  while (last.nextRq != 0) last = changetype<Task>(last.nextRq);
  last.nextRq = address;
}

function unlink(cpu: Cpu, task: Task): void {
  const address = changetype<usize>(task);
  if (cpu.rqHead == address) {
    cpu.rqHead = task.nextRq;
  } else {
    let before = changetype<Task>(cpu.rqHead);
    while (before.nextRq != address) before = changetype<Task>(before.nextRq);
    before.nextRq = task.nextRq;
  }
  task.nextRq = 0;
}

/** put_prev_entity: a task that runs no more, but is still queued, goes behind its equals. */
export function putPrevious(cpu: Cpu, task: Task): void {
  if (task.onRq == 0 || cpu.nrRunning <= 1) return;
  unlink(cpu, task);
  append(cpu, task);
}

/** entity_lag: what the queue owes the task, or it the queue, within limits. */
function lagOf(cpu: Cpu, task: Task): i64 {
  const tick = <i64>tickPeriod();
  const limit = newerFair ? slice() + tick : max<i64>(2 * slice(), tick);
  return max(-limit, min(limit, avgVruntime(cpu) - task.vruntime));
}

/**
 * The lag with which a delayed task goes, or is woken: it is owed nothing (DELAY_ZERO), and in 7.2
 * owes no more than when it went to sleep.
 */
function delayedLag(cpu: Cpu, task: Task): i64 {
  const lag = lagOf(cpu, task);
  return min<i64>(newerFair ? max(lag, task.sleepLag) : lag, 0);
}

/** Takes a task that goes to sleep off its queue, unless it owes time: then it stays (delayed). */
export function dequeueToSleep(cpu: Cpu, task: Task): void {
  assert(task.onRq == 1 && task.delayed == 0); // it was queued, and awake
  updateCurr(cpu);
  if (eligible(cpu, task)) {
    dequeueTask(cpu, task);
    return;
  }
  task.sleepLag = lagOf(cpu, task);
  task.delayed = 1;
  putPrevious(cpu, task);
}

/** Takes a task off its queue and notes its lag. */
export function dequeueTask(cpu: Cpu, task: Task): void {
  assert(task.onRq == 1); // it was queued
  updateCurr(cpu);
  task.sleepLag = task.delayed != 0 ? delayedLag(cpu, task) : lagOf(cpu, task);
  task.delayed = 0;
  unlink(cpu, task);
  task.onRq = 0;
  cpu.nrRunning--;
  if (cpu.nrRunning == 1) overloadedCpus--;
}

/**
 * requeue_delayed_entity: a delayed task is woken. Where its lag is no longer what its place on the
 * queue says, it gets a new place. 6.12 charges the running task only afterwards.
 */
export function requeueDelayed(cpu: Cpu, task: Task): void {
  if (newerFair) updateCurr(cpu);
  task.state = <u8>TaskState.RUNNABLE;
  const lag = delayedLag(cpu, task);
  const stays = newerFair ? avgVruntime(cpu) - lag == task.vruntime : lagOf(cpu, task) <= 0;
  task.delayed = 0;
  if (stays) return;
  unlink(cpu, task);
  cpu.nrRunning--;
  task.sleepLag = lag;
  place(cpu, task);
  append(cpu, task);
  cpu.nrRunning++;
}

/** pick_next_entity: the task to run now; 0 when there is none. Delayed ones it picks are gone. */
export function pickTask(cpu: Cpu): usize {
  while (true) {
    const best = mostEligible(cpu);
    if (best == 0 || changetype<Task>(best).delayed == 0) return best;
    dequeueTask(cpu, changetype<Task>(best));
  }
}

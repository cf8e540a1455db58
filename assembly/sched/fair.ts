// The fair class for tasks of equal weight: who runs next, and does a woken task preempt.
//
// [simplified: kernel/sched/fair.c, 6.12] Same: virtual runtime, lag, eligibility, earliest
// deadline first, slices of 0.70 ms * (1 + log2(min(CPUs, 8))), assumed for 6.12.y, RUN_TO_PARITY,
// placement at a wake with the lag kept, DELAY_DEQUEUE with DELAY_ZERO (a task that sleeps while it
// owes time stays queued, and counts, until it is picked or woken). All tasks have nice 0, so
// virtual time is time. Left out: groups, other weights, buddies.

import { tickPeriod } from "./clock";
import { Cpu, nrCpus } from "./cpu";
import { rescheduleFair } from "./preempt";
import { Task, TaskState } from "./task";

const BASE_SLICE_PS: i64 = 700_000_000;

/** CPUs with more than one fair task: while there is none, there is nothing to balance. */
export let overloadedCpus: u32 = 0;

export function fairInit(): void {
  overloadedCpus = 0;
}

function slice(): i64 {
  const counted = min<u32>(nrCpus(), 8);
  return BASE_SLICE_PS * <i64>(1 + (31 - clz<u32>(counted)));
}

/** Charges the running task for the time since it was last charged. */
export function updateCurr(cpu: Cpu): void {
  if (cpu.curr == 0) return;
  const curr = changetype<Task>(cpu.curr);
  const ran = cpu.now - curr.execStart;
  if (ran == 0) return;
  curr.execStart = cpu.now;
  curr.sumExec += ran;
  if (curr.priority != 0) return; // virtual time is the fair class's
  curr.vruntime += <i64>ran;
  if (curr.vruntime >= curr.deadline) {
    curr.deadline = curr.vruntime + slice();
    if (cpu.nrRunning > 1) rescheduleFair(cpu);
  }
  updateMinVruntime(cpu);
}

function updateMinVruntime(cpu: Cpu): void {
  let least = i64.MAX_VALUE;
  for (let at = cpu.rqHead; at != 0; at = changetype<Task>(at).nextRq) {
    least = min(least, changetype<Task>(at).vruntime);
  }
  if (least != i64.MAX_VALUE && least > cpu.minVruntime) cpu.minVruntime = least;
}

/** Average virtual runtime of the queue; where a task without lag is placed. */
function avgVruntime(cpu: Cpu): i64 {
  if (cpu.nrRunning == 0) return cpu.minVruntime;
  let sum: i64 = 0;
  for (let at = cpu.rqHead; at != 0; at = changetype<Task>(at).nextRq) {
    sum += changetype<Task>(at).vruntime - cpu.minVruntime;
  }
  return cpu.minVruntime + sum / <i64>cpu.nrRunning;
}

/** Puts a task that is not queued on the CPU's queue. */
export function enqueueTask(cpu: Cpu, task: Task): void {
  assert(task.onRq == 0); // queued once
  updateCurr(cpu);
  place(cpu, task);
  task.cpu = cpu.id;
  task.state = <u8>TaskState.RUNNABLE;
  task.onRq = 1;
  task.nextRq = 0;
  if (cpu.rqHead == 0) cpu.rqHead = changetype<usize>(task);
  else lastOf(cpu).nextRq = changetype<usize>(task);
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
  task.deadline = task.vruntime + slice();
  task.sleepLag = 0;
}

function lastOf(cpu: Cpu): Task {
  let task = changetype<Task>(cpu.rqHead);
  while (task.nextRq != 0) task = changetype<Task>(task.nextRq);
  return task;
}

/** What the queue owes the task, or it the queue: at most two slices or a tick. */
function lagOf(cpu: Cpu, task: Task): i64 {
  const limit = max<i64>(2 * slice(), <i64>tickPeriod());
  return max(-limit, min(limit, avgVruntime(cpu) - task.vruntime));
}

/** Takes a task that goes to sleep off its queue, unless it owes time: then it stays (delayed). */
export function dequeueToSleep(cpu: Cpu, task: Task): void {
  assert(task.onRq == 1 && task.delayed == 0); // it was queued, and awake
  updateCurr(cpu);
  if (avgVruntime(cpu) < task.vruntime) task.delayed = 1;
  else dequeueTask(cpu, task);
}

/** Takes a task off its queue and notes its lag. */
export function dequeueTask(cpu: Cpu, task: Task): void {
  assert(task.onRq == 1); // it was queued
  updateCurr(cpu);
  task.sleepLag = lagOf(cpu, task);
  if (cpu.rqHead == changetype<usize>(task)) {
    cpu.rqHead = task.nextRq;
  } else {
    let before = changetype<Task>(cpu.rqHead);
    while (before.nextRq != changetype<usize>(task)) before = changetype<Task>(before.nextRq);
    before.nextRq = task.nextRq;
  }
  task.nextRq = 0;
  task.onRq = 0;
  cpu.nrRunning--;
  if (cpu.nrRunning == 1) overloadedCpus--;
}

/** A delayed task has paid what it owed, or is all there is: now it sleeps, and is owed nothing. */
function finishDelayed(cpu: Cpu, task: Task): void {
  dequeueTask(cpu, task);
  task.delayed = 0;
  task.sleepLag = min<i64>(task.sleepLag, 0);
}

/** requeue_delayed_entity: a delayed task is woken. It is owed nothing for its sleep. */
export function requeueDelayed(cpu: Cpu, task: Task): void {
  updateCurr(cpu);
  task.delayed = 0;
  task.state = <u8>TaskState.RUNNABLE;
  if (lagOf(cpu, task) <= 0) return;
  dequeueTask(cpu, task);
  task.sleepLag = 0;
  enqueueTask(cpu, task);
}

/** pick_next_entity: the task to run now; 0 when none is runnable. */
export function pickTask(cpu: Cpu): usize {
  while (true) {
    const best = mostEligible(cpu);
    if (best == 0 || changetype<Task>(best).delayed == 0) return best;
    finishDelayed(cpu, changetype<Task>(best));
  }
}

/** pick_eevdf: the eligible task with the earliest deadline, delayed ones included. */
export function mostEligible(cpu: Cpu): usize {
  if (cpu.nrRunning == 0) return 0;
  const average = avgVruntime(cpu);
  if (cpu.curr != 0) {
    const curr = changetype<Task>(cpu.curr);
    const queued = curr.onRq != 0 && curr.priority == 0;
    if (queued && curr.vruntime <= average && curr.parity == curr.deadline) return cpu.curr;
  }
  let best: usize = 0;
  let bestDeadline = i64.MAX_VALUE;
  let fallback: usize = 0;
  let leastVruntime = i64.MAX_VALUE;
  for (let at = cpu.rqHead; at != 0; at = changetype<Task>(at).nextRq) {
    const task = changetype<Task>(at);
    if (task.vruntime < leastVruntime) {
      leastVruntime = task.vruntime;
      fallback = at;
    }
    if (task.vruntime > average) continue;
    // of two with the same deadline the one that does not run yet goes first
    if (task.deadline < bestDeadline || (task.deadline == bestDeadline && best == cpu.curr)) {
      bestDeadline = task.deadline;
      best = at;
    }
  }
  // rounding the average down can leave nobody eligible: the one furthest behind always is
  return best != 0 ? best : fallback;
}

// The scheduler alone, for its tests: the clock, the fair class on CPUs that are moved by hand,
// softirqs over any number of ready callbacks, and the whole machine one event at a time.

import { advance, accelerate, enqueue, listInit, listLength } from "../rcu/segcblist";
import { stampReady } from "../rcu/stamp";
import { callbackList, rcuData } from "../rcu/state";
import { CallbackKind, vmaAt, VMA_RECORD_BYTES } from "../vma/record";
import { leaveIdle, sleepCurrent, schedule, wakeForked, wakeTask } from "./core";
import { cpuAt, nrCpus } from "./cpu";
import { cancelSlice } from "./events";
import { chargeCurr } from "./fair";
import { openHorizon } from "./horizon";
import { hrtickFires } from "./hrtick";
import { balance } from "./place";
import { hurryLazy, mustMakeWay } from "./preempt";
import { activate, deactivate, pickNext, queued } from "./runqueue";
import { updateClock } from "./rq-clock";
import { beginSoftirq, beginSoftirqOfThread, stepSoftirq } from "./softirq";
import { ksoftirqd, Task, taskAt, taskIndex, TaskState } from "./task";
import { apicTime, kickFrom, pass, Pass, turnOf, turnsInit } from "./turns";
import { leaveInterrupt } from "./user-mode";
import { WORK_BYTES, WorkKind } from "./work";
import { queueUnboundWork, queueWork, workInit, workqueueInit } from "./workqueue";

export * from "../index";
export {
  bucketOf,
  bucketValue,
  histogramCount,
  histogramInit,
  histogramMax,
  histogramQuantile,
  histogramRecord,
  histogramSum,
} from "../metrics/histogram";
export { jiffiesAt, nextTickAfter, tickPeriod, timeOfJiffies, timeoutExpiry } from "./clock";

/** What `pick` and `current` answer for "no task". */
export const NO_TASK: u32 = 0xffff_ffff;

function indexOf(task: usize): u32 {
  return task == 0 ? NO_TASK : taskIndex(changetype<Task>(task));
}

// The fair class. Tasks by number: 0 exit, 1 parent, 2 grace-period kthread, 3 + 4 * CPU ksoftirqd.

export function place(cpu: u32, task: u32): void {
  updateClock(cpuAt(cpu));
  activate(cpuAt(cpu), taskAt(task));
}

export function remove(cpu: u32, task: u32): void {
  updateClock(cpuAt(cpu));
  deactivate(cpuAt(cpu), taskAt(task));
}

export function pick(cpu: u32): u32 {
  return indexOf(pickNext(cpuAt(cpu)));
}

/** schedule(): answers the task that runs now. */
export function reschedule(cpu: u32): u32 {
  schedule(cpuAt(cpu));
  return current(cpu);
}

/** Lets the running task run for `ps`. */
export function elapse(cpu: u32, ps: u64): void {
  cpuAt(cpu).now += ps;
  chargeCurr(cpuAt(cpu));
}

export function sleepNow(cpu: u32): void {
  sleepCurrent(cpuAt(cpu), u64.MAX_VALUE);
}

export function wake(waker: u32, task: u32): void {
  wakeTask(cpuAt(waker), taskAt(task));
}

/** The first wake-up of a task that a fork has made. */
export function wakeNew(waker: u32, task: u32): void {
  wakeForked(cpuAt(waker), taskAt(task));
}

/** The tick of a busy CPU evens out the load. */
export function balanceNow(cpu: u32): void {
  balance(cpuAt(cpu));
}

export function current(cpu: u32): u32 {
  return indexOf(cpuAt(cpu).curr);
}

export function needResched(cpu: u32): bool {
  return cpuAt(cpu).needResched != 0;
}

export function vruntimeOf(task: u32): i64 {
  return taskAt(task).vruntime;
}

export function setVruntime(task: u32, vruntime: i64): void {
  taskAt(task).vruntime = vruntime;
}

export function deadlineOf(task: u32): i64 {
  return taskAt(task).deadline;
}

export function setDeadline(task: u32, deadline: i64): void {
  taskAt(task).deadline = deadline;
}

export function lagOf(task: u32): i64 {
  return taskAt(task).sleepLag;
}

export function setLag(task: u32, lag: i64): void {
  taskAt(task).sleepLag = lag;
}

export function cpuOf(task: u32): u32 {
  return taskAt(task).cpu;
}

export function setCpuOf(task: u32, cpu: u32): void {
  taskAt(task).cpu = cpu;
}

/** Is it on its CPU's queue, awake or not? */
export function isQueued(task: u32): bool {
  return taskAt(task).onRq != 0;
}

export function isSleeping(task: u32): bool {
  return taskAt(task).state == <u8>TaskState.SLEEPING;
}

export function isDead(task: u32): bool {
  return taskAt(task).state == <u8>TaskState.DEAD;
}

export function switchesOf(task: u32): u32 {
  return taskAt(task).switches;
}

// Preemption and fixed priorities.

export function setPriority(task: u32, priority: u8): void {
  taskAt(task).priority = priority;
}

export function setUserMode(task: u32, user: u8): void {
  taskAt(task).userMode = user;
}

export function setMidStep(task: u32, mid: u8): void {
  taskAt(task).midStep = mid;
}

export function bind(task: u32): void {
  taskAt(task).bound = 1;
}

export function lazyResched(cpu: u32): bool {
  return cpuAt(cpu).lazyResched != 0;
}

/** What the next tick does to a lazy request. */
export function hurry(cpu: u32): void {
  hurryLazy(cpuAt(cpu));
}

export function toUser(cpu: u32): void {
  leaveInterrupt(cpuAt(cpu));
}

/** Does the running task make way right here? */
export function makesWay(cpu: u32): bool {
  return mustMakeWay(cpuAt(cpu), changetype<Task>(cpuAt(cpu).curr));
}

export function queuedOn(cpu: u32): u32 {
  return queued(cpuAt(cpu));
}

/** When the timer of the running task's slice goes off; 0 = it is not set. */
export function sliceTimer(cpu: u32): u64 {
  return cpuAt(cpu).sliceEvent == 0 ? 0 : cpuAt(cpu).sliceTime;
}

/** It goes off now. */
export function sliceEnds(cpu: u32): void {
  cpuAt(cpu).now = cpuAt(cpu).sliceTime;
  cancelSlice(cpuAt(cpu));
  hrtickFires(cpuAt(cpu));
}

// CPUs in turn, without a machine around them.

/** What `passTurn` answers for no turn: timers go off, or nothing happens. */
export const TIMERS_GO_OFF: u32 = 0xffff_ffff;
export const NOTHING: u32 = 0xffff_fffe;

export function restartTurns(): void {
  turnsInit();
  for (let id: u32 = 0; id < nrCpus(); id++) cpuAt(id).kicked = 0;
}

/** One pass of the emulator's loop: the CPU that has a turn. */
export function passTurn(timersDue: bool): u32 {
  switch (pass(timersDue)) {
    case Pass.TIMERS: return TIMERS_GO_OFF;
    case Pass.AGAIN: return NOTHING;
    default: return turnOf;
  }
}

/** When a timer goes off that a CPU sets at `now` for `time`. */
export function goesOff(cpu: u32, now: u64, time: u64): u64 {
  cpuAt(cpu).now = now;
  return apicTime(cpuAt(cpu), time);
}

/** It sets the earliest of all timers. */
export function setsTimer(cpu: u32): void {
  kickFrom(cpuAt(cpu));
}

// CPUs.

export function cpuNow(cpu: u32): u64 {
  return cpuAt(cpu).now;
}

export function setNow(cpu: u32, now: u64): void {
  cpuAt(cpu).now = now;
}

export function wantResched(cpu: u32): void {
  cpuAt(cpu).needResched = 1;
}

export function ticks(cpu: u32): bool {
  return cpuAt(cpu).tickEvent != 0;
}

/** Does RCU watch this CPU? */
export function watched(cpu: u32): bool {
  return (cpuAt(cpu).dynticks & 1) != 0;
}

export function callbacksOf(cpu: u32): u32 {
  return listLength(callbackList(rcuData(cpu)));
}

export function inSoftirq(cpu: u32): bool {
  return cpuAt(cpu).inSoftirq != 0;
}

export function softirqPending(cpu: u32): bool {
  return cpuAt(cpu).softirqPending != 0;
}

// Softirqs.

/** Queues `count` callbacks that are ready at once; their records, 32 bytes each, lie at `base`. */
export function readyUp(cpu: u32, base: u32, count: u32): void {
  const list = callbackList(rcuData(cpu));
  listInit(list);
  for (let i: u32 = 0; i < count; i++) {
    const record = base + i * VMA_RECORD_BYTES;
    vmaAt(record).func = <u8>CallbackKind.FOREIGN;
    stampReady(record);
    enqueue(list, record);
  }
  accelerate(list, 4);
  advance(list, 4);
}

/** One softirq to its end; answers the callbacks left. */
export function softirq(cpu: u32): u32 {
  softirqBegins(cpu);
  return softirqGoesOn(cpu);
}

/** The same in ksoftirqd. */
export function softirqOfThread(cpu: u32): u32 {
  cpuAt(cpu).softirqPending = 1;
  beginSoftirqOfThread(cpuAt(cpu));
  return softirqGoesOn(cpu);
}

/** RCU's softirq is raised and has begun its first pass. */
export function softirqBegins(cpu: u32): void {
  cpuAt(cpu).softirqPending = 1;
  beginSoftirq(cpuAt(cpu));
}

export function softirqGoesOn(cpu: u32): u32 {
  openHorizon(u64.MAX_VALUE);
  stepSoftirq(cpuAt(cpu));
  return callbacksOf(cpu);
}

/** A grace period waits for a quiescent state of the CPU. */
export function askForQs(cpu: u32): void {
  rcuData(cpu).noQs = 1;
}

/** Has the CPU passed through none since? */
export function owesQs(cpu: u32): bool {
  return rcuData(cpu).noQs != 0;
}

/** The running task sleeps until `time`. */
export function sleepUntil(cpu: u32, time: u64): void {
  sleepCurrent(cpuAt(cpu), time);
}

export function ksoftirqdAwake(cpu: u32): bool {
  return ksoftirqd(cpu).state == <u8>TaskState.RUNNABLE;
}

// Work queues. Items by number, at the end of memory that the test has grown.

/** Makes the workers; tasks by number: after the fixed ones, CPU by CPU, then the unbound ones. */
export function makeWorkers(): void {
  workqueueInit();
}

export function makeWork(base: usize, item: u32, cpu_us: u32, sleep_us: u32): void {
  workInit(base + <usize>(item * WORK_BYTES), WorkKind.BUSY, cpu_us | (sleep_us << 16));
}

/** Queues an item from a CPU; false if it is pending. */
export function queueItem(base: usize, item: u32, cpu: u32, unbound: bool): bool {
  const work = base + <usize>(item * WORK_BYTES);
  leaveIdle(cpuAt(cpu)); // an interrupt queues it
  return unbound ? queueUnboundWork(cpuAt(cpu), work) : queueWork(cpuAt(cpu), work);
}

/** CPU time of a task in picoseconds. */
export function sumExecOf(task: u32): u64 {
  return taskAt(task).sumExec;
}

/** Is the item on a pool's list? */
export function isPending(base: usize, item: u32): bool {
  return load<u8>(base + <usize>(item * WORK_BYTES), 5) != 0;
}

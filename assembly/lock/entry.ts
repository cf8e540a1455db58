// The locks alone, for their tests: CPUs and tasks that the test moves by hand.

import { cpuAt } from "../sched/cpu";
import { dequeueTask, enqueueTask } from "../sched/fair";
import { horizon, openHorizon } from "../sched/horizon";
import { taskAt, TaskState } from "../sched/task";
import { BRIEF_LOCK_BYTES, BriefLock, briefLock, briefUnlock } from "./brief";
import { LockCounters } from "./counters";
import { Mutex, mutexCounters, mutexLock, mutexTryLock, mutexUnlock } from "./mutex";
import {
  settleOwed,
  spinCounters,
  spinIsContended,
  SpinLock,
  spinLock,
  spinUnlock,
} from "./spinlock";

export * from "../index";

/** Answers whether the CPU has the lock; if not, it waits. */
export function take(cpu: u32, lock: usize, transferPs: u64): bool {
  return spinLock(cpuAt(cpu), changetype<SpinLock>(lock), transferPs);
}

export function release(cpu: u32, lock: usize, transferPs: u64): void {
  spinUnlock(cpuAt(cpu), changetype<SpinLock>(lock), transferPs);
}

export function isContended(lock: usize): bool {
  return spinIsContended(changetype<SpinLock>(lock));
}

export function spins(cpu: u32): bool {
  return cpuAt(cpu).spinsOn != 0;
}

/** Is the CPU called again by itself? */
export function willRun(cpu: u32): bool {
  return cpuAt(cpu).runEvent != 0;
}

/** A turn of a CPU, up to `until`. */
export function beginTurn(cpu: u32, until: u64): void {
  settleOwed(cpuAt(cpu));
  cpuAt(cpu).inRun = 1;
  openHorizon(until);
}

export function turnIsOver(cpu: u32): bool {
  return cpuAt(cpu).now > horizon;
}

export function endTurn(cpu: u32): void {
  cpuAt(cpu).inRun = 0;
}

export function preemptCount(cpu: u32): u32 {
  return cpuAt(cpu).preemptCount;
}

export function cpuNow(cpu: u32): u64 {
  return cpuAt(cpu).now;
}

export function setNow(cpu: u32, now: u64): void {
  cpuAt(cpu).now = now;
}

function figure(counters: LockCounters, which: u32): u64 {
  return load<u64>(changetype<usize>(counters) + (<usize>which << 3));
}

export function spinFigure(lock: usize, which: u32): u64 {
  return figure(spinCounters(changetype<SpinLock>(lock)), which);
}

export function mutexFigure(mutex: usize, which: u32): u64 {
  return figure(mutexCounters(changetype<Mutex>(mutex)), which);
}

/** A task that runs on a CPU. */
export function place(cpu: u32, task: u32): void {
  enqueueTask(cpuAt(cpu), taskAt(task));
}

export function sleeps(cpu: u32, task: u32): void {
  dequeueTask(cpuAt(cpu), taskAt(task));
  taskAt(task).state = <u8>TaskState.SLEEPING;
}

export function asleep(task: u32): bool {
  return taskAt(task).state == <u8>TaskState.SLEEPING;
}

export function takeMutex(cpu: u32, task: u32, mutex: usize): bool {
  return mutexLock(cpuAt(cpu), taskAt(task), changetype<Mutex>(mutex));
}

export function tryMutex(cpu: u32, task: u32, mutex: usize): bool {
  return mutexTryLock(cpuAt(cpu), taskAt(task), changetype<Mutex>(mutex));
}

export function releaseMutex(cpu: u32, task: u32, mutex: usize): void {
  mutexUnlock(cpuAt(cpu), taskAt(task), changetype<Mutex>(mutex));
}

/** Takes a brief lock, whose counters lie behind it, and lets it go `hold` later. */
export function holdBriefly(cpu: u32, lock: usize, hold: u64): void {
  const brief = changetype<BriefLock>(lock);
  briefLock(cpuAt(cpu), brief, changetype<LockCounters>(lock + BRIEF_LOCK_BYTES));
  cpuAt(cpu).now += hold;
  briefUnlock(cpuAt(cpu), brief);
}

export function briefFigure(lock: usize, which: u32): u64 {
  return figure(changetype<LockCounters>(lock + BRIEF_LOCK_BYTES), which);
}

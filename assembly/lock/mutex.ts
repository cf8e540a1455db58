// Mutexes: who finds one taken sleeps until it is handed over, first come, first served.
//
// [simplified: kernel/locking/mutex.c, 6.12 and 7.2: the kernel lets a running task take a mutex
//  over the heads of those asleep until one of them has waited in vain, and lets one waiter spin
//  while the owner runs on another CPU; here nobody spins and every release hands over.
//  Uncontended cost, order of waiters and the sleep are those of the kernel's slow path]

import { Cpu } from "../sched/cpu";
import { wakeTask } from "../sched/core";
import { Task, taskAt, taskIndex } from "../sched/task";
import { countAcquisition, countHold, LockCounters } from "./counters";

//  0       4             8            12    16        24
//  ┌───────┬─────────────┬────────────┬─────┬─────────┬───────────────┐
//  │ owner │ firstWaiter │ lastWaiter │ pad │ takenAt │ counters (48) │
//  └───────┴─────────────┴────────────┴─────┴─────────┴───────────────┘
/** A mutex. Tasks are numbered from 1 here, so that zeroed memory is a free mutex. */
@unmanaged
export class Mutex {
  owner: u32;
  firstWaiter: u32;
  lastWaiter: u32;
  takenAt: u64;
}

@inline
export function mutexCounters(mutex: Mutex): LockCounters {
  return changetype<LockCounters>(changetype<usize>(mutex) + 24);
}

export function mutexTryLock(cpu: Cpu, task: Task, mutex: Mutex): bool {
  if (mutex.owner != 0) return false;
  mutex.owner = taskIndex(task) + 1;
  mutex.takenAt = cpu.now;
  countAcquisition(mutexCounters(mutex), 0, false);
  return true;
}

/**
 * Takes a mutex for the task that runs on `cpu`. False: it must sleep; its program answers SLEEPS
 * and comes back to this same call, which answers true then, when it is woken as the owner.
 */
export function mutexLock(cpu: Cpu, task: Task, mutex: Mutex): bool {
  const self = taskIndex(task) + 1;
  if (mutex.owner == self) {
    countAcquisition(mutexCounters(mutex), cpu.now - task.waitSince, true);
    mutex.takenAt = cpu.now;
    return true;
  }
  if (mutexTryLock(cpu, task, mutex)) return true;
  task.waitSince = cpu.now;
  task.nextWaiter = 0;
  if (mutex.lastWaiter != 0) taskAt(mutex.lastWaiter - 1).nextWaiter = self;
  else mutex.firstWaiter = self;
  mutex.lastWaiter = self;
  return false;
}

export function mutexUnlock(cpu: Cpu, task: Task, mutex: Mutex): void {
  assert(mutex.owner == taskIndex(task) + 1); // only its owner unlocks it
  countHold(mutexCounters(mutex), cpu.now - mutex.takenAt);
  mutex.owner = mutex.firstWaiter;
  if (mutex.firstWaiter == 0) return;
  const next = taskAt(mutex.firstWaiter - 1);
  mutex.firstWaiter = next.nextWaiter;
  if (mutex.firstWaiter == 0) mutex.lastWaiter = 0;
  wakeTask(cpu, next);
}

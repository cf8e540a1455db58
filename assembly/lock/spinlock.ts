// Spinlocks between simulated CPUs: first come, first served.
//
// CPUs run inline, one after the other, in the order of their clocks (sched/loop.ts). So a CPU that
// asks for a lock meets it in one of three states:
//
//   free, and was so already at the CPU's time     it takes it
//   free, but only from a later time on            its last holder ran ahead of this CPU's clock
//                                                  and has let go of it since: the CPU waits until
//   then held                                           the holder is between two steps of a long
//                                                  hold: the CPU waits, without any event of its
//                                                  own, until the release hands the lock over
//
// A hold inside one step takes no memory of waiters at all; a hold across steps has them in a queue
// that runs through the CPUs' records. Interrupts hit a waiting CPU as they hit a working one.
//
// [same: kernel/locking/qspinlock.c, 6.12 and 7.2: waiters are served in the order of their
//  arrival; a holder and a waiter cannot be preempted]
// [simplified: kernel/locking/qspinlock.c: whoever holds the lock next pays one transfer of its
//  cache line if another CPU held it last, and that is all that spinning costs the others]
// Where CPUs take turns in one emulator thread, a turn that ends inside a hold leaves the lock held
// until the CPU's next turn, and everybody else waits for it. A step that ends beyond its turn's
// end therefore owes the release.
//
// [left out: spinlocks that are taken with interrupts off
//  (include/linux/spinlock.h:spin_lock_irqsave) let interrupts in at once here, which makes a tick
//  inside such a hold early, not late]

import { Cpu, cpuAt } from "../sched/cpu";
import { ensureRun } from "../sched/events";
import { drawHorizon, horizon } from "../sched/horizon";
import { takesTurns } from "../sched/turns";
import { countAcquisition, countHold, LockCounters, LOCK_COUNTERS_BYTES } from "./counters";

//  0        4          8               12              16       24        32
//  ┌────────┬──────────┬───────────────┬───────────────┬────────┬─────────┬──────────────┐
//  │ holder │ lastHeld │ first waiter  │ last waiter   │ freeAt │ takenAt │ counters (48)│
//  └────────┴──────────┴───────────────┴───────────────┴────────┴─────────┴──────────────┘
/** A spinlock. CPUs are numbered from 1 here, so that zeroed memory is a free lock. */
@unmanaged
export class SpinLock {
  holder: u32;
  /** Who held it last: its cache line lies there. */
  lastHeld: u32;
  firstWaiter: u32;
  lastWaiter: u32;
  /** While nobody holds it: since when, on the last holder's clock. */
  freeAt: u64;
  takenAt: u64;
}

export const SPINLOCK_BYTES: usize = 32 + LOCK_COUNTERS_BYTES;

@inline
export function spinCounters(lock: SpinLock): LockCounters {
  return changetype<LockCounters>(changetype<usize>(lock) + 32);
}

/**
 * Takes a lock for what runs on `cpu`. False: it has to wait, so the caller's step returns, and
 * comes back to this same call, which answers true then, when the lock is its own.
 */
export function spinLock(cpu: Cpu, lock: SpinLock, transferPs: u64): bool {
  const self = cpu.id + 1;
  settleOwed(cpu);
  if (cpu.spinGranted == changetype<usize>(lock)) {
    cpu.spinGranted = 0;
    return true; // handed over while it waited
  }
  assert(lock.holder != self); // it would wait for itself for ever
  if (lock.holder != 0) {
    if (takesTurns && onlyPending(lock)) {
      drawHorizon(0); // it spins a moment for the other one to take the lock, and makes way for it
      return false;
    }
    if (cpu.spinsOn == 0) queueUp(cpu, lock);
    assert(cpu.spinsOn == changetype<usize>(lock)); // a CPU waits for one lock at a time
    return false;
  }
  const asked = cpu.now;
  cpu.preemptCount++;
  const contended = lock.freeAt > asked;
  if (contended) cpu.now = lock.freeAt;
  if (lock.lastHeld != 0 && lock.lastHeld != self) cpu.now += transferPs;
  lock.holder = self;
  lock.takenAt = cpu.now;
  countAcquisition(spinCounters(lock), cpu.now - asked, contended);
  return true;
}

/**
 * The lock is free and waits for one CPU only, which has had no turn yet. Who comes now does not
 * queue up behind it, but tries again in its next turn.
 * [same: kernel/locking/qspinlock.c:queued_spin_lock_slowpath, 6.12 and 7.2: _Q_PENDING_LOOPS.
 *  Without turns the pending CPU takes the lock before anybody can see it so]
 */
function onlyPending(lock: SpinLock): bool {
  const holder = cpuAt(lock.holder - 1);
  if (holder.spinPending == 0 || lock.firstWaiter != 0) return false;
  return holder.spinGranted == changetype<usize>(lock);
}

function queueUp(cpu: Cpu, lock: SpinLock): void {
  const self = cpu.id + 1;
  cpu.preemptCount++;
  cpu.spinsOn = changetype<usize>(lock);
  cpu.spinSince = cpu.now;
  cpu.spinPending = lock.lastWaiter == 0 ? 1 : 0;
  cpu.nextSpinner = 0;
  if (lock.lastWaiter != 0) cpuAt(lock.lastWaiter - 1).nextSpinner = self;
  else lock.firstWaiter = self;
  lock.lastWaiter = self;
}

/** Lets go of a lock; the CPU that has waited longest has it next. */
export function spinUnlock(cpu: Cpu, lock: SpinLock, transferPs: u64): void {
  if (takesTurns && cpu.now > horizon && cpu.inRun != 0) {
    settleOwed(cpu);
    cpu.owedLock = changetype<usize>(lock);
    owedTransfer = transferPs;
    return;
  }
  release(cpu, lock, transferPs);
}

/** What a lock's next holder pays; it is the same for all locks of a run. */
let owedTransfer: u64 = 0;

/** Lets go of the lock that the last turn ended with. */
export function settleOwed(cpu: Cpu): void {
  if (cpu.owedLock == 0) return;
  const lock = changetype<SpinLock>(cpu.owedLock);
  cpu.owedLock = 0;
  release(cpu, lock, owedTransfer);
}

function release(cpu: Cpu, lock: SpinLock, transferPs: u64): void {
  const self = cpu.id + 1;
  assert(lock.holder == self); // only its holder unlocks it
  countHold(spinCounters(lock), cpu.now - lock.takenAt);
  cpu.preemptCount--;
  lock.lastHeld = self;
  lock.freeAt = cpu.now;
  lock.holder = 0;
  if (lock.firstWaiter != 0) handOver(lock, transferPs);
}

function handOver(lock: SpinLock, transferPs: u64): void {
  const next = cpuAt(lock.firstWaiter - 1);
  lock.firstWaiter = next.nextSpinner;
  if (lock.firstWaiter == 0) lock.lastWaiter = 0;
  // an interrupt may keep the waiter busy longer than the lock is held
  next.now = max(next.now, lock.freeAt) + transferPs;
  lock.holder = next.id + 1;
  lock.takenAt = next.now;
  countAcquisition(spinCounters(lock), next.now - next.spinSince, true);
  next.spinsOn = 0;
  next.spinGranted = changetype<usize>(lock);
  ensureRun(next);
}

/**
 * Does somebody wait for it? Whether a holder cares hangs on the preemption model: his question.
 * [same: include/linux/spinlock.h:spin_is_contended, 5.0 to 7.2]
 */
@inline
export function spinIsContended(lock: SpinLock): bool {
  return lock.firstWaiter != 0;
}

// Spinlocks that are never held beyond one step: whoever asks meets the last hold, which is over in
// host time, but perhaps not at the asker's simulated time.
//
//        takenAt        freeAt
//   ────────┼──────────────┼────────▶  of the last hold, on another CPU
//     ▲             ▲           ▲
//     asks: first   asks: waits asks: free
//
// A CPU may run a little ahead of the others (sched/horizon.ts), so one may come that was there
// before the last holder: it has the lock at once, as it would have had, and leaves no trace, so
// that its next call meets that holder.
//
// [same: kernel/locking/qspinlock.c, 6.12 and 7.2: a taker waits until the holder lets go, and
//  fetches the lock's cache line from the CPU that had it last]
// [simplified: only the last hold is remembered: who asks within an earlier one that began during
//  the 2 us by which a CPU may be ahead does not wait for it]

import { CostSlot } from "../abi/cost";
import { cost } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { countAcquisition, LockCounters } from "./counters";

//  0         8        16         20    24
//  ┌─────────┬────────┬──────────┬─────┐
//  │ takenAt │ freeAt │ lastHeld │ pad │
//  └─────────┴────────┴──────────┴─────┘
/** Zeroed memory is a free lock that nobody had yet: CPUs are numbered from 1 here. */
@unmanaged
export class BriefLock {
  takenAt: u64;
  freeAt: u64;
  lastHeld: u32;
  pad: u32;
}

export const BRIEF_LOCK_BYTES: usize = 24;

/** Waits for the lock and its cache line, at the CPU's own cost. */
export function briefLock(cpu: Cpu, lock: BriefLock, counters: LockCounters): void {
  const self = cpu.id + 1;
  const asked = cpu.now;
  let contended = false;
  if (lock.lastHeld != self && lock.lastHeld != 0) {
    if (asked < lock.takenAt) {
      countAcquisition(counters, 0, false);
      return;
    }
    contended = asked < lock.freeAt;
    if (contended) cpu.now = lock.freeAt;
    cpu.now += cost(CostSlot.LOCK_TRANSFER);
  }
  lock.lastHeld = self;
  lock.takenAt = cpu.now;
  countAcquisition(counters, cpu.now - asked, contended);
}

@inline
export function briefUnlock(cpu: Cpu, lock: BriefLock): void {
  if (lock.lastHeld == cpu.id + 1) lock.freeAt = cpu.now;
}

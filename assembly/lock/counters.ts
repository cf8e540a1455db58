// What every lock counts: how often it was taken, how often not at once, how long takers waited and
// how long it was held. Times in picoseconds.

//  0              8           16        24        32        40
//  ┌──────────────┬───────────┬─────────┬─────────┬─────────┬─────────┐
//  │ acquisitions │ contended │ waitSum │ waitMax │ holdSum │ holdMax │
//  └──────────────┴───────────┴─────────┴─────────┴─────────┴─────────┘
/** Figures of one lock. */
@unmanaged
export class LockCounters {
  acquisitions: u64;
  contended: u64;
  waitSum: u64;
  waitMax: u64;
  holdSum: u64;
  holdMax: u64;
}

export const LOCK_COUNTERS_BYTES: usize = 48;

/** A lock was taken after `waited`; `contended` says that somebody else had it. */
export function countAcquisition(counters: LockCounters, waited: u64, contended: bool): void {
  counters.acquisitions++;
  if (!contended) return;
  counters.contended++;
  counters.waitSum += waited;
  counters.waitMax = max(counters.waitMax, waited);
}

export function countHold(counters: LockCounters, held: u64): void {
  counters.holdSum += held;
  counters.holdMax = max(counters.holdMax, held);
}

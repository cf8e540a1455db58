// The two locks of an offloaded CPU's callbacks: nocb_lock over its segmented list, which callers,
// rcuog and rcuop share, and nocb_bypass_lock over its bypass list.
// [same: kernel/rcu/tree_nocb.h:rcu_nocb_lock, rcu_nocb_bypass_lock, 6.12 and 7.2. A hold lasts as
//  long as what is charged inside it]

import { Metric } from "../abi/metric";
import { BriefLock, briefLock, briefUnlock } from "../lock/brief";
import { LockCounters, LOCK_COUNTERS_BYTES } from "../lock/counters";
import { setMetric } from "../memory/slots";
import { Cpu } from "../sched/cpu";
import { RcuData } from "./records";

/** What all nocb_locks together have counted, then all bypass locks. */
const COUNTERS: usize = memory.data(96, 8);

@inline
function listCounters(): LockCounters {
  return changetype<LockCounters>(COUNTERS);
}

@inline
function bypassCounters(): LockCounters {
  return changetype<LockCounters>(COUNTERS + LOCK_COUNTERS_BYTES);
}

@inline
function listLock(data: RcuData): BriefLock {
  return changetype<BriefLock>(changetype<usize>(data) + offsetof<RcuData>("nocbTakenAt"));
}

@inline
function bypassLock(data: RcuData): BriefLock {
  return changetype<BriefLock>(changetype<usize>(data) + offsetof<RcuData>("bypassTakenAt"));
}

export function nocbLocksInit(): void {
  assert(2 * LOCK_COUNTERS_BYTES == 96); // they fit the room kept for them
  memory.fill(COUNTERS, 0, 96);
}

@inline
export function lockNocb(cpu: Cpu, data: RcuData): void {
  briefLock(cpu, listLock(data), listCounters());
}

@inline
export function unlockNocb(cpu: Cpu, data: RcuData): void {
  briefUnlock(cpu, listLock(data));
}

@inline
export function lockBypass(cpu: Cpu, data: RcuData): void {
  briefLock(cpu, bypassLock(data), bypassCounters());
}

@inline
export function unlockBypass(cpu: Cpu, data: RcuData): void {
  briefUnlock(cpu, bypassLock(data));
}

/** The run is over: how often they were taken, and how long somebody waited. */
export function reportNocbLocks(): void {
  report(Metric.NOCB_LOCKS, listCounters());
  report(Metric.NOCB_BYPASS_LOCKS, bypassCounters());
}

/** Taken, contended, waited: three metrics from `first` on. */
function report(first: i32, counters: LockCounters): void {
  setMetric(first, counters.acquisitions);
  setMetric(first + 1, counters.contended);
  setMetric(first + 2, counters.waitSum);
}

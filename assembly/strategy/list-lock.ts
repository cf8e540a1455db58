// The spinlock of the list where dead VMAs wait: that of the mm, or kvfree_rcu's.
//
// [same: v1 39/41 of January 2023: a hold a push, one a drain; kernel/rcu/tree.c:kvfree_call_rcu,
//  6.12: likewise]
// [simplified: what a hold costs is part of remove_vma's price, so it ends where it begins and what
//  contends is who drains on another CPU. One lock for the machine, as there is one list]

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { SPINLOCK_BYTES, SpinLock, spinCounters, spinLock, spinUnlock } from "../lock/spinlock";
import { cost, setMetric } from "../memory/slots";
import { Cpu } from "../sched/cpu";

const LOCK: usize = memory.data(80, 8);

@inline
function listLock(): SpinLock {
  return changetype<SpinLock>(LOCK);
}

export function listLockInit(): void {
  assert(SPINLOCK_BYTES <= 80); // it fits the room kept for it
  memory.fill(LOCK, 0, 80);
}

/** Begins a hold, in which the list changes at once. */
@inline
export function lockList(cpu: Cpu): void {
  const taken = spinLock(cpu, listLock(), cost(CostSlot.LOCK_TRANSFER));
  assert(taken); // no hold lasts longer than one step
}

@inline
export function unlockList(cpu: Cpu): void {
  spinUnlock(cpu, listLock(), cost(CostSlot.LOCK_TRANSFER));
}

/** The run is over: how often the lock was taken. */
export function reportListLock(): void {
  setMetric(Metric.LIST_LOCKS, spinCounters(listLock()).acquisitions);
  setMetric(Metric.LIST_LOCKS_CONTENDED, spinCounters(listLock()).contended);
}

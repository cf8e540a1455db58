// Dead VMAs: handed over for freeing and not yet back in the slab. Counted at every hand-over and
// every free, so these functions do as little as they can. Only measured VMAs count: those of the
// operation that the run is about, not what a process leaves to its exit after a munmap.

import { Metric } from "../abi/metric";
import { VmaFlag } from "../abi/vma";
import { addMetric, metric, setMetric } from "../memory/slots";
import { rcuState } from "../rcu/state";
import { Vma } from "../vma/record";
import { traceHand } from "./trace";

/** Times are summed in units of 1,024 ps, so that ten million of them over days still fit. */
const SUM_SHIFT: u64 = 10;

@inline
export function isMeasured(vma: Vma): bool {
  return (vma.flags & <u16>VmaFlag.MEASURED) != 0;
}

/** A VMA becomes one whose free is measured. */
@inline
export function measure(vma: Vma): void {
  vma.flags |= <u16>VmaFlag.MEASURED;
  addMetric(Metric.N_VMA, 1);
}

/** A VMA is handed over for freeing, to the slab, a list or RCU. */
@inline
export function noteHand(vma: Vma, now: u64): void {
  if (!isMeasured(vma)) return;
  const dead = metric(Metric.DEAD) + 1;
  setMetric(Metric.DEAD, dead);
  if (dead > metric(Metric.DEAD_PEAK)) setMetric(Metric.DEAD_PEAK, dead);
  addMetric(Metric.HAND_TIME_SUM, now >> SUM_SHIFT);
  traceHand(now, metric(Metric.FREED));
}

/** Its memory is back in the slab. */
@inline
export function noteFree(vma: Vma, now: u64): void {
  if (!isMeasured(vma)) return;
  setMetric(Metric.DEAD, metric(Metric.DEAD) - 1);
  addMetric(Metric.FREED, 1);
  addMetric(Metric.FREE_TIME_SUM, now >> SUM_SHIFT);
  if (metric(Metric.FREED) == metric(Metric.N_VMA)) {
    setMetric(Metric.LAST_FREE, now);
    setMetric(Metric.GP_AT_LAST_FREE, gpsSinceStart());
  }
}

/** More VMAs are on their way: the last free is still to come. */
export function expectMore(): void {
  setMetric(Metric.LAST_FREE, 0);
}

/** Grace periods that ended since the start of the operation. */
export function gpsSinceStart(): u64 {
  return rcuState().gpsEnded - metric(Metric.GP_AT_START);
}

/** Is the operation that the run measures over: exit_mmap, or the last munmap call? */
@inline
export function operationEnded(): bool {
  return metric(Metric.EXIT_ENDED) != 0;
}

// Dead VMAs: handed over for freeing and not yet back in the slab. Counted at every hand-over and
// every free, so these functions do as little as they can.

import { Metric } from "../abi/metric";
import { addMetric, metric, setMetric } from "../memory/slots";
import { rcuState } from "../rcu/state";

/** Times are summed in units of 1,024 ps, so that ten million of them over days still fit. */
const SUM_SHIFT: u64 = 10;

/** A VMA is handed over for freeing, to the slab, a list or RCU. */
@inline
export function noteHand(now: u64): void {
  const dead = metric(Metric.DEAD) + 1;
  setMetric(Metric.DEAD, dead);
  if (dead > metric(Metric.DEAD_PEAK)) setMetric(Metric.DEAD_PEAK, dead);
  addMetric(Metric.HAND_TIME_SUM, now >> SUM_SHIFT);
}

/** Its memory is back in the slab. */
@inline
export function noteFree(now: u64): void {
  setMetric(Metric.DEAD, metric(Metric.DEAD) - 1);
  addMetric(Metric.FREED, 1);
  addMetric(Metric.FREE_TIME_SUM, now >> SUM_SHIFT);
  if (metric(Metric.FREED) == metric(Metric.N_VMA)) {
    setMetric(Metric.LAST_FREE, now);
    setMetric(Metric.GP_AT_LAST_FREE, gpsSinceStart());
  }
}

/** Grace periods that ended since the entry of exit_mmap. */
export function gpsSinceStart(): u64 {
  return rcuState().gpsEnded - metric(Metric.GP_AT_START);
}

/** Is exit_mmap over? */
@inline
export function exitEnded(): bool {
  return metric(Metric.EXIT_ENDED) != 0;
}

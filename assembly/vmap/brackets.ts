// Durations of calls, as the measured rows have them: over all calls, and over those shorter than
// 3 us, which no interrupt has hit and no other task has interrupted.

import { VmapMetric } from "../abi/vmalloc";
import { addWorkloadMetric, setWorkloadMetric, workloadMetric } from "../memory/slots";

const SHORT_PS: u64 = 3_000_000;

/** `short` names a count, behind which the sum of the short ones lies. */
export function noteBracket(
  took: u64,
  calls: VmapMetric,
  sum: VmapMetric,
  short: VmapMetric,
  least: VmapMetric,
): void {
  addWorkloadMetric(calls, 1);
  addWorkloadMetric(sum, took);
  if (took < SHORT_PS) {
    addWorkloadMetric(short, 1);
    addWorkloadMetric(short + 1, took);
  }
  if (took < workloadMetric(least)) setWorkloadMetric(least, took);
}

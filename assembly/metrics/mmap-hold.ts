// How long the operation under study holds mmap_lock. Nobody else wants it in the workloads exit
// and munmap; how long others would wait is what these figures say.

import { Metric } from "../abi/metric";
import { addMetric, maxMetric } from "../memory/slots";

export function noteWriteHold(held: u64): void {
  addMetric(Metric.MMAP_WRITE_HOLD, held);
  maxMetric(Metric.MMAP_WRITE_HOLD_MAX, held);
}

export function noteReadHold(held: u64): void {
  addMetric(Metric.MMAP_READ_HOLD, held);
  maxMetric(Metric.MMAP_READ_HOLD_MAX, held);
}

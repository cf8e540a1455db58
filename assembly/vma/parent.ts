// The parent: it sleeps in wait() and returns from it once the child has told it.
// [simplified: kernel/exit.c:wait_task_zombie, release_task, 6.12: one cost, and the callbacks of
//  the dead process (dead-task.ts)]

import { Config } from "../abi/config";
import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { config, cost, setMetric } from "../memory/slots";
import { Span } from "../abi/timeline";
import { timelineSpan } from "../metrics/timeline";
import { SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { queueDeadTask } from "./dead-task";
import { theMm } from "./mm";
import { VMA_RECORD_BYTES } from "./record";

/** Callback records of the process and its PID. */
const FOREIGN: usize = memory.data(64, 32);

/** From its wake to the return from wait; then it sleeps for good. */
export function stepParent(cpu: Cpu): u64 {
  const pid = <u32>FOREIGN;
  queueDeadTask(cpu, pid, pid + VMA_RECORD_BYTES, <u32>config(Config.EXIT_CPU));
  cpu.now += cost(CostSlot.WAIT_RETURN);
  setMetric(Metric.USER_WAIT_LATENCY, cpu.now - theMm().exitStart);
  timelineSpan(cpu, Span.WAIT, theMm().exitStart, 0);
  return SLEEPS;
}

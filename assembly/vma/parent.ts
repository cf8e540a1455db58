// The parent: it sleeps in wait() and returns from it once the child has told it.
// [simplified: kernel/exit.c:wait_task_zombie, release_task, 6.12: one cost, and the two callbacks
//  that reaping a process queues (delayed_put_pid, delayed_put_task_struct)]

import { CostSlot } from "../abi/cost";
import { Metric } from "../abi/metric";
import { cost, setMetric } from "../memory/slots";
import { queueCallback, queuePidCallback } from "../rcu/call";
import { SLEEPS } from "../sched/answer";
import { Cpu } from "../sched/cpu";
import { theMm } from "./mm";
import { CallbackKind, vmaAt, VMA_RECORD_BYTES } from "./record";

/** Callback records of the process and its PID. */
const FOREIGN: usize = memory.data(64, 32);

/** From its wake to the return from wait; then it sleeps for good. */
export function stepParent(cpu: Cpu): u64 {
  const pid = <u32>FOREIGN;
  const task = pid + VMA_RECORD_BYTES;
  vmaAt(pid).func = <u8>CallbackKind.FOREIGN;
  vmaAt(task).func = <u8>CallbackKind.FOREIGN;
  queuePidCallback(cpu, pid);
  queueCallback(cpu, task);
  cpu.now += cost(CostSlot.WAIT_RETURN);
  setMetric(Metric.USER_WAIT_LATENCY, cpu.now - theMm().exitStart);
  return SLEEPS;
}
